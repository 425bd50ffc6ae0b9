"""create_app.

Reads nothing but Settings, builds adapters, registers features. The only file that knows all parts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli
from portal.access.policy import SystemGrant, decide_for_job
from portal.adapters.clock import SystemClock
from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.fhir_r4.modes import kept
from portal.adapters.fhir_r4.signing import Authorizer, BackendServices, Fixed
from portal.adapters.fhir_r4.source import FhirSource
from portal.adapters.fhir_r4.unit import PausingAttempts, PausingUnit
from portal.adapters.limits import FixedWindows
from portal.adapters.sql.access_log import SqlAccessLog
from portal.adapters.sql.access_log_macs import LogKeys
from portal.adapters.sql.accounts import SqlAccounts
from portal.adapters.sql.attempts import SqlAttempts
from portal.adapters.sql.demo_people import SqlDemoPeople
from portal.adapters.sql.drafts import SqlDrafts
from portal.adapters.sql.engine import Database
from portal.adapters.sql.feedback import SqlFeedback
from portal.adapters.sql.leases import SqlLeases
from portal.adapters.sql.preferences import SqlPreferences
from portal.adapters.sql.relations import SqlRelations
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.schema import current, newest
from portal.adapters.sql.sessions import SqlSessions
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.store import SqlStore
from portal.adapters.sql.tasks import SqlTasks
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.watches import SqlWatches
from portal.adapters.vault import Vault
from portal.appointments import service as appointments_service
from portal.appointments import views as appointments
from portal.cli.people import MADE_UP, SYNTHETIC
from portal.config import BadSettings, Settings
from portal.errors import CannotLoad
from portal.home import views as home
from portal.identity import views as identity
from portal.information import views as information
from portal.ports.bookings import BookingAttempts
from portal.ports.bundle import Ports
from portal.ports.clinical import ClinicalSource, ClinicalStore
from portal.ports.clock import Clock
from portal.ports.unit_of_work import UnitOfWork
from portal.practice import views as practice
from portal.web import (
    acting,
    compression,
    csrf,
    errors,
    guards,
    headers,
    limits,
    locale,
    logs,
    services,
    sessions,
    static,
    templating,
    urls,
)
from portal.web.services import Parts

ROOT: Final = Path(__file__).resolve().parent.parent
FEATURES: Final[tuple[Blueprint, ...]] = (
    information.blueprint,
    identity.blueprint,
    home.blueprint,
    appointments.blueprint,
    practice.blueprint,
)
# What each feature has to say on the home page: its service's `attention(chart, grant, use)`.
OFFERS: Final[tuple[Callable[..., Any], ...]] = (appointments_service.attention,)
LARGEST_BODY: Final = 64 * 1024
MOST_FIELDS: Final = 200


def create_app(
    settings: Settings,
    make_ports: Callable[[str], Ports] | None = None,
    *,
    translations: str = str(ROOT / "translations"),
) -> Flask:
    """The application. With `make_ports` (tests) over those, else over the database of the settings.

    Raises BadSettings and UndeclaredRoutes rather than start unsafely.
    """
    if problems := settings.problems():
        raise BadSettings(problems)
    app = Flask("portal", static_folder=None, template_folder=str(ROOT / "templates"))
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=MOST_FIELDS,
        TRUSTED_HOSTS=list(settings.hosts),
        TEMPLATES_AUTO_RELOAD=False,
        SESSION_COOKIE_NAME="unused",  # flask.session is never touched: sessions are rows
    )
    if app.debug:
        raise BadSettings(["FLASK_DEBUG must be off: debug pages show people's data"])
    parts = over_ports(settings, make_ports) if make_ports else over_database(settings)
    if settings.demo and parts.database is not None and parts.fhir is None:
        _refuse_real_people(parts)
    services.install(app, parts)
    _install_web(app, translations)
    _register(app, settings)
    guards.refuse_undeclared_routes(app)
    app.jinja_env.auto_reload = False
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _install_web(app: Flask, translations: str) -> None:
    """In order: what is asked first stands first; after the view it runs in the other direction."""
    logs.install(app)
    app.before_request(errors.refuse_unknown_hosts)
    app.before_request(errors.refuse_broken_bodies)
    urls.install(app)
    locale.install(app, translations)
    templating.install(app)
    acting.install(app)
    static.install(app, ROOT / "static" / "build")
    compression.install(app)
    headers.install(app)
    sessions.install(app)
    limits.install(app)
    csrf.install(app)
    errors.install(app)


def _register(app: Flask, settings: Settings) -> None:
    app.register_blueprint(information.root)
    for blueprint in FEATURES:
        app.register_blueprint(blueprint, url_prefix="/<language:language>")
    if settings.demo:
        app.register_blueprint(identity.demo, url_prefix="/<language:language>")
    app.extensions[home.OFFERS] = OFFERS
    for command in cli.commands():
        app.cli.add_command(command)


def _refuse_real_people(parts: Parts) -> None:
    """Try-out mode lets anybody sign in as anybody.

    Never over people who were not made up. Raises BadSettings.
    """
    database: Database = parts.database
    try:
        if current(database) != newest():
            return  # nothing to serve yet, and `make run` says so
        with parts.ports() as use:
            store = parts.open_store(decide_for_job("top-up-slots"), use)
            unmarked = store.marked(SYNTHETIC) is None and store.count("Patient") > 0
            real = unmarked or store.numbers_outside(MADE_UP)
    except CannotLoad:
        return  # each request will say it for itself
    finally:
        database.dispose()
    if real:
        raise BadSettings(["PORTAL_DEMO must be off: the people in this database were not made up by Porth"])


def over_ports(settings: Settings, make_ports: Callable[[str], Ports]) -> Parts:
    """Parts over ready-made ports: for tests, which have no store and no database."""

    def no_store(grant: SystemGrant, use: Ports) -> ClinicalStore:
        raise NotImplementedError("these ports come without a store")

    return Parts(settings=settings, make_ports=make_ports, open_store=no_store)


def over_database(settings: Settings) -> Parts:
    """Parts over the SQL adapters. Opens no connection: a server may fork afterwards."""
    database = Database(settings.database_url)
    clock = SystemClock(settings.time_zone)
    rate_limits = FixedWindows(settings.limits_url, clock)
    vault = Vault(settings.secret_key)
    log_keys = LogKeys(settings.log_key)

    remote = fhir_client(settings, clock) if settings.fhir_url else None

    def make_ports(request_id: str) -> Ports:
        unit = SqlUnit(database)
        care = _care(unit, clock) if remote is None else _care_elsewhere(unit, clock, remote)
        return Ports(
            clock=clock,
            unit=care.unit,
            source=care.source,
            access_log=SqlAccessLog(unit, log_keys, request_id),
            relations=SqlRelations(unit),
            accounts=SqlAccounts(unit),
            demo_people=SqlDemoPeople(unit),
            sessions=SqlSessions(unit, vault),
            drafts=SqlDrafts(unit),
            attempts=care.attempts,
            watches=SqlWatches(unit),
            preferences=SqlPreferences(unit),
            tasks=SqlTasks(unit),
            feedback=SqlFeedback(unit),
            rate_limits=rate_limits,
            leases=SqlLeases(unit),
        )

    def open_store(grant: SystemGrant, use: Ports) -> ClinicalStore:
        if not isinstance(use.unit, SqlUnit):
            raise RuntimeError("people and their care are kept by the FHIR server of PORTAL_FHIR_URL")
        return SqlStore(use.unit)

    return Parts(
        settings=settings, make_ports=make_ports, open_store=open_store, database=database, fhir=remote
    )


@dataclass(frozen=True, slots=True)
class _Care:
    """Where people's care is kept, and the unit of work that goes with it."""

    unit: UnitOfWork
    source: ClinicalSource
    attempts: BookingAttempts


def _care(unit: SqlUnit, clock: Clock) -> _Care:
    return _Care(unit, SqlSource(unit, clock), SqlAttempts(unit))


def _care_elsewhere(unit: SqlUnit, clock: Clock, client: FhirClient) -> _Care:
    """Care on a FHIR server; what the portal itself keeps stays in SQL (docs/adr/0070)."""
    pausing = PausingUnit(unit)
    source = FhirSource(
        client,
        pausing,
        SqlRemoteChanges(unit),
        SqlLeases(unit),
        clock,
        lambda: kept(SqlStore(unit), client.connection.url),
    )
    return _Care(pausing, source, PausingAttempts(SqlAttempts(unit), pausing))


def fhir_client(settings: Settings, clock: Clock) -> FhirClient:
    """The client of the settings' FHIR server. Asks it nothing. Raises BadSettings for a key that is none."""
    labels = (each.rpartition("#") for each in settings.fhir_labels)
    connection = Connection(
        url=settings.fhir_url.rstrip("/"),
        page_seconds=float(settings.fhir_seconds),
        shown_labels=frozenset((system, code) for system, _, code in labels),
    )
    return FhirClient(connection, _authorizer(settings, connection.url, clock))


def _authorizer(settings: Settings, base: str, clock: Clock) -> Authorizer:
    match settings.fhir_auth:
        case "none":
            return Fixed()
        case "bearer":
            return Fixed.bearer(settings.fhir_token)
        case "basic":
            return Fixed.basic(settings.fhir_user, settings.fhir_password)
        case "smart":
            try:
                return BackendServices(
                    base=base,
                    client_id=settings.fhir_client,
                    key_pem=settings.fhir_key,
                    key_id=settings.fhir_key_id,
                    scope=settings.fhir_scope,
                    token_url=settings.fhir_token_url,
                    clock=clock,
                )
            except ValueError as error:
                needed = "an RSA key of at least 2048 bits or one on the curve P-384, as PEM"
                raise BadSettings([f"PORTAL_FHIR_KEY must be {needed}"]) from error

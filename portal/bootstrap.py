"""create_app.

Reads nothing but Settings, builds adapters, registers features. The only file that knows all parts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli
from portal.access.policy import SystemGrant, decide_for_job
from portal.adapters.clock import SystemClock
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
from portal.ports.bundle import Ports
from portal.ports.clinical import ClinicalStore
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
    if settings.demo and parts.database is not None:
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

    def make_ports(request_id: str) -> Ports:
        unit = SqlUnit(database)
        return Ports(
            clock=clock,
            unit=unit,
            source=SqlSource(unit, clock),
            access_log=SqlAccessLog(unit, log_keys, request_id),
            relations=SqlRelations(unit),
            accounts=SqlAccounts(unit),
            demo_people=SqlDemoPeople(unit),
            sessions=SqlSessions(unit, vault),
            drafts=SqlDrafts(unit),
            attempts=SqlAttempts(unit),
            watches=SqlWatches(unit),
            preferences=SqlPreferences(unit),
            tasks=SqlTasks(unit),
            feedback=SqlFeedback(unit),
            rate_limits=rate_limits,
            leases=SqlLeases(unit),
        )

    def open_store(grant: SystemGrant, use: Ports) -> ClinicalStore:
        assert isinstance(use.unit, SqlUnit)
        return SqlStore(use.unit)

    return Parts(settings=settings, make_ports=make_ports, open_store=open_store, database=database)

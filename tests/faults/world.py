"""A whole portal over a SQLite file: two practices, and people whose every fact is a word found nowhere else.

For faults, races, access tests, fuzz and benchmarks. Everybody has a session already. Decides nothing.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import Table, insert

from portal import bootstrap
from portal.access.policy import Level, StaffRelation
from portal.adapters.sql import tables_clinical as tables
from portal.adapters.sql.engine import Database
from portal.adapters.sql.rows_appointments import appointment_values, slot_values
from portal.adapters.sql.rows_places import (
    organisation_values,
    patient_values,
    practitioner_values,
    service_values,
    site_values,
)
from portal.adapters.sql.schema import upgrade
from portal.config import Settings
from portal.domain.appointments import Appointment, Slot
from portal.domain.ids import AccountId, PatientId, PatientRef, SessionId
from portal.domain.people import Patient, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.ports.bundle import Ports
from portal.ports.clock import Clock
from portal.ports.identity import DemoPerson, Identity
from portal.ports.rate_limits import Limit
from portal.ports.sessions import Session
from portal.web import limits
from portal.web.services import Parts
from tests.faults import people

SECRET_KEY, LOG_KEY = "kV3xQ9pLr7TzWb2NfYc5HsDm8GjA4eUo", "Zt6RwP1yMq8XvKd3BnLg7JfCs5HhE2aU"
_ROWS: dict[type, tuple[Table, Any]] = {
    Organisation: (tables.organisation, organisation_values),
    Site: (tables.site, site_values),
    Service: (tables.service, service_values),
    Practitioner: (tables.practitioner, practitioner_values),
    Patient: (tables.patient, patient_values),
    Slot: (tables.slot, slot_values),
    Appointment: (tables.appointment, appointment_values),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Somebody with a browser: account, the cookie's secret, and the references that stand in their URLs."""

    name: str
    account: AccountId
    secret: str
    session: Session
    refs: dict[PatientId, PatientRef] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where everything stands. `people` by name; see `tests/faults/people.py` for who may do what."""

    settings: Settings
    parts: Parts
    now: datetime
    people: dict[str, Somebody]

    @property
    def database(self) -> Database:
        found: Database = self.parts.database
        return found

    @property
    def file(self) -> Path:
        return Path(str(self.database.url.database))

    @contextmanager
    def ports(self) -> Iterator[Ports]:
        with self.parts.ports("tests") as use:
            yield use

    def add(self, *values: Any) -> None:
        """Rows of domain values, past the ports."""
        add_rows(self.database, *values)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The answer of one statement, as another program reading the file sees it."""
        with self.database.connect_traces() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, values or None)]


def add_rows(database: Database, *values: Any) -> None:
    with database.connect_changes() as connection:
        connection.exec_driver_sql(database.begin)
        for kind, (table, to_row) in _ROWS.items():
            rows = [to_row(value) for value in values if type(value) is kind]
            if rows:
                connection.execute(insert(table), rows)
        connection.exec_driver_sql("COMMIT")


@contextmanager
def served(world: World, clock: Clock) -> Iterator[Flask]:
    """The application over this world, by this clock, without the limit of pages a minute."""
    no_limit = Limit(name="tests", count=10**9, seconds=60)
    with (
        mock.patch.object(bootstrap, "SystemClock", return_value=clock),
        mock.patch.multiple(limits, SITE=no_limit, ADDRESS=no_limit),
    ):
        yield bootstrap.create_app(world.settings)


def make_settings(folder: Path, **changes: Any) -> Settings:
    """Try-out mode over a SQLite file in `folder`, padding off so that sizes are fixed."""
    values: dict[str, Any] = {
        "secret_key": SECRET_KEY,
        "log_key": LOG_KEY,
        "database_url": f"sqlite:///{folder / 'porth.sqlite3'}",
        "demo": True,
        "padding": False,
    }
    return Settings(**(values | changes))


def make_world(folder: Path, now: datetime, **changes: Any) -> World:
    """Build it. `now` is the moment sessions begin; times to book lie after it."""
    settings = make_settings(folder, **changes)
    parts = bootstrap.over_database(settings)
    upgrade(parts.database)
    add_rows(parts.database, *people.places(), *people.patients(), *people.visits(now))
    world = World(settings=settings, parts=parts, now=now, people={})
    for name in people.ACTORS:
        world.people[name] = add_actor(world, name)
    with world.ports() as use, use.unit.change():
        for relation in people.relations({name: one.account for name, one in world.people.items()}, now):
            if isinstance(relation, StaffRelation):
                use.relations.save_staff(relation)
            else:
                use.relations.save_patient(relation)
    with world.ports() as use:
        for name, somebody in world.people.items():
            for patient in people.REFERS_TO.get(name, ()):
                somebody.refs[patient] = use.relations.ref_of(somebody.account, patient)
    return world


def add_actor(world: World, name: str) -> Somebody:
    """An account with a session and no rights, listed among the made-up people of the sign-in page."""
    staff = name.startswith("desk")
    story = "receptionist" if staff else "patient"
    listed = DemoPerson(subject=name, name=name.title(), story=story, staff=staff)
    with world.ports() as use, use.unit.change():
        use.demo_people.save([*use.demo_people.listed(), listed])
        account = _account(world, name, use)
        secret, session = new_session(use, account, world.now)
    return Somebody(name=name, account=account, secret=secret, session=session)


def _account(world: World, name: str, use: Ports) -> AccountId:
    identity = Identity(issuer="demo", subject=name, level=Level.P9, authenticated_at=world.now)
    return use.accounts.find_or_make(identity)


def new_session(use: Ports, account: AccountId, began: datetime) -> tuple[str, Session]:
    """Another browser of this account: the cookie's secret and the row."""
    secret = secrets.token_urlsafe(32)
    session = Session(
        id=SessionId(secrets.token_urlsafe(8)),
        account=account,
        level=Level.P9,
        created_at=began,
        last_seen_at=began,
        authenticated_at=began,
        csrf_secret=secrets.token_urlsafe(16),
    )
    use.sessions.begin(session, secret)
    return secret, session


def add_patients(world: World, count: int, prefix: str = "rival") -> list[Somebody]:
    """Many patients of the first practice, each with an account and a session, acting for themselves."""
    made = [people.rival(prefix, number) for number in range(count)]
    world.add(*made)
    found: list[Somebody] = []
    with world.ports() as use, use.unit.change():
        for patient in made:
            account = _account(world, patient.id, use)
            secret, session = new_session(use, account, world.now)
            use.relations.save_patient(people.own_relation(account, patient.id, world.now))
            refs = {patient.id: use.relations.ref_of(account, patient.id)}
            one = Somebody(name=patient.id, account=account, secret=secret, session=session, refs=refs)
            found.append(one)
    return found

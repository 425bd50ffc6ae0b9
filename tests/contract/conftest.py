"""The clinical contract's world: the same places and people over the fake, SQLite and PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert

from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.fhir_r4.source import FhirSource
from portal.adapters.fhir_r4.unit import PausingUnit
from portal.adapters.sql import tables_clinical as tables
from portal.adapters.sql.engine import Database
from portal.adapters.sql.leases import SqlLeases
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.rows_appointments import appointment_values, slot_values
from portal.adapters.sql.rows_places import (
    organisation_values,
    patient_values,
    practitioner_values,
    service_values,
    site_values,
)
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import Appointment, Mode, Slot
from portal.domain.ids import OrganisationId, PatientId
from portal.domain.people import ClinicianGender, HumanName, Patient, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.ports.clinical import ClinicalSource, PatientChart, SiteDesk
from portal.ports.unit_of_work import UnitOfWork
from tests import builders
from tests.contract import fhir_resources
from tests.contract.portal_fixtures import migrated_file, migrated_server
from tests.fakes_clinical import FakeClinical
from tests.fakes_unit import FakeUnit, FixedClock
from tests.fhir_server import FhirServer, fhir_server, running_fhir

__all__ = ["fhir_server", "migrated_file", "migrated_server", "running_fhir"]

PATIENCE = 60.0  # seconds for one "page" here, which is a whole test

CLINICAL = [table for table in vars(tables).values() if isinstance(table, Table)]
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
class World:
    """A clinical source, whatever it is made of, the unit of its changes, and a clock that stands still."""

    unit: UnitOfWork
    source: ClinicalSource
    clock: FixedClock
    database: Database | None = None
    fhir: FhirServer | None = None
    client: FhirClient | None = None
    others: list["World"] = field(default_factory=list)

    def add(self, *values: Any) -> None:
        """Put domain values in, past the port."""
        if isinstance(self.source, FakeClinical):
            self.source.add(*values)
            return
        if self.fhir is not None:
            assert isinstance(self.source, FhirSource)
            self.fhir.put(*fhir_resources.resources(*values))
            self.source.reader.forget_all()
            return
        assert self.database is not None
        add_rows(self.database, *values)

    def chart(self, patient: PatientId = builders.AMINA) -> PatientChart:
        return self.source.open(builders.make_grant(patient))

    def desk(self, organisation: OrganisationId = builders.NORTH) -> SiteDesk:
        return self.source.open_site(builders.make_site_grant(organisation))

    def again(self) -> "World":
        """The same data as another request sees it."""
        if self.database is None:
            return self
        other = (
            sql_world(self.database, self.clock)
            if self.fhir is None or self.client is None
            else fhir_world(self.fhir, self.client, self.database, self.clock)
        )
        self.others.append(other)
        return other

    def close(self) -> None:
        """Give all connections back."""
        for each in (self, *self.others):
            each.unit.close()
        if self.client is not None:
            self.client.close()


def add_rows(database: Database, *values: Any) -> None:
    """Rows of domain values, many at once."""
    with database.connect_changes() as connection:
        connection.exec_driver_sql(database.begin)
        for kind, (table, to_row) in _ROWS.items():
            rows = [to_row(value) for value in values if type(value) is kind]
            if rows:
                connection.execute(insert(table), rows)
        connection.exec_driver_sql("COMMIT")


def sql_world(database: Database, clock: FixedClock) -> World:
    unit = SqlUnit(database)
    return World(unit=unit, source=SqlSource(unit, clock), clock=clock, database=database)


def fhir_world(server: FhirServer, client: FhirClient, database: Database, clock: FixedClock) -> World:
    """Another request's world over the same server; the portal's own tables beside it."""
    inner = SqlUnit(database)
    unit = PausingUnit(inner)
    source = FhirSource(client, unit, SqlRemoteChanges(inner), SqlLeases(inner), clock)
    return World(unit=unit, source=source, clock=clock, database=database, fhir=server, client=client)


def fake_world(clock: FixedClock) -> World:
    unit = FakeUnit()
    return World(unit=unit, source=FakeClinical(unit, clock), clock=clock)


def furnish(world: World) -> World:
    """Two organisations, three services, two clinicians and two patients."""
    world.add(
        builders.make_organisation(),
        builders.make_organisation(id=builders.SOUTH, name="South Practice", code="ZZ002"),
        builders.make_site(),
        builders.make_site(id=builders.DALE, organisation=builders.SOUTH, name="Dale", step_free=False),
        builders.make_service(),
        builders.make_service(id=builders.NURSE, kind="nurse", name="See a nurse"),
        builders.make_service(
            id=builders.PHONE_GP,
            organisation=builders.SOUTH,
            site=builders.DALE,
            name="Talk to a GP",
            modes=(Mode.PHONE,),
        ),
        builders.make_practitioner(),
        builders.make_practitioner(
            id=builders.EVANS, gender=ClinicianGender.MAN, names=(HumanName(given=("Dai",), family="Evans"),)
        ),
        builders.make_patient(),
        builders.make_patient(
            id=builders.BRYN,
            names=(HumanName(given=("Bryn",), family="Test"),),
            organisation=builders.SOUTH,
            phone="07700 900002",
            language="cy",
        ),
    )
    return world


@contextmanager
def clinical_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """A database whose clinical tables are empty."""
    if kind == "postgresql":
        server: Database = request.getfixturevalue("migrated_server")
        with server.connect_changes() as connection:
            names = ", ".join(table.name for table in CLINICAL)
            connection.exec_driver_sql(f"TRUNCATE {names}")
        yield server
        return
    path = folder / "clinical.sqlite3"
    shutil.copy(request.getfixturevalue("migrated_file"), path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.dispose()


@pytest.fixture
def still() -> FixedClock:
    return FixedClock(builders.NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def clinical(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty clinical store, of either kind."""
    with clinical_database(request.param, request, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["fake", "sqlite", "postgresql", "fhir"])
def world(request: pytest.FixtureRequest, still: FixedClock, tmp_path: Path) -> Iterator[World]:
    """A furnished clinical source, of each kind. Over FHIR the portal's own tables are in SQLite."""
    if request.param == "fake":
        yield furnish(fake_world(still))
        return
    kind = "sqlite" if request.param == "fhir" else request.param
    with clinical_database(kind, request, tmp_path) as opened:
        if request.param == "fhir":
            server: FhirServer = request.getfixturevalue("fhir_server")
            client = FhirClient(Connection(url=server.url, page_seconds=PATIENCE))
            made = furnish(fhir_world(server, client, opened, still))
        else:
            made = furnish(sql_world(opened, still))
        yield made
        made.close()

"""The pages over a FHIR server: book, change and cancel in English and Urdu; what they say when it fails."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.access.policy import OWN_SCOPES, Basis, Level, PatientRelation
from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.engine import Database
from portal.bootstrap import create_app
from portal.config import Settings
from portal.ports.identity import Identity
from tests import builders
from tests.contract import fhir_resources
from tests.contract.conftest import clinical_database, fhir_world, furnish
from tests.contract.fhir_parts import fhir_ports
from tests.contract.portal.parts import sql_portal
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer
from tests.pages.client import Visit
from tests.pages.conftest import settings
from tests.pages.test_appointments_booking import at
from tests.pages.world import LONG_AGO, Person
from tests.spoiler import Spoiler, spoiling

__all__ = ["settings"]
SECONDS = 5.0  # as in production
WITHIN = 6.0
MISSING = "We could not load everything"


@pytest.fixture
def spoiler(fhir_server: FhirServer) -> Iterator[Spoiler]:
    with spoiling(fhir_server) as made:
        yield made


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with clinical_database("sqlite", request, tmp_path) as opened:
        yield opened


@pytest.fixture
def client(spoiler: Spoiler) -> Iterator[FhirClient]:
    made = FhirClient(Connection(url=spoiler.url, page_seconds=SECONDS))
    yield made
    made.close()


@pytest.fixture
def app(
    settings: Settings, fhir_server: FhirServer, client: FhirClient, database: Database, still: FixedClock
) -> Flask:
    """The application over a furnished server, with free times tomorrow."""
    world = furnish(fhir_world(fhir_server, client, database, still))
    world.add(*builders.make_slots(4))
    world.unit.close()
    made = create_app(settings, lambda _: fhir_ports(client, database, still))
    made.testing = True
    return made


@pytest.fixture
def amina(database: Database, still: FixedClock) -> Person:
    portal = sql_portal(database, still)
    identity = Identity(issuer="demo", subject="amina", level=Level.P9, authenticated_at=still.now())
    with portal.unit.change():
        account = portal.accounts.find_or_make(identity)
        relation = PatientRelation(
            account=account,
            patient=builders.AMINA,
            basis=Basis.SELF,
            scopes=OWN_SCOPES,
            starts_on=LONG_AGO,
        )
        portal.relations.save_patient(relation)
        ref = portal.relations.ref_of(account, builders.AMINA)
    portal.unit.close()
    return Person(account=account, patient=builders.AMINA, ref=ref)


@pytest.fixture
def visit(app: Flask, database: Database, still: FixedClock) -> Iterator[Visit]:
    portal = sql_portal(database, still)
    yield Visit(app, portal.sessions, still)
    portal.unit.close()


Statuses = Callable[[], list[str]]


@pytest.fixture
def statuses(fhir_server: FhirServer) -> Statuses:
    """What the server holds: each visit's status."""
    return lambda: sorted(each["status"] for each in fhir_server.all("Appointment"))


@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_visit_is_booked_changed_and_cancelled(
    visit: Visit, amina: Person, fhir_server: FhirServer, statuses: Statuses, language: str
) -> None:
    at(visit, amina, "booked", language)
    (booked,) = fhir_server.all("Appointment")
    values = {"patient_ref": amina.ref, "appointment": booked["id"], "language": language}
    times = visit("appointments.change", step="when", **values)
    check = visit.submit(visit.submit(times, when="soon", how="any"), slot="slot-002")
    moved = visit.submit(check)
    assert moved.status == 200
    assert statuses() == ["booked", "cancelled"]
    (now,) = (each for each in fhir_server.all("Appointment") if each["status"] == "booked")
    assert now["slot"] == [{"reference": "Slot/slot-002"}]
    visit.submit(visit("appointments.cancel", **(values | {"appointment": now["id"]})), reason="better")
    assert statuses() == ["cancelled", "cancelled"]


def test_the_list_and_home_show_what_the_server_holds(
    visit: Visit, amina: Person, fhir_server: FhirServer
) -> None:
    at(visit, amina, "booked")
    for endpoint in ("appointments.listed", "home.home"):
        page = visit(endpoint, as_person=amina.account, patient_ref=amina.ref)
        assert "2 June 2026" in page.text


@pytest.mark.parametrize(
    "how", ["slow", "drip", "drip-headers", "reset", "503", "half-json", "wrong-subject", "empty"]
)
@pytest.mark.parametrize("endpoint", ["home.home", "appointments.listed"])
def test_a_spoilt_page_comes_in_time_says_whom_to_ring_and_never_says_none(
    visit: Visit, amina: Person, fhir_server: FhirServer, spoiler: Spoiler, how: str, endpoint: str
) -> None:
    fhir_server.put(*fhir_resources.resources(builders.make_appointment()))
    visit.sign_in(amina.account)
    address = visit.address(endpoint, patient_ref=amina.ref)
    spoiler.spoil(how)
    begun = time.monotonic()
    response = visit.send(address, None, None)
    assert time.monotonic() - begun < WITHIN
    page = visit.unchecked(response)
    assert "Bryn" not in page.text
    assert "Nothing needs you" not in page.text
    if response.status_code == 200:  # home says what else it can, and that this is not all
        assert (endpoint, how) == ("home.home", "wrong-subject")
        assert MISSING in page.text
        return
    assert response.status_code in (502, 503)
    assert "01632 960100" in page.text
    assert "This does not mean that there is nothing to see" in page.text


@pytest.mark.parametrize("endpoint", ["home.home", "appointments.listed"])
def test_what_could_not_be_understood_is_not_passed_over_in_silence(
    visit: Visit, amina: Person, fhir_server: FhirServer, endpoint: str
) -> None:
    (bad,) = fhir_resources.resources(builders.make_appointment())
    fhir_server.put(bad | {"status": "nonsense"})
    page = visit(endpoint, as_person=amina.account, patient_ref=amina.ref)
    assert MISSING in page.text
    assert "Nothing needs you" not in page.text


def test_a_lost_booking_says_that_nobody_knows_yet(
    visit: Visit, amina: Person, spoiler: Spoiler, statuses: Statuses
) -> None:
    check = at(visit, amina, "check")
    silent = {"POST": False}

    def lost(method: str, path: str) -> bool:
        silent["POST"] = silent["POST"] or method == "POST"
        return silent["POST"] and "/Appointment" in path

    spoiler.spoil("reset-after", lost)
    page = visit.submit(check, status=503)
    assert page.heading == "We do not know if that was saved"
    assert statuses() == ["booked"]
    spoiler.heal()
    assert len(statuses()) == 1


def test_a_list_of_which_a_page_is_missing_is_not_shown_in_part(
    visit: Visit, amina: Person, spoiler: Spoiler
) -> None:
    at(visit, amina, "booked")
    spoiler.spoil("next-round", lambda _, path: "/Appointment" in path)
    visit("appointments.listed", status=503, patient_ref=amina.ref)

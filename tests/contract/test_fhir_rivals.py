"""Many at once over HTTP: one appointment a slot, and one person's bookings one after another."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.engine import Database
from portal.appointments import service
from portal.domain.ids import AttemptKey, PatientId, SlotId
from portal.domain.places import BookingPolicy
from portal.errors import PortalError
from tests import builders
from tests.builders import make_grant, make_patient, make_service, make_slot, make_slots
from tests.contract.conftest import PATIENCE, World, clinical_database, fhir_world, furnish
from tests.contract.fhir_parts import fhir_ports
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer

RIVALS, ROUNDS, TABS = 50, 3, 8


@pytest.fixture(params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, fhir_server: FhirServer, still: FixedClock, tmp_path: Path
) -> Iterator[World]:
    client = FhirClient(Connection(url=fhir_server.url, page_seconds=PATIENCE, call_seconds=PATIENCE))
    with clinical_database(request.param, request, tmp_path) as opened:
        made = furnish(fhir_world(fhir_server, client, opened, still))
        yield made
        made.close()


def sent(world: World, patient: PatientId, slot: SlotId, key: AttemptKey) -> str:
    """One request of its own: the appointment's id, or what the trouble is called."""
    assert world.client is not None
    assert isinstance(world.database, Database)
    use = fhir_ports(world.client, world.database, world.clock)
    try:
        return service.book(make_grant(patient), service.Plan(slot=slot), key, use=use).id
    except PortalError as error:
        return error.detail or error.code
    finally:
        use.unit.close()


def fresh() -> AttemptKey:
    return AttemptKey(secrets.token_urlsafe(16))


@pytest.mark.parametrize("again", range(ROUNDS))
def test_fifty_rivals_for_one_slot_make_exactly_one_appointment(world: World, again: int) -> None:
    people = [make_patient(id=f"rival-{n}") for n in range(RIVALS)]
    world.add(make_slot(), *people)
    ready = Barrier(RIVALS)

    def one(n: int) -> str:
        ready.wait()
        return sent(world, people[n].id, SlotId("slot"), fresh())

    with ThreadPoolExecutor(RIVALS) as pool:
        answers = list(pool.map(one, range(RIVALS)))
    assert world.fhir is not None
    made = world.fhir.all("Appointment")
    assert [each["status"] for each in made] == ["booked"]
    assert answers.count(made[0]["id"]) == 1
    assert world.fhir.get("Slot/slot")["status"] == "busy"


def test_one_form_sent_eight_times_at_once_makes_one_appointment(world: World) -> None:
    world.add(make_slot())
    ready, key = Barrier(TABS), fresh()

    def one(_: int) -> str:
        ready.wait()
        return sent(world, builders.AMINA, SlotId("slot"), key)

    with ThreadPoolExecutor(TABS) as pool:
        answers = set(pool.map(one, range(TABS)))
    assert world.fhir is not None
    (made,) = world.fhir.all("Appointment")
    assert made["id"] in answers
    assert answers <= {made["id"], "pending"}  # "we are still working on it", and then the same answer
    assert sent(world, builders.AMINA, SlotId("slot"), key) == made["id"]


def test_eight_bookings_of_one_person_at_once_pass_no_limit(world: World) -> None:
    policy = BookingPolicy(max_open=1, same_day_twice=True)
    world.add(make_service(id="strict", kind="strict", policy=policy))
    world.add(*make_slots(TABS, service="strict", practitioner=None))
    ready = Barrier(TABS)

    def one(n: int) -> str:
        ready.wait()
        return sent(world, builders.AMINA, SlotId(f"slot-{n:03}"), fresh())

    with ThreadPoolExecutor(TABS) as pool:
        answers = list(pool.map(one, range(TABS)))
    assert answers.count("too-many-open") == TABS - 1
    assert world.fhir is not None
    assert len(world.fhir.all("Appointment")) == 1

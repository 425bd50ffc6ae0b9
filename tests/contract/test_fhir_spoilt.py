"""A server that is slow, wrong or hostile: nothing false is shown, nothing booked twice, no page waits."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.engine import Database
from portal.appointments import service
from portal.domain.appointments import Appointment, SlotStatus
from portal.domain.ids import AttemptKey, SlotId
from portal.errors import OutcomeUnknown, PortalError
from portal.jobs.remote import settle_changes
from portal.ports.bookings import AttemptState
from tests import builders
from tests.builders import AMINA, BRYN, make_appointment, make_grant, make_slot
from tests.contract.conftest import clinical_database, fhir_world, furnish
from tests.contract.fhir_parts import CutClient, fhir_ports
from tests.contract.test_fhir_cut_off import LATER, Bench
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer
from tests.spoiler import Spoiler, spoiling

PAGE, CALL, GRACE = 3.0, 0.6, 1.0  # seconds; in production a page has five
SLACK = 1.5  # a busy machine
SLOT = SlotId("slot")
KEY = AttemptKey("key-1")
LOST = ["slow", "drip", "drip-headers", "reset", "reset-after", "garbage"]
WRONG = [
    "500", "502", "503", "429", "401", "redirect-elsewhere", "half-json", "empty", "not-an-object", "deep",
    "wrong-content-type", "huge", "outcome-200",
]  # fmt: skip
PAGES = ["endless-next", "next-round", "next-elsewhere", "next-outside"]


@pytest.fixture
def spoiler(fhir_server: FhirServer) -> Iterator[Spoiler]:
    with spoiling(fhir_server) as made:
        yield made


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with clinical_database("sqlite", request, tmp_path) as opened:
        yield opened


@pytest.fixture
def bench(
    fhir_server: FhirServer, spoiler: Spoiler, database: Database, still: FixedClock
) -> Iterator[Bench]:
    """A furnished practice behind the spoiler, with Amina and Bryn each in a visit, and one free time."""
    connection = Connection(
        url=spoiler.url, page_seconds=PAGE, call_seconds=CALL, most_bytes=1024 * 1024, most_pages=4
    )
    client = CutClient(connection)
    client.breaker.good()
    world = furnish(fhir_world(fhir_server, client, database, still))
    world.add(
        make_slot(id=SLOT),
        make_appointment(id="mine", patient=AMINA, starts_at=builders.NOW + 5 * LATER),
        make_appointment(id="theirs", patient=BRYN, starts_at=builders.NOW + 5 * LATER),
    )
    world.unit.close()
    yield Bench(fhir_server, client, database, still)
    client.close()


def patient_breaker(bench: Bench) -> None:
    """Several troubles are tested one after another: none may stop the next from being asked."""
    bench.client.breaker.good()


def listed(bench: Bench) -> list[Appointment]:
    """Amina's list, as a page asks for it."""
    found: list[Appointment] = bench.ask(lambda use: list(use.source.open(make_grant()).appointments()))
    return found


def in_time(begun: float) -> None:
    assert time.monotonic() - begun < PAGE + GRACE + SLACK


def test_without_spoiling_the_proxy_changes_nothing(bench: Bench) -> None:
    assert [each.id for each in listed(bench)] == ["mine"]


@pytest.mark.parametrize("how", [*LOST, *WRONG, *PAGES, "wrong-subject", "another-id"])
def test_a_spoilt_read_shows_nothing_false_and_ends_in_time(bench: Bench, spoiler: Spoiler, how: str) -> None:
    spoiler.spoil(how)
    begun = time.monotonic()
    with pytest.raises(PortalError) as raised:
        listed(bench)
    in_time(begun)
    assert raised.value.status in (502, 503)


@pytest.mark.parametrize("how", ["wrong-subject"])
def test_somebody_else_s_data_refuses_the_whole_answer(bench: Bench, spoiler: Spoiler, how: str) -> None:
    spoiler.spoil(how, lambda _, path: "/Appointment" in path)
    with pytest.raises(PortalError) as raised:
        listed(bench)
    assert (raised.value.status, raised.value.code) == (502, "wrong-subject")


@pytest.mark.parametrize("how", ["reset", "503"])
def test_a_read_is_tried_again_once(bench: Bench, spoiler: Spoiler, how: str) -> None:
    spoiler.spoil(how, lambda _, path: "/Appointment" in path, times=1)
    assert [each.id for each in listed(bench)] == ["mine"]


def booked(bench: Bench, spoiler: Spoiler, method: str, kind: str, how: str) -> PortalError | None:
    """Book while one kind of request is spoilt; the trouble, if there was one."""
    spoiler.spoil(how, lambda asked, path: asked == method and f"/{kind}" in path)
    begun = time.monotonic()
    try:
        bench.ask(lambda use: service.book(make_grant(), service.Plan(slot=SLOT), KEY, use=use))
    except PortalError as error:
        return error
    finally:
        in_time(begun)
    return None


WRITES = [
    (method, kind, how)
    for method, kind in (("PUT", "Slot"), ("POST", "Appointment"))
    for how in [*LOST, *WRONG, "refused-412", "wrong-subject"]
] + [("GET", "Slot", "stale-etag")]


@pytest.mark.parametrize(("method", "kind", "how"), WRITES)
def test_a_spoilt_change_is_told_truly_and_comes_to_one_visit_or_none(
    bench: Bench, spoiler: Spoiler, method: str, kind: str, how: str
) -> None:
    trouble = booked(bench, spoiler, method, kind, how)
    spoiler.heal()
    patient_breaker(bench)
    mine = [each for each in listed(bench) if each.slot == SLOT]
    if trouble is None:
        assert len(mine) == 1
    elif not isinstance(trouble, OutcomeUnknown):
        assert mine == []  # whoever was told "not booked" is not
    bench.clock.advance(LATER)
    bench.ask(settle_changes)
    after = [each for each in listed(bench) if each.slot == SLOT]
    assert len(after) <= 1
    assert len(after) >= len(mine)
    assert bench.noted() == 0
    assert bench.slot(SLOT) is (SlotStatus.BUSY if after else SlotStatus.FREE)
    attempt = bench.ask(lambda use: use.attempts.find(KEY, make_grant().actor))
    assert (attempt.state if attempt else None) == (AttemptState.DONE if after else None)


@pytest.mark.parametrize("how", [*LOST, *WRONG, "refused-412", "wrong-subject"])
def test_a_spoilt_cancellation_is_told_truly_and_is_whole_or_nothing(
    bench: Bench, spoiler: Spoiler, how: str
) -> None:
    bench.ask(lambda use: service.book(make_grant(), service.Plan(slot=SLOT), KEY, use=use))
    (old,) = (each for each in listed(bench) if each.slot == SLOT)
    other = AttemptKey("key-2")
    ending = service.Ending(version=old.version)
    spoiler.spoil(how, lambda method, path: method == "PUT" and "/Appointment" in path)
    trouble = None
    try:
        bench.ask(lambda use: service.cancel(make_grant(), old.id, ending, other, use=use))
    except PortalError as error:
        trouble = error
    spoiler.heal()
    patient_breaker(bench)
    (now,) = (each for each in listed(bench) if each.slot == SLOT)
    if trouble is None:
        assert not now.live
    elif not isinstance(trouble, OutcomeUnknown):
        assert now.live  # whoever was told "not cancelled" is still booked
    bench.clock.advance(LATER)
    bench.ask(settle_changes)
    (after,) = (each for each in listed(bench) if each.slot == SLOT)
    assert bench.noted() == 0
    assert bench.slot(SLOT) is (SlotStatus.BUSY if after.live else SlotStatus.FREE)
    attempt = bench.ask(lambda use: use.attempts.find(other, make_grant().actor))
    assert (attempt.state if attempt else None) == (None if after.live else AttemptState.DONE)


def test_a_change_is_never_sent_twice(bench: Bench, spoiler: Spoiler) -> None:
    booked(bench, spoiler, "POST", "Appointment", "reset-after")
    assert [asked for asked in spoiler.met if asked[0] == "POST"] == [("POST", "/fhir/Appointment")]


def test_an_answer_that_is_lost_after_the_booking_is_found_by_its_key(bench: Bench, spoiler: Spoiler) -> None:
    assert booked(bench, spoiler, "POST", "Appointment", "reset-after") is None
    assert [each.slot for each in listed(bench)].count(SLOT) == 1


def test_a_claim_whose_answer_is_lost_is_known_by_what_it_left_on_the_slot(
    bench: Bench, spoiler: Spoiler
) -> None:
    assert booked(bench, spoiler, "PUT", "Slot", "reset-after") is None
    assert bench.slot(SLOT) is SlotStatus.BUSY


def test_a_server_that_fails_again_and_again_is_left_alone(bench: Bench, spoiler: Spoiler) -> None:
    spoiler.spoil("503")
    for _ in range(4):
        with pytest.raises(PortalError):
            listed(bench)
    spoiler.met.clear()
    begun = time.monotonic()
    with pytest.raises(PortalError):
        listed(bench)
    assert spoiler.met == []
    assert time.monotonic() - begun < 0.5
    spoiler.heal()
    patient_breaker(bench)
    assert [each.id for each in listed(bench)] == ["mine"]


def test_calls_that_go_out_together_wait_no_longer_than_the_slowest(bench: Bench, spoiler: Spoiler) -> None:
    use = fhir_ports(bench.client, bench.database, bench.clock)
    begun = time.monotonic()
    bench.client.pool.submit(time.sleep, 0).result()
    directory = use.source.directory()
    spoiler.spoil("slow")
    with pytest.raises(PortalError):
        directory.load()  # type: ignore[attr-defined]
    in_time(begun)
    use.unit.close()

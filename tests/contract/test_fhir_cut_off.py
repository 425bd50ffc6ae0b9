"""Cut off between any two steps: once settled, there is one appointment or none, and the log says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.engine import Database
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.unit import SqlUnit
from portal.appointments import service
from portal.domain.appointments import Appointment, CancelReason, SlotStatus, Status
from portal.domain.ids import AppointmentId, AttemptKey, SlotId
from portal.domain.places import BookingPolicy
from portal.errors import PortalError
from portal.jobs.remote import settle_changes
from portal.ports.access_log import Action
from portal.ports.bookings import AttemptState
from portal.ports.bundle import Ports
from portal.practice import service as practice
from tests import builders
from tests.builders import AMINA, GP, make_grant, make_service, make_site_grant, make_slot
from tests.contract.conftest import PATIENCE, clinical_database, fhir_world, furnish
from tests.contract.fhir_parts import CutClient, Killed, Scissors, fhir_ports
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer

KEY = AttemptKey("key-1")
FIRST, SECOND = SlotId("slot-first"), SlotId("slot-second")
LATER = timedelta(minutes=3)
MOST_STEPS = 60


@dataclass
class Bench:
    """A practice on a FHIR server, and one request after another to it."""

    server: FhirServer
    client: CutClient
    database: Database
    clock: FixedClock

    def afresh(self) -> None:
        """As in the beginning: two free times, nobody in them, nothing noted."""
        self.server.empty()
        for table in ("remote_change", "remote_act", "booking_attempt", "staff_task", "access_log"):
            with self.database.connect_changes() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
        self.clock.set(builders.NOW)
        world = furnish(fhir_world(self.server, self.client, self.database, self.clock))
        world.add(
            make_service(policy=BookingPolicy(max_open=9, same_day_twice=True)),
            make_slot(id=FIRST),
            make_slot(id=SECOND, starts_at=builders.TOMORROW + timedelta(hours=1)),
        )
        world.unit.close()

    def ask(self, act: Callable[[Ports], Any], cut_at: int = 0) -> Any:
        """One request, which may be cut off."""
        scissors = Scissors(cut_at)
        use = fhir_ports(self.client, self.database, self.clock, scissors)
        try:
            return act(use)
        finally:
            self.client.scissors = Scissors()
            use.unit.close()

    def settle(self) -> int:
        self.clock.advance(LATER)
        count: int = self.ask(settle_changes)
        return count

    def visits(self) -> list[Appointment]:
        found: list[Appointment] = self.ask(lambda use: list(use.source.open(make_grant()).appointments()))
        return found

    def live(self) -> list[Appointment]:
        return [each for each in self.visits() if each.live]

    def slot(self, wanted: SlotId) -> SlotStatus:
        return SlotStatus(self.server.get(f"Slot/{wanted}")["status"])

    def noted(self) -> int:
        unit = SqlUnit(self.database)
        left = len(SqlRemoteChanges(unit).left_since(self.clock.now() + LATER))
        unit.close()
        return left

    def rows(self, action: Action) -> int:
        with self.database.connect_traces() as connection:
            wanted = "SELECT count(*) FROM access_log WHERE action = ? AND outcome = 'done'"
            return int(connection.exec_driver_sql(wanted, (action.value,)).scalar_one())


@pytest.fixture
def bench(
    request: pytest.FixtureRequest, running_fhir: FhirServer, still: FixedClock, tmp_path: Path
) -> Iterator[Bench]:
    client = CutClient(Connection(url=running_fhir.url, page_seconds=PATIENCE))
    with clinical_database("sqlite", request, tmp_path) as opened:
        made = Bench(running_fhir, client, opened, still)
        made.afresh()
        yield made
    client.close()


def every_cut(bench: Bench, prepare: Callable[[], Any], act: Callable[[Ports, Any], Any]) -> Iterator[Any]:
    """Cut off at the first step, then at the second, until nothing is left to cut; what was prepared."""
    for cut_at in range(1, MOST_STEPS):
        bench.afresh()
        ready = prepare()
        try:
            bench.ask(lambda use, ready=ready: act(use, ready), cut_at)  # type: ignore[misc]
        except Killed:
            yield ready
        else:
            assert cut_at > 6  # there was something to cut
            return
    raise AssertionError("it never ends")


def book(use: Ports, slot: SlotId = FIRST, key: AttemptKey = KEY) -> Appointment:
    return service.book(make_grant(), service.Plan(slot=slot), key, use=use)


def test_a_booking_that_is_cut_off_anywhere_is_there_once_or_not_at_all(bench: Bench) -> None:
    came_to = set()
    for _ in every_cut(bench, lambda: None, lambda use, _: book(use)):
        bench.settle()
        live = bench.live()
        came_to.add(len(live))
        assert len(live) <= 1
        assert bench.noted() == 0
        assert bench.slot(FIRST) is (SlotStatus.BUSY if live else SlotStatus.FREE)
        assert bench.rows(Action.BOOKED) == len(live)
        attempt = bench.ask(lambda use: use.attempts.find(KEY, make_grant().actor))
        if live:
            assert (attempt.state, attempt.result) == (AttemptState.DONE, live[0].id)
            assert live[0].booked_by.account == make_grant().actor
        again = bench.ask(book)
        assert [each.id for each in bench.live()] == [again.id]
    assert came_to == {0, 1}


def test_a_move_that_is_cut_off_anywhere_leaves_one_of_the_two_times(bench: Bench) -> None:
    came_to = set()
    other = AttemptKey("key-2")

    def move(use: Ports, old: Appointment) -> Appointment:
        plan = service.Plan(slot=SECOND)
        return service.move(make_grant(), old.id, old.version, plan, other, use=use)

    for old in every_cut(bench, lambda: bench.ask(book), move):
        bench.settle()
        live = bench.live()
        assert len(live) == 1
        assert bench.noted() == 0
        moved = live[0].id != old.id
        came_to.add(moved)
        assert live[0].slot == (SECOND if moved else FIRST)
        assert bench.slot(SECOND) is (SlotStatus.BUSY if moved else SlotStatus.FREE)
        assert bench.slot(FIRST) is (SlotStatus.FREE if moved else SlotStatus.BUSY)
        assert bench.rows(Action.CHANGED) == moved
        if moved:
            was = next(each for each in bench.visits() if each.id == old.id)
            assert (was.status, was.replaced_by) == (Status.CANCELLED, live[0].id)
    assert came_to == {False, True}


def test_a_cancellation_that_is_cut_off_anywhere_is_whole_or_nothing(bench: Bench) -> None:
    came_to = set()
    other = AttemptKey("key-2")

    def cancel(use: Ports, old: Appointment) -> Appointment:
        ending = service.Ending(version=old.version, reason=CancelReason.BETTER, words="better now")
        return service.cancel(make_grant(), old.id, ending, other, use=use)

    for _ in every_cut(bench, lambda: bench.ask(book), cancel):
        bench.settle()
        live = bench.live()
        came_to.add(len(live))
        assert bench.noted() == 0
        assert bench.slot(FIRST) is (SlotStatus.BUSY if live else SlotStatus.FREE)
        assert bench.rows(Action.CANCELLED) == 1 - len(live)
    assert came_to == {0, 1}


def test_a_withdrawal_that_is_cut_off_anywhere_tells_staff_whom_to_ring(bench: Bench) -> None:
    came_to = set()

    def withdraw(use: Ports, old: Appointment) -> bool:
        return practice.withdraw(make_site_grant(), FIRST, (old.id, old.version), use=use)

    for _ in every_cut(bench, lambda: bench.ask(book), withdraw):
        bench.settle()
        live = bench.live()
        came_to.add(len(live))
        assert bench.noted() == 0
        assert bench.slot(FIRST) is (SlotStatus.BUSY if live else SlotStatus.UNAVAILABLE)
        tasks = bench.ask(lambda use: use.tasks.open_of(builders.NORTH))
        assert len(tasks) == 1 - len(live)
    assert came_to == {0, 1}


def test_what_was_noted_a_moment_ago_is_left_to_whoever_is_at_it(bench: Bench) -> None:
    with pytest.raises(Killed):
        bench.ask(book, 8)
    assert bench.noted() == 1
    bench.clock.advance(timedelta(minutes=1))
    assert bench.ask(settle_changes) == 0
    assert bench.noted() == 1


def test_one_change_that_cannot_be_settled_keeps_no_other_from_it(bench: Bench) -> None:
    with pytest.raises(Killed):
        bench.ask(book, 8)
    with pytest.raises(Killed):
        bench.ask(lambda use: book(use, SECOND, AttemptKey("key-2")), 8)
    bench.clock.advance(LATER)
    real = bench.server.get(f"Slot/{FIRST}")
    bench.server.put({**real, "status": "nonsense"})
    assert bench.ask(settle_changes) == 1
    assert bench.noted() == 1
    bench.server.put(real)
    assert bench.settle() == 1
    assert bench.noted() == 0


def test_a_change_that_fails_at_its_very_end_takes_the_booking_back(bench: Bench) -> None:
    def book_and_fail(use: Ports) -> None:
        with use.unit.change():
            use.source.open(make_grant()).book(builders.make_booking(slot=FIRST))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.ask(book_and_fail)
    assert (bench.slot(FIRST), bench.live(), bench.noted()) == (SlotStatus.FREE, [], 0)
    statuses = [each["status"] for each in bench.server.all("Appointment")]
    assert statuses == ["entered-in-error"]
    assert bench.ask(book).slot == FIRST


def test_a_form_that_was_refused_can_be_sent_again(bench: Bench) -> None:
    first = bench.ask(lambda use: book(use, FIRST, AttemptKey("other")))
    with pytest.raises(PortalError):
        bench.ask(book)
    assert bench.ask(lambda use: use.attempts.find(KEY, make_grant().actor)) is None
    assert bench.ask(lambda use: book(use, SECOND)).patient == AMINA
    assert first.service == GP
    assert isinstance(first.id, str)
    assert AppointmentId(first.id) in {each.id for each in bench.live()}

"""The unit of work that pauses, and the circuit breaker: over fakes, without a server."""

from typing import Any

import pytest

from portal.adapters.fhir_r4.breaker import FAILURES, REST, Breaker
from portal.adapters.fhir_r4.trouble import NotSent
from portal.adapters.fhir_r4.unit import PausingAttempts, PausingUnit
from portal.domain.ids import AccountId, AttemptKey
from portal.errors import CannotSave, OutcomeUnknown, SlotTaken
from portal.ports.bookings import AttemptState
from tests.builders import NOW
from tests.fakes_attempts import FakeAttempts
from tests.fakes_unit import Fake, FakeUnit

KEY, ADA = AttemptKey("key"), AccountId("ada")


@pytest.fixture
def inner() -> FakeUnit:
    return FakeUnit()


@pytest.fixture
def unit(inner: FakeUnit) -> PausingUnit:
    return PausingUnit(inner)


@pytest.fixture
def rows(inner: FakeUnit) -> Fake:
    return Fake(inner)


def test_no_transaction_is_open_within_a_pause(unit: PausingUnit, inner: FakeUnit) -> None:
    met = []
    with unit.change():
        met.append(inner.changing)
        with unit.pause():
            met.append(inner.changing)
            with unit.apart():
                met.append(inner.changing)
            met.append(inner.changing)
        met.append(inner.changing)
    assert [*met, inner.changing] == [True, False, True, False, True, False]


def test_what_was_written_before_a_pause_stays_when_the_change_fails(unit: PausingUnit, rows: Fake) -> None:
    def change() -> None:
        with unit.change():
            rows.rows["before"] = 1
            with unit.pause():
                pass
            rows.rows["after"] = 2
            raise SlotTaken

    with pytest.raises(SlotTaken):
        change()
    assert rows.rows == {"before": 1}


def test_a_trouble_within_a_pause_that_is_caught_leaves_a_change_to_go_on_in(
    unit: PausingUnit, inner: FakeUnit, rows: Fake
) -> None:
    with unit.change():
        with pytest.raises(SlotTaken), unit.pause():
            raise SlotTaken
        assert inner.changing
        rows.rows["after"] = 1
    assert rows.rows == {"after": 1}


def test_a_change_in_a_change_and_a_pause_outside_one_are_refused(unit: PausingUnit) -> None:
    with unit.change(), pytest.raises(RuntimeError), unit.change():
        pass
    with pytest.raises(RuntimeError), unit.pause():
        pass
    with pytest.raises(RuntimeError):
        unit.must_be_changing()


def test_what_was_done_elsewhere_is_undone_the_newest_first(unit: PausingUnit) -> None:
    undone: list[Any] = []

    def change() -> None:
        with unit.change():
            unit.if_it_fails(lambda unsure: undone.append((1, unsure)))
            unit.if_it_fails(lambda unsure: undone.append((2, unsure)))
            unit.at_the_end(lambda: undone.append("end"))
            raise SlotTaken

    with pytest.raises(SlotTaken):
        change()
    assert undone == [(2, False), (1, False), "end"]


def test_a_change_that_goes_well_undoes_nothing(unit: PausingUnit) -> None:
    undone: list[bool] = []
    with unit.change():
        unit.if_it_fails(undone.append)
    assert undone == []


def test_what_cannot_be_undone_is_not_known(unit: PausingUnit) -> None:
    told: list[bool] = []

    def fail(_: bool) -> None:
        raise CannotSave

    def change() -> None:
        with unit.change():
            unit.if_it_fails(told.append)
            unit.if_it_fails(fail)
            raise SlotTaken

    with pytest.raises(OutcomeUnknown):
        change()
    assert told == [True]


def test_a_process_that_is_told_to_end_asks_nobody_anything(unit: PausingUnit, inner: FakeUnit) -> None:
    undone: list[bool] = []

    def change() -> None:
        with unit.change():
            unit.if_it_fails(undone.append)
            raise SystemExit

    with pytest.raises(SystemExit):
        change()
    assert undone == []
    assert not inner.changing


@pytest.mark.parametrize(
    ("error", "state"), [(SlotTaken, None), (OutcomeUnknown, AttemptState.UNKNOWN)], ids=["certain", "unsure"]
)
def test_the_key_of_a_change_that_failed_is_new_again_unless_nobody_is_sure(
    unit: PausingUnit, inner: FakeUnit, error: type[Exception], state: AttemptState | None
) -> None:
    attempts = PausingAttempts(FakeAttempts(inner), unit)

    def change() -> None:
        with unit.change():
            attempts.begin(KEY, ADA, "hash", NOW)
            with unit.pause():
                raise error

    with pytest.raises(error):
        change()
    found = attempts.find(KEY, ADA)
    assert (found.state if found else None) is state


def test_a_breaker_opens_rests_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(FAILURES):
        breaker.enter()
        breaker.bad()
    with pytest.raises(NotSent):
        breaker.enter()
    now[0] += REST
    breaker.enter()  # one may try
    with pytest.raises(NotSent):
        breaker.enter()
    breaker.good()
    breaker.enter()


def test_a_breaker_that_failed_its_try_rests_again() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, clock=lambda: now[0])
    breaker.bad()
    now[0] += REST
    breaker.enter()
    breaker.bad()
    with pytest.raises(NotSent):
        breaker.enter()

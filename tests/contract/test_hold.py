"""One person's bookings go one after another: limits hold however many are sent at once."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from portal.access.policy import AccessGrant, Basis
from portal.adapters.sql.engine import Database
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.unit import SqlUnit
from portal.appointments import service
from portal.domain.appointments import Appointment
from portal.domain.ids import AccountId, AppointmentId, AttemptKey, PatientId, SlotId
from portal.domain.places import BookingPolicy
from portal.errors import ChangedMeanwhile, PortalError
from portal.ports.bundle import Ports
from portal.ports.tasks import TaskKind
from tests import builders
from tests.contract.conftest import add_rows, clinical_database, furnish, sql_world
from tests.contract.portal.parts import sql_portal
from tests.fakes_portal import FakeFeedback, FakeUnit, FixedClock

TABS = 8
DAY = timedelta(days=1)
Act = Callable[[Ports, int], Appointment]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, still: FixedClock, tmp_path: Path) -> Iterator[Database]:
    """A practice where nobody may have more than one visit to come, with a free time on each of many days."""
    with clinical_database(request.param, request, tmp_path) as opened:
        world = furnish(sql_world(opened, still))
        world.close()
        policy = BookingPolicy(max_open=1, same_day_twice=True)
        add_rows(opened, builders.make_service(id="strict", kind="strict", policy=policy))
        add_rows(opened, *builders.make_slots(TABS + 2, service="strict", practitioner=None, apart=DAY))
        yield opened


def ports(database: Database, clock: FixedClock) -> Ports:
    """One request's ports, all over one unit."""
    portal = sql_portal(database, clock)
    assert isinstance(portal.unit, SqlUnit)
    parts = {name: getattr(portal, name) for name in type(portal).__slots__ if name != "feedback"}
    source = SqlSource(portal.unit, clock)
    return Ports(clock=clock, source=source, feedback=FakeFeedback(FakeUnit()), **parts)


def at_once(database: Database, clock: FixedClock, act: Act) -> list[str]:
    """So many requests of one person at once; each one's visit or error."""
    ready = Barrier(TABS)

    def one(number: int) -> str:
        use = ports(database, clock)
        try:
            ready.wait()
            return act(use, number).id
        except PortalError as error:
            return error.code if isinstance(error, ChangedMeanwhile) else error.detail or error.code
        finally:
            use.unit.close()

    with ThreadPoolExecutor(TABS) as pool:
        return list(pool.map(one, range(TABS)))


def fresh() -> AttemptKey:
    """A key no test used before: on a server the tables outlive the test."""
    return AttemptKey(secrets.token_urlsafe(16))


def book(use: Ports, number: int) -> Appointment:
    """Each tab books a time of its own."""
    plan = service.Plan(slot=SlotId(f"slot-{number:03}"))
    return service.book(builders.make_grant(), plan, fresh(), use=use)


def move(old: AppointmentId, use: Ports, number: int) -> Appointment:
    """Each tab moves the same visit to a time of its own."""
    plan = service.Plan(slot=SlotId(f"slot-{number:03}"))
    return service.move(builders.make_grant(), old, 1, plan, fresh(), use=use)


def live(database: Database, clock: FixedClock) -> list[Appointment]:
    world = sql_world(database, clock)
    found = [each for each in world.chart().appointments() if each.live]
    world.close()
    return found


@pytest.mark.parametrize("again", range(3))
def test_eight_bookings_at_once_pass_no_limit_on_open_visits(
    database: Database, still: FixedClock, again: int
) -> None:
    answers = at_once(database, still, book)
    assert answers.count("too-many-open") == TABS - 1
    assert [each.id for each in live(database, still)] == [
        each for each in answers if each != "too-many-open"
    ]


def test_eight_moves_at_once_leave_one_visit(database: Database, still: FixedClock) -> None:
    old = builders.make_appointment(service="strict", slot="slot-009", starts_at=builders.TOMORROW + 9 * DAY)
    add_rows(database, old)
    answers = at_once(database, still, partial(move, old.id))
    assert answers.count("already-cancelled") == TABS - 1
    assert len(live(database, still)) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_one_persons_hold_lets_others_book(database: Database, still: FixedClock) -> None:
    add_rows(database, builders.make_patient(id="third"))
    holding, other = ports(database, still), ports(database, still)
    grant = builders.make_grant(PatientId("third"))
    with holding.unit.change():
        holding.source.open(builders.make_grant()).hold()
        made = service.book(grant, service.Plan(slot=SlotId("slot-000")), fresh(), use=other)
    assert made.patient == "third"
    for use in (holding, other):
        use.unit.close()


# --- cancelling


def cancel(grant: AccessGrant, wanted: AppointmentId, use: Ports) -> Appointment:
    return service.cancel(grant, wanted, service.Ending(version=1), fresh(), use=use)


def test_a_helper_who_cancels_eight_at_once_is_counted_seven_times(
    database: Database, still: FixedClock
) -> None:
    """From the second on, each opens a task for the practice (S30): none may count without the others."""
    made = [
        builders.make_appointment(id=fresh(), service="strict", starts_at=builders.TOMORROW + DAY)
        for _ in range(TABS)
    ]
    add_rows(database, *made)
    helper = builders.make_grant(actor=AccountId(fresh()), basis=Basis.CONSENT)
    answers = at_once(database, still, lambda use, number: cancel(helper, made[number].id, use))
    assert sorted(answers) == sorted(each.id for each in made)
    use = ports(database, still)
    opened = [task for task in use.tasks.open_of(builders.NORTH) if task.appointment in answers]
    use.unit.close()
    assert [task.kind for task in opened] == [TaskKind.CARER_CANCELLED_TWICE] * (TABS - 1)


@pytest.mark.parametrize("again", range(3))
def test_cancelling_and_moving_one_visit_at_once_ends_in_one_true_state(
    database: Database, still: FixedClock, again: int
) -> None:
    """One tab wins and is told so; the others are told what is true then, and nothing is half done."""
    old = builders.make_appointment(service="strict", slot="slot-009", starts_at=builders.TOMORROW + 9 * DAY)
    add_rows(database, old)
    grant = builders.make_grant()

    def one(use: Ports, number: int) -> Appointment:
        return cancel(grant, old.id, use) if number % 2 else move(old.id, use, number)

    answers = at_once(database, still, one)
    won = [number for number, answer in enumerate(answers) if answer != "already-cancelled"]
    assert len(won) == 1, answers
    found = live(database, still)
    if won[0] % 2:
        assert (answers[won[0]], found) == (old.id, [])
    else:
        assert [each.id for each in found] == [answers[won[0]]]

"""One person's bookings go one after another: limits hold however many are sent at once."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.unit import SqlUnit
from portal.appointments import service
from portal.domain.appointments import Appointment
from portal.domain.ids import AppointmentId, AttemptKey, PatientId, SlotId
from portal.domain.places import BookingPolicy
from portal.errors import PortalError
from portal.ports.bundle import Ports
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
            return error.detail or error.code
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

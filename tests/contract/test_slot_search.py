"""What the search for times promises: order, pages, filters, embargoes; over SQL, always an index search."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from portal.adapters.sql.engine import Database
from portal.domain.appointments import Mode, Slot, SlotStatus
from portal.domain.ids import SlotId
from portal.domain.people import ClinicianGender
from portal.domain.places import BookingPolicy
from portal.ports.clinical import SlotPage, SlotSearch
from tests.builders import (
    DALE,
    EVANS,
    GP,
    NOW,
    NURSE,
    OKAFOR,
    PHONE_GP,
    SOUTH,
    TEN_MINUTES,
    TOMORROW,
    make_search,
    make_service,
    make_slot,
    make_slots,
)
from tests.contract.conftest import World, add_rows, fake_world, furnish, sql_world
from tests.fakes_unit import FixedClock

HOUR = timedelta(hours=1)


def search(world: World, **changes: Any) -> SlotPage:
    return world.chart().find_slots(make_search(**changes))


def ids(page: SlotPage) -> list[str]:
    return [slot.id for slot in page.slots]


def key(slot: Slot) -> tuple[datetime, SlotId]:
    return slot.starts_at, slot.id


def test_free_times_come_in_order_whole_and_cut_to_the_page(world: World) -> None:
    slots = make_slots(7)
    world.add(*reversed(slots))
    page = search(world)
    assert list(page.slots) == slots[:5]
    assert (page.earlier, page.later, page.next_release) == (False, True, None)


def test_pages_lead_forward_and_back_and_meet(world: World) -> None:
    slots = make_slots(12)
    world.add(*slots)
    first = search(world)
    second = search(world, after=key(first.slots[-1]))
    third = search(world, after=key(second.slots[-1]))
    assert ids(first) + ids(second) + ids(third) == [slot.id for slot in slots]
    assert [(page.earlier, page.later) for page in (first, second, third)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    back = search(world, before=key(third.slots[0]))
    assert (ids(back), back.earlier, back.later) == (ids(second), True, True)
    start = search(world, before=key(second.slots[0]))
    assert (ids(start), start.earlier, start.later) == (ids(first), False, True)


def test_a_page_beyond_the_last_time_is_empty_and_leads_back(world: World) -> None:
    slots = make_slots(2)
    world.add(*slots)
    page = search(world, after=key(slots[-1]))
    assert (page.slots, page.earlier, page.later) == ((), True, False)
    page = search(world, before=key(slots[0]))
    assert (page.slots, page.earlier, page.later) == ((), False, True)


def test_times_that_begin_together_are_all_found_across_pages(world: World) -> None:
    world.add(*make_slots(9, apart=timedelta(0)))
    found: list[str] = []
    page = search(world, limit=2)
    while page.slots:
        found += ids(page)
        page = search(world, limit=2, after=key(page.slots[-1]))
    assert found == [f"slot-{n:03}" for n in range(9)]


def test_several_services_are_merged_in_order_of_time(world: World) -> None:
    world.add(
        *make_slots(4, apart=2 * HOUR, id="gp"),
        *make_slots(4, apart=2 * HOUR, id="nurse", service=NURSE, starts_at=TOMORROW + HOUR),
        *make_slots(4, id="other", service=PHONE_GP),
    )
    page = search(world, services=(GP, NURSE, GP), limit=6)
    assert ids(page) == ["gp-000", "nurse-000", "gp-001", "nurse-001", "gp-002", "nurse-002"]
    assert page.later
    back = search(world, services=(GP, NURSE), limit=3, before=key(page.slots[-1]))
    assert ids(back) == ["nurse-000", "gp-001", "nurse-001", "gp-002"][-3:]


def test_only_free_times_within_the_search_are_found(world: World) -> None:
    world.add(
        make_slot(id="first", starts_at=NOW),
        make_slot(id="too-early", starts_at=NOW - TEN_MINUTES),
        make_slot(id="too-late", starts_at=NOW + HOUR),
        *(
            make_slot(id=status.value, status=status)
            for status in SlotStatus
            if status is not SlotStatus.FREE
        ),
    )
    page = search(world, starts_before=NOW + HOUR)
    assert (ids(page), page.earlier, page.later) == (["first"], False, False)


def test_no_service_and_an_unknown_one_find_nothing(world: World) -> None:
    world.add(make_slot())
    assert search(world, services=()).slots == ()
    assert search(world, services=("nowhere",)).slots == ()


def test_times_can_be_filtered_by_mode_clinician_and_length(world: World) -> None:
    world.add(
        make_slot(id="room"),
        make_slot(id="phone", mode=Mode.PHONE, practitioner=EVANS, starts_at=TOMORROW + HOUR),
        make_slot(id="video", mode=Mode.VIDEO, practitioner=None, starts_at=TOMORROW + 2 * HOUR),
        make_slot(id="long", starts_at=TOMORROW + 3 * HOUR, ends_at=TOMORROW + 3 * HOUR + 2 * TEN_MINUTES),
    )
    assert ids(search(world, modes=frozenset({Mode.PHONE, Mode.VIDEO}))) == ["phone", "video"]
    assert ids(search(world, modes=frozenset(Mode))) == ["room", "phone", "video", "long"]
    assert ids(search(world, practitioner=EVANS)) == ["phone"]
    assert ids(search(world, gender=ClinicianGender.WOMAN)) == ["room", "long"]
    assert ids(search(world, gender=ClinicianGender.MAN)) == ["phone"]
    assert ids(search(world, gender=ClinicianGender.MAN, practitioner=OKAFOR)) == []
    assert ids(search(world, at_least=2 * TEN_MINUTES)) == ["long"]
    assert ids(search(world, at_least=2 * TEN_MINUTES + timedelta(microseconds=1))) == []


def test_step_free_leaves_out_rooms_up_stairs_but_not_calls(world: World) -> None:
    world.add(
        make_service(id="dale-gp", site=DALE, organisation=SOUTH),
        make_slot(id="ground"),
        make_slot(id="stairs", service="dale-gp", site=DALE, starts_at=TOMORROW + HOUR),
        make_slot(id="call", service="dale-gp", site=DALE, mode=Mode.PHONE, starts_at=TOMORROW + 2 * HOUR),
    )
    page = search(world, services=(GP, "dale-gp"), step_free=True)
    assert ids(page) == ["ground", "call"]


def test_an_embargoed_time_is_not_found_but_its_opening_is_told(world: World) -> None:
    opens = NOW + HOUR
    world.add(
        make_slot(id="open", released_at=NOW),
        make_slot(id="soon", released_at=opens, starts_at=TOMORROW + HOUR),
        make_slot(id="later", released_at=opens + HOUR, starts_at=TOMORROW + 2 * HOUR),
        make_slot(id="taken", released_at=NOW + TEN_MINUTES, status=SlotStatus.BUSY),
        make_slot(id="outside", released_at=NOW + TEN_MINUTES, starts_at=NOW + timedelta(days=90)),
        make_slot(id="other", released_at=NOW + TEN_MINUTES, service=NURSE),
    )
    page = search(world)
    assert (ids(page), page.later, page.next_release) == (["open"], False, opens)
    world.clock.set(opens)
    page = search(world.again())
    assert (ids(page), page.next_release) == (["open", "soon"], opens + HOUR)


def test_the_next_opening_minds_the_filters(world: World) -> None:
    world.add(
        make_slot(id="room", released_at=NOW + HOUR),
        make_slot(id="call", released_at=NOW + 2 * HOUR, mode=Mode.PHONE),
    )
    assert search(world, modes=frozenset({Mode.PHONE})).next_release == NOW + 2 * HOUR
    assert search(world, releases=False).next_release is None


def test_a_services_embargo_opens_times_as_they_come_near(world: World) -> None:
    world.add(
        make_service(id="embargoed", policy=BookingPolicy(released_before=timedelta(hours=48))),
        *make_slots(6, id="e", service="embargoed", apart=timedelta(days=1), starts_at=TOMORROW),
        make_slot(id="own", service="embargoed", released_at=NOW, starts_at=TOMORROW + timedelta(days=30)),
    )
    page = search(world, services=("embargoed", GP))
    assert ids(page) == ["e-000", "e-001", "own"]
    assert page.slots[0].released_at == TOMORROW - timedelta(hours=48)
    assert page.next_release == NOW + timedelta(days=1)


SLOTS = st.builds(
    make_slot,
    id=st.integers(0, 10**6).map(lambda n: f"s{n:07}"),
    service=st.sampled_from([GP, NURSE]),
    starts_at=st.integers(0, 30).map(lambda n: NOW + n * TEN_MINUTES),
    mode=st.sampled_from(Mode),
    practitioner=st.sampled_from([OKAFOR, EVANS, None]),
    status=st.sampled_from([SlotStatus.FREE, SlotStatus.FREE, SlotStatus.BUSY]),
    released_at=st.sampled_from([None, None, NOW, NOW + HOUR]),
)
SEARCHES = st.builds(
    make_search,
    services=st.sampled_from([(GP,), (NURSE,), (GP, NURSE)]),
    modes=st.frozensets(st.sampled_from(Mode)),
    practitioner=st.sampled_from([None, None, EVANS]),
    gender=st.sampled_from([None, None, ClinicianGender.WOMAN]),
    starts_from=st.integers(0, 10).map(lambda n: NOW + n * TEN_MINUTES),
    limit=st.integers(1, 4),
    step_free=st.booleans(),
)
KEYS = st.tuples(st.sampled_from(["after", "before"]), st.integers(0, 30), st.integers(0, 10**6))


@pytest.fixture
def found_by_sql(clinical: Database, still: FixedClock) -> Iterator[World]:
    world = furnish(sql_world(clinical, still))
    yield world
    world.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slots=st.lists(SLOTS, max_size=25, unique_by=lambda slot: slot.id), wanted=SEARCHES, beside=KEYS)
def test_sql_finds_what_the_fake_finds(
    found_by_sql: World, slots: list[Slot], wanted: SlotSearch, beside: tuple[str, int, int]
) -> None:
    assert found_by_sql.database is not None
    with found_by_sql.database.connect_changes() as connection:
        connection.execute(text("DELETE FROM slot"))
    add_rows(found_by_sql.database, *slots)
    fake = furnish(fake_world(found_by_sql.clock))
    fake.add(*slots)
    direction, n, wanted_id = beside
    keyed = {name: getattr(wanted, name) for name in SlotSearch.__slots__}
    keyed[direction] = NOW + n * TEN_MINUTES, SlotId(f"s{wanted_id:07}")
    for each in (wanted, SlotSearch(**keyed)):
        assert found_by_sql.chart().find_slots(each) == fake.chart().find_slots(each)
    found_by_sql.unit.close()


@pytest.fixture
def many(clinical: Database, still: FixedClock) -> World:
    """Enough slots that a scan would be the worse plan, most of them taken."""
    world = furnish(sql_world(clinical, still))
    taken = make_slots(4000, id="taken", status=SlotStatus.BUSY)
    world.add(*taken, *make_slots(400, id="gp"), *make_slots(400, id="nurse", service=NURSE))
    with clinical.connect_changes() as connection:
        connection.execute(text("ANALYZE slot"))
    return world


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"services": (GP, NURSE, PHONE_GP)},
        {"after": (TOMORROW, SlotId("gp-000"))},
        {"before": (TOMORROW + HOUR, SlotId("gp-000"))},
        {"modes": frozenset({Mode.PHONE}), "practitioner": EVANS, "at_least": HOUR},
        {"gender": ClinicianGender.WOMAN, "step_free": True, "services": (GP, NURSE)},
    ],
)
def test_every_search_is_answered_from_the_index(many: World, changes: dict[str, Any]) -> None:
    plans = explained(many, make_search(**changes))
    assert len(plans) >= 2
    for plan in plans:
        if many.database is not None and many.database.sqlite:
            assert "SCAN slot" not in plan, plan
            assert "SEARCH slot USING COVERING INDEX ix_slot_search" in plan or "ix_slot_release" in plan, (
                plan
            )
        else:
            assert "Seq Scan on slot" not in plan, plan


def explained(world: World, wanted: SlotSearch) -> list[str]:
    """The plans of all statements on slots that a search runs."""
    assert world.database is not None
    words = "EXPLAIN QUERY PLAN " if world.database.sqlite else "EXPLAIN "
    plans: list[str] = []

    def explain(connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM slot" in statement:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(words + statement, values)
                plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))

    event.listen(world.database.traces, "before_cursor_execute", explain)
    try:
        world.chart().find_slots(wanted)
    finally:
        event.remove(world.database.traces, "before_cursor_execute", explain)
        world.unit.close()
    return plans

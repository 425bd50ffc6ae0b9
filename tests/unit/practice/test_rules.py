"""Sessions of slots: right instants on every day, and no nonsense published."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.domain.appointments import Mode, Slot
from portal.domain.ids import OrganisationId, PractitionerId, ServiceId, SiteId, SlotId
from portal.domain.places import BookingPolicy
from portal.practice.rules import (
    BadPlan,
    SessionPlan,
    Trouble,
    opens_otherwise,
    overlapping,
    part_of,
    read_csv,
    slots_of,
)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LONDON = "Europe/London"


def make_plan(**changes: object) -> SessionPlan:
    values: dict[str, object] = {
        "service": ServiceId("gp"),
        "mode": Mode.IN_PERSON,
        "first_day": date(2026, 3, 26),
        "starts": time(9),
        "ends": time(12),
        "minutes": 15,
    }
    return SessionPlan(**{**values, **changes})  # type: ignore[arg-type]


def test_a_morning_of_quarter_hours_is_twelve_slots() -> None:
    slots = slots_of(make_plan(), LONDON, NOW)
    assert len(slots) == 12
    assert slots[0].starts_at == datetime(2026, 3, 26, 9, tzinfo=UTC)
    assert slots[-1].ends_at == datetime(2026, 3, 26, 12, tzinfo=UTC)


def test_a_weekly_session_keeps_its_local_time_when_the_clocks_go_forward() -> None:
    first, second = slots_of(make_plan(minutes=120, weeks=2, ends=time(11)), LONDON, NOW)
    assert first.starts_at == datetime(2026, 3, 26, 9, tzinfo=UTC)  # 9am GMT
    assert second.starts_at == datetime(2026, 4, 2, 8, tzinfo=UTC)  # 9am BST


def test_a_session_across_the_hour_that_happens_twice_has_slots_of_true_length() -> None:
    plan = make_plan(first_day=date(2026, 10, 25), starts=time(0), ends=time(3), minutes=60)
    slots = slots_of(plan, LONDON, NOW)
    assert len(slots) == 4  # that local night has one hour more
    assert all(slot.ends_at - slot.starts_at == timedelta(hours=1) for slot in slots)


def test_a_time_the_clocks_skip_is_refused() -> None:
    with pytest.raises(BadPlan) as refused:
        slots_of(make_plan(first_day=date(2026, 3, 29), starts=time(1, 30), ends=time(4)), LONDON, NOW)
    assert refused.value.trouble is Trouble.NOT_A_TIME


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"ends": time(9)}, Trouble.ENDS_FIRST),
        ({"ends": time(9, 10)}, Trouble.TOO_SHORT),
        ({"first_day": date(2026, 2, 28)}, Trouble.IN_THE_PAST),
        ({"minutes": 5, "starts": time(0), "ends": time(23, 55), "weeks": 26}, Trouble.TOO_MANY),
    ],
)
def test_nonsense_is_refused_with_its_own_reason(changes: dict[str, object], trouble: Trouble) -> None:
    with pytest.raises(BadPlan) as refused:
        slots_of(make_plan(**changes), LONDON, NOW)
    assert refused.value.trouble is trouble


def test_an_embargo_opens_each_slot_the_same_time_before_it_starts() -> None:
    slots = slots_of(make_plan(opens_before=timedelta(hours=48)), LONDON, NOW)
    assert {slot.starts_at - slot.released_at for slot in slots if slot.released_at} == {timedelta(hours=48)}


@given(
    minutes=st.integers(5, 120),
    start=st.integers(0, 22),
    hours=st.integers(1, 10),
    offset=st.integers(0, 300),
)
def test_slots_touch_never_overlap_and_stay_inside_the_session(
    minutes: int, start: int, hours: int, offset: int
) -> None:
    plan = make_plan(
        first_day=date(2026, 3, 30) + timedelta(days=offset),
        starts=time(start),
        ends=time(min(start + hours, 23), 59),
        minutes=minutes,
    )
    assume(minutes <= 59)
    try:
        slots = slots_of(plan, LONDON, NOW)
    except BadPlan as refused:
        # The one reason left: the clocks skip that hour on that night.
        assume(refused.trouble is not Trouble.NOT_A_TIME)
        raise
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=minutes) for slot in slots)
    assert all(first.ends_at == second.starts_at for first, second in zip(slots, slots[1:], strict=False))


def _kept(starts: datetime, ends: datetime, practitioner: str | None = "dr") -> Slot:
    return Slot(
        id=SlotId("s"),
        service=ServiceId("gp"),
        site=SiteId("site"),
        organisation=OrganisationId("org"),
        mode=Mode.IN_PERSON,
        starts_at=starts,
        ends_at=ends,
        practitioner=PractitionerId(practitioner) if practitioner else None,
    )


def test_one_clinician_cannot_be_in_two_places_at_once() -> None:
    new = slots_of(make_plan(practitioner=PractitionerId("dr")), LONDON, NOW)
    half_past = datetime(2026, 3, 26, 9, 10, tzinfo=UTC)
    assert overlapping(new, [_kept(half_past, half_past + timedelta(minutes=15))])
    assert not overlapping(new, [_kept(half_past, half_past + timedelta(minutes=15), "another")])
    assert not overlapping(new, [_kept(new[0].starts_at, new[0].ends_at)]), (
        "the same slot again changes nothing"
    )


@pytest.mark.parametrize("whose", [None, "dr"])
@pytest.mark.parametrize("change", [{"mode": Mode.PHONE}, {"ends_at": 10}, {"starts_at": 5}], ids=str)
def test_a_slot_that_differs_lies_over_the_other_with_a_clinician_or_without(
    whose: str | None, change: dict[str, Any]
) -> None:
    new = slots_of(make_plan(practitioner=PractitionerId(whose) if whose else None), LONDON, NOW)
    same = _kept(new[0].starts_at, new[0].ends_at, whose)
    minutes = {
        name: new[0].starts_at + timedelta(minutes=value)
        for name, value in change.items()
        if isinstance(value, int)
    }
    assert not overlapping(new, [same])
    assert overlapping(new, [replace(same, **{**change, **minutes})])


@pytest.mark.parametrize(
    ("hours", "there", "usual", "otherwise"),
    [
        (None, None, None, False),
        (48, 48, None, False),
        (None, 48, 48, False),  # nothing said means what is usual for this kind of care
        (48, None, None, True),
        (None, 48, None, True),
        (24, 48, None, True),
        (None, 24 * 365, None, False),  # open since long: the same as open at once
    ],
)
def test_publishing_again_with_another_opening_is_not_the_same(
    hours: int | None, there: int | None, usual: int | None, otherwise: bool
) -> None:
    length = {number: timedelta(hours=number) for number in (hours, there, usual) if number is not None}
    plan = make_plan(opens_before=length[hours] if hours is not None else None)
    new = slots_of(plan, LONDON, NOW)
    old = _kept(new[0].starts_at, new[0].ends_at, None)
    old = replace(old, released_at=old.starts_at - length[there] if there is not None else None)
    policy = BookingPolicy(released_before=length[usual] if usual is not None else None)
    assert opens_otherwise(new, [old], policy, NOW) is otherwise
    later = [
        replace(slot, starts_at=slot.ends_at, ends_at=slot.ends_at + timedelta(minutes=5)) for slot in [old]
    ]
    assert not opens_otherwise(new, later, policy, NOW)


def test_kinds_of_care_without_a_clinician_do_not_stand_in_each_other_s_way() -> None:
    new = slots_of(make_plan(), LONDON, NOW)
    other = replace(_kept(new[0].starts_at, new[0].ends_at, None), service=ServiceId("nurse"))
    assert not overlapping(new, [replace(other, ends_at=other.ends_at + timedelta(minutes=5))])


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_a_list_is_cut_into_pages_that_hold_every_row_once(rows: int, pages: int) -> None:
    parts = [part_of(list(range(rows)), number) for number in range(1, pages + 1)]
    assert [row for part in parts for row in part.rows] == list(range(rows))
    assert {part.last for part in parts} == {pages}
    assert part_of(list(range(rows)), -7) == parts[0]
    assert part_of(list(range(rows)), 10**9) == parts[-1]


HEADER = "service,clinician,mode,day,from,to,minutes,weeks,opens_hours_before\n"


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("from", "gp,,phone,2026-11-26,09:00Z,10:00,15,,"),
        ("from", "gp,,phone,2026-11-26,09:00:30,10:00,15,,"),
        ("to", "gp,,phone,2026-11-26,09:00,10:00+01:00,15,,"),
        ("to", "gp,,phone,2026-11-26,09:00,1000,15,,"),
        ("day", "gp,,phone,2026-W48-4,09:00,10:00,15,,"),
        ("day", "gp,,phone,20261126,09:00,10:00,15,,"),
        ("day", "gp,,phone,٢٠٢٦-11-26,09:00,10:00,15,,"),
    ],
)
def test_days_and_times_are_taken_in_one_way_of_writing_only(column: str, line: str) -> None:
    (row,) = read_csv(HEADER + line + "\n")
    assert (row.plan, row.column) == (None, column)


@pytest.mark.parametrize("day", ["9999-12-01", "9999-12-31", "2028-03-03"])
def test_a_session_years_ahead_is_refused(day: str) -> None:
    (row,) = read_csv(HEADER + f"gp,,phone,{day},09:00,10:00,15,26,\n")
    assert row.plan is not None
    with pytest.raises(BadPlan) as refused:
        slots_of(row.plan, LONDON, NOW)
    assert refused.value.trouble is Trouble.TOO_FAR


@pytest.mark.parametrize("zone", [LONDON, "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_session_in_the_year_one_is_past(zone: str) -> None:
    with pytest.raises(BadPlan) as refused:
        slots_of(make_plan(first_day=date(1, 1, 1)), zone, NOW)
    assert refused.value.trouble is Trouble.IN_THE_PAST


def test_what_is_no_csv_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_csv(HEADER + "x" * 200_000)


def test_a_csv_line_that_cannot_be_read_names_its_column() -> None:
    header = "service,clinician,mode,day,from,to,minutes,weeks,opens_hours_before\n"
    good, bad = read_csv(
        header + "gp-1,,phone,2026-11-26,09:00,12:00,15,,\n" + "gp-1,,phone,26/11/2026,09:00,12:00,15,,\n"
    )
    assert good.plan is not None
    assert good.plan.weeks == 1
    assert (bad.line, bad.plan, bad.column) == (3, None, "day")


def test_a_csv_without_its_columns_says_which_are_missing() -> None:
    with pytest.raises(ValueError, match="minutes"):
        read_csv("service,clinician,mode,day,from,to\n")


@given(st.text(max_size=300))
def test_no_csv_text_can_break_the_reader(text: str) -> None:
    rows = read_csv("service,clinician,mode,day,from,to,minutes,weeks,opens_hours_before\n" + text)
    assert all(row.plan is None or row.plan.minutes >= 5 for row in rows)

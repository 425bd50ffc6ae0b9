"""Sessions of slots: right instants on every day, and no nonsense published."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.domain.appointments import Mode, Slot
from portal.domain.ids import OrganisationId, PractitionerId, ServiceId, SiteId, SlotId
from portal.practice.rules import BadPlan, SessionPlan, Trouble, overlapping, read_csv, slots_of

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
        mode=Mode.PHONE,
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

"""Times to be seen: pure, never changed by making more, right when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.fhir.reading import instant
from portal.synthetic.places import CARE
from portal.synthetic.slots import ZONE, slots, times

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def days(count: int) -> timedelta:
    return timedelta(days=count)


@settings(max_examples=20, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 5), st.integers(0, 5))
def test_more_days_only_add_times(first: date, some: int, more: int) -> None:
    middle, last = first + days(some), first + days(some + more)
    assert [*slots(1, first, middle), *slots(1, middle, last)] == list(slots(1, first, last))


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_local_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(change: date) -> None:
    for day in (change - days(2), change, change + days(1)):
        first = [time for time in times(1, day, day + days(1)) if time.session.begins == 540]
        assert first, day
        starts = {time.starts_at.astimezone(ZONE).strftime("%H:%M") for time in first}
        assert "09:00" in starts
        assert min(starts) == "09:00"


def test_the_clock_change_moves_utc_by_an_hour() -> None:
    def first(day: date) -> datetime:
        return min(time.starts_at for time in times(1, day, day + days(1)) if time.session.begins == 540)

    assert first(SPRING - days(2)).hour == 9
    assert first(SPRING).hour == 8
    assert first(AUTUMN - days(2)).hour == 8
    assert first(AUTUMN).hour == 9


@settings(max_examples=50, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_every_time_lies_inside_its_session_on_its_local_day(day: date) -> None:
    for time in times(1, day, day + days(1)):
        local = time.starts_at.astimezone(ZONE)
        minute = local.hour * 60 + local.minute
        assert local.date() == day
        assert time.session.begins <= minute
        assert minute + CARE[time.session.kind].minutes <= time.session.ends
        assert time.starts_at.tzinfo is UTC


def test_nobody_is_in_two_places_at_once() -> None:
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for time in times(1, SPRING, SPRING + days(14)):
        if time.session.clinician:
            spans.setdefault(time.session.clinician, []).append((time.starts_at, time.ends_at))
    for of_one in spans.values():
        of_one.sort()
        for (_, ended), (begun, _) in zip(of_one, of_one[1:], strict=False):
            assert ended <= begun


def test_ids_are_all_different_and_another_seed_has_others() -> None:
    ids = [time.id for time in times(1, SPRING, SPRING + days(56))]
    assert len(ids) == len(set(ids)) > 5_000
    assert not set(ids) & {time.id for time in times(2, SPRING, SPRING + days(56))}


def test_embargoed_times_open_48_hours_before_they_start() -> None:
    found = [time for time in times(1, SPRING, SPRING + days(7)) if time.session.kind == "gp-soon"]
    assert found
    for time in found:
        extension = time.resource()["extension"]
        assert isinstance(extension, list)
        opens = instant(extension[-1]["valueInstant"], "x")
        assert time.starts_at - opens == timedelta(hours=48)


def test_nobody_works_at_christmas() -> None:
    assert not list(times(1, date(2026, 12, 25), date(2026, 12, 27)))

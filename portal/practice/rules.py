"""Sessions of slots: which instants a plan means, and what is wrong with a plan. Pure; no clock, no words."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from io import StringIO
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from portal.domain.appointments import Mode, Slot, SlotStatus
from portal.domain.ids import PractitionerId, ServiceId
from portal.domain.places import BookingPolicy
from portal.ports.clinical import NewSlot

MOST_WEEKS = 26
MOST_SLOTS = 1000
FURTHEST = timedelta(days=731)  # how far ahead a first session may be
ON_A_PAGE = 20  # rows of a list
CSV_COLUMNS = ("service", "clinician", "mode", "day", "from", "to", "minutes", "weeks", "opens_hours_before")
_DAY, _CLOCK = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{2}:[0-9]{2}")
_T = TypeVar("_T")


class Trouble(Enum):
    """What is wrong with a plan. The pages hold the words."""

    ENDS_FIRST = "ends-first"
    TOO_SHORT = "too-short"
    TOO_MANY = "too-many"
    IN_THE_PAST = "in-the-past"
    TOO_FAR = "too-far"
    NOT_A_TIME = "not-a-time"
    OVERLAPS = "overlaps"
    OPENS_OTHERWISE = "opens-otherwise"  # there already, and people may book from another moment on


class BadPlan(ValueError):
    """Raised for a plan that cannot be published; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """A clinician's session at a site.

    Local times of `first_day`, repeated weekly. `minutes` is one slot's length.
    """

    service: ServiceId
    mode: Mode
    first_day: date
    starts: time
    ends: time
    minutes: int
    weeks: int = 1
    practitioner: PractitionerId | None = None
    opens_before: timedelta | None = None  # embargo: people may book this long before each slot


def _instant(day: date, local: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time.

    BadPlan for a time the clocks skip that day. The first of two when they go back.
    """
    wall = datetime.combine(day, local, zone)
    if wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise BadPlan(Trouble.NOT_A_TIME)
    return wall.astimezone(UTC)


def slots_of(plan: SessionPlan, zone_name: str, now: datetime) -> tuple[NewSlot, ...]:
    """The slots a plan means, in order; what does not fill a whole slot at the end is left over.

    Each day's start and end are turned into instants first and divided as instants, so a session across a
    clock change has slots of true length. Raises BadPlan.
    """
    if plan.ends <= plan.starts:
        raise BadPlan(Trouble.ENDS_FIRST)
    # By the day first: an instant near the calendar's ends cannot be worked out.
    if plan.first_day < now.date() - timedelta(days=1):
        raise BadPlan(Trouble.IN_THE_PAST)
    if plan.first_day > now.date() + FURTHEST:
        raise BadPlan(Trouble.TOO_FAR)
    zone, length = ZoneInfo(zone_name), timedelta(minutes=plan.minutes)
    made: list[NewSlot] = []
    for week in range(plan.weeks):
        day = plan.first_day + timedelta(weeks=week)
        start, end = _instant(day, plan.starts, zone), _instant(day, plan.ends, zone)
        if start < now:
            raise BadPlan(Trouble.IN_THE_PAST)
        made.extend(_divided(plan, start, end, length))
        if len(made) > MOST_SLOTS:
            raise BadPlan(Trouble.TOO_MANY)
    if not made:
        raise BadPlan(Trouble.TOO_SHORT)
    return tuple(made)


def _divided(plan: SessionPlan, start: datetime, end: datetime, length: timedelta) -> Iterator[NewSlot]:
    while start + length <= end:
        yield NewSlot(
            service=plan.service,
            mode=plan.mode,
            starts_at=start,
            ends_at=start + length,
            practitioner=plan.practitioner,
            released_at=None if plan.opens_before is None else start - plan.opens_before,
        )
        start += length


def overlapping(new: Sequence[NewSlot], existing: Iterable[Slot]) -> bool:
    """Whether slots would lie over others of the same clinician or, without one, of the same kind of care.

    The very same slot again is no overlap: it changes nothing. Same start, other length, kind of visit or
    kind of care is one.
    """
    kept = {_span(slot) for slot in existing if slot.status is not SlotStatus.ERROR}
    by_whose: dict[str, list[_Span]] = {}
    for span in kept:
        by_whose.setdefault(span.whose, []).append(span)
    return any(
        old.starts_at < want.ends_at and want.starts_at < old.ends_at
        for want in {_span(slot) for slot in new} - kept
        for old in by_whose.get(want.whose, ())
    )


def opens_otherwise(
    new: Sequence[NewSlot], existing: Iterable[Slot], policy: BookingPolicy, now: datetime
) -> bool:
    """Whether a slot is there already, the very same but for the moment from which people may book it.

    What is published stays as it is: neither shut again nor opened sooner, for people were told when it
    opens. A moment that is over is as good as none. `policy`: of the one kind of care that is published.
    """
    there = {_span(slot): _still_shut(slot.released_at, now) for slot in existing}
    return any(
        span in there and there[span] != _still_shut(_opening(slot, policy), now)
        for slot, span in ((slot, _span(slot)) for slot in new)
    )


def _opening(slot: NewSlot, policy: BookingPolicy) -> datetime | None:
    if slot.released_at is None and policy.released_before is not None:
        return slot.starts_at - policy.released_before
    return slot.released_at


def _still_shut(opens: datetime | None, now: datetime) -> datetime | None:
    return opens if opens is not None and opens > now else None


@dataclass(frozen=True, slots=True)
class _Span:
    """Whose time a slot takes and when; two that are equal are the same slot."""

    whose: str
    starts_at: datetime
    ends_at: datetime
    service: ServiceId
    mode: Mode


def _span(slot: NewSlot | Slot) -> _Span:
    return _Span(slot.practitioner or slot.service, slot.starts_at, slot.ends_at, slot.service, slot.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[_T]):
    """One page of a list. Pages are numbered from 1 to `last`; an empty list has one."""

    rows: tuple[_T, ...]
    number: int
    last: int


def part_of(rows: Sequence[_T], wanted: int) -> Part[_T]:
    """The wanted page of a list, or the nearest there is."""
    last = max(1, -(-len(rows) // ON_A_PAGE))
    number = min(max(wanted, 1), last)
    return Part(rows=tuple(rows[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]), number=number, last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a CSV of sessions as read: the plan, or what is wrong with the line."""

    line: int
    plan: SessionPlan | None
    column: str = ""


def read_csv(text: str) -> tuple[Row, ...]:
    """Read sessions from CSV with the header CSV_COLUMNS (any order; clinician, weeks, opens_hours_before
    may be empty).

    Days are written 2026-11-26, times 09:30. Raises ValueError naming the missing columns, or saying why
    this is no CSV.
    """
    reader = csv.DictReader(StringIO(text, newline=""))
    try:
        missing = [name for name in CSV_COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ValueError("missing columns: " + ", ".join(missing))
        return tuple(read_row(reader.line_num, values) for values in reader)
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num + 1}: {error}") from error


def read_row(line: int, values: Mapping[str, str | None]) -> Row:
    """One session from its columns by name."""
    got = {name: (values.get(name) or "").strip() for name in CSV_COLUMNS}
    column = ""
    try:
        column = "mode"
        mode = Mode(got[column])
        column = "day"
        day = date.fromisoformat(_written(got[column], _DAY))
        column = "from"
        starts = time.fromisoformat(_written(got[column], _CLOCK))
        column = "to"
        ends = time.fromisoformat(_written(got[column], _CLOCK))
        column = "minutes"
        minutes = _whole(got[column], 5, 120)
        column = "weeks"
        weeks = _whole(got[column] or "1", 1, MOST_WEEKS)
        column = "opens_hours_before"
        hours = _whole(got[column], 0, 24 * 60) if got[column] else None
        column = "service"
        if not got[column]:
            raise ValueError(column)
    except ValueError:
        return Row(line=line, plan=None, column=column)
    plan = SessionPlan(
        service=ServiceId(got["service"]),
        mode=mode,
        first_day=day,
        starts=starts,
        ends=ends,
        minutes=minutes,
        weeks=weeks,
        practitioner=PractitionerId(got["clinician"]) if got["clinician"] else None,
        opens_before=None if hours is None else timedelta(hours=hours),
    )
    return Row(line=line, plan=plan)


def _written(text: str, form: re.Pattern[str]) -> str:
    """Python reads more than we ask for: seconds, zones, weeks. Only the one way of writing is taken."""
    if form.fullmatch(text) is None:
        raise ValueError("not written as asked")
    return text


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ValueError("not a whole number in range")
    return int(text)

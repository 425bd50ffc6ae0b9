"""Times: what may be booked, what was wished for, what clashes. Days are those of the site's own zone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from portal.domain.appointments import Appointment, Slot, SlotStatus
from portal.domain.ids import AppointmentId, ServiceId
from portal.domain.places import BookingPolicy, Service

WEEK = timedelta(days=7)
SOON = timedelta(days=14)  # "as soon as possible" is missed when the first time is later than this


class When(Enum):
    """The first question about time is a choice (S32)."""

    SOON = "soon"
    WEEK = "week"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """When somebody would like to come. `on` is a local day, set only with When.DATE."""

    when: When = When.SOON
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when until when times can be booked; the end is not within it."""

    starts_from: datetime
    starts_before: datetime


class SlotProblem(Enum):
    """Why one time cannot be booked now."""

    TAKEN = "taken"
    TOO_SOON = "too-soon"  # past, or nearer than the practice's notice
    TOO_FAR = "too-far"
    EMBARGOED = "embargoed"


def window(policy: BookingPolicy, now: datetime) -> Window:
    return Window(starts_from=now + policy.notice, starts_before=now + policy.window)


def slot_problem(slot: Slot, policy: BookingPolicy, now: datetime) -> SlotProblem | None:
    """What stops this time from being booked; None when nothing does. Both ends of the window as in
    `window`.
    """
    bounds = window(policy, now)
    if slot.status is not SlotStatus.FREE:
        return SlotProblem.TAKEN
    if slot.starts_at < bounds.starts_from:
        return SlotProblem.TOO_SOON
    if slot.starts_at >= bounds.starts_before:
        return SlotProblem.TOO_FAR
    if slot.released_at is not None and slot.released_at > now:
        return SlotProblem.EMBARGOED
    return None


def local_day(instant: datetime, zone: str) -> date:
    """The day of an instant at a place. From the instant, so days of 23 and 25 hours are right."""
    return instant.astimezone(ZoneInfo(zone)).date()


def bookable_days(policy: BookingPolicy, now: datetime, zone: str) -> tuple[date, date]:
    """The first and the last day a person can ask for."""
    bounds = window(policy, now)
    return local_day(bounds.starts_from, zone), local_day(bounds.starts_before, zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def wish_start(wish: Wish, bounds: Window, zone: str) -> datetime:
    """From when to list times: the wished day, never before the window."""
    if wish.on is None:
        return bounds.starts_from
    return max(bounds.starts_from, _midnight(wish.on, zone))


def wish_end(wish: Wish, now: datetime, zone: str) -> datetime:
    """The latest start that still answers the wish."""
    match wish.when:
        case When.SOON:
            return now + SOON
        case When.WEEK:
            return now + WEEK
        case When.DATE:
            return _midnight((wish.on or local_day(now, zone)) + WEEK, zone)


def far_from_wish(wish: Wish, first: datetime, now: datetime, zone: str) -> bool:
    """Whether the first free time is so late that the person is told and offered other ways."""
    return first >= wish_end(wish, now, zone)


def same_day(
    slot: Slot,
    appointments: Iterable[Appointment],
    services: Mapping[ServiceId, Service],
    zone: str,
    *,
    leave_out: AppointmentId | None = None,
) -> tuple[Appointment, ...]:
    """Live appointments to ask about before this time is booked.

    Those that overlap it, and those of the same kind of care on the same local day unless the practice needs
    no question. `leave_out` is the one being moved; a visit in this very slot is this booking, sent twice.
    """
    service = services.get(slot.service)
    day = local_day(slot.starts_at, zone)

    def asks(other: Appointment) -> bool:
        if other.starts_at < slot.ends_at and slot.starts_at < other.ends_at:
            return True
        theirs = services.get(other.service) if other.service else None
        if service is None or theirs is None or service.policy.same_day_twice:
            return False
        return theirs.kind == service.kind and local_day(other.starts_at, zone) == day

    return tuple(
        other
        for other in appointments
        if other.live and other.id != leave_out and other.slot != slot.id and asks(other)
    )


def nearest_first(slots: Sequence[Slot], wished: datetime) -> tuple[Slot, ...]:
    """By distance from a time; the earlier of two equally near first."""
    return tuple(sorted(slots, key=lambda slot: (abs(slot.starts_at - wished), slot.starts_at, slot.id)))

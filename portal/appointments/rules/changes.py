"""What may still be done with an appointment, and until when."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from portal.domain.appointments import Appointment, AuthorKind, CancelReason, Status
from portal.domain.ids import AccountId
from portal.domain.places import OnlineBooking, Service

CARER_WINDOW = timedelta(days=90)
CARER_COUNT = 2


class Stage(Enum):
    """Where an appointment stands in the one list."""

    UPCOMING = "upcoming"
    PAST = "past"
    CANCELLED = "cancelled"


class Obstacle(Enum):
    """Why an appointment cannot be changed or cancelled online. Each has its own page."""

    ALREADY_CANCELLED = "already-cancelled"
    PAST = "past"
    STARTED = "started"  # arrived or checked in
    RING_US = "ring-us"
    TOO_LATE = "too-late"  # after the cut-off, before the start: "I cannot come" is still taken (S29)


_STARTED = frozenset({Status.ARRIVED, Status.CHECKED_IN})
_OVER = frozenset({Status.FULFILLED, Status.NO_SHOW})


def stage(appointment: Appointment, now: datetime) -> Stage:
    if appointment.status is Status.CANCELLED:
        return Stage.CANCELLED
    if appointment.ends_at <= now or appointment.status in _OVER:
        return Stage.PAST
    return Stage.UPCOMING


def cancel_by(appointment: Appointment, service: Service) -> datetime:
    """The last moment it can be cancelled or changed online."""
    return appointment.starts_at - service.policy.cancel_cutoff


def obstacle(appointment: Appointment, service: Service | None, now: datetime) -> Obstacle | None:
    """What stops a change or a cancellation online; None when nothing does.

    An appointment of another system that names no care of ours is for the phone (ring us).
    """
    if appointment.status is Status.CANCELLED:
        return Obstacle.ALREADY_CANCELLED
    if appointment.status in _STARTED:
        return Obstacle.STARTED
    if appointment.starts_at <= now or appointment.status in _OVER:
        return Obstacle.PAST
    if service is None or service.policy.online is not OnlineBooking.BOOKABLE:
        return Obstacle.RING_US
    return Obstacle.TOO_LATE if now > cancel_by(appointment, service) else None


def may_say_cannot_come(appointment: Appointment, service: Service | None, now: datetime) -> bool:
    """After the cut-off and before the start, once (S29)."""
    return appointment.cannot_come_at is None and obstacle(appointment, service, now) is Obstacle.TOO_LATE


def cancelled_too_often(appointments: Iterable[Appointment], carer: AccountId, now: datetime) -> bool:
    """Whether one carer has cancelled twice or more in 90 days (S30). Moving to another time is no
    cancellation.
    """
    count = 0
    for appointment in appointments:
        end = appointment.cancellation
        if (
            end is not None
            and end.by.kind is AuthorKind.CARER
            and end.by.account == carer
            and end.reason is not CancelReason.CHANGED
            and end.at > now - CARER_WINDOW
        ):
            count += 1
    return count >= CARER_COUNT

"""Whether a person may book a kind of care online, and if not, the first reason why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, PatientRelation
from portal.domain.appointments import Appointment
from portal.domain.ids import ServiceId
from portal.domain.people import Patient
from portal.domain.places import OnlineBooking, Service


class Hindrance(Enum):
    """Why a kind of care cannot be booked online here. Each has its own message: reason, fix, whom to ask."""

    DIED = "died"  # shown without a reason (S25)
    NOT_REGISTERED = "not-registered"
    NOT_OFFERED = "not-offered"
    RING_US = "ring-us"
    AGE_UNKNOWN = "age-unknown"
    TOO_YOUNG = "too-young"
    TOO_OLD = "too-old"
    TOO_MANY_OPEN = "too-many-open"


def hindrance(service: Service, patient: Patient, *, open_now: int, today: date) -> Hindrance | None:
    """The first reason that applies, those that nothing can mend first; None when the person may book.

    `open_now` counts only what the viewer may see (S8). An incomplete date of birth helps nobody past an age
    limit: the youngest and the oldest age it can mean must both fit.
    """
    if patient.died or not patient.active:
        return Hindrance.DIED
    if patient.organisation != service.organisation:
        return Hindrance.NOT_REGISTERED
    match service.policy.online:
        case OnlineBooking.NOT_OFFERED:
            return Hindrance.NOT_OFFERED
        case OnlineBooking.RING_US:
            return Hindrance.RING_US
        case OnlineBooking.BOOKABLE:
            return _age(service, patient, today) or _open(service, open_now)


def _age(service: Service, patient: Patient, today: date) -> Hindrance | None:
    lowest, highest = service.policy.minimum_age, service.policy.maximum_age
    if lowest is None and highest is None:
        return None
    youngest, oldest = patient.youngest_age(today), patient.oldest_age(today)
    if youngest is None or oldest is None:
        return Hindrance.AGE_UNKNOWN
    if lowest is not None and youngest < lowest:
        return Hindrance.TOO_YOUNG if oldest < lowest else Hindrance.AGE_UNKNOWN
    if highest is not None and oldest > highest:
        return Hindrance.TOO_OLD if youngest > highest else Hindrance.AGE_UNKNOWN
    return None


def _open(service: Service, open_now: int) -> Hindrance | None:
    return Hindrance.TOO_MANY_OPEN if open_now >= service.policy.max_open else None


def open_of_kind(
    appointments: Iterable[Appointment], kind: str, services: Mapping[ServiceId, Service], now: datetime
) -> int:
    """How many live appointments of a kind of care are still to come, at whichever site."""

    def counts(appointment: Appointment) -> bool:
        service = services.get(appointment.service) if appointment.service else None
        return (
            appointment.live and appointment.starts_at > now and service is not None and service.kind == kind
        )

    return len([appointment for appointment in appointments if counts(appointment)])


def holds_scope(
    grant: AccessGrant, permission: Permission, relations: Iterable[PatientRelation], today: date
) -> bool:
    """Whether the same actor holds another permission for the same patient today. Opens nothing: it hides or
    counts.
    """
    return any(
        relation.account == grant.actor
        and relation.patient == grant.patient
        and permission in relation.scopes
        and not relation.suspended
        and relation.starts_on <= today
        and (relation.ends_on is None or today <= relation.ends_on)
        for relation in relations
    )


def visible_to(
    grant: AccessGrant, appointments: Sequence[Appointment], relations: Iterable[PatientRelation], today: date
) -> Sequence[Appointment]:
    """The appointments that may be counted, compared and named to this actor (S8)."""
    if not grant.acting_for_other or holds_scope(grant, Permission.APPOINTMENTS_VIEW, relations, today):
        return appointments
    return ()

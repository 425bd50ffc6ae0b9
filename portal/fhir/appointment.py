"""FHIR Appointment to domain. What the portal adds stands in extensions under portal/fhir/names.py."""

import re
from datetime import datetime, timedelta

from portal.domain.appointments import (
    Appointment,
    Author,
    AuthorKind,
    Cancellation,
    Need,
    Needs,
    Reason,
    Status,
)
from portal.domain.ids import (
    AppointmentId,
    AttemptKey,
    OrganisationId,
    PatientId,
    PractitionerId,
    ServiceId,
    SiteId,
    SlotId,
)
from portal.errors import BadUpstreamData
from portal.fhir import cancellation, channel, names
from portal.fhir.appointment_out import to_fhir
from portal.fhir.reading import (
    Resource,
    coded,
    extension_flag,
    extension_value,
    extensions,
    id_of,
    instant,
    items,
    mapping,
    maybe_instant,
    number,
    reference_id,
    text,
    value_of,
    words,
)

__all__ = ["booking_key", "from_fhir", "to_fhir"]


def from_fhir(resource: Resource) -> Appointment:
    """An appointment. Raises BadUpstreamData without a patient or a time, or with an unknown status or need.

    `organisation` is what the portal noted; without it the caller knows it from the site or the service.
    """
    found = id_of(resource, "Appointment")
    status = _status(resource)
    patient = _actor(resource, "Patient")
    if patient is None:
        raise BadUpstreamData("Appointment.participant:Patient")
    starts_at, ends_at = _times(resource)
    service, site = _actor(resource, "HealthcareService"), _actor(resource, "Location")
    practitioner = _actor(resource, "Practitioner")
    organisation = reference_id(extension_value(resource, names.ORGANISATION), "Organization")
    return Appointment(
        id=AppointmentId(found),
        patient=PatientId(patient),
        status=status,
        starts_at=starts_at,
        ends_at=ends_at,
        service=ServiceId(service) if service else None,
        site=SiteId(site) if site else None,
        organisation=OrganisationId(organisation) if organisation else None,
        mode=next(iter(channel.modes(resource, "Appointment.extension:delivery-channel")), None),
        practitioner=PractitionerId(practitioner) if practitioner else None,
        slot=_slot(resource),
        description=text(resource.get("description")) or _service_words(resource),
        reason=_reason(resource),
        words=text(resource.get("comment")) or "",
        needs=_needs(resource),
        with_someone=extension_flag(resource, names.WITH_SOMEONE),
        created_at=_created(resource.get("created")),
        booked_by=_author(extension_value(resource, names.BOOKED_BY), "Appointment.extension:booked-by"),
        cancellation=_cancellation(resource) if status is Status.CANCELLED else None,
        cannot_come_at=_cannot_come(resource),
        replaces=_other(resource, names.REPLACES),
        replaced_by=_other(resource, names.REPLACED_BY),
        sequence=max(0, number(extension_value(resource, names.SEQUENCE)) or 0),
        version=_version(resource),
    )


def booking_key(resource: Resource) -> AttemptKey | None:
    """The idempotency key of a booking this portal made; None for other systems' appointments."""
    for identifier in items(resource.get("identifier")):
        if identifier.get("system") == names.BOOKING_SYSTEM and (value := text(identifier.get("value"))):
            return AttemptKey(value)
    return None


def _status(resource: Resource) -> Status:
    try:
        return Status(resource.get("status"))
    except ValueError:
        raise BadUpstreamData("Appointment.status") from None


def _times(resource: Resource) -> tuple[datetime, datetime]:
    """Start and end; the length in minutes stands in for an end (R4 app-3 asks for both once booked)."""
    starts_at = instant(resource.get("start"), "Appointment.start")
    minutes = number(resource.get("minutesDuration"))
    if resource.get("end") is None and minutes is not None and 0 < minutes <= 7 * 24 * 60:
        return starts_at, starts_at + timedelta(minutes=minutes)
    ends_at = instant(resource.get("end"), "Appointment.end")
    if ends_at < starts_at:
        raise BadUpstreamData("Appointment.end")
    return starts_at, ends_at


def _actor(resource: Resource, kind: str) -> str | None:
    """Who takes part, of one type. Somebody who declined does not."""
    for part in items(resource.get("participant")):
        found = reference_id(part.get("actor"), kind)
        if found and (kind == "Patient" or part.get("status") != "declined"):
            return found
    return None


def _slot(resource: Resource) -> SlotId | None:
    """The first slot; the portal books one time at a time."""
    found = (reference_id(each, "Slot", only=True) for each in items(resource.get("slot")))
    return next((SlotId(each) for each in found if each), None)


def _cannot_come(resource: Resource) -> datetime | None:
    said = extension_value(resource, names.CANNOT_COME_AT)
    return maybe_instant(said, "Appointment.extension:cannot-come-at")


def _service_words(resource: Resource) -> str:
    said = (words(each) for name in ("serviceType", "appointmentType") for each in items(resource.get(name)))
    return next((each for each in said if each), "")


def _reason(resource: Resource) -> Reason:
    """The short list's code. Other systems' reason codes are not turned into one of ours."""
    for concept in items(resource.get("reasonCode")):
        code = coded(concept, names.VISIT_REASON_SYSTEM)
        if code in {reason.value for reason in Reason}:
            return Reason(code)
    return Reason.NOT_SAID


def _needs(resource: Resource) -> Needs:
    try:
        found = frozenset(Need(value_of(each)) for each in extensions(resource, names.NEED))
    except ValueError:
        raise BadUpstreamData("Appointment.extension:need") from None
    return Needs(all=found, interpreter_language=text(extension_value(resource, names.INTERPRETER_LANGUAGE)))


def _author(value: object, path: str) -> Author:
    """Only the kind travels: accounts are the portal's own and mean nothing elsewhere."""
    if value is None:
        return Author(kind=AuthorKind.SOURCE)
    try:
        return Author(kind=AuthorKind(value))
    except ValueError:
        raise BadUpstreamData(path) from None


def _created(value: object) -> datetime | None:
    """`created` is a dateTime and may be a bare day; then the moment is not known."""
    return instant(value, "Appointment.created") if isinstance(value, str) and "T" in value else None


def _cancellation(resource: Resource) -> Cancellation | None:
    """Who, when and why. Without any time to go by there is none to show, and none is made up."""
    told = next(extensions(resource, names.CANCELLED), {})
    path = "Appointment.extension:cancelled"
    at = maybe_instant(extension_value(told, "at"), path)
    if at is None:
        at = maybe_instant(mapping(resource.get("meta")).get("lastUpdated"), "Appointment.meta.lastUpdated")
    if at is None:
        return None
    reason, said = cancellation.from_fhir(resource.get("cancelationReason"))
    return Cancellation(at=at, by=_author(extension_value(told, "by"), path), reason=reason, words=said)


def _other(resource: Resource, url: str) -> AppointmentId | None:
    found = reference_id(extension_value(resource, url), "Appointment")
    return AppointmentId(found) if found else None


def _version(resource: Resource) -> int:
    """The source's version where it counts in whole numbers, else 1."""
    found = mapping(resource.get("meta")).get("versionId")
    return int(found) if isinstance(found, str) and re.fullmatch("[0-9]{1,9}", found) else 1

"""Domain appointment to FHIR: what the portal knows, over a base whose other parts stay."""

from collections.abc import Iterator, Mapping

from portal.domain.appointments import Appointment, Reason
from portal.domain.ids import AttemptKey
from portal.fhir import cancellation, channel, names
from portal.fhir.reading import Resource, items, reference_id, written

_OWN = {
    names.DELIVERY_CHANNEL, names.ORGANISATION, names.NEED, names.INTERPRETER_LANGUAGE, names.WITH_SOMEONE,
    names.BOOKED_BY, names.CANCELLED, names.CANNOT_COME_AT, names.REPLACES, names.REPLACED_BY, names.SEQUENCE,
}  # fmt: skip
_ORDER = ("Patient", "Practitioner", "Location", "HealthcareService")
_REWRITTEN = ("slot", "description", "comment", "created", "cancelationReason", "reasonCode", "extension")


def to_fhir(
    appointment: Appointment, base: Mapping[str, object] | None = None, *, key: AttemptKey | None = None
) -> dict[str, object]:
    """The resource. `base` is what was received, if anything was; `key` is the booking's idempotency key."""
    kept = base or {}
    resource: dict[str, object] = {name: value for name, value in kept.items() if name not in _REWRITTEN}
    resource.update(
        {
            "resourceType": "Appointment",
            "id": appointment.id,
            "status": appointment.status.value,
            "start": written(appointment.starts_at),
            "end": written(appointment.ends_at),
            "participant": _participants(appointment, kept),
        }
    )
    resource.update(_optional(appointment, kept))
    if key is not None:
        known = items(kept.get("identifier"))
        others = [each for each in known if each.get("system") != names.BOOKING_SYSTEM]
        resource["identifier"] = [*others, {"system": names.BOOKING_SYSTEM, "value": key}]
    return resource


def _optional(appointment: Appointment, base: Resource) -> dict[str, object]:
    """Elements that are left out when they say nothing."""
    extensions = [each for each in items(base.get("extension")) if each.get("url") not in _OWN]
    extensions += _extensions(appointment)
    reasons = [each for each in items(base.get("reasonCode")) if not _is_ours(each)]
    if appointment.reason is not Reason.NOT_SAID:
        reasons.append({"coding": [{"system": names.VISIT_REASON_SYSTEM, "code": appointment.reason.value}]})
    found: dict[str, object] = {
        "extension": extensions,
        "reasonCode": reasons,
        "slot": [{"reference": f"Slot/{appointment.slot}"}] if appointment.slot else None,
        "description": appointment.description,
        "comment": appointment.words,
        "created": written(appointment.created_at) if appointment.created_at else base.get("created"),
        "cancelationReason": base.get("cancelationReason"),
    }
    if appointment.cancellation is not None:
        found["cancelationReason"] = cancellation.to_fhir(
            appointment.cancellation.reason, appointment.cancellation.words
        )
    return {name: value for name, value in found.items() if value}


def _is_ours(concept: Resource) -> bool:
    return any(coding.get("system") == names.VISIT_REASON_SYSTEM for coding in items(concept.get("coding")))


def _extensions(appointment: Appointment) -> Iterator[dict[str, object]]:
    if appointment.mode is not None:
        yield channel.extension(appointment.mode)
    if appointment.organisation is not None:
        yield _reference(names.ORGANISATION, "Organization", appointment.organisation)
    for need in sorted(appointment.needs.all, key=lambda each: each.value):
        yield {"url": names.NEED, "valueCode": need.value}
    if appointment.needs.interpreter_language is not None:
        yield {"url": names.INTERPRETER_LANGUAGE, "valueCode": appointment.needs.interpreter_language}
    if appointment.with_someone:
        yield {"url": names.WITH_SOMEONE, "valueBoolean": True}
    yield {"url": names.BOOKED_BY, "valueCode": appointment.booked_by.kind.value}
    yield from _history(appointment)


def _history(appointment: Appointment) -> Iterator[dict[str, object]]:
    """What became of it: cancelled by whom and when, could not come, moved."""
    if appointment.cancellation is not None:
        at, by = written(appointment.cancellation.at), appointment.cancellation.by.kind.value
        parts = [{"url": "at", "valueInstant": at}, {"url": "by", "valueCode": by}]
        yield {"url": names.CANCELLED, "extension": parts}
    if appointment.cannot_come_at is not None:
        yield {"url": names.CANNOT_COME_AT, "valueInstant": written(appointment.cannot_come_at)}
    if appointment.replaces is not None:
        yield _reference(names.REPLACES, "Appointment", appointment.replaces)
    if appointment.replaced_by is not None:
        yield _reference(names.REPLACED_BY, "Appointment", appointment.replaced_by)
    if appointment.sequence:
        yield {"url": names.SEQUENCE, "valueUnsignedInt": appointment.sequence}


def _reference(url: str, kind: str, target: str) -> dict[str, object]:
    return {"url": url, "valueReference": {"reference": f"{kind}/{target}"}}


def _participants(appointment: Appointment, base: Resource) -> list[object]:
    """The base's participants, with ours put in where the base does not have them yet."""
    wanted = {
        "Patient": appointment.patient,
        "Practitioner": appointment.practitioner,
        "Location": appointment.site,
        "HealthcareService": appointment.service,
    }
    kept = list(items(base.get("participant")))
    found: list[object] = []
    for kind in _ORDER:
        target = wanted[kind]
        if target is None or any(reference_id(part.get("actor"), kind) == target for part in kept):
            continue
        kept = [part for part in kept if reference_id(part.get("actor"), kind) is None]
        found.append({"actor": {"reference": f"{kind}/{target}"}, "status": "accepted"})
    return [*kept, *found]

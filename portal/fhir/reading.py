"""Tolerant accessors over FHIR JSON: never guesses, never raises on extras."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import cast

from portal.domain.ids import PatientId
from portal.domain.people import PartialDate
from portal.errors import BadUpstreamData

Resource = Mapping[str, object]

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_NOTHING: Resource = {}


def mapping(value: object) -> Resource:
    """The object, or an empty one where the source sent something else."""
    return cast(Resource, value) if isinstance(value, Mapping) else _NOTHING


def items(value: object) -> Iterator[Resource]:
    """The objects of a list; a lone object counts as a list of one, anything else is passed over."""
    if isinstance(value, Mapping):
        yield cast(Resource, value)
    elif isinstance(value, list | tuple):
        yield from (cast(Resource, item) for item in value if isinstance(item, Mapping))


def text(value: object) -> str | None:
    """A string with something in it, trimmed; None for anything else."""
    return (value.strip() or None) if isinstance(value, str) else None


def texts(value: object) -> tuple[str, ...]:
    """The non-empty strings of a list."""
    values = value if isinstance(value, list | tuple) else (value,)
    return tuple(found for found in map(text, values) if found)


def number(value: object) -> int | None:
    """A whole number; None for anything else, True and False included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def kind_of(resource: Resource) -> str:
    """`resourceType`. Raises BadUpstreamData without one."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind:
        raise BadUpstreamData("resourceType")
    return kind


def id_of(resource: Resource, kind: str) -> str:
    """The id of a resource of this type. Raises BadUpstreamData for another type or a bad id."""
    if resource.get("resourceType") != kind:
        raise BadUpstreamData(f"{kind}.resourceType")
    found = resource.get("id")
    if not isinstance(found, str) or not ID.fullmatch(found):
        raise BadUpstreamData(f"{kind}.id")
    return found


def words(concept: object) -> str | None:
    """What a CodeableConcept says in words: its text, else the first display. Never a bare code."""
    found = mapping(concept)
    displays = (text(coding.get("display")) for coding in items(found.get("coding")))
    return text(found.get("text")) or next((display for display in displays if display), None)


def coded(concept: object, system: str) -> str | None:
    """The code a CodeableConcept holds in one code system."""
    codings = items(mapping(concept).get("coding"))
    return next((text(coding.get("code")) for coding in codings if coding.get("system") == system), None)


def value_of(extension: Resource) -> object:
    """The value of an extension, whichever `value[x]` it stands in."""
    return next((value for name, value in extension.items() if name.startswith("value")), None)


def extensions(element: Resource, url: str) -> Iterator[Resource]:
    """All extensions with this address."""
    return (found for found in items(element.get("extension")) if found.get("url") == url)


def extension_value(element: Resource, url: str) -> object:
    """The value of the first extension with this address, else None."""
    found = next(extensions(element, url), None)
    return None if found is None else value_of(found)


def extension_flag(element: Resource, url: str) -> bool:
    """Whether the extension says true."""
    return extension_value(element, url) is True


def instant(value: object, path: str) -> datetime:
    """A FHIR instant, or a dateTime with a time, in UTC. Raises BadUpstreamData(path) without a zone."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadUpstreamData(path)


def maybe_instant(value: object, path: str) -> datetime | None:
    """The same, where nothing may be there at all."""
    return None if value is None else instant(value, path)


def written(moment: datetime) -> str:
    """An instant as FHIR writes it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def partial_date(value: object, path: str) -> PartialDate | None:
    """A FHIR date: a year, a year and month, or a day. Raises BadUpstreamData(path) otherwise."""
    if value is None:
        return None
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadUpstreamData(path)
    year, month, day = (None if part is None else int(part) for part in found.groups())
    try:
        return PartialDate(year=year or 0, month=month, day=day)
    except ValueError:
        raise BadUpstreamData(path) from None


def end_of_period(period: object) -> date | None:
    """The last day a period can mean; None when open. An end that cannot be read counts as ended long ago."""
    end = mapping(period).get("end")
    if end is None:
        return None
    try:
        found = partial_date(end[:10] if isinstance(end, str) else end, "Period.end")
    except BadUpstreamData:
        return date.min
    return None if found is None else found.latest()


def reference_id(reference: object, kind: str, *, only: bool = False) -> str | None:
    """The id of a local reference to this type (`Type/id`, `urn:uuid:…` of a Bundle); None otherwise.

    A `urn:uuid:` does not say its type: it counts when the reference declares it, or when the element
    can refer to nothing else (`only`).
    """
    target = mapping(reference).get("reference")
    if not isinstance(target, str):
        return None
    if target.startswith("urn:uuid:"):
        declared = mapping(reference).get("type")
        return target[9:] if declared == kind or (only and declared is None) else None
    found = _REFERENCE.fullmatch(target)
    return found[2] if found and found[1] == kind else None


def split_reference(target: str) -> tuple[str | None, str] | None:
    """Type and id of a local reference; no type for `urn:uuid:`; None for all other kinds."""
    if target.startswith("urn:uuid:"):
        return None, target[9:]
    found = _REFERENCE.fullmatch(target)
    return (found[1], found[2]) if found else None


def references(element: object) -> Iterator[str]:
    """Every reference of a resource, however deep, as written. Contained resources' own are included."""
    waiting = [element]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            target = here.get("reference")
            if isinstance(target, str):
                yield target
            waiting.extend(value for value in here.values() if isinstance(value, Mapping | list))
        elif isinstance(here, list):
            waiting.extend(here)


def subject_of(resource: Resource) -> PatientId | None:
    """Whose resource this is: itself for a Patient, else its subject, or the patient who takes part."""
    if resource.get("resourceType") == "Patient":
        return PatientId(id_of(resource, "Patient"))
    for name in ("subject", "patient", "for", "beneficiary"):
        found = reference_id(resource.get(name), "Patient", only=name in ("subject", "patient"))
        if found:
            return PatientId(found)
    actors = (reference_id(part.get("actor"), "Patient") for part in items(resource.get("participant")))
    return next((PatientId(actor) for actor in actors if actor), None)


_DATES = (
    "effectiveDateTime", "occurrenceDateTime", "performedDateTime", "onsetDateTime", "recordedDate",
    "authoredOn", "dateAsserted", "dateTime", "start", "date", "sent", "created", "issued", "birthDate",
)  # fmt: skip
_PERIODS = ("effectivePeriod", "occurrencePeriod", "performedPeriod", "onsetPeriod", "period")


def date_of(resource: Resource) -> datetime | None:
    """When it was, as a key to sort by (the earliest moment it can mean, UTC); None where nothing says."""
    for name in _DATES:
        if name in resource:
            return _earliest(resource[name])
    for name in _PERIODS:
        if name in resource:
            return _earliest(mapping(resource[name]).get("start"))
    return None


def _earliest(value: object) -> datetime | None:
    try:
        if isinstance(value, str) and "T" in value:
            return instant(value, "date")
        found = partial_date(value, "date")
    except BadUpstreamData:
        return None
    if found is None:
        return None
    day = found.earliest()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def code_of(resource: Resource) -> str | None:
    """`system|code` of what the resource is about, the first that has both; None for text alone."""
    for name in ("code", "vaccineCode", "medicationCodeableConcept", "type", "serviceType", "category"):
        for concept in items(resource.get(name)):
            for coding in items(concept.get("coding")):
                system, code = text(coding.get("system")), text(coding.get("code"))
                if system and code:
                    return f"{system}|{code}"
    return None

"""Organisations, sites, services, clinicians and schedules as FHIR resources, each after those it names."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from portal.domain.ids import OrganisationId, ServiceId, SiteId
from portal.domain.places import Service
from portal.fhir import healthcare_service, names
from portal.synthetic.identifiers import landline, stable_id
from portal.synthetic.places import (
    CARE,
    CLINICIANS,
    OFFERED,
    PLACES,
    POSTCODE,
    PRACTICES,
    SESSIONS,
    SYNTHETIC_TAG,
    Clinician,
    Place,
    Practice,
    organisation_id,
    practice_of,
    practitioner_id,
    service_id,
    site_id,
)

ScheduleKey = tuple[str, str, str | None]  # place, kind, clinician


def resources(seed: int) -> Iterator[dict[str, object]]:
    """Everything that slots and people refer to."""
    yield from (_organisation(seed, practice) for practice in PRACTICES)
    yield from (_location(seed, place) for place in PLACES)
    for place, kinds in OFFERED.items():
        yield from (healthcare_service.to_fhir(service(seed, place, kind)) for kind in kinds)
    yield from (_practitioner(seed, clinician) for clinician in CLINICIANS)
    for key in dict.fromkeys((each.place, each.kind, each.clinician) for each in SESSIONS):
        yield _schedule(seed, key)


def service(seed: int, place: str, kind: str) -> Service:
    """One kind of care at one site, with the site's own rule for booking it where it has one."""
    care, online = CARE[kind], OFFERED[place][kind]
    return Service(
        id=ServiceId(service_id(seed, place, kind)),
        organisation=OrganisationId(organisation_id(seed, practice_of(place))),
        site=SiteId(site_id(seed, place)),
        kind=kind,
        name=care.name,
        minutes=care.minutes,
        modes=care.modes,
        policy=care.policy if online is None else replace(care.policy, online=online),
        bring=care.bring,
    )


@cache
def schedule_id(seed: int, key: ScheduleKey) -> str:
    return stable_id(seed, "schedule", *key)


def _reference(kind: str, target: str) -> dict[str, object]:
    return {"reference": f"{kind}/{target}"}


def _organisation(seed: int, practice: Practice) -> dict[str, object]:
    return {
        "resourceType": "Organization",
        "id": organisation_id(seed, practice.key),
        "meta": {"tag": [SYNTHETIC_TAG]},
        "identifier": [{"system": names.ODS_SYSTEM, "value": practice.code}],
        "active": True,
        "name": practice.name,
        "telecom": [{"system": "phone", "value": landline(practice.line)}],
    }


def _location(seed: int, place: Place) -> dict[str, object]:
    return {
        "resourceType": "Location",
        "id": site_id(seed, place.key),
        "meta": {"tag": [SYNTHETIC_TAG]},
        "language": "en-GB",
        "extension": [
            {"url": names.LATE_PHONE, "valueString": landline(place.late_line)},
            {"url": names.DIRECTIONS, "valueString": place.directions},
            {"url": names.ACCESS_NOTES, "valueString": place.access_notes},
            {"url": names.STEP_FREE, "valueBoolean": place.step_free},
            {"url": names.TIME_ZONE, "valueCode": "Europe/London"},
        ],
        "status": "active",
        "name": place.name,
        "telecom": [{"system": "phone", "value": landline(place.line)}],
        "address": {"line": [place.street], "city": "Testtown", "postalCode": POSTCODE},
        "managingOrganization": _reference("Organization", organisation_id(seed, place.practice)),
    }


def _practitioner(seed: int, clinician: Clinician) -> dict[str, object]:
    organisation = _reference("Organization", organisation_id(seed, clinician.practice))
    return {
        "resourceType": "Practitioner",
        "id": practitioner_id(seed, clinician.key),
        "meta": {"tag": [SYNTHETIC_TAG]},
        "extension": [{"url": names.ORGANISATION, "valueReference": organisation}],
        "active": True,
        "name": [{"use": "usual", "given": clinician.given.split(), "family": clinician.family}],
        "gender": clinician.gender,
        "qualification": [{"code": {"text": clinician.role}}],
    }


def _schedule(seed: int, key: ScheduleKey) -> dict[str, object]:
    place, kind, clinician = key
    actors = [
        _reference("HealthcareService", service_id(seed, place, kind)),
        _reference("Location", site_id(seed, place)),
    ]
    if clinician is not None:
        actors.append(_reference("Practitioner", practitioner_id(seed, clinician)))
    return {
        "resourceType": "Schedule",
        "id": schedule_id(seed, key),
        "meta": {"tag": [SYNTHETIC_TAG]},
        "active": True,
        "actor": actors,
    }

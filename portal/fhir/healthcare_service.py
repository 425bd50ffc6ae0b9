"""FHIR HealthcareService to one kind of care at one site, both ways."""

import re
from collections.abc import Mapping

from portal.domain.appointments import Mode
from portal.domain.ids import OrganisationId, ServiceId, SiteId
from portal.domain.places import Service
from portal.errors import BadUpstreamData
from portal.fhir import channel, policy
from portal.fhir.names import (
    BOOKING_POLICY,
    CARE_KIND_SYSTEM,
    DELIVERY_CHANNEL,
    USUAL_MINUTES,
    WHAT_TO_BRING,
)
from portal.fhir.reading import (
    Resource,
    coded,
    extension_value,
    id_of,
    items,
    number,
    reference_id,
    text,
    words,
)

_USUAL_MINUTES = 10
_OWN = {BOOKING_POLICY, DELIVERY_CHANNEL, USUAL_MINUTES, WHAT_TO_BRING}


def from_fhir(resource: Resource) -> Service:
    """A service. Raises BadUpstreamData without an id, an organisation, a site or a name."""
    found = id_of(resource, "HealthcareService")
    organisation = reference_id(resource.get("providedBy"), "Organization")
    sites = (reference_id(each, "Location") for each in items(resource.get("location")))
    site = next((each for each in sites if each), None)
    kind, name = _kind(resource), text(resource.get("name")) or _type_words(resource)
    if organisation is None:
        raise BadUpstreamData("HealthcareService.providedBy")
    if site is None:
        raise BadUpstreamData("HealthcareService.location")
    if name is None:
        raise BadUpstreamData("HealthcareService.name")
    return Service(
        id=ServiceId(found),
        organisation=OrganisationId(organisation),
        site=SiteId(site),
        kind=kind or _slug(name) or found,
        name=name,
        minutes=_minutes(resource),
        modes=channel.modes(resource, "HealthcareService.extension:delivery-channel") or (Mode.IN_PERSON,),
        policy=policy.from_fhir(resource),
        bring=text(extension_value(resource, WHAT_TO_BRING)) or "",
        language=text(resource.get("language")) or "en-GB",
    )


def to_fhir(service: Service, base: Mapping[str, object] | None = None) -> dict[str, object]:
    """The resource. What `base` holds beyond the domain stays as it was."""
    kept = base or {}
    own: list[object] = [channel.extension(mode) for mode in service.modes]
    own.append({"url": USUAL_MINUTES, "valuePositiveInt": service.minutes})
    if service.bring:
        own.append({"url": WHAT_TO_BRING, "valueString": service.bring})
    own.append(policy.to_fhir(service.policy))
    return {
        "active": True,
        **kept,
        "resourceType": "HealthcareService",
        "id": service.id,
        "language": service.language,
        "extension": [each for each in items(kept.get("extension")) if each.get("url") not in _OWN] + own,
        "providedBy": {"reference": f"Organization/{service.organisation}"},
        "type": [{"coding": [{"system": CARE_KIND_SYSTEM, "code": service.kind}], "text": service.name}],
        "location": [{"reference": f"Location/{service.site}"}],
        "name": service.name,
    }


def _kind(resource: Resource) -> str | None:
    """The portal's code where the source has it, else the first code of the type."""
    types = list(items(resource.get("type")))
    ours = (coded(concept, CARE_KIND_SYSTEM) for concept in types)
    others = (text(coding.get("code")) for concept in types for coding in items(concept.get("coding")))
    return next((code for code in (*ours, *others) if code), None)


def _type_words(resource: Resource) -> str | None:
    return next((said for said in map(words, items(resource.get("type"))) if said), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _minutes(resource: Resource) -> int:
    value = extension_value(resource, USUAL_MINUTES)
    minutes = number(value)
    if value is not None and (minutes is None or not 0 < minutes <= 24 * 60):
        raise BadUpstreamData("HealthcareService.extension:usual-minutes")
    return minutes or _USUAL_MINUTES

"""FHIR Location to a site people go to. Notes stay in the practice's own words."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.domain.ids import OrganisationId, SiteId
from portal.domain.places import Site
from portal.errors import BadUpstreamData
from portal.fhir import human
from portal.fhir.names import ACCESS_NOTES, DIRECTIONS, LATE_PHONE, STEP_FREE, TIME_ZONE
from portal.fhir.reading import (
    Resource,
    extension_flag,
    extension_value,
    id_of,
    mapping,
    reference_id,
    text,
    texts,
)


def from_fhir(resource: Resource) -> Site:
    """A site. Raises BadUpstreamData without an id, a name or an organisation, or for a wrong time zone."""
    found = id_of(resource, "Location")
    name = text(resource.get("name"))
    organisation = reference_id(resource.get("managingOrganization"), "Organization")
    if name is None:
        raise BadUpstreamData("Location.name")
    if organisation is None:
        raise BadUpstreamData("Location.managingOrganization")
    return Site(
        id=SiteId(found),
        organisation=OrganisationId(organisation),
        name=name,
        address=_address(mapping(resource.get("address"))),
        phone=human.phone(resource),
        late_phone=text(extension_value(resource, LATE_PHONE)),
        directions=text(extension_value(resource, DIRECTIONS)) or "",
        access_notes=text(extension_value(resource, ACCESS_NOTES)) or "",
        step_free=extension_flag(resource, STEP_FREE),
        time_zone=_time_zone(extension_value(resource, TIME_ZONE)),
        language=text(resource.get("language")) or "en-GB",
    )


def _address(address: Resource) -> tuple[str, ...]:
    """The lines as they stand on a letter; the one-line text only where there is nothing else."""
    lines = texts(address.get("line"))
    lines += texts([address.get("city"), address.get("district"), address.get("postalCode")])
    return lines or texts(address.get("text"))


def _time_zone(value: object) -> str:
    if value is None:
        return "Europe/London"
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadUpstreamData("Location.extension:timezone") from None

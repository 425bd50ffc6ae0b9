"""FHIR Organization to domain."""

from portal.domain.ids import OrganisationId
from portal.domain.places import Organisation
from portal.errors import BadUpstreamData
from portal.fhir import human
from portal.fhir.names import ODS_SYSTEM
from portal.fhir.reading import Resource, id_of, items, text


def from_fhir(resource: Resource) -> Organisation:
    """An organisation. Raises BadUpstreamData without an id or a name."""
    found = id_of(resource, "Organization")
    name = text(resource.get("name"))
    if name is None:
        raise BadUpstreamData("Organization.name")
    return Organisation(
        id=OrganisationId(found), name=name, code=_code(resource) or found, phone=human.phone(resource)
    )


def _code(resource: Resource) -> str | None:
    """The ODS code, else the source's first identifier."""
    identifiers = sorted(items(resource.get("identifier")), key=lambda each: each.get("system") != ODS_SYSTEM)
    return next((code for code in (text(each.get("value")) for each in identifiers) if code), None)

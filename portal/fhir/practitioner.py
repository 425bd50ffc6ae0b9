"""FHIR Practitioner to a clinician people can choose."""

from portal.domain.ids import OrganisationId, PractitionerId
from portal.domain.people import ClinicianGender, Practitioner
from portal.fhir import human
from portal.fhir.names import ORGANISATION
from portal.fhir.reading import Resource, extension_value, id_of, items, reference_id, words


def from_fhir(resource: Resource) -> Practitioner:
    """A clinician; role in the source's words. Raises BadUpstreamData for a bad id."""
    organisation = reference_id(extension_value(resource, ORGANISATION), "Organization")
    roles = (words(each.get("code")) for each in items(resource.get("qualification")))
    return Practitioner(
        id=PractitionerId(id_of(resource, "Practitioner")),
        names=human.names(resource),
        role=next((role for role in roles if role), ""),
        gender=_gender(resource.get("gender")),
        organisation=OrganisationId(organisation) if organisation else None,
    )


def _gender(value: object) -> ClinicianGender:
    """Only a woman or a man can be asked for; whatever else the source says is UNKNOWN, never guessed."""
    try:
        return ClinicianGender(value)
    except ValueError:
        return ClinicianGender.UNKNOWN

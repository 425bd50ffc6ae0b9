"""FHIR Patient to domain. `gender` is not read: it decides nothing (S34)."""

from portal.domain.ids import OrganisationId, PatientId
from portal.domain.people import NHS_NUMBER_SYSTEM, NhsNumber, Patient, is_nhs_number
from portal.fhir import human
from portal.fhir.names import INTERPRETER_REQUIRED, NHS_COMMUNICATION
from portal.fhir.reading import (
    Resource,
    extension_flag,
    extension_value,
    extensions,
    id_of,
    items,
    mapping,
    partial_date,
    reference_id,
    text,
)


def from_fhir(resource: Resource) -> Patient:
    """A patient. Raises BadUpstreamData for a bad id or a birth date that is no date."""
    organisation = reference_id(resource.get("managingOrganization"), "Organization")
    return Patient(
        id=PatientId(id_of(resource, "Patient")),
        names=human.names(resource),
        nhs_number=_nhs_number(resource),
        birth_date=partial_date(resource.get("birthDate"), "Patient.birthDate"),
        died=resource.get("deceasedBoolean") is True or resource.get("deceasedDateTime") is not None,
        active=resource.get("active") is not False,
        organisation=OrganisationId(organisation) if organisation else None,
        language=_language(resource),
        interpreter_required=_interpreter(resource),
        phone=human.phone(resource),
    )


def _nhs_number(resource: Resource) -> NhsNumber | None:
    """One whose check digit is right. A wrong number is not shown, and does not shut its owner out."""
    for identifier in items(resource.get("identifier")):
        digits = (text(identifier.get("value")) or "").replace(" ", "")
        wanted = identifier.get("system") == NHS_NUMBER_SYSTEM and identifier.get("use") != "old"
        if wanted and is_nhs_number(digits):
            return NhsNumber(digits)
    return None


def _language(resource: Resource) -> str | None:
    """BCP 47: the preferred language, else the first, else UK Core's NHSCommunication."""
    spoken = sorted(items(resource.get("communication")), key=lambda each: each.get("preferred") is not True)
    for concept in [each.get("language") for each in spoken] + [
        extension_value(each, "language") for each in extensions(resource, NHS_COMMUNICATION)
    ]:
        for coding in items(mapping(concept).get("coding")):
            if code := text(coding.get("code")):
                return code
    return None


def _interpreter(resource: Resource) -> bool:
    told = (extension_flag(each, "interpreterRequired") for each in extensions(resource, NHS_COMMUNICATION))
    return extension_flag(resource, INTERPRETER_REQUIRED) or any(told)

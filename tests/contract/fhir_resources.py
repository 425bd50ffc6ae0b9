"""Domain values as the FHIR resources a server would hold, for tests. Sends nothing."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from portal.domain.appointments import Appointment, Slot
from portal.domain.people import NHS_NUMBER_SYSTEM, HumanName, Patient, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.fhir import appointment as fhir_appointment
from portal.fhir import channel, healthcare_service
from portal.fhir.names import (
    EMBARGOED,
    INTERPRETER_REQUIRED,
    ODS_SYSTEM,
    ORGANISATION,
    RELEASED_AT,
    STEP_FREE,
    TAG_SYSTEM,
    TIME_ZONE,
)
from portal.fhir.reading import written

Resource = dict[str, Any]


def resources(*values: Any) -> list[Resource]:
    """The resources of these values, each once; slots bring their schedules."""
    found: dict[tuple[str, str], Resource] = {}
    for value in values:
        for each in _resources(value):
            found[each["resourceType"], each["id"]] = each
    return list(found.values())


@singledispatch
def _resources(value: object) -> list[Resource]:
    raise TypeError(type(value))


@_resources.register
def _organisation(value: Organisation) -> list[Resource]:
    made = _made("Organization", value, identifier=[{"system": ODS_SYSTEM, "value": value.code}])
    made["name"] = value.name
    if value.phone:
        made["telecom"] = _phone(value.phone)
    return [made]


@_resources.register
def _site(value: Site) -> list[Resource]:
    made = _made("Location", value, name=value.name, language=value.language)
    made["managingOrganization"] = {"reference": f"Organization/{value.organisation}"}
    if value.address:
        made["address"] = {"line": list(value.address)}
    if value.phone:
        made["telecom"] = _phone(value.phone)
    made["extension"] = [
        {"url": STEP_FREE, "valueBoolean": value.step_free},
        {"url": TIME_ZONE, "valueCode": value.time_zone},
    ]
    return [made]


@_resources.register
def _service(value: Service) -> list[Resource]:
    return [healthcare_service.to_fhir(value)]


@_resources.register
def _practitioner(value: Practitioner) -> list[Resource]:
    made = _made("Practitioner", value, name=[_name(each) for each in value.names], gender=value.gender.value)
    if value.role:
        made["qualification"] = [{"code": {"text": value.role}}]
    if value.organisation:
        reference = {"reference": f"Organization/{value.organisation}"}
        made["extension"] = [{"url": ORGANISATION, "valueReference": reference}]
    return [made]


@_resources.register
def _patient(value: Patient) -> list[Resource]:
    made = _made("Patient", value, name=[_name(each) for each in value.names], active=value.active)
    if value.nhs_number:
        made["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": value.nhs_number.digits}]
    if value.birth_date:
        parts = (value.birth_date.year, value.birth_date.month, value.birth_date.day)
        made["birthDate"] = "-".join(f"{part:02}" for part in parts if part is not None)
    if value.died:
        made["deceasedBoolean"] = True
    if value.organisation:
        made["managingOrganization"] = {"reference": f"Organization/{value.organisation}"}
    if value.language:
        language = {"coding": [{"system": "urn:ietf:bcp:47", "code": value.language}]}
        made["communication"] = [{"language": language, "preferred": True}]
    if value.interpreter_required:
        made["extension"] = [{"url": INTERPRETER_REQUIRED, "valueBoolean": True}]
    if value.phone:
        made["telecom"] = _phone(value.phone)
    return [made]


@_resources.register
def _slot(value: Slot) -> list[Resource]:
    actors = [f"HealthcareService/{value.service}", f"Location/{value.site}"]
    if value.practitioner:
        actors.append(f"Practitioner/{value.practitioner}")
    schedule_id = f"{value.service}.{value.site}.{value.practitioner or 'nobody'}"
    schedule: Resource = {
        "resourceType": "Schedule",
        "id": schedule_id,
        "actor": [{"reference": each} for each in actors],
    }
    extensions = [channel.extension(value.mode)]
    made = _made("Slot", value, schedule={"reference": f"Schedule/{schedule_id}"}, extension=extensions)
    made |= {
        "status": value.status.value,
        "start": written(value.starts_at),
        "end": written(value.ends_at),
    }
    if value.released_at is not None:
        extensions.append({"url": RELEASED_AT, "valueInstant": written(value.released_at)})
        made["meta"] = {"tag": [{"system": TAG_SYSTEM, "code": EMBARGOED}]}
    return [schedule, made]


@_resources.register
def _appointment(value: Appointment) -> list[Resource]:
    return [fhir_appointment.to_fhir(value)]


def _made(kind: str, value: Any, **elements: Any) -> Resource:
    return {"resourceType": kind, "id": str(value.id), **elements}


def _phone(number: str) -> list[Mapping[str, str]]:
    return [{"system": "phone", "value": number}]


def _name(name: HumanName) -> Resource:
    made: Resource = {}
    if name.use:
        made["use"] = name.use.value
    if name.text:
        made["text"] = name.text
    if name.given:
        made["given"] = list(name.given)
    if name.family:
        made["family"] = name.family
    if name.ended_on:
        made["period"] = {"end": name.ended_on.isoformat()}
    return made

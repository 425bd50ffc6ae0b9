"""FHIR Schedule: whose times a row of slots are. Slots carry what it says."""

from dataclasses import dataclass

from portal.domain.appointments import Mode
from portal.domain.ids import PractitionerId, ServiceId, SiteId
from portal.errors import BadUpstreamData
from portal.fhir import channel
from portal.fhir.reading import Resource, id_of, items, reference_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One service at one site, with one clinician or none. `site` is None where the service says it."""

    id: str
    service: ServiceId
    site: SiteId | None = None
    practitioner: PractitionerId | None = None
    mode: Mode | None = None
    active: bool = True


def from_fhir(resource: Resource) -> Schedule:
    """A schedule. Raises BadUpstreamData without an id or a service (what its slots are for)."""
    found = id_of(resource, "Schedule")
    service = _actor(resource, "HealthcareService")
    if service is None:
        raise BadUpstreamData("Schedule.actor:HealthcareService")
    site, practitioner = _actor(resource, "Location"), _actor(resource, "Practitioner")
    modes = channel.modes(resource, "Schedule.extension:delivery-channel")
    return Schedule(
        id=found,
        service=ServiceId(service),
        site=SiteId(site) if site else None,
        practitioner=PractitionerId(practitioner) if practitioner else None,
        mode=modes[0] if len(modes) == 1 else None,
        active=resource.get("active") is not False,
    )


def of_slot(resource: Resource) -> str:
    """The id of the schedule a Slot belongs to. Raises BadUpstreamData without one."""
    found = reference_id(resource.get("schedule"), "Schedule", only=True)
    if found is None:
        raise BadUpstreamData("Slot.schedule")
    return found


def _actor(resource: Resource, kind: str) -> str | None:
    found = (reference_id(actor, kind) for actor in items(resource.get("actor")))
    return next((each for each in found if each), None)

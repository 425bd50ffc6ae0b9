"""FHIR Slot to a time somebody can be seen. Needs its Schedule, which says whose time it is."""

from portal.domain.appointments import Mode, Slot, SlotStatus
from portal.domain.ids import OrganisationId, SiteId, SlotId
from portal.errors import BadUpstreamData
from portal.fhir import channel
from portal.fhir.names import RELEASED_AT
from portal.fhir.reading import Resource, extension_value, id_of, instant, maybe_instant
from portal.fhir.schedule import Schedule


def from_fhir(
    resource: Resource,
    schedule: Schedule,
    organisation: OrganisationId,
    *,
    mode: Mode = Mode.IN_PERSON,
    site: SiteId | None = None,
) -> Slot:
    """A slot. `mode` and `site` are the service's, used where neither Slot nor Schedule says.

    Raises BadUpstreamData for an unknown status, a time without a zone, an end before the start, or no site.
    """
    found = id_of(resource, "Slot")
    place = schedule.site or site
    if place is None:
        raise BadUpstreamData("Schedule.actor:Location")
    said = channel.modes(resource, "Slot.extension:delivery-channel")
    starts_at, ends_at = (
        instant(resource.get("start"), "Slot.start"),
        instant(resource.get("end"), "Slot.end"),
    )
    if ends_at <= starts_at:
        raise BadUpstreamData("Slot.end")
    return Slot(
        id=SlotId(found),
        service=schedule.service,
        site=place,
        organisation=organisation,
        practitioner=schedule.practitioner,
        mode=said[0] if said else schedule.mode or mode,
        starts_at=starts_at,
        ends_at=ends_at,
        status=status_of(resource),
        released_at=maybe_instant(extension_value(resource, RELEASED_AT), "Slot.extension:released-at"),
    )


def status_of(resource: Resource) -> SlotStatus:
    """Raises BadUpstreamData for a status FHIR R4 does not have."""
    try:
        return SlotStatus(resource.get("status"))
    except ValueError:
        raise BadUpstreamData("Slot.status") from None


def with_status(resource: Resource, status: SlotStatus) -> dict[str, object]:
    """The whole resource as read, only its status changed."""
    return {**resource, "status": status.value}

"""Publishes slots on a FHIR server: each once, by an identifier made of whose time it is and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid5

from portal.adapters.fhir_r4.client import Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.slots import SlotReader
from portal.domain.appointments import Mode, Slot
from portal.domain.ids import OrganisationId, ServiceId
from portal.domain.places import Service
from portal.errors import CannotLoad, CannotSave, NotFound, SlotTaken
from portal.fhir import channel
from portal.fhir.names import EMBARGOED, RELEASED_AT, SCHEDULE_SYSTEM, SLOT_SYSTEM, TAG_SYSTEM
from portal.fhir.reading import written
from portal.ports.clinical import NewSlot

_SLOTS: Final = UUID("0f6b2f0c-53a7-5f0b-8f0e-0a1d6a0f6f5e")
_Time = tuple[str, datetime]
_Kind = tuple[datetime, str, Mode]  # what must be the same too: end, service and kind of visit


class Publisher:
    """Publishes slots of one organisation, within a pause of a change."""

    def __init__(
        self, reader: Reader, directory: FhirDirectory, slots: SlotReader, organisation: OrganisationId
    ) -> None:
        self._reader, self._directory, self._slots = reader, directory, slots
        self._organisation = organisation

    def publish(self, slots: Sequence[NewSlot]) -> int:
        """How many were made; the others are there already, the very same.

        Raises SlotTaken and NotFound before anything is written; CannotSave where some may have been made:
        publishing again makes the rest.
        """
        if not slots:
            return 0
        services = {each.service: self._service(each) for each in slots}
        self._know_practitioners(slots)
        there = self._there(slots)
        new: list[NewSlot] = []
        for each in slots:
            taken = there.setdefault(_time(each), set())
            if not taken:
                taken.add(_kind(each))
                new.append(each)
            elif _kind(each) not in taken:
                raise SlotTaken("another kind of slot")
        try:
            return self._write(new, services)
        except CannotLoad as error:
            raise CannotSave(error.detail) from error

    def _service(self, new: NewSlot) -> Service:
        found = self._directory.service(new.service)
        if found is None or found.organisation != self._organisation:
            raise NotFound("service")
        return found

    def _know_practitioners(self, slots: Sequence[NewSlot]) -> None:
        known = {
            each.id
            for each in self._directory.practitioners()
            if each.organisation in (None, self._organisation)
        }
        if not {each.practitioner for each in slots if each.practitioner} <= known:
            raise NotFound("practitioner")

    def _there(self, slots: Sequence[NewSlot]) -> dict[_Time, set[_Kind]]:
        """The times between first and last that are taken, even by a slot out of use, and by what kinds."""
        actors = [
            f"Practitioner/{each.practitioner}" if each.practitioner else f"HealthcareService/{each.service}"
            for each in slots
        ]
        schedules = self._slots.schedules(actors)
        first, last = min(each.starts_at for each in slots), max(each.starts_at for each in slots)
        there: dict[_Time, set[_Kind]] = {}
        for slot in self._slots.between(schedules, first, last + timedelta(seconds=1)):
            there.setdefault(_time(slot), set()).add(_kind(slot))
        return there

    def _write(self, slots: Sequence[NewSlot], services: Mapping[ServiceId, Service]) -> int:
        made = 0
        schedules: dict[tuple[str, str], str] = {}
        for each in slots:
            whose = (each.service, each.practitioner or "")
            if whose not in schedules:
                schedules[whose] = self._schedule(each, services[each.service])
            body = _slot(each, schedules[whose])
            answer = self._reader.conversation.create(body, once=_once(body))
            made += answer.status == 201
        return made

    def _schedule(self, new: NewSlot, service: Service) -> str:
        """The id of the schedule of these times: one that is there, else made once."""
        actors = [f"HealthcareService/{new.service}"]
        for each in self._slots.schedules(actors).values():
            if each.practitioner == new.practitioner and each.site in (None, service.site) and not each.mode:
                return each.id
        body = _schedule(new, service)
        answer = self._reader.conversation.create(body, once=_once(body))
        found = answer.resource.get("id")
        if not isinstance(found, str):
            raise CannotSave("schedule-without-id")
        return found


def _time(slot: NewSlot | Slot) -> _Time:
    return slot.practitioner or slot.service, slot.starts_at


def _kind(slot: NewSlot | Slot) -> _Kind:
    return slot.ends_at, slot.service, slot.mode


def _identifier(resource: Resource) -> tuple[str, str]:
    first = resource["identifier"][0]
    return first["system"], first["value"]


def _once(resource: Resource) -> str:
    system, value = _identifier(resource)
    return urlencode([("identifier", f"{system}|{value}")])


def _schedule(new: NewSlot, service: Service) -> Resource:
    actors = [f"HealthcareService/{new.service}", f"Location/{service.site}"]
    if new.practitioner:
        actors.append(f"Practitioner/{new.practitioner}")
    value = str(uuid5(_SLOTS, f"{new.service}|{new.practitioner or ''}"))
    return {
        "resourceType": "Schedule",
        "identifier": [{"system": SCHEDULE_SYSTEM, "value": value}],
        "active": True,
        "actor": [{"reference": each} for each in actors],
    }


def _slot(new: NewSlot, schedule: str) -> Resource:
    whose, when = _time(new)
    extensions = [channel.extension(new.mode)]
    made: Resource = {
        "resourceType": "Slot",
        "identifier": [{"system": SLOT_SYSTEM, "value": str(uuid5(_SLOTS, f"{whose}|{written(when)}"))}],
        "extension": extensions,
        "schedule": {"reference": f"Schedule/{schedule}"},
        "status": "free",
        "start": written(new.starts_at),
        "end": written(new.ends_at),
    }
    if new.released_at is not None:
        extensions.append({"url": RELEASED_AT, "valueInstant": written(new.released_at)})
        made["meta"] = {"tag": [{"system": TAG_SYSTEM, "code": EMBARGOED}]}
    return made

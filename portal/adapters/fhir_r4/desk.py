"""One organisation's lists on a FHIR server: its own sites only, and only what a list needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.adapters.fhir_r4.booking import Bookings
from portal.adapters.fhir_r4.client import Answer, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.publishing import Publisher
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.unit import PausingUnit
from portal.domain.appointments import (
    LIVE,
    Appointment,
    Author,
    Cancellation,
    CancelReason,
    Reason,
    Slot,
    SlotStatus,
)
from portal.domain.ids import AppointmentId, OrganisationId, PatientId, SiteId, SlotId
from portal.domain.people import Patient, shown_name
from portal.domain.places import Site
from portal.errors import AlreadyCancelled, CannotSave, ChangedMeanwhile, NotFound, OutcomeUnknown, RingUs
from portal.fhir import patient as fhir_patient
from portal.ports.clinical import DayRow, NewSlot, Seen
from portal.ports.remote_changes import Act, ChangeKind

_TOGETHER: Final = 60  # people named in one address


class FhirDesk:
    """Implements ports.clinical.SiteDesk."""

    def __init__(
        self,
        organisation: OrganisationId,
        reader: Reader,
        directory: FhirDirectory,
        bookings: Bookings,
        unit: PausingUnit,
    ) -> None:
        self._organisation = organisation
        self._reader, self._directory, self._bookings = reader, directory, bookings
        self._unit = unit

    def day(self, site: SiteId, on: date) -> Sequence[DayRow]:
        begins, ends = self._day_of(site, on)
        found = [
            each
            for each in self._visits([("location", f"Location/{site}"), *_around(begins, ends)])
            if each.status in LIVE and begins <= each.starts_at < ends and each.site == site
        ]
        return self._rows(sorted(found, key=lambda each: (each.starts_at, each.id)))

    def row(self, wanted: AppointmentId) -> DayRow:
        return self._rows([self._visit(wanted)[0]])[0]

    def slots(self, site: SiteId, on: date) -> Sequence[Slot]:
        begins, ends = self._day_of(site, on)
        here = [each for each in self._directory.services() if each.site == site]
        actors = [f"HealthcareService/{each.id}" for each in here] + [f"Location/{site}"]
        schedules = self._bookings.slots.schedules(actors)
        found = self._bookings.slots.between(schedules, begins, ends)
        return [each for each in found if each.site == site and each.organisation == self._organisation]

    def slot(self, wanted: SlotId) -> Slot:
        return self._slot(wanted)[0]

    def publish(self, slots: Sequence[NewSlot]) -> tuple[int, int]:
        self._unit.must_be_changing()
        publisher = Publisher(self._reader, self._directory, self._bookings.slots, self._organisation)
        with self._unit.pause():
            made = publisher.publish(slots)
        return made, len(slots) - made

    def hold(self) -> None:
        """Nothing is held: times are made once by what stands in them, whoever makes them first."""
        self._unit.must_be_changing()

    def withdraw(self, wanted: SlotId, *, seen: Seen | None, author: Author, at: datetime) -> DayRow | None:
        self._unit.must_be_changing()
        with self._unit.pause():
            slot, read = self._slot(wanted)
            booked = self._sitting(wanted)
            if booked is None and slot.status is SlotStatus.UNAVAILABLE:
                raise AlreadyCancelled(wanted)
            if seen != _seen(booked):
                raise ChangedMeanwhile(wanted)
            if booked is None and self._reader.in_slot(wanted):
                raise RingUs("hidden-visit")  # somebody sits there whom this desk may not see (S4)
            about = None if booked is None else booked[0]
            noted = self._bookings.note(ChangeKind.WITHDRAW, at, about, wanted, author)
            with self._bookings.certain(noted):
                gone = self._withdraw(
                    read, booked, Cancellation(at=at, by=author, reason=CancelReason.PRACTICE)
                )
            self._unit.if_it_fails(_cannot_undo)
        if gone is None:
            self._bookings.acknowledge(noted, AppointmentId(""), None, author)
            return None
        self._bookings.acknowledge(noted, gone.id, Act.CANCELLED, author)
        return self._rows([gone])[0]

    def _withdraw(
        self, read: Answer, booked: tuple[Appointment, Answer] | None, told: Cancellation
    ) -> Appointment | None:
        """The slot first: whoever books it at this moment then finds it gone."""
        closed = self._bookings.claims.close(read)
        if _seen(self._sitting(SlotId(str(read.resource["id"])))) != _seen(booked):
            self._bookings.claims.put_back(read, closed)
            raise ChangedMeanwhile("slot")
        if booked is None:
            return None
        try:
            return self._bookings.end(*booked, told, sequence=booked[0].sequence + 1)
        except OutcomeUnknown:
            raise
        except (ChangedMeanwhile, CannotSave):
            self._bookings.claims.put_back(read, closed)
            raise

    def _slot(self, wanted: SlotId) -> tuple[Slot, Answer]:
        found, read = self._bookings.slots.one(wanted)
        if found.organisation != self._organisation:
            raise NotFound("slot")
        return found, read

    def _sitting(self, wanted: SlotId) -> tuple[Appointment, Answer] | None:
        """The live visit in a slot, with the resource as read."""
        live = self._visits([("slot", f"Slot/{wanted}")])
        return next((self._visit(each.id) for each in live if each.live and each.slot == wanted), None)

    def _visits(self, params: Sequence[tuple[str, str]]) -> list[Appointment]:
        """Visits of this organisation. Whose they are is not known before; that they are ours is judged."""
        found = self._reader.conversation.search("Appointment", [*params, ("_count", "200")])
        seen = [each for each in map(self._reader.admit_for_desk, found) if each is not None]
        read = self._reader.understood(seen, self._bookings.visits.read)
        return [each for each in read if each.organisation == self._organisation]

    def _visit(self, wanted: AppointmentId) -> tuple[Appointment, Answer]:
        """One visit with its version. Raises NotFound for another organisation's and for those in error."""
        answer = self._reader.conversation.read("Appointment", wanted)
        local = self._reader.admit_for_desk(answer.resource)
        if local is None:
            raise NotFound("appointment")
        found = self._bookings.visits.read(local)
        if found.organisation != self._organisation or found.status.value == "entered-in-error":
            raise NotFound("appointment")
        return found, replace(answer, resource=local)

    def _day_of(self, wanted: SiteId, on: date) -> tuple[datetime, datetime]:
        """The local day's first and last instant: 23 or 25 hours long when the clocks change."""
        site: Site | None = self._directory.site(wanted)
        if site is None or site.organisation != self._organisation:
            raise NotFound("site")
        zone = ZoneInfo(site.time_zone)
        begins, ends = (
            datetime.combine(day, time.min, zone).astimezone(UTC) for day in (on, on + timedelta(days=1))
        )
        return begins, ends

    def _rows(self, visits: Sequence[Appointment]) -> list[DayRow]:
        people = self._people({each.patient for each in visits})
        return [_row(each, people.get(each.patient)) for each in self._bookings.visits.with_accounts(visits)]

    def _people(self, wanted: Iterable[PatientId]) -> Mapping[PatientId, Patient]:
        ids = sorted(wanted)
        found: list[Resource] = []
        for start in range(0, len(ids), _TOGETHER):
            part = ids[start : start + _TOGETHER]
            params = [("_id", ",".join(part)), ("_count", "200")]
            found += self._reader.many("Patient", params, frozenset(part))
        return {each.id: each for each in self._reader.understood(found, fhir_patient.from_fhir)}


def _row(found: Appointment, patient: Patient | None) -> DayRow:
    told = None if found.cancellation is None else replace(found.cancellation, words="")
    return DayRow(
        appointment=replace(found, reason=Reason.NOT_SAID, words="", cancellation=told),
        patient_name=shown_name(patient.names, found.starts_at.date()) if patient else "",
        patient_phone=patient.phone if patient else None,
        patient_language=patient.language if patient else None,
    )


def _seen(booked: tuple[Appointment, Answer] | None) -> Seen | None:
    return None if booked is None else (booked[0].id, booked[0].version)


def _around(begins: datetime, ends: datetime) -> list[tuple[str, str]]:
    first, last = begins.replace(microsecond=0), ends.replace(microsecond=0)
    return [("date", f"ge{first:%Y-%m-%dT%H:%M:%SZ}"), ("date", f"lt{last:%Y-%m-%dT%H:%M:%SZ}")]


def _cannot_undo(_: bool) -> None:
    raise OutcomeUnknown("cannot-undo")

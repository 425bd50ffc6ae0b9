"""One patient's care on a FHIR server. Every read passes this patient's gate; no method takes another."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Event
from typing import Final, TypeVar, cast
from uuid import uuid4

from portal.adapters.fhir_r4.booking import Bookings
from portal.adapters.fhir_r4.client import Answer, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.slots import Search
from portal.adapters.fhir_r4.trouble import ClosedRecord
from portal.adapters.fhir_r4.unit import PausingUnit
from portal.domain.appointments import (
    Appointment,
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    Slot,
    Status,
)
from portal.domain.ids import AppointmentId, PatientId, SlotId
from portal.domain.people import Patient
from portal.errors import (
    AlreadyCancelled,
    CannotSave,
    ChangedMeanwhile,
    KeyReused,
    OutcomeUnknown,
    StillWorking,
)
from portal.fhir import patient as fhir_patient
from portal.fhir.reading import items
from portal.ports.clinical import Booking, SlotPage, SlotSearch
from portal.ports.clock import Clock
from portal.ports.jobs import Leases
from portal.ports.remote_changes import Act, ChangeKind

_HELD_FOR: Final = timedelta(seconds=30)  # longer than any page lasts
_TRIES: Final = 160
_BETWEEN: Final = 0.05  # seconds
T = TypeVar("T")


class FhirChart:
    """Implements ports.clinical.PatientChart."""

    def __init__(
        self,
        opened_for: PatientId,
        reader: Reader,
        directory: FhirDirectory,
        bookings: Bookings,
        unit: PausingUnit,
        leases: Leases,
        clock: Clock,
    ) -> None:
        self._patient = opened_for
        self._reader, self._directory, self._bookings = reader, directory, bookings
        self._unit, self._leases, self._clock = unit, leases, clock

    def patient(self) -> Patient:
        return self._reader.once(("patient", self._patient), self._read_patient)

    def _read_patient(self) -> Patient:
        answer = self._reader.one("Patient", self._patient, {self._patient})
        if answer.resource.get("active") is False or _replaced(answer.resource):
            raise ClosedRecord("patient")
        return fhir_patient.from_fhir(answer.resource)

    def _checked(self, read: Callable[[], T]) -> T:
        """What is read, at once with a look whether this record is still the person's own (H2)."""
        found, _ = self._reader.conversation.together(read, self.patient)
        return cast(T, found)

    def unshown(self) -> int:
        return self._reader.unshown

    def appointments(self) -> Sequence[Appointment]:
        return self._checked(lambda: self._bookings.visits.of(self._patient))

    def live_appointments(self) -> Sequence[Appointment]:
        return [each for each in self.appointments() if each.live]

    def current_appointments(self, ends_after: datetime, cancelled_after: datetime) -> Sequence[Appointment]:
        return [
            each
            for each in self.appointments()
            if each.ends_at > ends_after or (each.cancellation and each.cancellation.at > cancelled_after)
        ]

    def appointment(self, wanted: AppointmentId) -> Appointment:
        return self._checked(lambda: self._one(wanted))[0]

    def _one(self, wanted: AppointmentId) -> tuple[Appointment, Answer]:
        return self._bookings.visits.one(self._patient, wanted)

    def find_slots(self, search: SlotSearch) -> SlotPage:
        return Search(self._reader, self._directory, self._bookings.slots, search, self._clock.now()).page()

    def slot(self, wanted: SlotId) -> Slot:
        return self._bookings.slots.one(wanted)[0]

    def hold(self) -> None:
        """A lease of this patient's until the change's end: requests of one person go one after another."""
        self._unit.must_be_changing()
        name = f"patient:{sha256(self._patient.encode()).hexdigest()[:32]}"
        holder = str(uuid4())
        with self._unit.pause():
            for _ in range(_TRIES):
                if self._leases.take(name, holder, self._clock.now(), _HELD_FOR):
                    break
                Event().wait(_BETWEEN)
            else:
                raise StillWorking("held")
            self._unit.at_the_end(lambda: self._leases.release(name, holder))
        self._reader.forget()

    def book(self, booking: Booking) -> Appointment:
        self._unit.must_be_changing()
        with self._unit.pause():
            self.patient()
            placed = self._bookings.place(self._patient, booking)
            if placed.new:
                self._unit.if_it_fails(lambda _: self._bookings.undo(placed.visit, booking.key))
        act = Act.BOOKED if placed.new else None
        self._bookings.acknowledge(booking.key, placed.visit.id, act, booking.author)
        return placed.visit

    def move(self, wanted: AppointmentId, *, version: int, booking: Booking) -> Appointment:
        self._unit.must_be_changing()
        with self._unit.pause():
            old, read = self._checked(lambda: self._one(wanted))
            before = self._bookings.before(booking.key, self._patient) if old.replaced_by else None
            if before is not None and old.replaced_by == before.id:  # the same form, sent again
                return before
            _must_be_open(old, version)
            made = self._bookings.place(self._patient, booking, moved_from=old).visit
            if made.replaces != wanted:
                raise KeyReused(made.id)
            self._end_moved(old, read, made, booking)
            freed = self._bookings.open_slot_of(old)
            self._unit.if_it_fails(_cannot_undo)
        self._bookings.acknowledge(None, old.id, Act.CANCELLED, booking.author)
        self._bookings.acknowledge(booking.key if freed else None, made.id, Act.BOOKED, booking.author)
        return made

    def _end_moved(self, old: Appointment, read: Answer, made: Appointment, booking: Booking) -> None:
        """Let the old time go; the new one too where the old one cannot be let go."""
        told = Cancellation(at=booking.at, by=booking.author, reason=CancelReason.CHANGED)
        try:
            self._bookings.end(old, read, told, sequence=old.sequence, replaced_by=made.id)
        except OutcomeUnknown:
            raise
        except (ChangedMeanwhile, CannotSave):
            self._bookings.undo(made, booking.key)
            raise

    def cancel(
        self,
        wanted: AppointmentId,
        *,
        version: int,
        author: Author,
        at: datetime,
        reason: CancelReason,
        words: str,
    ) -> Appointment:
        self._unit.must_be_changing()
        told = Cancellation(at=at, by=author, reason=reason, words=words)
        with self._unit.pause():
            old, read = self._checked(lambda: self._one(wanted))
            _must_be_open(old, version)
            noted = self._bookings.note(ChangeKind.CANCEL, at, old, old.slot, author)
            with self._bookings.certain(noted):
                gone = self._bookings.end(old, read, told, sequence=old.sequence + 1)
            freed = self._bookings.open_slot_of(old)
            self._unit.if_it_fails(_cannot_undo)
        self._bookings.acknowledge(noted if freed else None, gone.id, Act.CANCELLED, author)
        return gone

    def cannot_come(self, wanted: AppointmentId, *, version: int, at: datetime) -> Appointment:
        self._unit.must_be_changing()
        with self._unit.pause():
            old, read = self._checked(lambda: self._one(wanted))
            if old.cannot_come_at is not None and old.live:  # said twice is said once
                return old
            _must_be_open(old, version)
            author = Author(kind=AuthorKind.PATIENT)
            noted = self._bookings.note(ChangeKind.CANNOT_COME, at, old, old.slot, author)
            with self._bookings.certain(noted):
                said = self._bookings.visits.change(read, replace(old, cannot_come_at=at))
            self._unit.if_it_fails(_cannot_undo)
        self._bookings.acknowledge(noted, said.id, None, author)
        return said


def _must_be_open(old: Appointment, version: int) -> None:
    if old.status is Status.CANCELLED:
        raise AlreadyCancelled(old.id)
    if old.version != version or not old.live:
        raise ChangedMeanwhile(old.id)


def _cannot_undo(_: bool) -> None:
    raise OutcomeUnknown("cannot-undo")


def _replaced(resource: Resource) -> bool:
    """Whether the record was merged into another."""
    return any(link.get("type") == "replaced-by" for link in items(resource.get("link")))

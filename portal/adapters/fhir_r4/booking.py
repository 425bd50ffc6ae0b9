"""Claim, then book: one appointment a slot, whatever is lost on the way (docs/adr/0070). Opens no door.

Every step is called within a pause of the change: no transaction of ours is open while the server is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from portal.adapters.fhir_r4.claims import Claims, Mode, Uncertain
from portal.adapters.fhir_r4.client import Answer, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader, subjects_of
from portal.adapters.fhir_r4.slots import SlotReader
from portal.adapters.fhir_r4.trouble import Clash
from portal.adapters.fhir_r4.unit import PausingUnit
from portal.adapters.fhir_r4.visits import NEW, Visits
from portal.domain.appointments import Appointment, Author, Cancellation, Slot, SlotStatus, Status
from portal.domain.ids import AppointmentId, AttemptKey, PatientId, SlotId
from portal.errors import (
    CannotSave,
    NotFound,
    OutcomeUnknown,
    PortalError,
    RingUs,
    SlotNotBookable,
    SlotTaken,
    StillWorking,
)
from portal.ports.clinical import Booking
from portal.ports.remote_changes import Act, ChangeKind, RemoteChange, RemoteChanges

_UNSURE: Final = (OutcomeUnknown, Uncertain)  # all other troubles are certain to have changed nothing


@dataclass(frozen=True, slots=True)
class Placed:
    """A visit, and whether it was made just now: what an old key gives is never undone."""

    visit: Appointment
    new: bool


class Bookings:
    """Makes, ends and undoes appointments of one server, and keeps notes of what it is about to ask for."""

    def __init__(
        self,
        reader: Reader,
        directory: FhirDirectory,
        unit: PausingUnit,
        changes: RemoteChanges,
        mode: Callable[[], Mode],
    ) -> None:
        self._reader, self._directory = reader, directory
        self._unit, self._changes, self._mode = unit, changes, mode
        self.slots = SlotReader(reader, directory)
        self.visits = Visits(reader, directory, changes)
        self.claims = Claims(reader, mode)

    def place(self, patient: PatientId, booking: Booking, *, moved_from: Appointment | None = None) -> Placed:
        """Book, or give what this key booked before. Within a pause; the note of it is left to `acknowledge`.

        Raises SlotTaken, SlotNotBookable, NotFound, RingUs, StillWorking, CannotSave, OutcomeUnknown.
        """
        if self._mode() is Mode.OFF:
            raise RingUs("booking-off")
        before, read, sitting = self._reader.conversation.together(
            lambda: self.visits.with_key(booking.key),
            lambda: self._free(booking.slot),
            lambda: bool(self._reader.in_slot(booking.slot)),
        )
        if before is not None:
            assert isinstance(before, dict)
            return Placed(self._given(before, patient), new=False)
        if not isinstance(read, Answer):
            raise NotFound("slot")
        slot = self._judged(read, bool(sitting), booking)
        self._note(patient, booking, moved_from)
        try:
            return self._claim_and_make(patient, booking, slot, read, moved_from)
        except _UNSURE:
            raise  # the note stays: the job settles it
        except PortalError:
            self.forget(booking.key)
            raise

    def _free(self, wanted: SlotId) -> Answer | None:
        try:
            return self.slots.raw(wanted)
        except NotFound:
            return None

    def _given(self, before: Resource, patient: PatientId) -> Appointment:
        """What the key made before, for its own person. Somebody else's key gives nothing of theirs."""
        if patient not in subjects_of(before):
            raise SlotTaken("key-of-another")
        local = self._reader.admit(before, {patient})
        if local is None:
            raise NotFound("appointment")
        return self.visits.with_accounts([self.visits.read(local)])[0]

    def _judged(self, read: Answer, sitting: bool, booking: Booking) -> Slot:
        slot, _ = self.slots.read(read)
        if slot.status is not SlotStatus.FREE or sitting:
            raise SlotTaken(slot.id)
        held_back = slot.released_at is not None and slot.released_at > booking.at
        if slot.starts_at <= booking.at or held_back:
            raise SlotNotBookable("embargo" if held_back else "time")
        return slot

    def _note(self, patient: PatientId, booking: Booking, moved_from: Appointment | None) -> None:
        change = RemoteChange(
            id=booking.key,
            kind=ChangeKind.BOOK if moved_from is None else ChangeKind.MOVE,
            at=booking.at,
            patient=patient,
            account=booking.author.account,
            attempt=self._unit.attempt,
            slot=booking.slot,
            appointment=None if moved_from is None else moved_from.id,
        )
        with self._unit.apart():
            if not self._changes.note(change):
                raise StillWorking("noted")

    def _claim_and_make(
        self, patient: PatientId, booking: Booking, slot: Slot, read: Answer, moved_from: Appointment | None
    ) -> Placed:
        held = self.claims.claim(read, booking.key)
        wanted = self._wanted(patient, booking, slot, moved_from)
        try:
            found = self.visits.create(wanted, booking.key)
        except Clash as error:  # a server that keeps its slots itself says that it is taken
            self._give_back(held, SlotTaken(slot.id), error)
        except OutcomeUnknown:
            raise
        except CannotSave as error:
            self._give_back(held, error, error)
        try:
            made = self._given(found, patient)
        except PortalError as error:  # what was asked for was made, or something stranger
            raise OutcomeUnknown(error.detail) from error
        if made.slot != slot.id or not made.live:  # an old key
            self._give_back(held, None)
            return Placed(made, new=False)
        return Placed(replace(made, booked_by=booking.author), new=True)

    def _give_back(
        self, held: Answer | None, told: PortalError | None, cause: Exception | None = None
    ) -> None:
        if not self.claims.give_back(held):
            raise Uncertain("slot-not-opened") from cause
        if told is not None:
            raise told from cause

    def _wanted(
        self, patient: PatientId, booking: Booking, slot: Slot, moved_from: Appointment | None
    ) -> Appointment:
        service = self._directory.service(slot.service)
        name = service.name if service else ""
        return booking.appointment(NEW, patient, slot, description=name, moved_from=moved_from)

    def end(
        self,
        old: Appointment,
        read: Answer,
        told: Cancellation,
        *,
        sequence: int,
        replaced_by: AppointmentId | None = None,
    ) -> Appointment:
        """Cancel what was read, then open its slot. Within a pause.

        Raises ChangedMeanwhile, CannotSave (certainly not cancelled), OutcomeUnknown.
        """
        wanted = replace(
            old, status=Status.CANCELLED, cancellation=told, sequence=sequence, replaced_by=replaced_by
        )
        return self.visits.change(read, wanted)

    def undo(self, made: Appointment, key: str) -> None:
        """Take back a booking whose change failed. Raises OutcomeUnknown where that is not certain."""
        if not self.visits.undo(made) or (made.slot and not self.claims.release(made.slot, key=key)):
            raise OutcomeUnknown("not-undone")
        self.forget(key)

    def before(self, key: AttemptKey, patient: PatientId) -> Appointment | None:
        """What a key has made for this person."""
        found = self.visits.with_key(key)
        return None if found is None else self._given(found, patient)

    def open_slot_of(self, ended: Appointment) -> bool:
        """Open the slot of a visit that has ended, unless another sits in it; whether that is certain."""
        return ended.slot is None or self.claims.release(ended.slot, key=None)

    def note(
        self, kind: ChangeKind, at: datetime, about: Appointment | None, slot: SlotId | None, author: Author
    ) -> str:
        """Note a change that needs no key of its own; its id."""
        change = RemoteChange(
            id=str(uuid4()),
            kind=kind,
            at=at,
            patient=None if about is None else about.patient,
            account=author.account or self._unit.account,
            attempt=self._unit.attempt,
            slot=slot,
            appointment=None if about is None else about.id,
        )
        with self._unit.apart():
            self._changes.note(change)
        return change.id

    @contextmanager
    def certain(self, noted: str) -> Iterator[None]:
        """Within, a trouble that is certain to have changed nothing takes the note away."""
        try:
            yield
        except _UNSURE:
            raise
        except PortalError:
            self.forget(noted)
            raise

    def forget(self, wanted: str) -> None:
        """Take a note away in a transaction of its own: it is certain that nothing was changed."""
        with self._unit.apart():
            self._changes.forget(wanted)

    def acknowledge(self, noted: str | None, visit: AppointmentId, act: Act | None, author: Author) -> None:
        """Within the change, after the pause: the note goes (None: it stays), and who did it is kept."""
        if act is not None and author.account is not None:
            self._changes.note_act(visit, act, author.account)
        if noted is not None:
            self._changes.forget(noted)

"""One patient's care in SQL. The patient stands in every condition; no method takes another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, or_, select, true, update

from portal.adapters.sql import booking as bookings
from portal.adapters.sql import slot_search
from portal.adapters.sql.directory import SqlDirectory
from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_appointments import APPOINTMENT_COLUMNS, SLOT_COLUMNS, appointment_of, slot_of
from portal.adapters.sql.rows_places import patient_of
from portal.adapters.sql.tables_clinical import appointment, patient, service, slot
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import (
    LIVE,
    Appointment,
    Author,
    Cancellation,
    CancelReason,
    Slot,
    SlotStatus,
    Status,
)
from portal.domain.ids import AppointmentId, PatientId, SlotId
from portal.domain.people import Patient
from portal.errors import AlreadyCancelled, ChangedMeanwhile, KeyReused, NotFound
from portal.ports.clinical import Booking, SlotPage, SlotSearch
from portal.ports.clock import Clock

_PATIENT = Query(select(patient).where(patient.c.id == bindparam("patient")))
# No key changes, so an import that only names the patient need not wait.
_HOLD = select(patient.c.id).where(patient.c.id == bindparam("patient")).with_for_update(key_share=True)
_APPOINTMENTS = Query(
    select(*APPOINTMENT_COLUMNS)
    .where(appointment.c.patient_id == bindparam("patient"), appointment.c.status != Status.ERROR)
    .order_by(appointment.c.starts_at, appointment.c.id)
)
_LIVE = Query(
    select(*APPOINTMENT_COLUMNS)
    .where(
        appointment.c.patient_id == bindparam("patient"),
        appointment.c.status.in_(sorted(LIVE, key=lambda status: status.value)),
    )
    .order_by(appointment.c.starts_at, appointment.c.id)
)
_CURRENT = Query(
    select(*APPOINTMENT_COLUMNS)
    .where(
        appointment.c.patient_id == bindparam("patient"),
        appointment.c.status != Status.ERROR,
        or_(
            appointment.c.ends_at > bindparam("ends_after"),
            appointment.c.cancelled_at > bindparam("cancelled_after"),
        ),
    )
    .order_by(appointment.c.starts_at, appointment.c.id)
)
_SLOT = Query(
    select(*SLOT_COLUMNS, service.c.released_before)
    .outerjoin_from(slot, service, service.c.id == slot.c.service_id)
    .where(slot.c.id == bindparam("wanted"), slot.c.status != SlotStatus.ERROR)
)
_CANNOT_COME = (
    update(appointment)
    .where(
        appointment.c.id == bindparam("wanted"),
        appointment.c.patient_id == bindparam("patient"),
        appointment.c.version == bindparam("expected"),
    )
    .values(
        cannot_come_at=bindparam("at", type_=appointment.c.cannot_come_at.type),
        version=appointment.c.version + 1,
        touched=true(),
    )
)


class SqlChart:
    """Implements ports.clinical.PatientChart."""

    def __init__(self, unit: SqlUnit, clock: Clock, opened_for: PatientId) -> None:
        self._unit = unit
        self._clock = clock
        self._patient = opened_for

    def patient(self) -> Patient:
        return self._unit.once(("patient", self._patient), self._read_patient)

    def _read_patient(self) -> Patient:
        row = _PATIENT.first(self._unit.reader, {"patient": self._patient})
        if row is None:
            raise NotFound("patient")
        return patient_of(row)

    def appointments(self) -> Sequence[Appointment]:
        rows = _APPOINTMENTS.all(self._unit.reader, {"patient": self._patient})
        return [appointment_of(row) for row in rows]

    def live_appointments(self) -> Sequence[Appointment]:
        return self._unit.once(("live", self._patient), self._read_live)

    def _read_live(self) -> Sequence[Appointment]:
        rows = _LIVE.all(self._unit.reader, {"patient": self._patient})
        return [appointment_of(row) for row in rows]

    def current_appointments(self, ends_after: datetime, cancelled_after: datetime) -> Sequence[Appointment]:
        which = {
            "patient": self._patient,
            "ends_after": ends_after,
            "cancelled_after": cancelled_after,
        }
        return [appointment_of(row) for row in _CURRENT.all(self._unit.reader, which)]

    def appointment(self, wanted: AppointmentId) -> Appointment:
        found = bookings.mine(self._unit.reader, self._patient, wanted)
        if found is None:
            raise NotFound("appointment")
        return found

    def unshown(self) -> int:
        return 0  # what cannot be understood is refused at import

    def find_slots(self, search: SlotSearch) -> SlotPage:
        return slot_search.find(
            self._unit.reader, search, self._clock.now(), SqlDirectory(self._unit).known()
        )

    def slot(self, wanted: SlotId) -> Slot:
        row = _SLOT.first(self._unit.reader, {"wanted": wanted})
        if row is None:
            raise NotFound("slot")
        return slot_of(row, row.released_before)

    def hold(self) -> None:
        if not self._unit.database.sqlite:  # SQLite has one writer at a time
            self._unit.writer.execute(_HOLD, {"patient": self._patient})

    def book(self, booking: Booking) -> Appointment:
        return bookings.place(self._unit.writer, self._patient, booking)

    def move(self, wanted: AppointmentId, *, version: int, booking: Booking) -> Appointment:
        old = self.appointment(wanted)
        new = bookings.appointment_id(booking.key)
        if old.replaced_by == new:  # the same form, sent again
            return self.appointment(new)
        _must_be_open(old, version)
        made = bookings.place(self._unit.writer, self._patient, booking, moved_from=old)
        if made.replaces != wanted:
            raise KeyReused(made.id)
        if self.appointment(wanted).replaced_by == made.id:  # the same form won meanwhile
            return made
        told = Cancellation(at=booking.at, by=booking.author, reason=CancelReason.CHANGED)
        bookings.cancel(self._unit.writer, old, told, sequence=old.sequence, replaced_by=made.id)
        return made

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
        old = self.appointment(wanted)
        _must_be_open(old, version)
        told = Cancellation(at=at, by=author, reason=reason, words=words)
        return bookings.cancel(self._unit.writer, old, told, sequence=old.sequence + 1)

    def cannot_come(self, wanted: AppointmentId, *, version: int, at: datetime) -> Appointment:
        old = self.appointment(wanted)
        if old.cannot_come_at is not None and old.live:  # said twice is said once
            return old
        _must_be_open(old, version)
        which = {"wanted": wanted, "patient": self._patient, "expected": version}
        if self._unit.writer.execute(_CANNOT_COME, which | {"at": at}).rowcount != 1:
            raise ChangedMeanwhile(wanted)
        return replace(old, cannot_come_at=at, version=version + 1)


def _must_be_open(old: Appointment, version: int) -> None:
    if old.status is Status.CANCELLED:
        raise AlreadyCancelled(old.id)
    if old.version != version or not old.live:
        raise ChangedMeanwhile(old.id)

"""Claims, frees and cancels: what keeps one slot from two people. Called inside a change; knows no grant."""

from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, or_, select, true, update

from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_appointments import (
    APPOINTMENT_COLUMNS,
    SLOT_COLUMNS,
    appointment_of,
    appointment_values,
    cancellation_values,
    opens_at,
    slot_of,
)
from portal.adapters.sql.tables_clinical import appointment, service, slot
from portal.adapters.sql.upsert import upsert_query
from portal.domain.appointments import LIVE, Appointment, Cancellation, SlotStatus, Status
from portal.domain.ids import AppointmentId, AttemptKey, PatientId, SlotId
from portal.errors import AlreadyCancelled, ChangedMeanwhile, NotFound, SlotNotBookable, SlotTaken
from portal.ports.clinical import Booking

_APPOINTMENTS = UUID("6a1c0f4e-7d1b-5b52-9a55-3f0c9d1f7a10")

_service_of_slot = select(service).where(service.c.id == slot.c.service_id)
_NAME = _service_of_slot.with_only_columns(service.c.name).scalar_subquery().label("service_name")
_EMBARGO = (
    _service_of_slot.with_only_columns(service.c.released_before).scalar_subquery().label("released_before")
)
_CLAIM = Query(
    update(slot)
    .where(
        slot.c.id == bindparam("wanted"),
        slot.c.status == SlotStatus.FREE,
        slot.c.starts_at > bindparam("at"),
        or_(slot.c.released_at.is_(None), slot.c.released_at <= bindparam("at")),
    )
    .values(status=SlotStatus.BUSY, touched=true())
    .returning(*SLOT_COLUMNS, _NAME, _EMBARGO)
)
_FREE = Query(
    update(slot)
    .where(slot.c.id == bindparam("wanted"), slot.c.status == SlotStatus.BUSY)
    .values(status=SlotStatus.FREE, touched=true())
)
_HOLD = select(slot.c.id).where(slot.c.id == bindparam("wanted")).with_for_update()
_STATUS = select(slot.c.status).where(slot.c.id == bindparam("wanted"))
# Not an exception: on PostgreSQL that would end the transaction of whoever asks.
_PLACE = upsert_query(appointment, lambda insert: insert.on_conflict_do_nothing())
_MINE = Query(
    select(*APPOINTMENT_COLUMNS).where(
        appointment.c.id == bindparam("wanted"), appointment.c.patient_id == bindparam("patient")
    )
)
_CANCEL = Query(
    update(appointment)
    .where(
        appointment.c.id == bindparam("wanted"),
        appointment.c.patient_id == bindparam("patient"),
        appointment.c.version == bindparam("expected"),
        appointment.c.status.in_(sorted(LIVE, key=lambda status: status.value)),
    )
    .values(
        status=Status.CANCELLED,
        touched=true(),
        **{
            name: bindparam(f"new_{name}", type_=appointment.c[name].type)
            for name in (
                "cancelled_at",
                "cancelled_by_kind",
                "cancelled_by_account",
                "cancel_reason",
                "cancel_words",
                "replaced_by",
                "sequence",
                "version",
            )
        },
    )
)


def appointment_id(key: AttemptKey) -> AppointmentId:
    """The id of what a key books: the same key can only ever make one appointment."""
    return AppointmentId(str(uuid5(_APPOINTMENTS, key)))


def mine(connection: Connection, patient: PatientId, wanted: AppointmentId) -> Appointment | None:
    """One appointment, if it is this patient's and not marked as an error."""
    row = _MINE.first(connection, {"wanted": wanted, "patient": patient})
    return None if row is None or row.status is Status.ERROR else appointment_of(row)


def place(
    connection: Connection,
    patient: PatientId,
    booking: Booking,
    *,
    moved_from: Appointment | None = None,
) -> Appointment:
    """Claim the slot, then write the appointment. The same key gives what it gave before.

    Raises SlotTaken, SlotNotBookable, NotFound.
    """
    wanted = appointment_id(booking.key)
    rows = _CLAIM.all(connection, {"wanted": booking.slot, "at": booking.at})
    if not rows:
        return mine(connection, patient, wanted) or _refuse(connection, booking.slot)
    row = rows[0]
    opens = opens_at(row.starts_at, row.released_at, row.released_before)
    if opens is not None and opens > booking.at:
        free(connection, booking.slot)
        raise SlotNotBookable("embargo")
    made = booking.appointment(
        wanted, patient, slot_of(row), description=row.service_name or "", moved_from=moved_from
    )
    values = appointment_values(made) | {"booking_key": booking.key, "touched": True}
    if _PLACE.run(connection, values) == 1:
        return made
    return _already(connection, patient, wanted, booking.slot)


def cancel(
    connection: Connection,
    old: Appointment,
    told: Cancellation,
    *,
    sequence: int,
    replaced_by: AppointmentId | None = None,
) -> Appointment:
    """Cancel what was read before and free its slot. Raises AlreadyCancelled, ChangedMeanwhile."""
    if old.status is Status.CANCELLED:
        raise AlreadyCancelled(old.id)
    if old.slot is not None:
        _hold(connection, old.slot)
    cancelled = replace(
        old,
        status=Status.CANCELLED,
        cancellation=told,
        replaced_by=replaced_by,
        sequence=sequence,
        version=old.version + 1,
    )
    values = cancellation_values(told) | {
        "replaced_by": replaced_by,
        "sequence": sequence,
        "version": cancelled.version,
    }
    which = {"wanted": old.id, "patient": old.patient, "expected": old.version}
    values = {f"new_{name}": value for name, value in values.items()}
    if _CANCEL.run(connection, which | values) != 1:
        raise ChangedMeanwhile(old.id)
    if old.slot is not None:
        free(connection, old.slot)
    return cancelled


def free(connection: Connection, wanted: SlotId) -> None:
    """Open a busy slot again; one that was taken out of use stays so."""
    _FREE.run(connection, {"wanted": wanted})


def _hold(connection: Connection, wanted: SlotId) -> None:
    """Wait for the slot before its appointment, as booking and withdrawing do: one order, no deadlock.

    SQLite has one writer at a time, who need not wait for anybody.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_HOLD, {"wanted": wanted})


def _already(
    connection: Connection, patient: PatientId, wanted: AppointmentId, claimed: SlotId
) -> Appointment:
    """The claim went through but the appointment did not: an old key, or a slot that only looked free."""
    before = mine(connection, patient, wanted)
    if before is None:
        raise SlotTaken(claimed)
    if before.slot != claimed or not before.live:
        free(connection, claimed)
    return before


def _refuse(connection: Connection, wanted: SlotId) -> Appointment:
    status = connection.execute(_STATUS, {"wanted": wanted}).scalar()
    if status is None or status is SlotStatus.ERROR:
        raise NotFound("slot")
    if status is not SlotStatus.FREE:
        raise SlotTaken(wanted)
    raise SlotNotBookable("time")

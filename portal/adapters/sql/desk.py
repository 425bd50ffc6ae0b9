"""One organisation's lists in SQL. The organisation is in every condition; only what a list needs is read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, true, update

from portal.adapters.sql import booking as bookings
from portal.adapters.sql.directory import SqlDirectory
from portal.adapters.sql.published import Publisher
from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_appointments import (
    SLOT_COLUMNS,
    STAFF_COLUMNS,
    appointment_for_staff,
    slot_of,
)
from portal.adapters.sql.rows_places import AnyRow, names_of
from portal.adapters.sql.tables_clinical import appointment, organisation, patient, service, slot
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import LIVE, Author, Cancellation, CancelReason, Slot, SlotStatus, Status
from portal.domain.ids import AppointmentId, OrganisationId, SiteId, SlotId
from portal.domain.people import shown_name
from portal.errors import AlreadyCancelled, ChangedMeanwhile, NotFound
from portal.ports.clinical import DayRow, NewSlot, Seen

_LIVE = appointment.c.status.in_(sorted(LIVE, key=lambda status: status.value))
_ROWS = (
    select(*STAFF_COLUMNS, patient.c.names, patient.c.phone, patient.c.language)
    .outerjoin_from(appointment, patient, patient.c.id == appointment.c.patient_id)
    .where(appointment.c.organisation_id == bindparam("organisation"))
)
_DAY = Query(
    _ROWS.where(
        appointment.c.site_id == bindparam("site"),
        appointment.c.starts_at >= bindparam("begins"),
        appointment.c.starts_at < bindparam("ends"),
        _LIVE,
    ).order_by(appointment.c.starts_at, appointment.c.id)
)
_ROW = Query(_ROWS.where(appointment.c.id == bindparam("wanted"), appointment.c.status != Status.ERROR))
_ON_SLOT = _ROWS.where(appointment.c.slot_id == bindparam("wanted"), _LIVE)
_SLOTS = (
    select(*SLOT_COLUMNS, service.c.released_before)
    .outerjoin_from(slot, service, service.c.id == slot.c.service_id)
    .where(slot.c.organisation_id == bindparam("organisation"), slot.c.status != SlotStatus.ERROR)
)
_SLOTS_OF_DAY = Query(
    _SLOTS.where(
        slot.c.site_id == bindparam("site"),
        slot.c.starts_at >= bindparam("begins"),
        slot.c.starts_at < bindparam("ends"),
    ).order_by(slot.c.starts_at, slot.c.id)
)
_SLOT = Query(_SLOTS.where(slot.c.id == bindparam("wanted")))
_WITHDRAW = (
    update(slot)
    .where(
        slot.c.id == bindparam("wanted"),
        slot.c.organisation_id == bindparam("organisation"),
        slot.c.status.not_in((SlotStatus.ERROR, SlotStatus.UNAVAILABLE)),
    )
    .values(status=SlotStatus.UNAVAILABLE, touched=true())
)
_HOLD = select(organisation.c.id).where(organisation.c.id == bindparam("organisation")).with_for_update()


class SqlDesk:
    """Implements ports.clinical.SiteDesk."""

    def __init__(self, unit: SqlUnit, organisation: OrganisationId) -> None:
        self._unit = unit
        self._organisation = organisation

    def day(self, site: SiteId, on: date) -> Sequence[DayRow]:
        rows = _DAY.all(self._unit.reader, self._day_of(site, on))
        return [_day_row(row) for row in rows]

    def row(self, wanted: AppointmentId) -> DayRow:
        row = _ROW.first(self._unit.reader, self._mine(wanted))
        if row is None:
            raise NotFound("appointment")
        return _day_row(row)

    def slots(self, site: SiteId, on: date) -> Sequence[Slot]:
        rows = _SLOTS_OF_DAY.all(self._unit.reader, self._day_of(site, on))
        return [slot_of(row, row.released_before) for row in rows]

    def slot(self, wanted: SlotId) -> Slot:
        row = _SLOT.first(self._unit.reader, self._mine(wanted))
        if row is None:
            raise NotFound("slot")
        return slot_of(row, row.released_before)

    def publish(self, slots: Sequence[NewSlot]) -> tuple[int, int]:
        made = Publisher(self._unit, self._organisation).publish(slots)
        return made, len(slots) - made

    def hold(self) -> None:
        """On SQLite a change has the whole database to itself anyway, and FOR UPDATE is left out."""
        self._unit.writer.execute(_HOLD, {"organisation": self._organisation})

    def withdraw(self, wanted: SlotId, *, seen: Seen | None, author: Author, at: datetime) -> DayRow | None:
        # The slot first: whoever books it at this moment waits, and then finds it gone.
        new = self._unit.writer.execute(_WITHDRAW, self._mine(wanted)).rowcount == 1
        row = self._unit.writer.execute(_ON_SLOT, self._mine(wanted)).one_or_none()
        if row is None and not new:
            raise AlreadyCancelled(self.slot(wanted).id)
        booked = None if row is None else appointment_for_staff(row)
        if seen != (None if booked is None else (booked.id, booked.version)):
            raise ChangedMeanwhile(wanted)
        if booked is None:
            return None
        told = Cancellation(at=at, by=author, reason=CancelReason.PRACTICE)
        bookings.cancel(self._unit.writer, booked, told, sequence=booked.sequence + 1)
        return self.row(booked.id)

    def _mine(self, wanted: str) -> dict[str, object]:
        return {"organisation": self._organisation, "wanted": wanted}

    def _day_of(self, site: SiteId, on: date) -> dict[str, object]:
        """The local day's first and last instant: 23 or 25 hours long when the clocks change."""
        where = {"organisation": self._organisation, "site": site}
        place = SqlDirectory(self._unit).known().site(site)
        if place.organisation != self._organisation:
            raise NotFound("site")
        begins, ends = (
            datetime.combine(day, time.min, ZoneInfo(place.time_zone)).astimezone(UTC)
            for day in (on, on + timedelta(days=1))
        )
        return where | {"begins": begins, "ends": ends}


def _day_row(row: AnyRow) -> DayRow:
    found = appointment_for_staff(row)
    return DayRow(
        appointment=found,
        patient_name=shown_name(names_of(row.names or []), found.starts_at.date()),
        patient_phone=row.phone,
        patient_language=row.language,
    )

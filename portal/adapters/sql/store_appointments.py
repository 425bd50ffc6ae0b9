"""Appointments into the store: what a resource becomes as a row, without undoing what people did here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from portal.adapters.sql.kept import Kept, chunks
from portal.adapters.sql.rows_appointments import APPOINTMENT_COLUMNS, appointment_of, appointment_values
from portal.adapters.sql.rows_places import AnyRow
from portal.adapters.sql.store_tables import write
from portal.adapters.sql.tables_clinical import appointment, service, site, slot
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import LIVE, Appointment
from portal.domain.ids import AttemptKey
from portal.errors import BadUpstreamData
from portal.fhir import appointment as fhir_appointment

_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_LIVE = appointment.c.status.in_(sorted(LIVE, key=lambda status: status.value))
_EXISTING = select(*APPOINTMENT_COLUMNS, appointment.c.touched, appointment.c.booking_key).where(
    appointment.c.id.in_(_WANTED)
)
_SITTING = select(appointment.c.slot_id, appointment.c.id).where(appointment.c.slot_id.in_(_WANTED), _LIVE)
_SLOTS = select(
    slot.c.id, slot.c.service_id, slot.c.site_id, slot.c.organisation_id, slot.c.mode, slot.c.practitioner_id
).where(slot.c.id.in_(_WANTED))
_SERVICES = select(service.c.id, service.c.site_id, service.c.organisation_id).where(
    service.c.id.in_(_WANTED)
)
_SITES = select(site.c.id, site.c.organisation_id).where(site.c.id.in_(_WANTED))
_HOMELESS = (
    select(*APPOINTMENT_COLUMNS)
    .where(appointment.c.organisation_id.is_(None), appointment.c.id > bindparam("after"))
    .order_by(appointment.c.id)
    .limit(1000)
)
_STAND_UP = update(appointment).where(appointment.c.id == bindparam("wanted")).values(slot_id=None)
_FILLED = ("service", "site", "organisation", "mode", "practitioner")


class AppointmentStore:
    """Projects Appointment resources. All inside a change."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def project(self, found: Sequence[Kept]) -> dict[str, BadUpstreamData]:
        """Write a row for each; why others have none, by id."""
        bad: dict[str, BadUpstreamData] = {}
        read: dict[str, tuple[Appointment, AttemptKey | None]] = {}
        for each in found:
            try:
                value = fhir_appointment.from_fhir(each.resource)
            except BadUpstreamData as error:
                bad[each.id] = error
                continue
            read[each.id] = value, fhir_appointment.booking_key(each.resource)
        there = self.existing(list(read))
        values = [_merged(there.get(wanted), value) for wanted, (value, _) in read.items()]
        values = self._seated(self._filled(values), there)
        rows = [
            appointment_values(value)
            | {
                "booking_key": read[value.id][1]
                or (there[value.id].booking_key if value.id in there else None)
            }
            for value in values
        ]
        write(self._unit, appointment, rows)
        return bad

    def existing(self, ids: Sequence[str]) -> dict[str, AnyRow]:
        """Rows that are there already, by id."""
        return {row.id: row for row in self._all(_EXISTING, ids)}

    def settle(self) -> int:
        """Fill in the organisation of appointments whose slot, service or site has come since; how many."""
        settled, after = 0, ""
        while rows := self._unit.reader.execute(_HOMELESS, {"after": after}).all():
            after = rows[-1].id
            filled = self._filled([appointment_of(row) for row in rows])
            known = [value for value in filled if value.organisation is not None]
            write(self._unit, appointment, [appointment_values(value) for value in known])
            settled += len(known)
        return settled

    def _filled(self, values: Sequence[Appointment]) -> list[Appointment]:
        """What an appointment does not say itself is known from its slot, then its service, then its site."""
        values = self._fill(values, "slot", _SLOTS)
        values = self._fill(values, "service", _SERVICES)
        return self._fill(values, "site", _SITES)

    def _fill(self, values: Sequence[Appointment], by: str, query: Any) -> list[Appointment]:
        wanted = sorted({getattr(value, by) for value in values if getattr(value, by) and _gaps(value)})
        rows = {row.id: row for row in self._all(query, wanted)}
        return [_from_row(value, rows.get(getattr(value, by))) for value in values]

    def _seated(self, values: Sequence[Appointment], there: dict[str, AnyRow]) -> list[Appointment]:
        """One live appointment a slot. Where another system has two, the second keeps its time only."""
        standing = [{"wanted": wanted} for wanted in there]
        if standing:  # all of them first, so that two may trade places
            self._unit.writer.execute(_STAND_UP, standing)
        wanted = sorted({value.slot for value in values if value.slot and value.live})
        taken: dict[str, str] = {row.slot_id: row.id for row in self._all(_SITTING, wanted)}
        seated = []
        for value in values:
            if value.slot and value.live and taken.setdefault(value.slot, value.id) != value.id:
                value = replace(value, slot=None)
            seated.append(value)
        return seated

    def _all(self, query: Any, wanted: Sequence[str]) -> list[AnyRow]:
        rows: list[AnyRow] = []
        for part in chunks(wanted):
            rows += self._unit.reader.execute(query, {"wanted": part}).all()
        return rows


def _gaps(value: Appointment) -> bool:
    return any(getattr(value, name) is None for name in _FILLED)


def _from_row(value: Appointment, row: AnyRow | None) -> Appointment:
    """Fill what is None from the columns that the row has."""
    if row is None:
        return value
    found = row._mapping
    columns = {name: name if name == "mode" else f"{name}_id" for name in _FILLED}
    gaps = {
        name: found[column]
        for name, column in columns.items()
        if getattr(value, name) is None and column in found
    }
    return replace(value, **gaps)


def _merged(row: AnyRow | None, theirs: Appointment) -> Appointment:
    """What is received, laid over what is there. What people did here since stays done."""
    if row is None:
        return theirs
    ours = appointment_of(row)
    theirs = replace(theirs, version=max(theirs.version, ours.version + 1))
    if not row.touched:
        return theirs
    if ours.booked_by.kind is theirs.booked_by.kind:
        theirs = replace(theirs, booked_by=ours.booked_by)
    if not ours.live:
        return replace(
            theirs,
            status=ours.status,
            cancellation=ours.cancellation,
            replaced_by=ours.replaced_by,
            sequence=max(ours.sequence, theirs.sequence),
        )
    return replace(theirs, cannot_come_at=theirs.cannot_come_at or ours.cannot_come_at)

"""Slots in and out of the store: what a Slot resource becomes as a row. Decides nothing about booking."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select

from portal.adapters.sql.kept import Kept, chunks, kept, read
from portal.adapters.sql.rows_appointments import slot_values
from portal.adapters.sql.rows_places import AnyRow, Values
from portal.adapters.sql.store_tables import write
from portal.adapters.sql.tables_clinical import resource, service, slot
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import Mode, SlotStatus
from portal.domain.ids import OrganisationId, ServiceId, SiteId
from portal.errors import BadUpstreamData
from portal.fhir import schedule as fhir_schedule
from portal.fhir import slot as fhir_slot
from portal.fhir.schedule import Schedule

_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_SCHEDULES = select(resource.c.id, resource.c.json).where(
    resource.c.type == "Schedule", resource.c.id.in_(_WANTED)
)
_SERVICES = select(service.c.id, service.c.organisation_id, service.c.site_id, service.c.modes).where(
    service.c.id.in_(_WANTED)
)
_OURS = select(slot.c.id, slot.c.status).where(slot.c.id.in_(_WANTED), slot.c.touched)
_BY_TYPE = select(resource.c.id, resource.c.json).where(resource.c.type == "Slot")
_WAITING = (
    _BY_TYPE.outerjoin(slot, slot.c.id == resource.c.id)
    .where(slot.c.id.is_(None), resource.c.id > bindparam("after"))
    .order_by(resource.c.id)
    .limit(1000)
)
_LEANING = _BY_TYPE.join(slot, slot.c.id == resource.c.id)
# Stands in until the real one comes, to judge a slot by what it says itself.
_ANY = Schedule(id="-", service=ServiceId("-"), site=SiteId("-"))


class SlotStore:
    """Projects Slot resources. All inside a change."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit
        self._schedules: dict[str, Schedule] = {}
        self._services: dict[str, AnyRow] = {}

    def project(self, found: Sequence[Kept]) -> dict[str, BadUpstreamData]:
        """Write a row for each slot whose schedule and service are known; why others cannot, by id."""
        self._look_up(found)
        rows: list[Values] = []
        bad: dict[str, BadUpstreamData] = {}
        for each in found:
            try:
                row = self._row(each.resource)
            except BadUpstreamData as error:
                bad[each.id] = error
                continue
            if row is not None:
                rows.append(row)
        self._keep_ours(rows)
        write(self._unit, slot, rows)
        return bad

    def settle(self) -> int:
        """Write rows for slots that waited; how many got one."""
        settled, after = 0, ""
        while waiting := self._unit.reader.execute(_WAITING, {"after": after}).all():
            after = waiting[-1].id
            batch = [kept(read(row.json)) for row in waiting]
            self.project(batch)
            ids = [each.id for each in batch]
            for part in chunks(ids):
                known = select(slot.c.id).where(slot.c.id.in_(part))
                settled += len(self._unit.reader.execute(known).all())
        return settled

    def project_again(self, *, schedules: Sequence[str] = (), services: Sequence[str] = ()) -> None:
        """Read slots anew whose schedule or service has changed since."""
        for part in chunks([*schedules, *services]):
            leaning = _LEANING.where(or_(slot.c.schedule_id.in_(part), slot.c.service_id.in_(part)))
            rows = self._unit.reader.execute(leaning).all()
            for batch in chunks(rows):
                self.project([kept(read(row.json)) for row in batch])

    def ours(self, ids: Sequence[str]) -> dict[str, SlotStatus]:
        """The status of those slots that the portal itself has changed since they came."""
        found: dict[str, SlotStatus] = {}
        for part in chunks(ids):
            found |= {row.id: row.status for row in self._unit.reader.execute(_OURS, {"wanted": part})}
        return found

    def _look_up(self, found: Sequence[Kept]) -> None:
        """The schedules and services that these slots lean on, asked for together."""
        self._schedules, self._services = {}, {}
        wanted = {_schedule_of(each.resource) for each in found} - {None}
        for part in chunks(sorted(str(each) for each in wanted)):
            for row in self._unit.reader.execute(_SCHEDULES, {"wanted": part}):
                self._schedules[row.id] = fhir_schedule.from_fhir(read(row.json))
        services = sorted({each.service for each in self._schedules.values()})
        for part in chunks(services):
            for service_row in self._unit.reader.execute(_SERVICES, {"wanted": part}):
                self._services[service_row.id] = service_row

    def _row(self, received: Mapping[str, object]) -> Values | None:
        """The slot's row; None while its schedule or service has not come. Raises BadUpstreamData."""
        leans_on = fhir_schedule.of_slot(received)
        of = self._schedules.get(leans_on)
        offered = self._services.get(of.service) if of else None
        if of is None or offered is None:
            fhir_slot.from_fhir(received, _ANY, OrganisationId("-"))
            return None
        mode = Mode(offered.modes[0]) if offered.modes else Mode.IN_PERSON
        value = fhir_slot.from_fhir(
            received, of, offered.organisation_id, mode=mode, site=SiteId(offered.site_id)
        )
        return slot_values(value) | {"schedule_id": leans_on}

    def _keep_ours(self, rows: Sequence[dict[str, Any]]) -> None:
        """A slot the portal has filled or taken out of use stays so, whatever another system says."""
        ours = self.ours([row["id"] for row in rows])
        for row in rows:
            if ours.get(row["id"], SlotStatus.FREE) is not SlotStatus.FREE:
                row["status"] = ours[row["id"]]


def _schedule_of(received: Mapping[str, object]) -> str | None:
    try:
        return fhir_schedule.of_slot(received)
    except BadUpstreamData:
        return None

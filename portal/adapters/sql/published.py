"""Slots that a practice publishes here, as rows and as FHIR resources, so that export can give them away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from portal.adapters.sql.kept import kept
from portal.adapters.sql.rows_places import AnyRow
from portal.adapters.sql.tables_clinical import practitioner, resource, service, slot
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.appointments import Mode, SlotStatus
from portal.domain.ids import OrganisationId
from portal.errors import NotFound, SlotTaken
from portal.fhir import channel
from portal.fhir.names import RELEASED_AT
from portal.fhir.reading import written
from portal.ports.clinical import NewSlot

_SLOTS = UUID("0f6b2f0c-53a7-5f0b-8f0e-0a1d6a0f6f5e")
_SERVICES = select(service.c.id, service.c.site_id).where(
    service.c.organisation_id == bindparam("organisation"),
    service.c.id.in_(bindparam("wanted", expanding=True)),
)
_PRACTITIONERS = select(practitioner.c.id, practitioner.c.organisation_id).where(
    practitioner.c.id.in_(bindparam("wanted", expanding=True))
)
_WITHIN = (
    slot.c.starts_at >= bindparam("first"),
    slot.c.starts_at <= bindparam("last"),
    slot.c.status != SlotStatus.ERROR,
)
_COMPARED = (slot.c.starts_at, slot.c.ends_at, slot.c.service_id, slot.c.mode)
_OF_PRACTITIONERS = select(slot.c.practitioner_id.label("whose"), *_COMPARED).where(
    slot.c.practitioner_id.in_(bindparam("wanted", expanding=True)), *_WITHIN
)
_OF_SERVICES = select(slot.c.service_id.label("whose"), *_COMPARED).where(
    slot.c.site_id.in_(bindparam("sites", expanding=True)),
    slot.c.service_id.in_(bindparam("wanted", expanding=True)),
    slot.c.practitioner_id.is_(None),
    *_WITHIN,
)

# Whose time it is (the clinician's, else the service's) and when: no two slots share both.
_Time = tuple[str, datetime]
_Kind = tuple[datetime, str, Mode]  # what must be the same too: end, service and kind of visit


class Publisher:
    """Publishes slots of one organisation, inside a change."""

    def __init__(self, unit: SqlUnit, organisation: OrganisationId) -> None:
        self._unit = unit
        self._organisation = organisation

    def publish(self, slots: Sequence[NewSlot]) -> int:
        """How many were made; the others are there already, the very same.

        Raises SlotTaken for a time that is taken by a slot of another kind, NotFound for another
        organisation's.
        """
        if not slots:
            return 0
        sites = self._sites(slots)
        self._know_practitioners(slots)
        there = self._there(slots, sites)
        new: dict[_Time, NewSlot] = {}
        for each in slots:
            taken = there.setdefault(_time(each), set())
            if not taken:
                taken.add(_kind(each))
                new[_time(each)] = each
            elif _kind(each) not in taken:
                raise SlotTaken("another kind of slot")
        return self._write(list(new.values()), sites)

    def _sites(self, slots: Sequence[NewSlot]) -> dict[str, str]:
        wanted = sorted({each.service for each in slots})
        rows = self._unit.writer.execute(
            _SERVICES, {"organisation": self._organisation, "wanted": wanted}
        ).all()
        if len(rows) != len(wanted):
            raise NotFound("service")
        return {row.id: row.site_id for row in rows}

    def _know_practitioners(self, slots: Sequence[NewSlot]) -> None:
        wanted = sorted({each.practitioner for each in slots if each.practitioner})
        rows = self._unit.writer.execute(_PRACTITIONERS, {"wanted": wanted}).all()
        known = {row.id for row in rows if row.organisation_id in (None, self._organisation)}
        if known != set(wanted):
            raise NotFound("practitioner")

    def _there(self, slots: Sequence[NewSlot], sites: Mapping[str, str]) -> dict[_Time, set[_Kind]]:
        """The times between first and last that are taken, even by a slot out of use, and by what kinds."""
        within: dict[str, Any] = {
            "first": min(each.starts_at for each in slots),
            "last": max(each.starts_at for each in slots),
        }
        people = sorted({each.practitioner for each in slots if each.practitioner})
        services = sorted({each.service for each in slots if not each.practitioner})
        places = sorted({sites[each] for each in services})
        found: list[AnyRow] = []
        if people:
            found += self._unit.writer.execute(_OF_PRACTITIONERS, within | {"wanted": people}).all()
        if services:
            values = within | {"wanted": services, "sites": places}
            found += self._unit.writer.execute(_OF_SERVICES, values).all()
        there: dict[_Time, set[_Kind]] = {}
        for row in found:
            there.setdefault((row.whose, row.starts_at), set()).add((row.ends_at, row.service_id, row.mode))
        return there

    def _write(self, slots: Sequence[NewSlot], sites: Mapping[str, str]) -> int:
        if not slots:
            return 0
        rows = [self._row(each, sites[each.service]) for each in slots]
        insert = upsert(self._unit.database, slot).on_conflict_do_nothing().returning(slot.c.id)
        made = len(self._unit.writer.execute(insert, rows).all())
        schedules = {row["schedule_id"]: _schedule(row) for row in rows}
        received = [*schedules.values(), *(_resource(row) for row in rows)]
        keep = upsert(self._unit.database, resource).on_conflict_do_nothing()
        self._unit.writer.execute(keep, [kept(each).values for each in received])
        return made

    def _row(self, new: NewSlot, site: str) -> dict[str, Any]:
        whose, when = _time(new)
        return {
            "id": str(uuid5(_SLOTS, f"{whose}|{written(when)}")),
            "service_id": new.service,
            "site_id": site,
            "organisation_id": self._organisation,
            "practitioner_id": new.practitioner,
            "mode": new.mode,
            "starts_at": new.starts_at,
            "ends_at": new.ends_at,
            "status": SlotStatus.FREE,
            "released_at": new.released_at,
            "schedule_id": str(uuid5(_SLOTS, f"{new.service}|{new.practitioner or ''}")),
        }


def _time(new: NewSlot) -> _Time:
    return new.practitioner or new.service, new.starts_at


def _kind(new: NewSlot) -> _Kind:
    return new.ends_at, new.service, new.mode


def _schedule(row: Mapping[str, Any]) -> dict[str, object]:
    actors = [("HealthcareService", row["service_id"]), ("Location", row["site_id"])]
    if row["practitioner_id"]:
        actors.append(("Practitioner", row["practitioner_id"]))
    return {
        "resourceType": "Schedule",
        "id": row["schedule_id"],
        "active": True,
        "actor": [{"reference": f"{kind}/{wanted}"} for kind, wanted in actors],
    }


def _resource(row: Mapping[str, Any]) -> dict[str, object]:
    extensions = [channel.extension(row["mode"])]
    if row["released_at"] is not None:
        extensions.append({"url": RELEASED_AT, "valueInstant": written(row["released_at"])})
    return {
        "resourceType": "Slot",
        "id": row["id"],
        "extension": extensions,
        "schedule": {"reference": f"Schedule/{row['schedule_id']}"},
        "status": row["status"].value,
        "start": written(row["starts_at"]),
        "end": written(row["ends_at"]),
    }

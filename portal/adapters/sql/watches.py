"""Slot watches as rows. Delivers nothing and promises nothing (S36)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import slot_watch
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.appointments import Mode
from portal.domain.ids import AccountId, OrganisationId, PatientId, ServiceId, WatchId
from portal.errors import NotFound
from portal.ports.watches import Watch

_OF_PATIENT = Query(
    select(slot_watch)
    .where(
        slot_watch.c.account == bindparam("account"),
        slot_watch.c.patient == bindparam("patient"),
        slot_watch.c.until > bindparam("now"),
    )
    .order_by(slot_watch.c.made_at, slot_watch.c.id)
)


class SqlWatches:
    """Implements ports.watches.Watches."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def add(self, watch: Watch) -> None:
        """Keep a watch. The same one again only moves its end later, so that nobody loses their place."""
        table, wanted = slot_watch, _wanted(watch)
        mine = (table.c.account == watch.account, table.c.patient == watch.patient, table.c.wanted == wanted)
        self._unit.writer.execute(delete(table).where(*mine, table.c.until <= watch.made_at))
        values = {
            "id": watch.id,
            "account": watch.account,
            "patient": watch.patient,
            "organisation": watch.organisation,
            "services": list(watch.services),
            "modes": sorted(mode.value for mode in watch.modes),
            "wanted": wanted,
            "made_at": watch.made_at,
            "until": watch.until,
        }
        made = upsert(self._unit.database, table).values(values)
        self._unit.writer.execute(
            made.on_conflict_do_update(
                index_elements=["account", "patient", "wanted"],
                set_={"until": made.excluded.until},
                where=table.c.until < made.excluded.until,
            )
        )

    def of_patient(self, account: AccountId, patient: PatientId, now: datetime) -> Sequence[Watch]:
        """This account's watches for this patient that have not ended, oldest first."""
        wanted = {"account": account, "patient": patient, "now": now}
        return [_watch(row) for row in _OF_PATIENT.all(self._unit.reader, wanted)]

    def remove(self, watch: WatchId, account: AccountId, patient: PatientId) -> None:
        """Raises NotFound when it is not this account's and patient's."""
        table = slot_watch
        gone = delete(table).where(
            table.c.id == watch, table.c.account == account, table.c.patient == patient
        )
        if self._unit.writer.execute(gone).rowcount == 0:
            raise NotFound("watch")


def _wanted(watch: Watch) -> str:
    """One text for the same services and modes in any order."""
    parts = [sorted(watch.services), sorted(mode.value for mode in watch.modes)]
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        id=WatchId(row.id),
        account=AccountId(row.account),
        patient=PatientId(row.patient),
        organisation=OrganisationId(row.organisation),
        services=tuple(ServiceId(service) for service in row.services),
        modes=frozenset(Mode(mode) for mode in row.modes),
        made_at=row.made_at,
        until=row.until,
    )

"""Notes of what another system is asked to change, as rows. Asks nobody anything."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, select

from portal.adapters.sql.kept import chunks
from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import remote_act, remote_change
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, AppointmentId, AttemptKey, PatientId, SlotId
from portal.ports.remote_changes import Act, Acts, RemoteChange

_COLUMNS = tuple(column.name for column in remote_change.columns)
_FIND = Query(select(remote_change).where(remote_change.c.id == bindparam("wanted")))
_LEFT = Query(
    select(remote_change)
    .where(remote_change.c.at < bindparam("before"))
    .order_by(remote_change.c.at, remote_change.c.id)
)
_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_ACTS = select(remote_act).where(remote_act.c.appointment.in_(_WANTED))


class SqlRemoteChanges:
    """Implements ports.remote_changes.RemoteChanges."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def note(self, change: RemoteChange) -> bool:
        """False when one with this id is noted already; that one stands."""
        values = {name: getattr(change, name) for name in _COLUMNS}
        made = upsert(self._unit.database, remote_change).on_conflict_do_nothing()
        new = self._unit.writer.execute(made.returning(remote_change.c.id), values)
        return new.one_or_none() is not None

    def forget(self, wanted: str) -> None:
        self._unit.writer.execute(delete(remote_change).where(remote_change.c.id == wanted))

    def find(self, wanted: str) -> RemoteChange | None:
        row = _FIND.first(self._unit.reader, {"wanted": wanted})
        return None if row is None else _change(row)

    def left_since(self, before: datetime) -> Sequence[RemoteChange]:
        """Those noted before this moment, the oldest first."""
        return [_change(row) for row in _LEFT.all(self._unit.reader, {"before": before})]

    def note_act(self, appointment: AppointmentId, act: Act, account: AccountId) -> None:
        """The first stands."""
        values = {"appointment": appointment, "act": act, "account": account}
        made = upsert(self._unit.database, remote_act).values(values).on_conflict_do_nothing()
        self._unit.writer.execute(made)

    def acts(self, appointments: Iterable[AppointmentId]) -> Acts:
        found: dict[tuple[AppointmentId, Act], AccountId] = {}
        for part in chunks(sorted(set(appointments))):
            for row in self._unit.reader.execute(_ACTS, {"wanted": part}):
                found[AppointmentId(row.appointment), row.act] = AccountId(row.account)
        return found


def _change(row: Row[Any]) -> RemoteChange:
    return RemoteChange(
        id=row.id,
        kind=row.kind,
        at=row.at,
        patient=None if row.patient is None else PatientId(row.patient),
        account=None if row.account is None else AccountId(row.account),
        attempt=None if row.attempt is None else AttemptKey(row.attempt),
        slot=None if row.slot is None else SlotId(row.slot),
        appointment=None if row.appointment is None else AppointmentId(row.appointment),
    )

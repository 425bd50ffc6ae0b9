"""The tamper-evident access log: writes, reads and seals rows. Deletes nothing and judges nothing."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select, union_all, update
from sqlalchemy.sql.elements import ColumnElement

from portal.adapters.sql.access_log_check import Check
from portal.adapters.sql.access_log_macs import LogKeys, LogRow, Seal
from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import access_log, access_log_head, access_log_patient, access_log_seal
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, OrganisationId, PatientId
from portal.ports.access_log import Action, Checkpoint, Entry, Outcome, Verification

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEAD = 1
_START = bytes(32)

_INSERT = Query(insert(access_log), columns=(*LogRow.__slots__, "mac"))
_INSERT_PATIENT = insert(access_log_patient)
_UNSEALED = select(access_log.c.seq).where(access_log.c.seal.is_(None)).limit(1)
_alone = select(access_log).where(access_log.c.patient == bindparam("patient"))
_among = (
    select(access_log)
    .join(access_log_patient, access_log_patient.c.seq == access_log.c.seq)
    .where(access_log_patient.c.patient == bindparam("patient"))
)


def _newest(number: ColumnElement[Any], chosen: Any) -> Any:
    return select(chosen.order_by(number.desc()).limit(bindparam("limit", type_=Integer)).subquery())


_both = union_all(_newest(access_log.c.seq, _alone), _newest(access_log_patient.c.seq, _among)).subquery()
ABOUT = select(_both).order_by(_both.c.seq.desc()).limit(bindparam("limit", type_=Integer))


class SqlAccessLog:
    """Implements ports.access_log.AccessLog. `request` is the id of the request it writes for."""

    def __init__(self, unit: SqlUnit, keys: LogKeys, request: str = "") -> None:
        self._unit = unit
        self._keys = keys
        self._request = request

    def view(self, entry: Entry) -> None:
        """One row in a quick transaction of its own. Raises CannotSave."""
        if len(entry.patients) > 1:
            with self._unit.trace() as connection:
                self._write(connection, entry)
        else:
            self._unit.trace_one(lambda connection: self._write(connection, entry))

    def change(self, entry: Entry) -> None:
        """One row in the transaction of what it records. Raises RuntimeError outside a change."""
        self._write(self._unit.writer, entry)

    def about(self, patient: PatientId, *, limit: int = 50) -> Sequence[Entry]:
        """The latest rows that name this patient, newest first."""
        rows = self._unit.reader.execute(ABOUT, {"patient": patient, "limit": limit})
        return [_entry(row) for row in rows]

    def seal(self, *, at: datetime, limit: int = 5000) -> int:
        """Chain up to `limit` rows that no seal covers yet, oldest first, durably; how many."""
        if self._unit.reader.execute(_UNSEALED).first() is None:
            return 0
        with self._unit.change():
            connection = self._unit.writer
            head = self._locked_head(connection)
            rows = _mark(connection, head.number + 1, limit)
            if rows:
                self._extend(connection, head, rows, _micros(at))
            return len(rows)

    def verify(self) -> Verification:
        """Read the whole log in one snapshot and check every row, every seal and the chain's end."""
        with self._unit.database.connect_traces() as connection:
            connection.exec_driver_sql(
                "BEGIN" if self._unit.database.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
            try:
                return Check(connection, self._keys, _START).run()
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def checkpoint(self) -> Checkpoint | None:
        """The chain's last link; None before the first seal."""
        latest = select(access_log_seal).order_by(access_log_seal.c.number.desc()).limit(1)
        row = self._unit.reader.execute(latest).one_or_none()
        return None if row is None else Checkpoint(number=row.number, mac=row.mac.hex(), at=_instant(row.at))

    def holds(self, number: int, mac: str) -> bool:
        """Whether the chain has this link."""
        wanted = select(access_log_seal.c.mac).where(access_log_seal.c.number == number)
        found = self._unit.reader.execute(wanted).scalar_one_or_none()
        return found is not None and found.hex() == mac.lower()

    def _write(self, connection: Connection, entry: Entry) -> None:
        row = _row(entry, self._request)
        values = {name: getattr(row, name) for name in LogRow.__slots__}
        values["mac"] = self._keys.row(row)
        seq = _INSERT.insert(connection, values)
        if row.patients is not None:
            named = [{"patient": patient, "seq": seq} for patient in dict.fromkeys(entry.patients)]
            connection.execute(_INSERT_PATIENT, named)

    def _locked_head(self, connection: Connection) -> Row[Any]:
        """The chain's end, held until this transaction's: two sealers take turns."""
        latest = select(access_log_seal).order_by(access_log_seal.c.number.desc()).limit(1)
        start = {
            "id": _HEAD,
            "number": 0,
            "last_seq": 0,
            "mac": _START,
            "proof": self._keys.head(0, 0, _START),
        }
        last = connection.execute(latest).one_or_none()
        if last is not None:
            # Used only if somebody took the head away: then its proof is wrong, and that shows.
            start |= {"number": last.number, "last_seq": last.last_seq, "mac": last.mac, "proof": bytes(32)}
        connection.execute(
            upsert(self._unit.database, access_log_head)
            .values(start)
            .on_conflict_do_nothing(index_elements=["id"])
        )
        return connection.execute(select(access_log_head).with_for_update()).one()

    def _extend(
        self, connection: Connection, head: Row[Any], rows: Sequence[tuple[int, bytes]], at: int
    ) -> None:
        seal = Seal(
            number=head.number + 1, first_seq=rows[0][0], last_seq=rows[-1][0], count=len(rows), at=at
        )
        mac = self._keys.seal(head.mac, seal, rows)
        values = {name: getattr(seal, name) for name in Seal.__slots__}
        connection.execute(insert(access_log_seal), values | {"mac": mac})
        # A proof that was wrong stays as it is: sealing goes on, but must not mend what somebody broke.
        whole = head.proof == self._keys.head(head.number, head.last_seq, head.mac)
        connection.execute(
            update(access_log_head).values(
                number=seal.number,
                last_seq=seal.last_seq,
                mac=mac,
                proof=self._keys.head(seal.number, seal.last_seq, mac) if whole else head.proof,
            )
        )


def _mark(connection: Connection, number: int, limit: int) -> list[tuple[int, bytes]]:
    """Put the oldest unsealed rows under a seal. One statement, so that no row slips in between."""
    unsealed = (
        select(access_log.c.seq).where(access_log.c.seal.is_(None)).order_by(access_log.c.seq).limit(limit)
    )
    marked = connection.execute(
        update(access_log)
        .where(access_log.c.seq.in_(unsealed.scalar_subquery()))
        .values(seal=number)
        .returning(access_log.c.seq, access_log.c.mac)
    )
    return sorted((row.seq, row.mac) for row in marked)


def _row(entry: Entry, request: str) -> LogRow:
    one = len(entry.patients) == 1
    return LogRow(
        at=_micros(entry.at),
        action=entry.action.value,
        outcome=entry.outcome.value,
        actor=entry.actor,
        patient=entry.patients[0] if one else None,
        patients=None if one or not entry.patients else json.dumps(entry.patients),
        organisation=entry.organisation,
        acting_for_other=entry.acting_for_other,
        object=entry.object,
        reason=entry.reason,
        request=entry.request or request,
        nonce=os.urandom(8),
    )


def _entry(row: Row[Any]) -> Entry:
    named = json.loads(row.patients) if row.patients else [row.patient] if row.patient else []
    return Entry(
        at=_instant(row.at),
        action=Action(row.action),
        outcome=Outcome(row.outcome),
        actor=None if row.actor is None else AccountId(row.actor),
        patients=tuple(PatientId(patient) for patient in named),
        organisation=None if row.organisation is None else OrganisationId(row.organisation),
        acting_for_other=row.acting_for_other,
        object=row.object,
        reason=row.reason,
        request=row.request,
    )


def _micros(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return (at - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND

"""Judges the access log: what was changed, removed, swapped, inserted or cut off. Mends nothing."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from portal.adapters.sql.access_log_macs import LogKeys, LogRow, Seal
from portal.adapters.sql.tables_portal import access_log, access_log_head, access_log_patient, access_log_seal
from portal.ports.access_log import Verification

_PAGE = 5000  # rows held in memory at once, besides one seal's
_BEFORE_ALL = -(2**62)


class Check:
    """One pass over the log on one connection, whose transaction shows one moment.

    What it cannot see: an unsealed row that was removed, and a database put back whole to an older copy of
    itself. The first can happen only within the sealer's interval; the second shows by a checkpoint kept in
    another system.
    """

    def __init__(self, connection: Connection, keys: LogKeys, start: bytes) -> None:
        self._connection = connection
        self._keys = keys
        self._start = start
        self._broken: set[int] = set()

    def run(self) -> Verification:
        """Numbers in `broken` are rows that do not fit, and the first and last of a seal that does not."""
        sealed = self._chain()
        unsealed = sum(self._rows_fit([row]) for row in self._unsealed())
        self._copies()
        self._index_only()
        return Verification(sealed=sealed, unsealed=unsealed, broken=tuple(sorted(self._broken)))

    def _chain(self) -> int:
        """Seals in order against their rows; how many rows are sealed."""
        sealed, link, last = 0, self._start, None
        groups = groupby(self._sealed(), key=lambda row: int(row.seal))
        group = next(groups, None)
        for stored in self._seals():
            while group is not None and group[0] < stored.number:
                sealed += self._strays(group[1])
                group = next(groups, None)
            rows: list[Row[Any]] = []
            if group is not None and group[0] == stored.number:
                rows = list(group[1])
                group = next(groups, None)
            sealed += self._seal_fits(link, stored, rows)
            link, last = stored.mac, stored
        while group is not None:
            sealed += self._strays(group[1])
            group = next(groups, None)
        self._end_fits(last)
        return sealed

    def _seal_fits(self, link: bytes, stored: Row[Any], rows: Sequence[Row[Any]]) -> int:
        """Check one seal; when no row of it is wrong by itself, its first and last stand for it."""
        seal = Seal(**{name: getattr(stored, name) for name in Seal.__slots__})
        known = len(self._broken)
        fitting = self._rows_fit(rows)
        mac = self._keys.seal(link, seal, [(row.seq, row.mac) for row in rows])
        if mac != stored.mac and len(self._broken) == known:
            self._broken |= {seal.first_seq, seal.last_seq}
        return fitting

    def _end_fits(self, last: Row[Any] | None) -> None:
        """The chain must end where its head says, and the head must be signed."""
        head = self._connection.execute(select(access_log_head)).one_or_none()
        if head is None:
            self._broken |= {last.last_seq} if last is not None else set()
            return
        end = (0, 0, self._start) if last is None else (last.number, last.last_seq, last.mac)
        signed = self._keys.head(head.number, head.last_seq, head.mac) == head.proof
        if not signed or end != (head.number, head.last_seq, head.mac):
            self._broken.add(head.last_seq)

    def _strays(self, rows: Iterator[Row[Any]]) -> int:
        """Rows that name a seal which is not there."""
        found = list(rows)
        self._broken |= {row.seq for row in found}
        return len(found)

    def _rows_fit(self, rows: Sequence[Row[Any]]) -> int:
        """Check each row's own MAC, and that everybody it names can find it; how many rows were looked at."""
        for row in rows:
            signed = LogRow(**{name: getattr(row, name) for name in LogRow.__slots__})
            if self._keys.row(signed) != row.mac:
                self._broken.add(row.seq)
        several = {row.seq: row.patients for row in rows if row.patients is not None}
        if several:
            self._named_fit(several)
        return len(rows)

    def _named_fit(self, several: dict[int, str]) -> None:
        table = access_log_patient
        found: dict[int, set[str]] = {seq: set() for seq in several}
        for row in self._connection.execute(select(table).where(table.c.seq.in_(several))):
            found[row.seq].add(row.patient)
        for seq, patients in several.items():
            if seq not in self._broken and found[seq] != set(json.loads(patients)):
                self._broken.add(seq)

    def _copies(self) -> None:
        """No two rows are signed alike, since each carries its own random number: the later is a copy."""
        first = func.min(access_log.c.seq)
        twice = (
            select(access_log.c.mac, first.label("first")).group_by(access_log.c.mac).having(func.count() > 1)
        )
        copied = twice.subquery()
        later = select(access_log.c.seq).join(copied, copied.c.mac == access_log.c.mac)
        rows = self._connection.execute(later.where(access_log.c.seq > copied.c.first))
        self._broken |= set(rows.scalars())

    def _index_only(self) -> None:
        """Somebody named beside a row that is not there or does not name several."""
        table = access_log_patient
        row = select(access_log.c.seq).where(
            access_log.c.seq == table.c.seq, access_log.c.patients.is_not(None)
        )
        self._broken |= set(self._connection.execute(select(table.c.seq).where(~row.exists())).scalars())

    def _sealed(self) -> Iterator[Row[Any]]:
        """Sealed rows by seal and number, a page at a time."""
        table, after = access_log, (_BEFORE_ALL, _BEFORE_ALL)
        while True:
            wanted = (
                select(table)
                .where(table.c.seal.is_not(None), tuple_(table.c.seal, table.c.seq) > tuple_(*after))
                .order_by(table.c.seal, table.c.seq)
                .limit(_PAGE)
            )
            page = self._connection.execute(wanted).all()
            yield from page
            if len(page) < _PAGE:
                return
            after = (page[-1].seal, page[-1].seq)

    def _unsealed(self) -> Iterator[Row[Any]]:
        table = access_log
        return self._paged(
            lambda after: select(table).where(table.c.seal.is_(None), table.c.seq > after), table.c.seq
        )

    def _seals(self) -> Iterator[Row[Any]]:
        table = access_log_seal
        return self._paged(lambda after: select(table).where(table.c.number > after), table.c.number)

    def _paged(self, wanted: Any, key: Any) -> Iterator[Row[Any]]:
        after = _BEFORE_ALL
        while True:
            page = self._connection.execute(wanted(after).order_by(key).limit(_PAGE)).all()
            yield from page
            if len(page) < _PAGE:
                return
            after = getattr(page[-1], key.name)

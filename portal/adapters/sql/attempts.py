"""Idempotency keys as rows, in the same transaction as what they guard. Books nothing itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from portal.adapters.sql.tables_portal import booking_attempt, remote_change
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, AttemptKey
from portal.errors import KeyReused, NotFound
from portal.ports.bookings import Attempt, AttemptState


class SqlAttempts:
    """Implements ports.bookings.BookingAttempts."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def begin(self, key: AttemptKey, account: AccountId, body_hash: str, at: datetime) -> Attempt | None:
        """None for a new key, else what became of it. The insert makes a rival with the same key wait for us.

        Raises KeyReused for another body or another account.
        """
        values = {
            "key": key,
            "account": account,
            "body_hash": body_hash,
            "state": AttemptState.PENDING,
            "result": "",
            "at": at,
        }
        made = upsert(self._unit.database, booking_attempt).on_conflict_do_nothing(index_elements=["key"])
        new = self._unit.writer.execute(made.returning(booking_attempt.c.key), values)
        if new.one_or_none() is not None:
            return None
        earlier = select(booking_attempt).where(booking_attempt.c.key == key)
        found = _attempt(self._unit.writer.execute(earlier).one())
        if (found.account, found.body_hash) != (account, body_hash):
            raise KeyReused("attempt")
        return found

    def finish(self, key: AttemptKey, state: AttemptState, result: str) -> None:
        """Note what became of it. Raises NotFound for a key that was never begun."""
        done = update(booking_attempt).where(booking_attempt.c.key == key).values(state=state, result=result)
        if self._unit.writer.execute(done).rowcount == 0:
            raise NotFound("attempt")

    def forget(self, key: AttemptKey) -> None:
        """Make a key new again; one that is DONE stands."""
        gone = delete(booking_attempt).where(
            booking_attempt.c.key == key, booking_attempt.c.state != AttemptState.DONE
        )
        self._unit.writer.execute(gone)

    def forget_unfinished(self, before: datetime) -> int:
        """Make new again keys that were cut off before anything was noted of them; how many."""
        noted = select(remote_change.c.attempt).where(remote_change.c.attempt == booking_attempt.c.key)
        left = delete(booking_attempt).where(
            booking_attempt.c.at < before,
            booking_attempt.c.state != AttemptState.DONE,
            ~noted.exists(),
        )
        return int(self._unit.writer.execute(left).rowcount)

    def find(self, key: AttemptKey, account: AccountId) -> Attempt | None:
        """What became of this account's attempt; None for an unknown key or somebody else's."""
        wanted = select(booking_attempt).where(
            booking_attempt.c.key == key, booking_attempt.c.account == account
        )
        row = self._unit.reader.execute(wanted).one_or_none()
        return None if row is None else _attempt(row)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        key=AttemptKey(row.key),
        account=AccountId(row.account),
        body_hash=row.body_hash,
        state=row.state,
        result=row.result,
        at=row.at,
    )

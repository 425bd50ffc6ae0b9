"""Idempotency keys as rows, in the same transaction as what they guard. Books nothing itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import booking_attempt, remote_change
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert_query
from portal.domain.ids import AccountId, AttemptKey
from portal.errors import KeyReused, NotFound
from portal.ports.bookings import Attempt, AttemptState

_BEGIN = upsert_query(booking_attempt, lambda insert: insert.on_conflict_do_nothing(index_elements=["key"]))
_FINISH = Query(
    update(booking_attempt)
    .where(booking_attempt.c.key == bindparam("wanted"))
    .values(state=bindparam("new_state", type_=booking_attempt.c.state.type), result=bindparam("new_result"))
)
_EARLIER = select(booking_attempt).where(booking_attempt.c.key == bindparam("wanted"))
_FIND = Query(_EARLIER)
_FIND_OWN = Query(_EARLIER.where(booking_attempt.c.account == bindparam("account")))


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
        if _BEGIN.run(self._unit.writer, values) == 1:
            return None
        found = _attempt(_FIND.first(self._unit.writer, {"wanted": key}))
        if (found.account, found.body_hash) != (account, body_hash):
            raise KeyReused("attempt")
        return found

    def finish(self, key: AttemptKey, state: AttemptState, result: str) -> None:
        """Note what became of it. Raises NotFound for a key that was never begun."""
        done = {"wanted": key, "new_state": state, "new_result": result}
        if _FINISH.run(self._unit.writer, done) == 0:
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
        row = _FIND_OWN.first(self._unit.reader, {"wanted": key, "account": account})
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

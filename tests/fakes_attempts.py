"""An in-memory fake of idempotency keys, held by tests/contract to the same contract as SQL. No I/O."""

from dataclasses import replace
from datetime import datetime

from portal.domain.ids import AccountId, AttemptKey
from portal.errors import KeyReused, NotFound
from portal.ports.bookings import Attempt, AttemptState
from tests.fakes_unit import Fake


class FakeAttempts(Fake):
    """Implements ports.bookings.BookingAttempts."""

    def begin(self, key: AttemptKey, account: AccountId, body_hash: str, at: datetime) -> Attempt | None:
        self.unit.must_be_changing()
        earlier: Attempt | None = self.rows.get(key)
        if earlier is None:
            self.rows[key] = Attempt(
                key=key, account=account, body_hash=body_hash, state=AttemptState.PENDING, result="", at=at
            )
        elif (earlier.account, earlier.body_hash) != (account, body_hash):
            raise KeyReused("attempt")
        return earlier

    def finish(self, key: AttemptKey, state: AttemptState, result: str) -> None:
        self.unit.must_be_changing()
        if key not in self.rows:
            raise NotFound("attempt")
        self.rows[key] = replace(self.rows[key], state=state, result=result)

    def forget(self, key: AttemptKey) -> None:
        self.unit.must_be_changing()
        self.rows = {each: row for each, row in self.rows.items() if each != key or row.result}

    def forget_unfinished(self, before: datetime) -> int:
        left = [key for key, row in self.rows.items() if row.at < before and not row.result]
        return len([self.rows.pop(key) for key in left])

    def find(self, key: AttemptKey, account: AccountId) -> Attempt | None:
        return next((row for row in [self.rows.get(key)] if row and row.account == account), None)

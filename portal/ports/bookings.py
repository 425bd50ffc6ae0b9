"""Idempotency: what became of a change that was sent with a key."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from portal.domain.ids import AccountId, AttemptKey


class AttemptState(Enum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`result` is the id of what was made, or the error's code when it failed."""

    key: AttemptKey
    account: AccountId
    body_hash: str
    state: AttemptState
    result: str
    at: datetime


class BookingAttempts(Protocol):
    """Called inside `UnitOfWork.change()`, so an attempt and what it made are one transaction."""

    def begin(self, key: AttemptKey, account: AccountId, body_hash: str, at: datetime) -> Attempt | None:
        """None when the key is new (it is now PENDING); else the earlier attempt.

        Raises KeyReused when the earlier one had another body or another account.
        """
        ...

    def finish(self, key: AttemptKey, state: AttemptState, result: str) -> None: ...

    def forget(self, key: AttemptKey) -> None:
        """Make a key new again whose attempt is certain to have changed nothing. One that is DONE stands."""
        ...

    def forget_unfinished(self, before: datetime) -> int:
        """Make new again the keys begun before this moment and cut off before anything was noted of them.

        How many. None are ever left where a change is one transaction.
        """
        ...

    def find(self, key: AttemptKey, account: AccountId) -> Attempt | None: ...

"""Sessions on the server, and typed answers kept when one ends.

The cookie's secret is never stored in clear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from portal.access.policy import Level
from portal.domain.ids import AccountId, PatientRef, SessionId

HELD_FOR = timedelta(hours=24)  # how long typed answers are kept for the same person (S35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser.

    `device` is a family name such as 'Chrome on Android', never the whole user agent.
    """

    id: SessionId
    account: AccountId
    level: Level
    created_at: datetime
    last_seen_at: datetime
    authenticated_at: datetime
    csrf_secret: str
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAnswers:
    """A form somebody sent after their session had ended: where it was going and what it said."""

    account: AccountId
    endpoint: str
    arguments: dict[str, str]
    body: tuple[tuple[str, str], ...]
    kept_until: datetime


class Sessions(Protocol):
    """30 minutes idle, 12 hours whatever the use (NHS login); the caller passes the time."""

    def begin(self, session: Session, secret: str) -> None: ...

    def find(self, secret: str, ref: PatientRef | None = None) -> Session | None:
        """The session of a cookie's secret if it was neither ended nor removed, whatever its age.

        `ref`: the reference in the address. What it means to the session's account, and for whom that
        account may act, may be read along, so that Relations need not ask again in this request.
        """
        ...

    def touch(self, session: SessionId, at: datetime) -> None:
        """Note use; the caller does so at most once a minute."""
        ...

    def end(self, session: SessionId, at: datetime) -> None: ...

    def end_others(self, account: AccountId, keep: SessionId, at: datetime) -> int: ...

    def of_account(self, account: AccountId, since: datetime) -> Sequence[Session]: ...

    def last_account(self, secret: str) -> AccountId | None:
        """Whose session this secret was, even after its end; to bind held answers to one person."""
        ...

    def hold(self, handle: str, answers: HeldAnswers) -> None:
        """Keep encrypted; `handle` is random and is all the browser gets."""
        ...

    def read_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        """Give back and keep: a reload shows them again. For any other account, or too late: destroy."""
        ...

    def take_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        """Give back and remove. For any other account, or too late: destroy and return None."""
        ...

    def tidy(self, before: datetime) -> int:
        """Forget sessions last used, and answers held, before then; how many of both."""
        ...

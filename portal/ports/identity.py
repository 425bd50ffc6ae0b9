"""Accounts and ways to sign in, shaped for OpenID Connect: issuer, subject, level, time of authentication."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.access.policy import Level
from portal.domain.ids import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a sign-in proved. Keyed on issuer and subject together, never on e-mail."""

    issuer: str
    subject: str
    level: Level
    authenticated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """A synthetic person anybody may sign in as, in demo mode only.

    `story` is a code the pages put into words.
    """

    subject: str
    name: str
    story: str
    staff: bool = False


class Accounts(Protocol):
    """Accounts are made at first sign-in and hold no name."""

    def find_or_make(self, identity: Identity) -> AccountId: ...

    def language_of(self, account: AccountId) -> str | None: ...

    def save_language(self, account: AccountId, tag: str) -> None: ...


class DemoPeople(Protocol):
    """The synthetic people of the try-out service."""

    def listed(self) -> Sequence[DemoPerson]: ...

    def identity(self, subject: str, at: datetime) -> Identity:
        """Raises NotFound for a subject that is not listed."""
        ...

    def save(self, people: Sequence[DemoPerson]) -> None:
        """Make this the list, in this order. For the commands that load synthetic people."""
        ...

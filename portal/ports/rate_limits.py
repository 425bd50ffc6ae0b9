"""Limits on how often something may be done."""

from dataclasses import dataclass
from typing import Protocol

from portal.errors import TooManyRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` times in `seconds`, under a name."""

    name: str
    count: int
    seconds: int


class RateLimits(Protocol):
    def hit(self, limit: Limit, key: str) -> int:
        """0 when allowed, else the seconds to wait. `key` is an account, a session or an address."""
        ...


def check_limit(limits: RateLimits, limit: Limit, key: str) -> None:
    """Count one use; raises TooManyRequests with the seconds to wait.

    Services call it after they have looked whether an idempotency key already has its answer.
    """
    wait = limits.hit(limit, key)
    if wait:
        raise TooManyRequests(limit.name, retry_after=wait)

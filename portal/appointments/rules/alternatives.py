"""Other ways to be seen when no time suits, the quickest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from portal.domain.ids import SiteId

CALL_BACK = timedelta(days=1)  # a call to the practice is reckoned to be answered within a day


class Way(Enum):
    """A way to care other than the times that were looked for."""

    ANY_MODE = "any-mode"  # the same care here, by phone, video or in person
    ANY_CLINICIAN = "any-clinician"
    OTHER_SITE = "other-site"
    RING = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way. `starts_at` is its first free time; None for a phone call."""

    way: Way
    site: SiteId | None = None
    starts_at: datetime | None = None


def in_order_of_speed(ways: Iterable[Alternative], now: datetime) -> tuple[Alternative, ...]:
    """By the moment each can help. A call stands at one day from now, before times later than that."""
    return tuple(sorted(ways, key=lambda way: (way.starts_at or now + CALL_BACK, way.way.value)))

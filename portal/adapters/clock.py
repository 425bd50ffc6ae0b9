"""The real clock: the only place that asks the machine for the time. Decides nothing."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """Implements ports.clock.Clock for one time zone."""

    def __init__(self, zone: str = "Europe/London") -> None:
        """Raises ZoneInfoNotFoundError for a zone nobody knows."""
        self._zone = ZoneInfo(zone)

    def now(self) -> datetime:
        """The instant now, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The civil day in the clock's zone."""
        return datetime.now(self._zone).date()

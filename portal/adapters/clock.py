"""The real clock: the only place that asks the machine for the time. Decides nothing."""

from datetime import UTC, datetime


class SystemClock:
    """Implements ports.clock.Clock."""

    def now(self) -> datetime:
        """The instant now, aware, in UTC."""
        return datetime.now(UTC)

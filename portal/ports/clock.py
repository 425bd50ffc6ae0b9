"""The time. Only the adapter may look at a real clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time now, aware, in UTC."""

    def now(self) -> datetime: ...

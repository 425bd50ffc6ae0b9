"""The time. Only the adapter may look at a real clock."""

from datetime import date, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time now, aware, in UTC."""

    def now(self) -> datetime: ...

    def today(self) -> date:
        """The day it is where the portal serves people: access ends and ages turn with it, not with UTC."""
        ...

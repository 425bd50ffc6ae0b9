"""Leases, so that one worker does a job at a time."""

from datetime import datetime, timedelta
from typing import Protocol


class Leases(Protocol):
    def take(self, job: str, holder: str, now: datetime, lasting: timedelta) -> bool:
        """Whether this holder has the job until now + lasting. Its own lease may be renewed."""
        ...

    def release(self, job: str, holder: str) -> None: ...

"""The loop of `flask work`: each job in its turn, until told to stop. Knows no job's business."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from portal.access.policy import decide_for_job
from portal.errors import PortalError
from portal.jobs.access_log import seal_access_log
from portal.jobs.remote import settle_changes
from portal.jobs.tidy import tidy_drafts, tidy_sessions
from portal.ports.bundle import Ports

LOG = logging.getLogger("portal.jobs")
LEASE = timedelta(minutes=1)  # how long a worker that died keeps others from its job


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to do every so often; `run` answers how much it did. ValueError for an undeclared name."""

    name: str
    every: timedelta
    run: Callable[[Ports], int]

    def __post_init__(self) -> None:
        decide_for_job(self.name)


JOBS: tuple[Job, ...] = (
    Job(name="seal-access-log", every=timedelta(seconds=5), run=seal_access_log),
    Job(name="tidy-sessions", every=timedelta(minutes=10), run=tidy_sessions),
    Job(name="tidy-drafts", every=timedelta(minutes=10), run=tidy_drafts),
    Job(name="settle-changes", every=timedelta(seconds=20), run=settle_changes),
)


class Stop(Protocol):
    """How the worker is told to end."""

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until told; whether it was told."""
        ...


class Worker:
    """One process's turns. `opened` gives fresh ports, closed after each job; `holder` names it in leases."""

    def __init__(
        self, opened: Callable[[], AbstractContextManager[Ports]], holder: str, jobs: Sequence[Job] = JOBS
    ) -> None:
        self._opened = opened
        self._holder = holder
        self._jobs = jobs
        self._due: dict[str, datetime] = {}

    def run(self, stop: Stop) -> None:
        """Take turns until told to stop. A job that has begun is finished."""
        LOG.info("work-began", extra={"fields": {"holder": self._holder}})
        while not stop.wait(self.turn()):
            pass
        LOG.info("work-ended", extra={"fields": {"holder": self._holder}})

    def turn(self) -> float:
        """Do every job that is due; the seconds until the next one is."""
        return min((self._seconds_left(job) for job in self._jobs), default=60.0)

    def _seconds_left(self, job: Job) -> float:
        """One job's turn. Its trouble is logged, is no other job's, and it is tried again in its time."""
        try:
            with self._opened() as use:
                now = use.clock.now()
                due = self._due.get(job.name, now)
                if now < due <= now + job.every:  # further off: the clock was put back
                    return (due - now).total_seconds()
                self._due[job.name] = now + job.every
                self._do(job, use, now)
        except PortalError as trouble:
            fields = {"job": job.name, "code": trouble.code, "detail": trouble.detail}
            LOG.warning("job-failed", extra={"fields": fields})
        except Exception:
            LOG.exception("job-failed", extra={"fields": {"job": job.name}})
        return job.every.total_seconds()

    def _do(self, job: Job, use: Ports, now: datetime) -> None:
        if not use.leases.take(job.name, self._holder, now, LEASE):
            return
        try:
            count = job.run(use)
        finally:
            use.leases.release(job.name, self._holder)
        if count:
            LOG.info("job-done", extra={"fields": {"job": job.name, "count": count}})

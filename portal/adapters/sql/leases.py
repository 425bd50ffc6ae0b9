"""Leases as rows: one worker does a job at a time, and a dead worker's lease runs out. Runs no job."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from portal.adapters.sql.tables_portal import job_lease
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert


class SqlLeases:
    """Implements ports.jobs.Leases."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def take(self, job: str, holder: str, now: datetime, lasting: timedelta) -> bool:
        """Whether this holder has the job until now + lasting: it was free, run out, or the holder's own."""
        facts = {"holder": holder, "until": now + lasting}
        taken = (
            upsert(self._unit.database, job_lease)
            .values(facts | {"job": job})
            .on_conflict_do_update(
                index_elements=["job"],
                set_=facts,
                where=or_(job_lease.c.until <= now, job_lease.c.holder == holder),
            )
            .returning(job_lease.c.job)
        )
        with self._unit.trace() as connection:
            return connection.execute(taken).one_or_none() is not None

    def release(self, job: str, holder: str) -> None:
        """Give it up; somebody else's lease stays."""
        with self._unit.trace() as connection:
            connection.execute(delete(job_lease).where(job_lease.c.job == job, job_lease.c.holder == holder))

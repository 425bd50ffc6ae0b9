"""Leases: one worker does a job at a time, whatever keeps them."""

from datetime import UTC, datetime, timedelta

from portal.adapters.sql.engine import Database
from tests.contract.portal.parts import Portal, at_once, sql_portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JOB = "seal-access-log"


def test_one_holder_has_a_job_at_a_time(portal: Portal) -> None:
    assert portal.leases.take(JOB, "one", AT, MINUTE)
    assert not portal.leases.take(JOB, "two", AT, MINUTE)
    assert portal.leases.take("tidy-drafts", "two", AT, MINUTE)


def test_a_holder_may_renew_its_own_lease(portal: Portal) -> None:
    portal.leases.take(JOB, "one", AT, MINUTE)
    assert portal.leases.take(JOB, "one", AT + MINUTE / 2, MINUTE)
    assert not portal.leases.take(JOB, "two", AT + MINUTE, MINUTE)


def test_a_dead_holder_s_lease_runs_out(portal: Portal) -> None:
    portal.leases.take(JOB, "one", AT, MINUTE)
    assert not portal.leases.take(JOB, "two", AT + MINUTE - timedelta(microseconds=1), MINUTE)
    assert portal.leases.take(JOB, "two", AT + MINUTE, MINUTE)
    assert not portal.leases.take(JOB, "one", AT + MINUTE, MINUTE)


def test_a_lease_is_given_up_by_its_holder_only(portal: Portal) -> None:
    portal.leases.take(JOB, "one", AT, MINUTE)
    portal.leases.release(JOB, "two")
    assert not portal.leases.take(JOB, "two", AT, MINUTE)
    portal.leases.release(JOB, "one")
    assert portal.leases.take(JOB, "two", AT, MINUTE)


def test_of_many_workers_at_once_one_gets_the_job(database: Database) -> None:
    taken: list[bool] = []
    names = iter(range(12))

    def ask() -> None:
        portal = sql_portal(database)
        taken.append(portal.leases.take(JOB, f"worker-{next(names)}", AT, MINUTE))
        portal.unit.close()

    at_once(12, ask)
    assert sorted(taken) == [False] * 11 + [True]

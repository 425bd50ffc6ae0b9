"""What `flask work` does, over fakes: sealing, tidying, and the loop that runs them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from portal.access.policy import JOBS as DECLARED
from portal.access.policy import Level
from portal.domain.ids import AccountId, PatientId, SessionId
from portal.errors import CannotSave
from portal.jobs import access_log
from portal.jobs.access_log import seal_access_log
from portal.jobs.runner import JOBS, LEASE, Job, Worker
from portal.jobs.tidy import tidy_drafts, tidy_sessions
from portal.ports.access_log import Action, Entry, Outcome
from portal.ports.bundle import Ports
from portal.ports.sessions import Session
from tests.fakes_portal import FakePortal, FixedClock

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADA = AccountId("account-ada")


@pytest.fixture
def fakes() -> FakePortal:
    return FakePortal(clock=FixedClock(datetime(2026, 6, 1, 9, 50, tzinfo=UTC)))


def as_ports(fakes: FakePortal) -> Ports:
    """Jobs that need no clinical source are given none."""
    return cast("Ports", fakes)


def look(fakes: FakePortal, times: int = 1) -> None:
    for _ in range(times):
        fakes.access_log.view(
            Entry(
                at=fakes.clock.now(),
                action=Action.HOME_VIEWED,
                outcome=Outcome.DONE,
                patients=(PatientId("patient-ada"),),
            )
        )


def noted(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [
        record.__dict__["fields"]["seq"] for record in caplog.records if record.msg == "access-log-checkpoint"
    ]


def test_sealing_seals_all_however_many(fakes: FakePortal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "BATCH", 4)
    look(fakes, 10)
    assert seal_access_log(as_ports(fakes)) == 10
    assert fakes.access_log.verify().unsealed == 0
    assert seal_access_log(as_ports(fakes)) == 0


def test_the_chain_s_end_is_noted_once_in_each_hour_in_which_something_was_sealed(
    fakes: FakePortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(4):  # 9:50, 9:55, 10:00, 10:05
        look(fakes)
        seal_access_log(as_ports(fakes))
        fakes.clock.advance(5 * MINUTE)
    assert noted(caplog) == [1, 3]
    fakes.clock.advance(3 * HOUR)
    seal_access_log(as_ports(fakes))
    assert noted(caplog) == [1, 3]


def test_the_noted_link_is_one_that_the_log_holds(
    fakes: FakePortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    look(fakes)
    seal_access_log(as_ports(fakes))
    fields = caplog.records[-1].__dict__["fields"]
    assert fakes.access_log.holds(fields["seq"], fields["mac"])


def test_sessions_are_forgotten_a_day_after_their_last_use(fakes: FakePortal) -> None:
    now = fakes.clock.now()
    session = Session(
        id=SessionId("one"),
        account=ADA,
        level=Level.P9,
        created_at=now,
        last_seen_at=now,
        authenticated_at=now,
        csrf_secret="csrf",
    )
    fakes.sessions.begin(session, "secret")
    fakes.clock.advance(DAY)
    assert tidy_sessions(as_ports(fakes)) == 0
    fakes.clock.advance(MINUTE)
    assert tidy_sessions(as_ports(fakes)) == 1
    assert fakes.sessions.last_account("secret") is None


def test_drafts_are_forgotten_a_day_after_they_were_saved(fakes: FakePortal) -> None:
    fakes.drafts.save(ADA, None, "publish", {"site": "one"}, fakes.clock.now())
    fakes.clock.advance(DAY)
    assert tidy_drafts(as_ports(fakes)) == 0
    fakes.clock.advance(MINUTE)
    assert tidy_drafts(as_ports(fakes)) == 1


def test_every_job_is_one_that_the_policy_declares() -> None:
    assert {job.name for job in JOBS} <= DECLARED
    with pytest.raises(ValueError, match="no such job"):
        Job(name="read-everything", every=MINUTE, run=lambda use: 0)


class Told:
    """Lets the fake clock pass instead of sleeping, and stops after so many sleeps."""

    def __init__(self, clock: FixedClock, after: int) -> None:
        self._clock, self._left = clock, after
        self.slept: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self._clock.advance(timedelta(seconds=seconds))
        self._left -= 1
        return self._left < 0


class Counting:
    """A job's function that counts its calls."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.calls = 0
        self._trouble = trouble

    def __call__(self, use: Ports) -> int:
        self.calls += 1
        if self._trouble is not None:
            raise self._trouble
        return 1


def make_worker(fakes: FakePortal, *jobs: Job, holder: str = "one") -> Worker:
    @contextmanager
    def opened() -> Iterator[Ports]:
        yield as_ports(fakes)
        fakes.unit.close()

    return Worker(opened, holder=holder, jobs=jobs)


def test_each_job_is_done_at_once_and_then_in_its_own_time(fakes: FakePortal) -> None:
    often, seldom = Counting(), Counting()
    worker = make_worker(
        fakes,
        Job(name="seal-access-log", every=timedelta(seconds=5), run=often),
        Job(name="tidy-drafts", every=MINUTE, run=seldom),
    )
    stop = Told(fakes.clock, after=12)
    worker.run(stop)
    assert (often.calls, seldom.calls) == (13, 2)
    assert max(stop.slept) == 5


def test_a_worker_told_to_stop_does_no_more(fakes: FakePortal) -> None:
    job = Counting()
    make_worker(fakes, Job(name="tidy-drafts", every=MINUTE, run=job)).run(Told(fakes.clock, after=0))
    assert job.calls == 1


@pytest.mark.parametrize("trouble", [CannotSave("locked"), ZeroDivisionError("words of a person")])
def test_one_job_s_trouble_stops_neither_the_others_nor_its_next_turn(
    fakes: FakePortal, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    bad, good = Counting(trouble), Counting()
    worker = make_worker(
        fakes,
        Job(name="seal-access-log", every=MINUTE, run=bad),
        Job(name="tidy-drafts", every=MINUTE, run=good),
    )
    worker.run(Told(fakes.clock, after=1))
    assert (bad.calls, good.calls) == (2, 2)
    failed = [record for record in caplog.records if record.msg == "job-failed"]
    assert [record.__dict__["fields"]["job"] for record in failed] == ["seal-access-log"] * 2
    assert fakes.leases.take("seal-access-log", "two", fakes.clock.now(), LEASE)


def test_a_job_that_another_worker_has_is_left_to_it(fakes: FakePortal) -> None:
    job = Counting()
    worker = make_worker(fakes, Job(name="tidy-drafts", every=MINUTE, run=job))
    fakes.leases.take("tidy-drafts", "two", fakes.clock.now(), LEASE)
    worker.turn()
    assert job.calls == 0
    fakes.clock.advance(LEASE)
    worker.turn()
    assert job.calls == 1


def test_a_clock_that_was_put_back_does_not_stop_the_work(fakes: FakePortal) -> None:
    job = Counting()
    worker = make_worker(fakes, Job(name="tidy-drafts", every=MINUTE, run=job))
    worker.turn()
    fakes.clock.advance(-HOUR)
    worker.turn()
    assert job.calls == 2


def test_ports_are_opened_anew_for_each_turn_and_closed(fakes: FakePortal) -> None:
    make_worker(fakes, Job(name="tidy-drafts", every=MINUTE, run=Counting())).turn()
    assert fakes.unit.closed

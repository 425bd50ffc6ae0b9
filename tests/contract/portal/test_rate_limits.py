"""Limits on how often something may be done; and that a broken counter never means no limit."""

from datetime import timedelta
from typing import ClassVar

import pytest
from limits.errors import ConfigurationError
from limits.storage import Storage

from portal.adapters.limits import FixedWindows, WorkerMemory
from portal.ports.rate_limits import Limit
from tests.contract.portal.parts import Portal, at_once
from tests.fakes_portal import FixedClock

THREE = Limit(name="booking", count=3, seconds=60)


def test_so_many_are_allowed_and_then_one_waits_for_the_window_s_end(
    portal: Portal, clock: FixedClock
) -> None:
    assert [portal.rate_limits.hit(THREE, "ada") for _ in range(5)] == [0, 0, 0, 60, 60]
    clock.advance(timedelta(seconds=58.5))
    assert portal.rate_limits.hit(THREE, "ada") == 2
    clock.advance(timedelta(seconds=1.5))
    assert portal.rate_limits.hit(THREE, "ada") == 0


def test_each_key_and_each_limit_counts_for_itself(portal: Portal) -> None:
    for _ in range(4):
        portal.rate_limits.hit(THREE, "ada")
    assert portal.rate_limits.hit(THREE, "ben") == 0
    assert portal.rate_limits.hit(Limit(name="sign-in", count=3, seconds=60), "ada") == 0
    assert portal.rate_limits.hit(THREE, "ada") > 0


def test_many_at_once_get_no_more_than_the_limit() -> None:
    limits = FixedWindows("memory://", FixedClock())
    found: list[int] = []
    at_once(12, lambda: found.extend(limits.hit(THREE, "ada") for _ in range(10)))
    assert found.count(0) == 3
    assert len(found) == 120


def test_windows_that_ended_are_forgotten() -> None:
    clock = FixedClock()
    memory = WorkerMemory(clock)
    for number in range(2000):
        memory.incr(f"visitor-{number}", 60)
    clock.advance(timedelta(seconds=61))
    for _ in range(3000):
        memory.incr("visitor", 60)
    assert memory.reset() == 1


def test_an_unknown_address_is_refused_at_start() -> None:
    with pytest.raises(ConfigurationError):
        FixedWindows("nonsense://", FixedClock())


class Broken(Storage):
    """A counter that can be made to fail, as Redis does when it is not reached."""

    STORAGE_SCHEME: ClassVar[list[str]] = ["broken"]  # type: ignore[misc]
    fails: ClassVar[bool] = True
    asked: ClassVar[int] = 0

    def __init__(self, uri: str, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ConnectionError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        type(self).asked += 1
        if self.fails:
            raise ConnectionError
        return 1

    def get(self, key: str) -> int:
        return 0

    def get_expiry(self, key: str) -> float:
        return 0

    def check(self) -> bool:
        return not self.fails

    def reset(self) -> int | None:
        return None

    def clear(self, key: str) -> None:
        return None


def test_a_broken_counter_means_this_worker_s_own_never_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "asked", 0)
    clock = FixedClock()
    limits = FixedWindows("broken://", clock)
    assert [limits.hit(THREE, "ada") for _ in range(4)] == [0, 0, 0, 60]
    assert Broken.asked == 1  # nobody waits for it again at once


def test_a_counter_that_works_again_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "asked", 0)
    clock = FixedClock()
    limits = FixedWindows("broken://", clock)
    for _ in range(4):
        limits.hit(THREE, "ada")
    monkeypatch.setattr(Broken, "fails", False)
    clock.advance(timedelta(seconds=29))
    assert limits.hit(THREE, "ada") > 0
    clock.advance(timedelta(seconds=1))
    assert limits.hit(THREE, "ada") == 0
    assert Broken.asked == 2

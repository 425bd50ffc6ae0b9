"""The fake clock and the fake unit of work that all other fakes stand on. No I/O, no real clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo


class FixedClock:
    """Implements ports.clock.Clock: stands still until told to move."""

    def __init__(self, now: datetime = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return self._now.astimezone(ZoneInfo("Europe/London")).date()

    def advance(self, by: timedelta) -> datetime:
        self._now += by
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now


class FakeUnit:
    """Implements ports.unit_of_work.UnitOfWork. Whoever joins has its `rows` put back when a change fails.

    `rows` is a dict whose values are never changed in place.
    """

    def __init__(self) -> None:
        self.changing = False
        self.closed = False
        self._joined: list[Any] = []

    def join(self, fake: Any) -> None:
        self._joined.append(fake)

    def must_be_changing(self) -> None:
        if not self.changing:
            raise RuntimeError("writes belong inside UnitOfWork.change()")

    @contextmanager
    def change(self) -> Iterator[None]:
        if self.changing:
            raise RuntimeError("a change is running already")
        before = [(fake, dict(fake.rows)) for fake in self._joined]
        self.changing = True
        try:
            yield
        except BaseException:
            for fake, rows in before:
                fake.rows = rows
            raise
        finally:
            self.changing = False

    def close(self) -> None:
        self.closed = True


class Fake:
    """What every fake of a port has: its unit, and rows that a failed change puts back."""

    def __init__(self, unit: FakeUnit) -> None:
        self.unit = unit
        self.rows: dict[Any, Any] = {}
        unit.join(self)

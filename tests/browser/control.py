"""What a test may tell the served portal: what time it is, and what shall fail. A file, for it is another
process.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from portal import errors
from portal.access.policy import AccessGrant, SiteGrant, SystemGrant
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.unit import SqlUnit
from portal.bootstrap import over_database
from portal.config import Settings
from portal.ports.bundle import Ports
from portal.ports.clinical import ClinicalSource, Directory, PatientChart, SiteDesk
from portal.ports.rate_limits import Limit
from portal.ports.remote_changes import Settled

SEED = 2026
ANCHOR = date(2026, 6, 15)  # a Monday; the clocks change on none of the 8 weeks after it
NOW = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)
PEOPLE = 24  # the listed ones


def settings(folder: Path, *, padding: bool = False) -> Settings:
    """The portal under test: try-out mode, and no padding so that bytes are exact."""
    return Settings(
        secret_key="of the browser tests 0123456789 abcdefgh",
        log_key="for the sealed log 9876543210 hgfedcba zyx",
        database_url=f"sqlite:///{folder / 'portal.sqlite3'}",
        demo=True,
        padding=padding,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """`fails` names a class in portal.errors, or is "bug"; reading any patient's chart then raises it."""

    now: datetime = NOW
    fails: str = ""
    limited: bool = False


class Control:
    """The file of orders. Tests write, the served portal reads at each request."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "orders.json"

    def write(self, orders: Orders) -> None:
        text = json.dumps({"now": orders.now.isoformat(), "fails": orders.fails, "limited": orders.limited})
        fresh = self._path.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        fresh.replace(self._path)  # at once: a reader never sees half of it

    def read(self) -> Orders:
        values: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        return Orders(
            now=datetime.fromisoformat(values["now"]), fails=values["fails"], limited=values["limited"]
        )


@dataclass(frozen=True, slots=True)
class OrderedClock:
    """Implements ports.clock.Clock."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.astimezone(ZoneInfo("Europe/London")).date()


@dataclass(frozen=True, slots=True)
class OrderedLimits:
    """Implements ports.rate_limits.RateLimits: the clock stands still here, so nothing is counted."""

    limited: bool

    def hit(self, limit: Limit, key: str) -> int:
        return 90 if self.limited else 0


@dataclass(slots=True)
class FailingSource:
    """Implements ports.clinical.ClinicalSource for one request: no door opens.

    What is no outage stops the first look only: the page that tells of it may still name the person.
    """

    real: ClinicalSource
    name: str
    raised: bool = False

    def open(self, grant: AccessGrant) -> PatientChart:
        error = self._error()
        if self.raised and getattr(error, "status", 500) < 500:
            return self.real.open(grant)
        self.raised = True
        raise error

    def open_site(self, grant: SiteGrant) -> SiteDesk:
        raise self._error()

    def directory(self) -> Directory:
        return self.real.directory()

    def settle(self, grant: SystemGrant, record: Callable[[Settled], None]) -> int:
        return self.real.settle(grant, record)

    def _error(self) -> Exception:
        if self.name == "bug":
            return ZeroDivisionError("made by a test")
        found: type[errors.PortalError] = getattr(errors, self.name)
        return found("made by a test")


def ordered_ports(chosen: Settings, control: Control) -> Callable[[str], Ports]:
    """The real adapters over SQLite, with the time and the faults that were ordered."""
    real = over_database(chosen).make_ports

    def make(request_id: str) -> Ports:
        orders = control.read()
        clock = OrderedClock(orders.now)
        made = real(request_id)
        assert isinstance(made.unit, SqlUnit)
        source: ClinicalSource = SqlSource(made.unit, clock)
        if orders.fails:
            source = FailingSource(source, orders.fails)
        return replace(made, clock=clock, source=source, rate_limits=OrderedLimits(orders.limited))

    return make

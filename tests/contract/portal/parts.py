"""What the contracts of the portal's own ports are run over: fakes, and SQL on a database."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from portal.adapters.limits import FixedWindows
from portal.adapters.sql.access_log import SqlAccessLog
from portal.adapters.sql.access_log_macs import LogKeys
from portal.adapters.sql.accounts import SqlAccounts
from portal.adapters.sql.attempts import SqlAttempts
from portal.adapters.sql.demo_people import SqlDemoPeople
from portal.adapters.sql.drafts import SqlDrafts
from portal.adapters.sql.engine import Database
from portal.adapters.sql.feedback import SqlFeedback
from portal.adapters.sql.leases import SqlLeases
from portal.adapters.sql.preferences import SqlPreferences
from portal.adapters.sql.relations import SqlRelations
from portal.adapters.sql.sessions import SqlSessions
from portal.adapters.sql.tasks import SqlTasks
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.watches import SqlWatches
from portal.adapters.vault import Vault
from portal.ports.access_log import AccessLog
from portal.ports.bookings import BookingAttempts
from portal.ports.drafts import Drafts
from portal.ports.feedback import Feedback
from portal.ports.identity import Accounts, DemoPeople
from portal.ports.jobs import Leases
from portal.ports.preferences import Preferences
from portal.ports.rate_limits import RateLimits
from portal.ports.relations import Relations
from portal.ports.sessions import Sessions
from portal.ports.tasks import Tasks
from portal.ports.unit_of_work import UnitOfWork
from portal.ports.watches import Watches
from tests.fakes_portal import FakePortal, FixedClock

VAULT = Vault("a secret of the tests, long enough to be one")
LOG_KEYS = LogKeys("another secret of the tests, also long enough")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The portal's own ports, whatever they are made of."""

    unit: UnitOfWork
    access_log: AccessLog
    relations: Relations
    accounts: Accounts
    demo_people: DemoPeople
    sessions: Sessions
    drafts: Drafts
    attempts: BookingAttempts
    watches: Watches
    preferences: Preferences
    tasks: Tasks
    feedback: Feedback
    rate_limits: RateLimits
    leases: Leases


def sql_portal(database: Database, clock: FixedClock | None = None) -> Portal:
    """One request's ports over a database that has its tables."""
    unit = SqlUnit(database)
    return Portal(
        unit=unit,
        access_log=SqlAccessLog(unit, LOG_KEYS),
        relations=SqlRelations(unit),
        accounts=SqlAccounts(unit),
        demo_people=SqlDemoPeople(unit),
        sessions=SqlSessions(unit, VAULT),
        drafts=SqlDrafts(unit),
        attempts=SqlAttempts(unit),
        watches=SqlWatches(unit),
        preferences=SqlPreferences(unit),
        tasks=SqlTasks(unit),
        feedback=SqlFeedback(unit),
        rate_limits=FixedWindows("memory://", clock or FixedClock()),
        leases=SqlLeases(unit),
    )


def fake_portal(clock: FixedClock) -> Portal:
    fakes = FakePortal(clock=clock)
    return Portal(**{name: getattr(fakes, name) for name in Portal.__slots__})


class Undone(Exception):
    """What a test raises to make a change fail."""


@contextmanager
def failed_change(unit: UnitOfWork) -> Iterator[None]:
    """A change in which something goes wrong at its very end."""
    with suppress(Undone), unit.change():
        yield
        raise Undone


def at_once(times: int, work: Callable[[], None]) -> None:
    """Run the same work in several threads that begin together; raises what one of them raised."""
    ready = threading.Barrier(times)

    def wait_and_work() -> None:
        ready.wait()
        work()

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(wait_and_work) for _ in range(times)]:
            done.result()

"""All ports of one request together, as services receive them.

Made by bootstrap's factory, closed at the request's end.
"""

from dataclasses import dataclass

from portal.ports.access_log import AccessLog
from portal.ports.bookings import BookingAttempts
from portal.ports.clinical import ClinicalSource
from portal.ports.clock import Clock
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Services take this as `use`. Fakes of each live in tests/fakes.py."""

    clock: Clock
    unit: UnitOfWork
    source: ClinicalSource
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

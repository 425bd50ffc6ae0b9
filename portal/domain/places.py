"""Organisations, their sites, and the care each site offers with its booking rules."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from portal.domain.appointments import Mode
from portal.domain.ids import OrganisationId, ServiceId, SiteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A practice, hospital or board. `phone` and `text_relay` are as a person dials them."""

    id: OrganisationId
    name: str
    code: str  # ODS code or the source's own; stands in practice URLs
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place people go to. Notes are the practice's own words, in `language`."""

    id: SiteId
    organisation: OrganisationId
    name: str
    address: tuple[str, ...] = ()
    phone: str | None = None
    late_phone: str | None = None  # "I am running late" (S31)
    directions: str = ""
    access_notes: str = ""
    step_free: bool = False
    time_zone: str = "Europe/London"
    language: str = "en-GB"


class OnlineBooking(Enum):
    """Whether people can book this care here themselves."""

    BOOKABLE = "bookable"
    RING_US = "ring-us"  # the practice books it by phone; not cancelled online either (S29)
    NOT_OFFERED = "not-offered"


class CancelConsequence(Enum):
    """What cancelling means for the person, set per kind of care (S29)."""

    NONE = "none"
    LEAVES_QUEUE = "leaves-queue"
    ENDS_REFERRAL = "ends-referral"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """The practice's limits for one kind of care at one site.

    Each limit has a message of its own on screen.
    """

    online: OnlineBooking = OnlineBooking.BOOKABLE
    max_open: int = 3  # open bookings of this kind a person may hold
    notice: timedelta = timedelta(hours=1)  # the nearest time that can still be booked
    window: timedelta = timedelta(days=56)  # the furthest
    released_before: timedelta | None = None  # embargo: times open this long before they start; None: at once
    cancel_cutoff: timedelta = timedelta(hours=1)  # until when it can be cancelled or changed online
    call_late: timedelta = timedelta(minutes=30)  # a phone visit's call may come this long after its end
    consequence: CancelConsequence = CancelConsequence.UNKNOWN
    minimum_age: int | None = None  # completed years, inclusive
    maximum_age: int | None = None  # completed years, inclusive
    same_day_twice: bool = False  # whether two on one day need no question


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One kind of care at one site (FHIR HealthcareService)."""

    id: ServiceId
    organisation: OrganisationId
    site: SiteId
    kind: str  # code of the kind of care, the same at every site: "gp", "nurse", "blood-test"
    name: str  # in the source's words
    minutes: int  # usual length
    modes: tuple[Mode, ...]
    policy: BookingPolicy = BookingPolicy()
    bring: str = ""  # what to bring or do before, in the practice's words
    language: str = "en-GB"

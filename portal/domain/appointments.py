"""Slots, appointments, needs and reasons.

Instants are aware and in UTC; the site holds the zone people read.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from portal.domain.ids import (
    AccountId,
    AppointmentId,
    OrganisationId,
    PatientId,
    PractitionerId,
    ServiceId,
    SiteId,
    SlotId,
)


def _aware(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise ValueError("an instant needs a zone")


class Mode(Enum):
    """How the visit takes place (UK Core DeliveryChannel: In-person, Telephone, Video)."""

    IN_PERSON = "in-person"
    PHONE = "phone"
    VIDEO = "video"


class SlotStatus(Enum):
    """FHIR R4 slotstatus."""

    FREE = "free"
    BUSY = "busy"
    UNAVAILABLE = "busy-unavailable"
    TENTATIVE = "busy-tentative"
    ERROR = "entered-in-error"


class Status(Enum):
    """FHIR R4 appointmentstatus."""

    PROPOSED = "proposed"
    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    WAITLIST = "waitlist"
    ERROR = "entered-in-error"


LIVE = frozenset(
    {Status.PROPOSED, Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.WAITLIST}
)


class Need(Enum):
    """What a person needs at a visit. A minimal list; capability 5 completes it."""

    STEP_FREE = "step-free"
    BSL = "bsl"
    LONGER = "longer"
    INTERPRETER = "interpreter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Needs played back at booking. `interpreter_language` is BCP 47, set only with INTERPRETER."""

    all: frozenset[Need] = frozenset()
    interpreter_language: str | None = None


class Reason(Enum):
    """Short list of reasons for a visit; words are optional (S32)."""

    NEW_PROBLEM = "new-problem"
    ONGOING_PROBLEM = "ongoing-problem"
    TEST_OR_CHECK = "test-or-check"
    MEDICINES = "medicines"
    FORM_OR_LETTER = "form-or-letter"
    OTHER = "other"
    NOT_SAID = "not-said"


class CancelReason(Enum):
    """Why a visit is cancelled.

    FHIR codes of appointment-cancellation-reason stand beside each in portal/fhir.
    """

    BETTER = "better"
    TIME = "time"
    WAIT = "wait"
    MODE = "mode"
    MISTAKE = "mistake"
    OTHER = "other"
    PRACTICE = "practice"
    CHANGED = "changed"  # moved to another time
    NOT_SAID = "not-said"


class AuthorKind(Enum):
    """Who did something, as the person may be told it."""

    PATIENT = "patient"
    CARER = "carer"
    STAFF = "staff"
    SOURCE = "source"  # another system; the portal does not know who


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who booked, changed or cancelled. `account` is None for other systems."""

    kind: AuthorKind
    account: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time somebody can be seen. `released_at` is when people may first book it (embargo)."""

    id: SlotId
    service: ServiceId
    site: SiteId
    organisation: OrganisationId
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    practitioner: PractitionerId | None = None
    status: SlotStatus = SlotStatus.FREE
    released_at: datetime | None = None

    def __post_init__(self) -> None:
        _aware(self.starts_at, self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError("a slot ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """Who cancelled, when and why.

    `words` are the person's own and are shown to nobody but them and staff.
    """

    at: datetime
    by: Author
    reason: CancelReason = CancelReason.NOT_SAID
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One visit.

    `version` guards against two changes at once; `sequence` is the calendar's (RFC 5545 SEQUENCE).
    """

    id: AppointmentId
    patient: PatientId
    status: Status
    starts_at: datetime
    ends_at: datetime
    service: ServiceId | None = None  # None: another system's appointment that names none
    site: SiteId | None = None
    organisation: OrganisationId | None = None
    mode: Mode | None = None
    practitioner: PractitionerId | None = None
    slot: SlotId | None = None
    description: str = ""  # the source's words for the kind of care
    reason: Reason = Reason.NOT_SAID
    words: str = ""
    needs: Needs = field(default_factory=Needs)
    with_someone: bool = False  # "someone will come with me"; gives no access (S31)
    created_at: datetime | None = None
    booked_by: Author = Author(kind=AuthorKind.SOURCE)
    cancellation: Cancellation | None = None
    cannot_come_at: datetime | None = None  # said after the cut-off (S29)
    replaces: AppointmentId | None = None  # moved here from
    replaced_by: AppointmentId | None = None  # moved to
    sequence: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        _aware(self.starts_at, self.ends_at)
        if self.ends_at < self.starts_at:
            raise ValueError("an appointment ends after it starts")

    @property
    def live(self) -> bool:
        """Still to happen or happening, as far as its status says."""
        return self.status in LIVE

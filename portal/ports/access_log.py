"""The tamper-evident access log: every view and every change of a record, and every refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from portal.access.policy import AccessGrant, SiteGrant
from portal.domain.ids import AccountId, OrganisationId, PatientId


class Action(Enum):
    """What was done, `thing:verb`."""

    SIGN_IN = "session:begin"
    SIGN_OUT = "session:end"
    SESSIONS_ENDED = "session:end-others"
    HOME_VIEWED = "home:view"
    APPOINTMENTS_VIEWED = "appointments:view"
    APPOINTMENT_VIEWED = "appointment:view"
    CALENDAR_TAKEN = "appointment:calendar"
    SLOTS_SEARCHED = "slots:search"
    BOOKED = "appointment:book"
    CHANGED = "appointment:change"
    CANCELLED = "appointment:cancel"
    CANNOT_COME = "appointment:cannot-come"
    NEEDS_VIEWED = "needs:view"
    NEEDS_CHANGED = "needs:change"
    WATCH_CHANGED = "watch:change"
    DAY_VIEWED = "practice:day"
    SLOTS_PUBLISHED = "practice:publish"
    SLOT_WITHDRAWN = "practice:withdraw"
    TASK_ANSWERED = "practice:task"
    REFUSED = "refused"


class Outcome(Enum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. `patients` names everybody whose data was seen; `object` is an id or a code, never words.

    `request` is filled by the adapter, which knows the request it was made for.
    """

    at: datetime
    action: Action
    outcome: Outcome
    actor: AccountId | None = None
    patients: tuple[PatientId, ...] = ()
    organisation: OrganisationId | None = None
    acting_for_other: bool = False
    object: str = ""
    reason: str = ""
    request: str = ""

    @classmethod
    def of(
        cls,
        grant: AccessGrant | SiteGrant,
        action: Action,
        at: datetime,
        *,
        object: str = "",
        patients: tuple[PatientId, ...] = (),
        outcome: Outcome = Outcome.DONE,
    ) -> "Entry":
        """The row of something done under a grant.

        `patients` is for desks; a chart's patient is the grant's.
        """
        if isinstance(grant, AccessGrant):
            return cls(
                at=at,
                action=action,
                outcome=outcome,
                actor=grant.actor,
                patients=(grant.patient,),
                acting_for_other=grant.acting_for_other,
                object=object,
            )
        return cls(
            at=at,
            action=action,
            outcome=outcome,
            actor=grant.actor,
            patients=patients,
            organisation=grant.organisation,
            object=object,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `flask access-log verify` found. `broken` are sequence numbers of rows that do not fit."""

    sealed: int
    unsealed: int
    broken: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The chain's last link, to be noted in another system: only that shows a return to an older copy."""

    number: int
    mac: str  # hexadecimal
    at: datetime


class AccessLog(Protocol):
    """Rows carry a MAC each; a sealer chains them in batches. Nothing is updated or deleted."""

    def view(self, entry: Entry) -> None:
        """Write in a short transaction of its own, before the answer leaves. Raises CannotSave."""
        ...

    def change(self, entry: Entry) -> None:
        """Write inside the running `UnitOfWork.change()`."""
        ...

    def about(self, patient: PatientId, *, limit: int = 50) -> Sequence[Entry]:
        """The latest rows that name this patient, newest first."""
        ...

    def seal(self, *, at: datetime, limit: int = 5000) -> int:
        """Chain what is unsealed; the number of rows sealed."""
        ...

    def verify(self) -> Verification: ...

    def checkpoint(self) -> Checkpoint | None:
        """The chain's last link; None before the first seal."""
        ...

    def holds(self, number: int, mac: str) -> bool:
        """Whether the chain still has a link that was noted earlier."""
        ...

"""What another system is about to be asked to change, noted before it is asked: nothing cut off is lost.

A note is taken away in the same transaction in which the change is acknowledged. What is left over is settled
by the job `settle-changes`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from portal.domain.appointments import Appointment
from portal.domain.ids import AccountId, AppointmentId, AttemptKey, PatientId, SlotId

CUT_OFF_AFTER = timedelta(minutes=2)  # no page lasts so long: whoever noted it is gone


class ChangeKind(Enum):
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    CANNOT_COME = "cannot-come"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteChange:
    """`id` is the booking's key, or random for what needs none; `attempt` is the form's key, if any."""

    id: str
    kind: ChangeKind
    at: datetime
    patient: PatientId | None = None
    account: AccountId | None = None
    attempt: AttemptKey | None = None
    slot: SlotId | None = None  # claimed, or to be freed or taken out of use
    appointment: AppointmentId | None = None  # the one that ends; for BOOK none


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a change that was cut off came to. `visit`: as it stands now; None: nothing was changed."""

    change: RemoteChange
    visit: Appointment | None


class Act(Enum):
    """Which act of an appointment an account stands for."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


Acts = Mapping[tuple[AppointmentId, Act], AccountId]


class RemoteChanges(Protocol):
    """Writes are inside a change."""

    def note(self, change: RemoteChange) -> bool:
        """False when one with this id is noted already; that one stands."""
        ...

    def forget(self, wanted: str) -> None: ...

    def find(self, wanted: str) -> RemoteChange | None: ...

    def left_since(self, before: datetime) -> Sequence[RemoteChange]:
        """Those noted before this moment, the oldest first."""
        ...

    def note_act(self, appointment: AppointmentId, act: Act, account: AccountId) -> None:
        """Who did it, for another system keeps no account of ours. The first stands."""
        ...

    def acts(self, appointments: Iterable[AppointmentId]) -> Acts: ...

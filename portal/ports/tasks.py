"""Things a person at the practice must do, such as ringing somebody whose visit was cancelled (S28, S29,
S30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from portal.domain.ids import AccountId, AppointmentId, OrganisationId, PatientId, TaskId


class TaskKind(Enum):
    TELL_CANCELLED = "tell-cancelled"  # ring this person: the practice cancelled their visit
    CANNOT_COME = "cannot-come"  # the person said so after the cut-off
    CARER_CANCELLED_TWICE = "carer-cancelled-twice"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    id: TaskId
    organisation: OrganisationId
    kind: TaskKind
    patient: PatientId
    made_at: datetime
    due_at: datetime
    appointment: AppointmentId | None = None
    done_at: datetime | None = None
    done_by: AccountId | None = None


class Tasks(Protocol):
    """Writes are inside a change."""

    def add(self, task: Task) -> None:
        """The same kind for the same appointment is kept once."""
        ...

    def open_of(self, organisation: OrganisationId) -> Sequence[Task]: ...

    def done(self, task: TaskId, organisation: OrganisationId, by: AccountId, at: datetime) -> Task | None:
        """Ticked by a person: the task, or None when it was ticked before, which changes nothing.

        Raises NotFound for another organisation's.
        """
        ...

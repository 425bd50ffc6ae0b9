"""Settles what another system was asked to change and never acknowledged. Asks no system itself."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from portal.access.policy import decide_for_job
from portal.domain.appointments import Appointment
from portal.domain.ids import TaskId
from portal.ports.access_log import Action, Entry, Outcome
from portal.ports.bookings import AttemptState
from portal.ports.bundle import Ports
from portal.ports.remote_changes import CUT_OFF_AFTER, ChangeKind, RemoteChange, Settled
from portal.ports.tasks import Task, TaskKind

TELL_WITHIN = timedelta(hours=4)  # as when the practice cancels and nothing is cut off (S28)
_TASKS = uuid5(NAMESPACE_URL, "https://porth.example/tasks")
_ACTIONS = {
    ChangeKind.BOOK: Action.BOOKED,
    ChangeKind.MOVE: Action.CHANGED,
    ChangeKind.CANCEL: Action.CANCELLED,
    ChangeKind.CANNOT_COME: Action.CANNOT_COME,
    ChangeKind.WITHDRAW: Action.SLOT_WITHDRAWN,
}


def settle_changes(use: Ports) -> int:
    """Finish or undo what was cut off, and note it as if it had not been; how many."""
    count = use.source.settle(decide_for_job("settle-changes"), lambda settled: _record(settled, use))
    with use.unit.change():
        return count + use.attempts.forget_unfinished(use.clock.now() - CUT_OFF_AFTER)


def _record(settled: Settled, use: Ports) -> None:
    """Inside a change: the form's key gets its answer, the access log its row, staff their task."""
    change, visit = settled.change, settled.visit
    if _acknowledged(change, use):
        return
    if change.attempt is not None:
        if visit is None:
            use.attempts.forget(change.attempt)
        else:
            use.attempts.finish(change.attempt, AttemptState.DONE, visit.id)
    if visit is not None:
        _open_task(change, visit, use)
    use.access_log.change(
        Entry(
            at=use.clock.now(),
            action=_ACTIONS[change.kind],
            outcome=Outcome.FAILED if visit is None else Outcome.DONE,
            actor=change.account,
            patients=() if change.patient is None else (change.patient,),
            organisation=None if visit is None else visit.organisation,
            object=str(visit.id if visit else change.slot or ""),
            reason="settled",
        )
    )


def _acknowledged(change: RemoteChange, use: Ports) -> bool:
    """Whether the change itself was over, and only a slot was left to be opened."""
    if change.attempt is None or change.account is None:
        return False
    attempt = use.attempts.find(change.attempt, change.account)
    return attempt is None or attempt.state is AttemptState.DONE


def _open_task(change: RemoteChange, visit: Appointment, use: Ports) -> None:
    """What the service would have asked staff to do (S28, S29)."""
    now = use.clock.now()
    match change.kind:
        case ChangeKind.WITHDRAW:
            kind, due = TaskKind.TELL_CANCELLED, min(now + TELL_WITHIN, max(now, visit.starts_at))
        case ChangeKind.CANNOT_COME:
            kind, due = TaskKind.CANNOT_COME, visit.starts_at
        case ChangeKind.BOOK | ChangeKind.MOVE | ChangeKind.CANCEL:
            return
    if visit.organisation is None:
        return
    task = Task(
        id=TaskId(str(uuid5(_TASKS, f"{change.kind.value}/{visit.id}"))),
        organisation=visit.organisation,
        kind=kind,
        patient=visit.patient,
        made_at=now,
        due_at=due,
        appointment=visit.id,
    )
    use.tasks.add(task)

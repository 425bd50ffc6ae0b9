"""Changing, cancelling, and "I cannot come". The old time is kept until the new one is certain."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from portal.access.policy import AccessGrant
from portal.appointments import rules
from portal.appointments.service.booking import Plan, booking_of, judge, keep_limits, plan_parts
from portal.appointments.service.facts import author, digest, earlier_answer, known
from portal.domain.appointments import Appointment, CancelReason
from portal.domain.ids import AppointmentId, AttemptKey, OrganisationId, TaskId
from portal.domain.places import Service
from portal.errors import AlreadyCancelled, ChangedMeanwhile, PortalError, RingUs, SlotNotBookable, TooLate
from portal.ports.access_log import Action, Entry
from portal.ports.bookings import AttemptState
from portal.ports.bundle import Ports
from portal.ports.tasks import Task, TaskKind

_TASKS = uuid5(NAMESPACE_URL, "https://porth.example/tasks")
LOOKED_AT_WITHIN = timedelta(days=1)


class AppointmentPast(PortalError):
    """It has begun or is over: nothing about it can be changed."""

    status, code = 409, "appointment-past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What somebody read and then cancelled: the version guards against a change made meanwhile."""

    version: int
    reason: CancelReason = CancelReason.NOT_SAID
    words: str = ""


def _refuse(obstacle: rules.Obstacle | None) -> None:
    """Raises AlreadyCancelled, AppointmentPast, RingUs or TooLate."""
    match obstacle:
        case None:
            return
        case rules.Obstacle.ALREADY_CANCELLED:
            raise AlreadyCancelled
        case rules.Obstacle.PAST | rules.Obstacle.STARTED:
            raise AppointmentPast(obstacle.value)
        case rules.Obstacle.RING_US:
            raise RingUs
        case rules.Obstacle.TOO_LATE:
            raise TooLate


def _service_of(appointment: Appointment, use: Ports) -> Service | None:
    return known(use).services.get(appointment.service) if appointment.service else None


def move(
    grant: AccessGrant, wanted: AppointmentId, version: int, plan: Plan, key: AttemptKey, *, use: Ports
) -> Appointment:
    """Take the new time, then let the old one go; both or neither. Returns the new appointment.

    Raises as `book`, and AlreadyCancelled, AppointmentPast, RingUs, TooLate, ChangedMeanwhile.
    """
    facts = known(use)
    chart = use.source.open(grant)
    patient = chart.patient()
    now = use.clock.now()
    body = digest(("move", grant.patient, wanted, str(version), *plan_parts(plan)))
    with use.unit.change():
        earlier = earlier_answer(key, grant, body, now, use)
        if earlier is not None:
            return chart.appointment(AppointmentId(earlier))
        chart.hold()
        keep_limits(grant, use)
        old = chart.appointment(wanted)
        service = facts.services.get(old.service) if old.service else None
        _refuse(rules.obstacle(old, service, now))
        if old.version != version:
            raise ChangedMeanwhile
        slot = judge(grant, plan, chart, patient, facts, use, moving=old)
        if service is None or facts.service(slot.service).kind != service.kind:
            raise SlotNotBookable("other-kind")
        made = chart.move(wanted, version=version, booking=booking_of(plan, key, grant, now))
        use.attempts.finish(key, AttemptState.DONE, made.id)
        use.access_log.change(Entry.of(grant, Action.CHANGED, now, object=made.id))
    return made


def cancel(
    grant: AccessGrant, wanted: AppointmentId, ending: Ending, key: AttemptKey, *, use: Ports
) -> Appointment:
    """Cancel once. A carer's second in 90 days opens a staff task (S30).

    Raises AlreadyCancelled, AppointmentPast, RingUs, TooLate, ChangedMeanwhile, KeyReused, StillWorking,
    CannotSave.
    """
    chart = use.source.open(grant)
    now = use.clock.now()
    body = digest(("cancel", grant.patient, wanted, str(ending.version), ending.reason.value, ending.words))
    with use.unit.change():
        earlier = earlier_answer(key, grant, body, now, use)
        if earlier is not None:
            return chart.appointment(AppointmentId(earlier))
        chart.hold()  # or two at once would each be a helper's first (S30)
        old = chart.appointment(wanted)
        _refuse(rules.obstacle(old, _service_of(old, use), now))
        gone = chart.cancel(
            wanted,
            version=ending.version,
            author=author(grant),
            at=now,
            reason=ending.reason,
            words=ending.words,
        )
        if grant.acting_for_other and rules.cancelled_too_often(chart.appointments(), grant.actor, now):
            _add_task(TaskKind.CARER_CANCELLED_TWICE, gone, now, now + LOOKED_AT_WITHIN, use)
        use.attempts.finish(key, AttemptState.DONE, gone.id)
        use.access_log.change(Entry.of(grant, Action.CANCELLED, now, object=gone.id))
    return gone


def cannot_come(
    grant: AccessGrant, wanted: AppointmentId, version: int, key: AttemptKey, *, use: Ports
) -> Appointment:
    """Record "I cannot come" after the cut-off, with a task for the practice (S29). Saying it twice is
    saying it once.

    Raises AlreadyCancelled, AppointmentPast, RingUs, ChangedMeanwhile; TooLate never.
    """
    chart = use.source.open(grant)
    now = use.clock.now()
    body = digest(("cannot-come", grant.patient, wanted, str(version)))
    with use.unit.change():
        earlier = earlier_answer(key, grant, body, now, use)
        if earlier is not None:
            return chart.appointment(AppointmentId(earlier))
        chart.hold()
        old = chart.appointment(wanted)
        stopped = rules.obstacle(old, _service_of(old, use), now)
        if stopped is not rules.Obstacle.TOO_LATE:
            _refuse(stopped)
        said = old if old.cannot_come_at else chart.cannot_come(wanted, version=version, at=now)
        _add_task(TaskKind.CANNOT_COME, said, now, said.starts_at, use)
        use.attempts.finish(key, AttemptState.DONE, said.id)
        use.access_log.change(Entry.of(grant, Action.CANNOT_COME, now, object=said.id))
    return said


def _add_task(kind: TaskKind, about: Appointment, now: datetime, due: datetime, use: Ports) -> None:
    organisation: OrganisationId | None = about.organisation
    if organisation is None:  # another system's appointment: no desk of ours looks after it
        return
    use.tasks.add(
        Task(
            id=TaskId(str(uuid5(_TASKS, f"{kind.value}/{about.id}"))),
            organisation=organisation,
            kind=kind,
            patient=about.patient,
            made_at=now,
            due_at=due,
            appointment=about.id,
        )
    )

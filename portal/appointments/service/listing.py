"""Seeing appointments: the one list, one of them, its calendar file, and what home should say about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments import rules
from portal.appointments.service.facts import known, may
from portal.domain.appointments import Appointment, AuthorKind, CancelReason, Mode
from portal.domain.attention import Attention, AttentionKind
from portal.domain.ids import AppointmentId
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.errors import NotFound
from portal.ports.access_log import Action, Entry
from portal.ports.bundle import Ports
from portal.ports.clinical import Known, PatientChart
from portal.ports.watches import Watch

TOLD_FOR = timedelta(days=14)  # how long a carer's cancellation stands on the person's home


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The one list."""

    upcoming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]  # newest first
    cancelled: tuple[Appointment, ...]  # newest first
    watches: tuple[Watch, ...]
    known: Known
    may_book: bool
    now: datetime
    incomplete: bool = False  # the source gave entries that could not be understood (H4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One appointment with all that its page says. Absent parts are None: another system's may name no
    place.
    """

    appointment: Appointment
    service: Service | None
    site: Site | None
    organisation: Organisation | None
    practitioner: Practitioner | None
    stage: rules.Stage
    obstacle: rules.Obstacle | None
    cancel_by: datetime | None
    may_say_cannot_come: bool
    may_change: bool
    may_cancel: bool
    may_book: bool
    phone: str | None  # the number a phone visit rings; the person's own eyes only (S14)
    uid: str  # the calendar's name for the visit, the same through every change of time
    now: datetime


def listed(grant: AccessGrant, *, use: Ports) -> Listed:
    """All of the person's appointments. Logged before the answer leaves."""
    chart = use.source.open(grant)
    now = use.clock.now()
    by_stage: dict[rules.Stage, list[Appointment]] = {stage: [] for stage in rules.Stage}
    for appointment in chart.appointments():
        by_stage[rules.stage(appointment, now)].append(appointment)
    use.access_log.view(Entry.of(grant, Action.APPOINTMENTS_VIEWED, now))
    return Listed(
        upcoming=tuple(by_stage[rules.Stage.UPCOMING]),
        past=tuple(reversed(by_stage[rules.Stage.PAST])),
        cancelled=tuple(reversed(by_stage[rules.Stage.CANCELLED])),
        watches=tuple(use.watches.of_patient(grant.actor, grant.patient, now)),
        known=known(use),
        may_book=may(grant, Permission.APPOINTMENTS_BOOK, use),
        now=now,
        incomplete=chart.unshown() > 0,
    )


def shown(
    grant: AccessGrant, wanted: AppointmentId, *, use: Ports, action: Action = Action.APPOINTMENT_VIEWED
) -> Shown:
    """One appointment, logged. Raises NotFound for what is absent or another's."""
    chart = use.source.open(grant)
    appointment = chart.appointment(wanted)
    now = use.clock.now()
    facts = known(use)
    service = facts.services.get(appointment.service) if appointment.service else None
    use.access_log.view(Entry.of(grant, action, now, object=appointment.id))
    return Shown(
        appointment=appointment,
        service=service,
        site=facts.sites.get(appointment.site) if appointment.site else None,
        organisation=facts.organisations.get(appointment.organisation) if appointment.organisation else None,
        practitioner=facts.practitioners.get(appointment.practitioner) if appointment.practitioner else None,
        stage=rules.stage(appointment, now),
        obstacle=rules.obstacle(appointment, service, now),
        cancel_by=rules.cancel_by(appointment, service) if service else None,
        may_say_cannot_come=rules.may_say_cannot_come(appointment, service, now),
        may_change=may(grant, Permission.APPOINTMENTS_CHANGE, use),
        may_cancel=may(grant, Permission.APPOINTMENTS_CANCEL, use),
        may_book=may(grant, Permission.APPOINTMENTS_BOOK, use),
        phone=_phone(grant, chart, appointment),
        uid=_first_id(chart, appointment),
        now=now,
    )


def _phone(grant: AccessGrant, chart: PatientChart, appointment: Appointment) -> str | None:
    if grant.acting_for_other or appointment.mode is not Mode.PHONE:
        return None
    return chart.patient().phone


def _first_id(chart: PatientChart, appointment: Appointment) -> str:
    """The id of the visit this one was first booked as, over all its changes of time."""
    met = {appointment.id}
    while appointment.replaces is not None and appointment.replaces not in met:
        met.add(appointment.replaces)
        try:
            appointment = chart.appointment(appointment.replaces)
        except NotFound:  # an older one that the source no longer gives
            return appointment.replaces or appointment.id
    return appointment.id


def confirmed(grant: AccessGrant, wanted: AppointmentId, *, use: Ports) -> Shown:
    """As `shown`, for whoever just booked or changed it, who need not be allowed to see the list.

    Raises NotFound for a visit that somebody else booked, unless the actor may see them all.
    """
    found = shown(grant, wanted, use=use)
    if found.appointment.booked_by.account != grant.actor and not may(
        grant, Permission.APPOINTMENTS_VIEW, use
    ):
        raise NotFound("appointment")
    return found


def calendar(grant: AccessGrant, wanted: AppointmentId, *, use: Ports) -> Shown:
    """As `shown`, logged as a calendar file taken away."""
    return shown(grant, wanted, use=use, action=Action.CALENDAR_TAKEN)


def attention(chart: PatientChart, grant: AccessGrant, use: Ports) -> Sequence[Attention]:
    """What home should say. Nothing for somebody who may not see the person's appointments."""
    if not may(grant, Permission.APPOINTMENTS_VIEW, use):
        return ()
    now = use.clock.now()
    found: list[Attention] = []
    following: Appointment | None = None
    for appointment in chart.current_appointments(ends_after=now, cancelled_after=now - TOLD_FOR):
        kind = _pressing(appointment, now)
        if kind is not None:
            found.append(Attention(kind=kind, at=appointment.starts_at, appointment=appointment.id))
        elif following is None and rules.stage(appointment, now) is rules.Stage.UPCOMING:
            following = appointment
    if following is not None:
        found.append(
            Attention(kind=AttentionKind.NEXT_APPOINTMENT, at=following.starts_at, appointment=following.id)
        )
    waiting = use.watches.of_patient(grant.actor, grant.patient, now)
    return [*found, *(Attention(kind=AttentionKind.WATCHING, at=watch.made_at) for watch in waiting[:1])]


def _pressing(appointment: Appointment, now: datetime) -> AttentionKind | None:
    """Cancelled by another, or "I cannot come" said and still booked.

    What only matters before the visit goes with its time. A carer's cancellation stays (S30): the person
    may look only after the day they would have come.
    """
    if appointment.cannot_come_at is not None and appointment.live:
        return AttentionKind.CANNOT_COME_NOTED if appointment.starts_at > now else None
    end = appointment.cancellation
    if end is None or end.reason is CancelReason.CHANGED:
        return None
    match end.by.kind:
        case AuthorKind.STAFF | AuthorKind.SOURCE:
            return AttentionKind.CANCELLED_BY_PRACTICE if appointment.starts_at > now else None
        case AuthorKind.CARER:
            return AttentionKind.CANCELLED_BY_CARER if end.at > now - TOLD_FOR else None
        case AuthorKind.PATIENT:
            return None

"""Booking: what would be booked, judged afresh, then booked once whatever is sent how often."""

from dataclasses import dataclass
from datetime import datetime

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments import rules
from portal.appointments.service.facts import (
    author,
    countable,
    digest,
    earlier_answer,
    known,
    may,
    needs_parts,
)
from portal.domain.appointments import Appointment, Need, Needs, Reason, Slot
from portal.domain.ids import AppointmentId, AttemptKey, SlotId
from portal.domain.people import Patient
from portal.domain.places import Service, Site
from portal.errors import NotEligible, PortalError, SlotNotBookable, SlotTaken
from portal.ports.access_log import Action, Entry
from portal.ports.bookings import AttemptState
from portal.ports.bundle import Ports
from portal.ports.clinical import Booking, Known, PatientChart
from portal.ports.rate_limits import Limit, check_limit

BOOK_LIMITS = (
    Limit(name="book-minute", count=10, seconds=60),
    Limit(name="book-hour", count=30, seconds=3600),
)


class SameDay(PortalError):
    """Another visit stands on that day, and nobody has said that both are wanted."""

    status, code = 409, "same-day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A visit somebody wants. `both_wanted`: they were asked about another visit on that day and said yes."""

    slot: SlotId
    reason: Reason = Reason.NOT_SAID
    words: str = ""
    needs: Needs = Needs()
    with_someone: bool = False
    both_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a plan would become, for the check page. `clashes` are visits to ask about (S8: visible ones
    only).
    """

    slot: Slot
    service: Service
    site: Site
    known: Known
    problem: rules.SlotProblem | None
    clashes: tuple[Appointment, ...]
    now: datetime


def preview(
    grant: AccessGrant, wanted: SlotId, *, use: Ports, moving: AppointmentId | None = None
) -> Preview:
    """Look before asking. Raises NotFound for an unknown time.

    Whoever shows it logs it (`looked`): what is sent from the page becomes a row of its own.
    """
    chart = use.source.open(grant)
    facts = known(use)
    now = use.clock.now()
    slot = chart.slot(wanted)
    service = facts.service(slot.service)
    site = facts.site(slot.site)
    clashes = rules.same_day(
        slot, countable(grant, chart, use), facts.services, site.time_zone, leave_out=moving
    )
    return Preview(
        slot=slot,
        service=service,
        site=site,
        known=facts,
        problem=rules.slot_problem(slot, service.policy, now),
        clashes=clashes,
        now=now,
    )


def book(grant: AccessGrant, plan: Plan, key: AttemptKey, *, use: Ports) -> Appointment:
    """Book once. The same key with the same plan gives the same appointment, before any limit counts.

    Raises SlotTaken, SlotNotBookable, NotEligible, SameDay, TooManyRequests, KeyReused, StillWorking,
    CannotSave.
    """
    facts = known(use)
    chart = use.source.open(grant)
    patient = chart.patient()
    now = use.clock.now()
    with use.unit.change():
        earlier = earlier_answer(key, grant, digest(("book", grant.patient, *plan_parts(plan))), now, use)
        if earlier is not None:
            return chart.appointment(AppointmentId(earlier))
        chart.hold()  # or as many parallel bookings as there are would each be the first
        keep_limits(grant, use)
        judge(grant, plan, chart, patient, facts, use)
        made = chart.book(booking_of(plan, key, grant, now))
        use.attempts.finish(key, AttemptState.DONE, made.id)
        use.access_log.change(Entry.of(grant, Action.BOOKED, now, object=made.id))
    return made


def booking_of(plan: Plan, key: AttemptKey, grant: AccessGrant, now: datetime) -> Booking:
    return Booking(
        key=key,
        slot=plan.slot,
        author=author(grant),
        at=now,
        reason=plan.reason,
        words=plan.words,
        needs=plan.needs,
        with_someone=plan.with_someone,
    )


def plan_parts(plan: Plan) -> tuple[str, ...]:
    """The plan's meaning as text, the same in every process."""
    return (plan.slot, plan.reason.value, plan.words, *needs_parts(plan.needs), str(plan.with_someone))


def keep_limits(grant: AccessGrant, use: Ports) -> None:
    """10 bookings a minute and 30 an hour for an account. Raises TooManyRequests."""
    for limit in BOOK_LIMITS:
        check_limit(use.rate_limits, limit, grant.actor)


def judge(
    grant: AccessGrant,
    plan: Plan,
    chart: PatientChart,
    patient: Patient,
    facts: Known,
    use: Ports,
    *,
    moving: Appointment | None = None,
) -> Slot:
    """Whether this time may become this person's now; the slot. Raises as `book`. Inside the change that
    books.
    """
    now = use.clock.now()
    slot = chart.slot(plan.slot)
    service = facts.service(slot.service)
    leave_out = moving.id if moving else None
    others = tuple(other for other in countable(grant, chart, use) if other.id != leave_out)
    open_now = rules.open_of_kind(others, service.kind, facts.services, now)
    zone = facts.site(slot.site).time_zone
    today = rules.local_day(now, zone)
    stopped = rules.hindrance(service, patient, open_now=open_now, today=today)
    if stopped is not None:
        raise NotEligible(stopped.value)
    _refuse(rules.slot_problem(slot, service.policy, now))
    if not plan.both_wanted and rules.same_day(slot, others, facts.services, zone, leave_out=leave_out):
        raise SameDay
    return slot


def _refuse(problem: rules.SlotProblem | None) -> None:
    match problem:
        case None:
            return
        case rules.SlotProblem.TAKEN:
            raise SlotTaken
        case rules.SlotProblem.TOO_SOON | rules.SlotProblem.TOO_FAR | rules.SlotProblem.EMBARGOED:
            raise SlotNotBookable(problem.value)


def needs_told(grant: AccessGrant, *, use: Ports) -> Needs | None:
    """The needs to play back, or None to ask afresh: never asked, or an actor who may not see them.

    Where the person never answered, what the record says about an interpreter is offered.
    """
    if not may(grant, Permission.NEEDS_CHANGE, use):
        return None
    now = use.clock.now()
    use.access_log.view(Entry.of(grant, Action.NEEDS_VIEWED, now))
    told = use.preferences.needs_of(grant.patient)
    if told is not None:
        return told
    patient = use.source.open(grant).patient()
    if not patient.interpreter_required:
        return None
    return Needs(all=frozenset({Need.INTERPRETER}), interpreter_language=patient.language)


def tell_needs(grant: AccessGrant, needs: Needs, *, use: Ports) -> None:
    """Keep the answer for next time. An actor without that permission tells only this booking: nothing is
    kept.
    """
    if not may(grant, Permission.NEEDS_CHANGE, use):
        return
    now = use.clock.now()
    if use.preferences.needs_of(grant.patient) == needs:
        return
    with use.unit.change():
        use.preferences.save_needs(grant.patient, needs, now)
        use.access_log.change(Entry.of(grant, Action.NEEDS_CHANGED, now))

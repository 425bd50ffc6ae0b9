"""The practice's lists as rows of words.

Names, numbers to ring and what to provide; never a reason for a need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from portal.domain.appointments import Mode, Need, Slot, SlotStatus
from portal.domain.ids import SlotId, TaskId
from portal.domain.people import Practitioner, shown_name
from portal.domain.places import Service
from portal.ports.clinical import DayRow
from portal.ports.tasks import TaskKind
from portal.practice.rules import SessionPlan, Trouble
from portal.practice.service import Day, ToTell
from portal.web.dates import day, day_and_time, name, span
from portal.web.forms import Choice
from portal.web.language_names import language_name
from portal.web.words import gettext as _
from portal.web.words import lazy_pgettext as _lp

MODE_WORDS = {
    Mode.IN_PERSON: _lp("kind of visit", "In person"),
    Mode.PHONE: _lp("kind of visit", "By phone"),
    Mode.VIDEO: _lp("kind of visit", "By video"),
}
SOURCE = "en-GB"  # the language that practitioners' roles are written in
SLOT_WORDS = {
    SlotStatus.FREE: _lp("slot status", "Free"),
    SlotStatus.BUSY: _lp("slot status", "Booked"),
    SlotStatus.UNAVAILABLE: _lp("slot status", "Out of use"),
    SlotStatus.TENTATIVE: _lp("slot status", "Held"),
    SlotStatus.ERROR: _lp("slot status", "Out of use"),
}
NEED_WORDS = {
    Need.STEP_FREE: _lp("what to provide", "Step-free room"),
    Need.BSL: _lp("what to provide", "British Sign Language (BSL) interpreter"),
    Need.LONGER: _lp("what to provide", "Longer visit"),
    Need.INTERPRETER: _lp("what to provide", "Interpreter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit of the day."""

    time: str
    name: str
    what: Markup
    mode: str
    needs: Markup
    phone: str | None
    language: str | None
    cannot_come: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """One slot of the day. `withdrawable`: it can still be taken out of use."""

    id: SlotId
    time: str
    what: Markup
    who: Markup
    status: str
    opens: str
    withdrawable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TellRow:
    """Somebody to ring: who, how, in which language, with what need, and about which visit."""

    task: TaskId
    visit: VisitRow
    when: str
    button: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class TellGroup:
    """Those to ring for the same reason."""

    heading: str
    why: str
    rows: tuple[TellRow, ...]


def in_source_words(text: str, tag: str) -> Markup:
    """The source's own words, marked with their language."""
    return Markup('<bdi lang="{}">{}</bdi>').format(tag, text) if text else Markup()


def needs_line(row: DayRow) -> Markup:
    """What to provide, as a list in words; an interpreter with the language's name."""
    words = []
    for need in Need:
        if need in row.appointment.needs.all:
            spoken = row.appointment.needs.interpreter_language if need is Need.INTERPRETER else None
            named = language_name(spoken) if spoken else None
            words.append(
                Markup("{} (<bdi>{}</bdi>)").format(NEED_WORDS[need], named)
                if named
                else escape(str(NEED_WORDS[need]))
            )
    return Markup("; ").join(words)


def visit(row: DayRow, services: Sequence[Service], zone: str) -> VisitRow:
    booked = row.appointment
    return VisitRow(
        time=span(booked.starts_at, booked.ends_at, zone),
        name=row.patient_name,
        what=care_name(services, booked.service) or in_source_words(booked.description, SOURCE),
        mode=str(MODE_WORDS[booked.mode]) if booked.mode else "",
        needs=needs_line(row),
        phone=row.patient_phone,
        language=language_name(row.patient_language) if row.patient_language else None,
        cannot_come=booked.cannot_come_at is not None,
    )


def slot_rows(
    found: Day[Slot], services: Sequence[Service], clinicians: Sequence[Practitioner]
) -> list[SlotRow]:
    zone = found.site.time_zone
    names = {one.id: shown_name(one.names, found.on) for one in clinicians}
    return [
        SlotRow(
            id=slot.id,
            time=span(slot.starts_at, slot.ends_at, zone),
            what=care_name(services, slot.service),
            who=name(names[slot.practitioner]) if slot.practitioner in names else Markup(),
            status=str(SLOT_WORDS[slot.status]),
            opens=_opens(slot, found.now, zone),
            withdrawable=slot.starts_at > found.now and slot.status in {SlotStatus.FREE, SlotStatus.BUSY},
        )
        for slot in found.part.rows
    ]


def _opens(slot: Slot, now: datetime, zone: str) -> str:
    if slot.status is not SlotStatus.FREE or slot.released_at is None or slot.released_at <= now:
        return ""
    return _("People can book it from %(when)s", when=day_and_time(slot.released_at, zone))


def to_tell(items: Sequence[ToTell], services: Sequence[Service], zones: dict[Any, str]) -> list[TellGroup]:
    """Whom to ring, the reasons apart: a task with one reason's words would tell the person a wrong thing."""
    groups = []
    for kind in TaskKind:
        rows = [_tell_row(item, services, zones) for item in items if item.task.kind is kind]
        if rows:
            heading, why = _why(kind)
            groups.append(TellGroup(heading=heading, why=why, rows=tuple(rows)))
    return groups


def _tell_row(item: ToTell, services: Sequence[Service], zones: dict[Any, str]) -> TellRow:
    zone = zones[item.row.appointment.site]
    shown = visit(item.row, services, zone)
    return TellRow(
        task=item.task.id,
        visit=shown,
        when=day_and_time(item.row.appointment.starts_at, zone),
        button=_done_words(item.task.kind, shown.name),
    )


def _why(kind: TaskKind) -> tuple[str, str]:
    """Why a group is on the list, and what to do."""
    match kind:
        case TaskKind.TELL_CANCELLED:
            return _("Visits we cancelled"), _("Ring each person. Say that we cancelled this visit.")
        case TaskKind.CANNOT_COME:
            return _("People who cannot come"), _(
                "They told us that they cannot come. Ring each person about another time."
            )
        case TaskKind.CARER_CANCELLED_TWICE:
            return _("Two visits cancelled by the same helper"), _(
                "The same helper cancelled two of their visits in 90 days. Talk to the person themselves."
            )
        case TaskKind.WATCHING:
            return _("People who wait for a free time"), _("Ring each person when a time is free.")


def _done_words(kind: TaskKind, whose: str) -> Markup:
    """The words of the button that ticks a task off."""
    match kind:
        case TaskKind.TELL_CANCELLED:
            words = _("I have told %(name)s")
        case TaskKind.CANNOT_COME | TaskKind.CARER_CANCELLED_TWICE | TaskKind.WATCHING:
            words = _("I have talked to %(name)s")
    return escape(words) % {"name": name(whose)}


def care_name(services: Sequence[Service], wanted: object) -> Markup:
    """The kind of care in the source's words; empty for one that is not offered any more."""
    for service in services:
        if service.id == wanted:
            return in_source_words(service.name, service.language)
    return Markup()


def service_choices(services: Sequence[Service], sites: dict[Any, str]) -> list[Choice]:
    """Kinds of care with their site, after a first empty line."""
    return [
        Choice("", _("Select one")),
        *(
            Choice(service.id, f"{service.name} – {sites[service.site]}", lang=service.language)
            for service in services
        ),
    ]


def clinician_choices(people: Sequence[Practitioner], today: Any) -> list[Choice]:
    return [
        Choice("", _("Any clinician")),
        *(Choice(one.id, f"{shown_name(one.names, today)}, {one.role}", lang=SOURCE) for one in people),
    ]


def mode_choices() -> list[Choice]:
    return [Choice(mode.value, MODE_WORDS[mode]) for mode in Mode]


def plan_rows(
    plan: SessionPlan, services: Sequence[Service], sites: dict[Any, str], clinician: str, count: int
) -> list[dict[str, Any]]:
    """The plan as the rows of a summary list, for the check page."""
    service = next(found for found in services if found.id == plan.service)
    opens = int(plan.opens_before.total_seconds() // 3600) if plan.opens_before else 0
    care = Markup('<bdi lang="{}">{} – {}</bdi>').format(service.language, service.name, sites[service.site])
    answers: list[tuple[str, Any]] = [
        (_("Kind of care"), care),
        (_("Clinician"), Markup("<bdi>{}</bdi>").format(clinician) if clinician else _("Any clinician")),
        (_("How people are seen"), str(MODE_WORDS[plan.mode])),
        (_("Day of the first session"), day(plan.first_day)),
        (_("From and to"), f"{plan.starts:%H:%M} – {plan.ends:%H:%M}"),
        (_("Minutes for each slot"), str(plan.minutes)),
        (_("How many weeks in a row"), str(plan.weeks)),
        (_("Hours before each slot that people can book it"), str(opens) if opens else _("At once")),
        (_("Slots in all"), str(count)),
    ]
    return [{"key": {"text": question}, "value": {"html": answer}} for question, answer in answers]


def trouble_at(trouble: Trouble) -> tuple[str, str]:
    """The field a plan's trouble belongs to, and what to do about it."""
    match trouble:
        case Trouble.ENDS_FIRST:
            return "ends", _("The last slot must end after the first slot starts")
        case Trouble.TOO_SHORT:
            return "ends", _("There must be time for at least one slot")
        case Trouble.TOO_MANY:
            return "weeks", _("This makes more than 1,000 slots. Enter fewer weeks or longer slots")
        case Trouble.IN_THE_PAST:
            return "day", _("The first session must start in the future")
        case Trouble.TOO_FAR:
            return "day", _("The first session must be within the next two years")
        case Trouble.NOT_A_TIME:
            return "starts", _("The clocks go forward that night and skip this time. Enter another time")
        case Trouble.OVERLAPS | Trouble.OPENS_OTHERWISE:
            return _not_alone(trouble)


def _not_alone(trouble: Trouble) -> tuple[str, str]:
    """Other slots stand in the way, or the very same that open at another time."""
    if trouble is Trouble.OVERLAPS:
        return "starts", _("There are other slots at that time already. Enter another time or day")
    words = _("Some of these slots are there already and open at another time. Enter the hours they have now")
    return "opens", words

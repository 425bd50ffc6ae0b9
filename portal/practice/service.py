"""What practice staff do.

One function an act. Grant first, input next, ports last; returns domain or raises.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from portal.access.policy import SiteGrant
from portal.domain.appointments import Author, AuthorKind, Slot
from portal.domain.ids import SiteId, SlotId, TaskId
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.errors import AlreadyCancelled, NotFound, SlotTaken, TooLate
from portal.ports.access_log import Action, Entry
from portal.ports.bundle import Ports
from portal.ports.clinical import DayRow, NewSlot, Seen, SiteDesk
from portal.ports.tasks import Task, TaskKind
from portal.practice.rules import (
    BadPlan,
    Part,
    SessionPlan,
    Trouble,
    opens_otherwise,
    overlapping,
    part_of,
    read_row,
    slots_of,
)

TELL_WITHIN = timedelta(hours=4)  # a cancelled visit's person is told the same half day (S28)
DAYS_SHOWN = timedelta(days=5 * 366)  # either way from today
_TASKS = uuid5(NAMESPACE_URL, "https://porth.example/tasks")
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Generic[_Row]):
    """Some of what a site has on a day: visits (DayRow) or slots, and the clock's now."""

    site: Site
    on: date
    part: Part[_Row]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """Somebody to ring, and about which visit."""

    task: Task
    row: DayRow


def organisation_of(grant: SiteGrant, use: Ports) -> Organisation:
    """The organisation the grant opens."""
    for organisation in use.source.directory().organisations():
        if organisation.id == grant.organisation:
            return organisation
    raise NotFound("organisation")


def sites_of(grant: SiteGrant, use: Ports) -> tuple[Site, ...]:
    return tuple(site for site in use.source.directory().sites() if site.organisation == grant.organisation)


def services_of(grant: SiteGrant, use: Ports) -> tuple[Service, ...]:
    return tuple(
        service for service in use.source.directory().services() if service.organisation == grant.organisation
    )


def _site(grant: SiteGrant, wanted: SiteId, use: Ports) -> Site:
    for site in sites_of(grant, use):
        if site.id == wanted:
            return site
    raise NotFound("site")


def site_of(grant: SiteGrant, plan: SessionPlan, use: Ports) -> SiteId | None:
    """Where a plan's slots are; None when its kind of care is not offered any more."""
    return next((found.site for found in services_of(grant, use) if found.id == plan.service), None)


def zone_of(grant: SiteGrant, slot: Slot, use: Ports) -> str:
    """The time zone of the place of a slot."""
    return _site(grant, slot.site, use).time_zone


def today_at(site: Site, use: Ports) -> date:
    """The site's own day, now."""
    return use.clock.now().astimezone(ZoneInfo(site.time_zone)).date()


def asked_day(text: str, use: Ports) -> date | None:
    """A day as it stands in an address; None for what is no day, or too far off for anybody to mean it."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if abs(on - use.clock.today()) <= DAYS_SHOWN else None


def visits_of_day(grant: SiteGrant, wanted: SiteId, on: date | None, page: int, *, use: Ports) -> Day[DayRow]:
    """A page of the visits of one site on one local day; one log row names everybody shown."""
    site = _site(grant, wanted, use)
    on = on or today_at(site, use)
    part = part_of(use.source.open_site(grant).day(site.id, on), page)
    now = use.clock.now()
    seen = tuple(sorted({row.appointment.patient for row in part.rows}))
    use.access_log.view(Entry.of(grant, Action.DAY_VIEWED, now, object=str(site.id), patients=seen))
    return Day(site=site, on=on, part=part, now=now)


def slots_of_day(grant: SiteGrant, wanted: SiteId, on: date | None, page: int, *, use: Ports) -> Day[Slot]:
    """A page of the slots of one site on one local day. Names nobody; the row says that it was looked at."""
    site = _site(grant, wanted, use)
    on = on or today_at(site, use)
    part = part_of(use.source.open_site(grant).slots(site.id, on), page)
    now = use.clock.now()
    use.access_log.view(Entry.of(grant, Action.DAY_VIEWED, now, object=str(site.id)))
    return Day(site=site, on=on, part=part, now=now)


def clinicians_of(grant: SiteGrant, use: Ports) -> tuple[Practitioner, ...]:
    return tuple(
        one
        for one in use.source.directory().practitioners()
        if one.organisation in (None, grant.organisation)
    )


def planned(grant: SiteGrant, plan: SessionPlan, *, use: Ports) -> int:
    """How many slots a plan would make.

    Raises BadPlan (also for overlaps), NotFound for another organisation's service.
    """
    return len(_checked(grant, plan, use))


def _checked(grant: SiteGrant, plan: SessionPlan, use: Ports) -> tuple[NewSlot, ...]:
    service = next((found for found in services_of(grant, use) if found.id == plan.service), None)
    if service is None:
        raise NotFound("service")
    if plan.mode not in service.modes:
        raise NotFound("mode")
    if plan.practitioner not in {None, *(one.id for one in clinicians_of(grant, use))}:
        raise NotFound("clinician")
    site = _site(grant, service.site, use)
    new = slots_of(plan, site.time_zone, use.clock.now())
    desk = use.source.open_site(grant)
    days = [plan.first_day + timedelta(weeks=week) for week in range(plan.weeks)]
    existing = [slot for place in sites_of(grant, use) for on in days for slot in desk.slots(place.id, on)]
    if overlapping(new, existing):
        raise BadPlan(Trouble.OVERLAPS)
    if opens_otherwise(new, existing, service.policy, use.clock.now()):
        raise BadPlan(Trouble.OPENS_OTHERWISE)
    return new


def drafted_plan(answers: Mapping[str, str]) -> SessionPlan | None:
    """The plan kept between the form and its check page; None when there is none."""
    return read_row(1, answers).plan


def publish(grant: SiteGrant, plan: SessionPlan, *, use: Ports) -> tuple[int, int]:
    """Make the slots of a plan: (made, already there). Publishing the same plan twice makes nothing more.

    Raises as `planned`.
    """
    with use.unit.change():
        return publish_within(grant, plan, use=use)


def publish_within(grant: SiteGrant, plan: SessionPlan, *, use: Ports) -> tuple[int, int]:
    """The same inside a change of the caller's, who publishes several plans or none."""
    desk = use.source.open_site(grant)
    desk.hold()  # or another could publish between the judgement and the writing
    try:
        made, there = desk.publish(_checked(grant, plan, use))
    except SlotTaken as taken:  # a clinician of two organisations: the other one's slots are not on our lists
        raise BadPlan(Trouble.OVERLAPS) from taken
    use.access_log.change(
        Entry.of(grant, Action.SLOTS_PUBLISHED, use.clock.now(), object=f"{plan.service}:{made}")
    )
    return made, there


def slot_with_visit(grant: SiteGrant, wanted: SlotId, *, use: Ports) -> tuple[Slot, DayRow | None]:
    """A slot and the live visit in it, if any; seeing the visit is logged."""
    desk = use.source.open_site(grant)
    slot = desk.slot(wanted)
    row = _visit_in(desk, slot, use)
    if row is not None:
        use.access_log.view(
            Entry.of(
                grant,
                Action.DAY_VIEWED,
                use.clock.now(),
                object=str(slot.id),
                patients=(row.appointment.patient,),
            )
        )
    return slot, row


def _visit_in(desk: SiteDesk, slot: Slot, use: Ports) -> DayRow | None:
    site = next(site for site in use.source.directory().sites() if site.id == slot.site)
    on = slot.starts_at.astimezone(ZoneInfo(site.time_zone)).date()
    return next((row for row in desk.day(slot.site, on) if row.appointment.slot == slot.id), None)


def seen_in(row: DayRow | None) -> Seen | None:
    """What a page showed in a slot, to be compared when its form comes back."""
    return None if row is None else (row.appointment.id, row.appointment.version)


def withdraw(grant: SiteGrant, wanted: SlotId, seen: Seen | None, *, use: Ports) -> bool:
    """Take a slot out of use, cancel its visit, and open the task to ring the person (S28), in one
    transaction.

    `seen`: what the page showed in the slot. Whether there is somebody to ring; the same again when the slot
    is out of use already, and nothing is written then. Raises ChangedMeanwhile when somebody else is in the
    slot, TooLate when it has begun.
    """
    now = use.clock.now()
    try:
        with use.unit.change():
            desk = use.source.open_site(grant)
            if desk.slot(wanted).starts_at <= now:
                raise TooLate("slot-has-begun")
            author = Author(kind=AuthorKind.STAFF, account=grant.actor)
            row = desk.withdraw(wanted, seen=seen, author=author, at=now)
            patients = () if row is None else (row.appointment.patient,)
            if row is not None:
                use.tasks.add(_tell(grant, row, now))
            use.access_log.change(
                Entry.of(grant, Action.SLOT_WITHDRAWN, now, object=str(wanted), patients=patients)
            )
    except AlreadyCancelled:
        return seen is not None
    return row is not None


def _tell(grant: SiteGrant, row: DayRow, now: datetime) -> Task:
    return Task(
        id=TaskId(str(uuid5(_TASKS, f"tell:{row.appointment.id}"))),
        organisation=grant.organisation,
        kind=TaskKind.TELL_CANCELLED,
        patient=row.appointment.patient,
        made_at=now,
        due_at=min(now + TELL_WITHIN, max(now, row.appointment.starts_at)),
        appointment=row.appointment.id,
    )


def to_tell(grant: SiteGrant, *, use: Ports) -> Sequence[ToTell]:
    """Open tasks with whom to ring, the most urgent first; one log row names everybody listed."""
    desk = use.source.open_site(grant)
    tasks = sorted(use.tasks.open_of(grant.organisation), key=lambda task: (task.due_at, task.id))
    found = [
        ToTell(task=task, row=desk.row(task.appointment)) for task in tasks if task.appointment is not None
    ]
    seen = tuple(sorted({item.task.patient for item in found}))
    use.access_log.view(Entry.of(grant, Action.DAY_VIEWED, use.clock.now(), object="to-tell", patients=seen))
    return found


def told(grant: SiteGrant, wanted: TaskId, *, use: Ports) -> None:
    """Tick that a person was told. Only a person does this; ticking twice changes nothing."""
    now = use.clock.now()
    with use.unit.change():
        task = use.tasks.done(wanted, grant.organisation, grant.actor, now)
        if task is not None:
            use.access_log.change(
                Entry.of(grant, Action.TASK_ANSWERED, now, object=str(wanted), patients=(task.patient,))
            )

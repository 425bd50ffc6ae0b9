"""Finding a time: kinds of care, places, clinicians, times, other ways, and slot watches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from portal.access.policy import AccessGrant
from portal.appointments import rules
from portal.appointments.service.facts import countable, known
from portal.domain.appointments import Mode, Need, Needs, Slot
from portal.domain.ids import AppointmentId, PractitionerId, ServiceId, SiteId, SlotId, WatchId
from portal.domain.people import ClinicianGender, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.errors import NotEligible, NotFound
from portal.ports.access_log import Action, Entry
from portal.ports.bundle import Ports
from portal.ports.clinical import Known, PatientChart, SlotPage, SlotSearch
from portal.ports.watches import Watch

PAGE = 12  # times a page; more would break the byte budget of lists
NEAR = 6  # times offered when one has been taken
AT_ONE_MOMENT = 200  # times that begin together, looked through for one of them
_MOMENT = timedelta(microseconds=1)
CLINICIANS_SOUGHT = 100  # free times looked through for who is there
LONGER = 1.5  # a longer visit is at least this many times the usual length
_WATCHES = uuid5(NAMESPACE_URL, "https://porth.example/watches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One kind of care at one site: whether this person may book it, and its first free time."""

    service: Service
    site: Site
    organisation: Organisation
    hindrance: rules.Hindrance | None
    first: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody looks for. `site` None: the same care at any site they may book at."""

    kind: str
    site: SiteId | None = None
    wish: rules.Wish = rules.Wish()
    mode: Mode | None = None
    clinician: PractitionerId | None = None
    gender: ClinicianGender | None = None
    needs: Needs = Needs()
    moving: AppointmentId | None = None  # the appointment to be moved, which counts against no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Times in order, with what should be said about them."""

    page: SlotPage
    places: tuple[Place, ...]  # where was looked
    known: Known
    zone: str
    far: bool  # the first is much later than wished
    longer_given_up: bool  # no longer times are free, so all lengths are shown
    others: tuple[rules.Alternative, ...]
    window: rules.Window
    start: datetime  # from when was looked
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A time that somebody chose from a page of times. `gone`: it can no longer be booked."""

    slot: Slot
    gone: bool


def kinds(grant: AccessGrant, *, use: Ports) -> tuple[Service, ...]:
    """One service for each kind of care, the person's own organisation's where it has one, by name."""
    own = use.source.open(grant).patient().organisation
    chosen: dict[str, Service] = {}
    for service in use.source.directory().services():
        if service.kind not in chosen or (service.organisation == own != chosen[service.kind].organisation):
            chosen[service.kind] = service
    return tuple(sorted(chosen.values(), key=lambda service: service.name))


def places(grant: AccessGrant, kind: str, *, use: Ports) -> tuple[Place, ...]:
    """Every site that has this kind of care: the soonest that can be booked first. Raises NotFound."""
    now = use.clock.now()
    use.access_log.view(Entry.of(grant, Action.SLOTS_SEARCHED, now, object=kind))
    chart = use.source.open(grant)
    found = [
        replace(place, first=_first(chart, _open_search(place, now))) if place.hindrance is None else place
        for place in _places(grant, chart, kind, known(use), use)
    ]
    return tuple(
        sorted(
            found, key=lambda place: (place.hindrance is not None, place.first is None, place.first or now)
        )
    )


def place(
    grant: AccessGrant, kind: str, site: SiteId | None, *, use: Ports, moving: AppointmentId | None = None
) -> Place:
    """One kind of care at one site, its free times unasked; of any site, the first that can be booked.

    `moving`: as in Wishes; the page then has a row of its own in the log, of that visit. Raises NotFound.
    """
    if site is None:
        return places(grant, kind, use=use)[0]
    if moving is None:
        use.access_log.view(Entry.of(grant, Action.SLOTS_SEARCHED, use.clock.now(), object=kind))
    chart = use.source.open(grant)
    for each in _places(grant, chart, kind, known(use), use, moving):
        if each.site.id == site:
            return each
    raise NotFound("site")


def _places(
    grant: AccessGrant,
    chart: PatientChart,
    kind: str,
    facts: Known,
    use: Ports,
    moving: AppointmentId | None = None,
) -> tuple[Place, ...]:
    now = use.clock.now()
    patient = chart.patient()
    counted = [appointment for appointment in countable(grant, chart, use) if appointment.id != moving]
    open_now = rules.open_of_kind(counted, kind, facts.services, now)
    found: list[Place] = []
    for service in facts.services.values():
        if service.kind != kind:
            continue
        site = facts.site(service.site)
        today = rules.local_day(now, site.time_zone)
        found.append(
            Place(
                service=service,
                site=site,
                organisation=facts.organisations[service.organisation],
                hindrance=rules.hindrance(service, patient, open_now=open_now, today=today),
            )
        )
    if not found:
        raise NotFound("kind")
    return tuple(found)


def _open_search(place: Place, now: datetime) -> SlotSearch:
    """Every free time of one place."""
    bounds = rules.window(place.service.policy, now)
    return SlotSearch(
        services=(place.service.id,), starts_from=bounds.starts_from, starts_before=bounds.starts_before
    )


def _first(chart: PatientChart, search: SlotSearch) -> datetime | None:
    slots = chart.find_slots(replace(search, limit=1, after=None, before=None, releases=False)).slots
    return slots[0].starts_at if slots else None


def clinicians(grant: AccessGrant, service: Service, *, use: Ports) -> tuple[Practitioner, ...]:
    """Those with free times for this care, in the order of their first. Fewer than two leave nothing to
    choose.
    """
    now = use.clock.now()
    bounds = rules.window(service.policy, now)
    page = use.source.open(grant).find_slots(
        SlotSearch(
            services=(service.id,),
            starts_from=bounds.starts_from,
            starts_before=bounds.starts_before,
            limit=CLINICIANS_SOUGHT,
            releases=False,
        )
    )
    by_id = {practitioner.id: practitioner for practitioner in use.source.directory().practitioners()}
    order = dict.fromkeys(slot.practitioner for slot in page.slots if slot.practitioner is not None)
    return tuple(by_id[wanted] for wanted in order if wanted in by_id)


def find_times(
    grant: AccessGrant,
    wishes: Wishes,
    *,
    use: Ports,
    after: tuple[datetime, SlotId] | None = None,
    before: tuple[datetime, SlotId] | None = None,
) -> Found:
    """Free times from the wished day on, or the page beside a known time.

    Raises NotFound for unknown care or site, NotEligible (detail: the hindrance) when the person may book
    nowhere.
    """
    now = use.clock.now()
    chart = use.source.open(grant)
    facts = known(use)
    everywhere = _places(grant, chart, wishes.kind, facts, use, wishes.moving)
    looked = _bookable(everywhere, wishes.site)
    zone = looked[0].site.time_zone
    bounds = _widest(looked, now)
    start = rules.wish_start(wishes.wish, bounds, zone)
    beside = after is not None or before is not None
    search = _search(wishes, looked, bounds, after if beside else _from(start, bounds), before)
    page, given_up = _look(chart, search, beside)
    far = not beside and _is_far(page, wishes, now, zone)
    astray = far or not (page.slots or beside)
    if wishes.moving is None:  # else the page has a row of its own, of the visit that is moved
        use.access_log.view(Entry.of(grant, Action.SLOTS_SEARCHED, now, object=wishes.kind))
    return Found(
        page=page,
        places=looked,
        known=facts,
        zone=zone,
        far=far,
        longer_given_up=given_up,
        others=_others(chart, search, wishes, looked, everywhere, now) if astray else (),
        window=bounds,
        start=start,
        now=now,
    )


def _look(chart: PatientChart, search: SlotSearch, beside: bool) -> tuple[SlotPage, bool]:
    """The page wanted. `beside`: it is the one beside a known time, where nothing else is sought.

    True: longer times were sought in vain, and times of every length are shown.
    """
    page = chart.find_slots(search)
    if beside or page.slots or not search.at_least:
        return page, False
    page = chart.find_slots(replace(search, at_least=timedelta(0)))
    return page, bool(page.slots)


def _is_far(page: SlotPage, wishes: Wishes, now: datetime, zone: str) -> bool:
    return bool(page.slots) and rules.far_from_wish(wishes.wish, page.slots[0].starts_at, now, zone)


def _bookable(everywhere: tuple[Place, ...], site: SiteId | None) -> tuple[Place, ...]:
    wanted = tuple(place for place in everywhere if site is None or place.site.id == site)
    if not wanted:
        raise NotFound("site")
    looked = tuple(place for place in wanted if place.hindrance is None)
    if not looked:
        raise NotEligible(wanted[0].hindrance.value if wanted[0].hindrance else "")
    return looked


def _widest(looked: Sequence[Place], now: datetime) -> rules.Window:
    """One window over several places; each time is judged by its own place's policy when it is booked."""
    each = [rules.window(place.service.policy, now) for place in looked]
    return rules.Window(
        starts_from=max(bounds.starts_from for bounds in each),
        starts_before=min(bounds.starts_before for bounds in each),
    )


def _from(start: datetime, bounds: rules.Window) -> tuple[datetime, SlotId] | None:
    """A key just before every time at `start`; None at the window's own start, where nothing is earlier."""
    return (start, SlotId("")) if start > bounds.starts_from else None


def _search(
    wishes: Wishes,
    looked: Sequence[Place],
    bounds: rules.Window,
    after: tuple[datetime, SlotId] | None = None,
    before: tuple[datetime, SlotId] | None = None,
) -> SlotSearch:
    usual = timedelta(minutes=min(place.service.minutes for place in looked))
    return SlotSearch(
        services=tuple(place.service.id for place in looked),
        starts_from=bounds.starts_from,
        starts_before=bounds.starts_before,
        modes=frozenset({wishes.mode}) if wishes.mode else frozenset(),
        practitioner=wishes.clinician,
        gender=wishes.gender,
        at_least=usual * LONGER if Need.LONGER in wishes.needs.all else timedelta(0),
        step_free=Need.STEP_FREE in wishes.needs.all,
        after=after,
        before=before,
        limit=PAGE,
    )


def _others(
    chart: PatientChart,
    search: SlotSearch,
    wishes: Wishes,
    looked: Sequence[Place],
    everywhere: Sequence[Place],
    now: datetime,
) -> tuple[rules.Alternative, ...]:
    """Other ways, the quickest first; a way without a free time is left out."""
    here = looked[0].site.id
    ways = [rules.Alternative(way=rules.Way.RING, site=place.site.id) for place in looked]
    tried: list[tuple[rules.Way, SiteId | None, SlotSearch]] = []
    if wishes.clinician or wishes.gender:
        tried.append((rules.Way.ANY_CLINICIAN, here, replace(search, practitioner=None, gender=None)))
    if wishes.mode:
        tried.append((rules.Way.ANY_MODE, here, replace(search, modes=frozenset())))
    if wishes.site is not None:
        tried += [
            (rules.Way.OTHER_SITE, place.site.id, replace(search, services=(place.service.id,)))
            for place in everywhere
            if place.hindrance is None and place.site.id != here
        ]
    for way, site, wider in tried:
        first = _first(chart, wider)
        if first is not None:
            ways.append(rules.Alternative(way=way, site=site, starts_at=first))
    return rules.in_order_of_speed(ways, now)


def chosen(grant: AccessGrant, found: Found, wishes: Wishes, wanted: SlotId, *, use: Ports) -> Chosen | None:
    """A time of where was looked that the page of times does not hold: gone, or free and on another page.

    None for one that is elsewhere, unknown, or free and not what was wished for.
    """
    policies = {place.service.id: place.service.policy for place in found.places}
    chart = use.source.open(grant)
    try:
        slot = chart.slot(wanted)
    except NotFound:
        return None
    policy = policies.get(slot.service)
    if policy is None:
        return None
    if rules.slot_problem(slot, policy, found.now):
        return Chosen(slot=slot, gone=True)
    at_once = rules.Window(starts_from=slot.starts_at, starts_before=slot.starts_at + _MOMENT)
    search = replace(_search(wishes, found.places, at_once), limit=AT_ONE_MOMENT, releases=False)
    if found.longer_given_up:
        search = replace(search, at_least=timedelta(0))
    fits = any(each.id == wanted for each in chart.find_slots(search).slots)
    return Chosen(slot=slot, gone=False) if fits else None


def looked(grant: AccessGrant, page: str, *, use: Ports) -> None:
    """Log a page of booking that names the person and asks nothing of the diary."""
    use.access_log.view(Entry.of(grant, Action.SLOTS_SEARCHED, use.clock.now(), object=page))


def near(grant: AccessGrant, wishes: Wishes, wished: datetime, *, use: Ports) -> Found:
    """The free times nearest to one that has been taken, the nearest first. Raises as find_times."""
    key = (wished, SlotId(""))
    later = find_times(grant, wishes, use=use, after=key)
    sooner = find_times(grant, wishes, use=use, before=key)
    slots: tuple[Slot, ...] = rules.nearest_first((*sooner.page.slots, *later.page.slots), wished)
    return replace(later, page=replace(later.page, slots=slots[:NEAR], earlier=False, later=False))


def watch(grant: AccessGrant, wishes: Wishes, *, use: Ports) -> None:
    """Keep "tell me if a time opens" until the booking window's end (S36). Twice is once. Raises as
    find_times.
    """
    now = use.clock.now()
    chart = use.source.open(grant)
    looked = _bookable(_places(grant, chart, wishes.kind, known(use), use), wishes.site)
    services: tuple[ServiceId, ...] = tuple(place.service.id for place in looked)
    modes = frozenset({wishes.mode}) if wishes.mode else frozenset[Mode]()
    name = "/".join((grant.actor, grant.patient, *services, *(mode.value for mode in modes), now.isoformat()))
    with use.unit.change():
        use.watches.add(
            Watch(
                id=WatchId(str(uuid5(_WATCHES, name))),
                account=grant.actor,
                patient=grant.patient,
                organisation=looked[0].organisation.id,
                services=services,
                modes=modes,
                made_at=now,
                until=now + looked[0].service.policy.window,
            )
        )
        use.access_log.change(Entry.of(grant, Action.WATCH_CHANGED, now, object=wishes.kind))


def stop_watching(grant: AccessGrant, wanted: WatchId, *, use: Ports) -> None:
    """End a watch. Raises NotFound when it is not this actor's for this patient."""
    with use.unit.change():
        use.watches.remove(wanted, grant.actor, grant.patient)
        use.access_log.change(Entry.of(grant, Action.WATCH_CHANGED, use.clock.now(), object=wanted))

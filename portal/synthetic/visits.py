"""Who has which appointment: hands out times so that no two people ever hold the same one. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from portal.domain.appointments import (
    Appointment,
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    Mode,
    Reason,
    Status,
)
from portal.domain.ids import (
    AppointmentId,
    OrganisationId,
    PatientId,
    PractitionerId,
    ServiceId,
    SiteId,
    SlotId,
)
from portal.synthetic import awkward
from portal.synthetic.people import Person
from portal.synthetic.places import CARE, organisation_id, practice_of, practitioner_id, service_id, site_id
from portal.synthetic.slots import DAYS_AHEAD, ZONE, Time, times

DAYS_BACK = 28
_FOR_ANYBODY = ("gp", "nurse", "blood-test", "pharmacist")
_SHARE = 3  # at most one in this many times is somebody's
_STEP = 7_919  # a prime: spreads neighbours over the weeks


@dataclass(frozen=True, slots=True)
class Wish:
    """An appointment that a listed person must have. `days` from the anchor; negative is past."""

    days: int
    kind: str
    mode: Mode = Mode.IN_PERSON
    status: Status = Status.BOOKED
    place: str | None = None


_NO_SHOW, _DONE, _OFF = Status.NO_SHOW, Status.FULFILLED, Status.CANCELLED
WISHES: dict[int, tuple[Wish, ...]] = {
    awkward.PATIENT: (
        Wish(5, "gp", Mode.PHONE, place="harbour-street"),
        Wish(12, "nurse", place="harbour-street"),
        Wish(-9, "gp", status=_DONE),
        Wish(8, "pharmacist", Mode.PHONE, status=_OFF),
    ),
    awkward.URDU: (Wish(4, "gp", place="harbour-street"), Wish(-16, "blood-test", status=_DONE)),
    awkward.WELSH: (Wish(9, "gp", Mode.VIDEO), Wish(-12, "nurse", status=_NO_SHOW)),
    awkward.PARENT: (Wish(20, "physio", Mode.VIDEO),),
    awkward.CHILD_A: (Wish(14, "vaccination"), Wish(-20, "gp", status=_DONE)),
    awkward.CHILD_B: (Wish(6, "gp", Mode.PHONE),),
    awkward.CARER: (Wish(-10, "gp", Mode.PHONE, status=_DONE),),
    awkward.FATHER: (Wish(3, "blood-test"), Wish(10, "gp"), Wish(-7, "nurse", status=_DONE)),
    awkward.MANY: tuple(
        Wish(2 + 4 * turn, kind)
        for turn, kind in enumerate(("gp", "nurse", "blood-test", "physio") * 3)
    ),
    awkward.LONG_NAME: (Wish(7, "gp", Mode.VIDEO), Wish(15, "pharmacist", Mode.PHONE)),
}  # fmt: skip


@dataclass(slots=True)
class Diary:
    """All times around the anchor day and which of them are taken; the same for any number of people."""

    seed: int
    anchor: date
    ahead: tuple[Time, ...] = ()
    taken: set[str] = field(default_factory=set)  # ids of times that a live or past appointment holds
    past: list[Time] = field(default_factory=list)  # past times that somebody had
    wished: dict[int, list[tuple[Wish, Time]]] = field(default_factory=dict)
    pools: dict[str, list[Time]] = field(default_factory=dict)  # practice -> times for ordinary people


def diary(seed: int, anchor: date) -> Diary:
    """The listed people choose first; what is left of the ordinary care goes to everybody else by number."""
    found = Diary(seed, anchor)
    found.ahead = tuple(times(seed, anchor, anchor + timedelta(days=DAYS_AHEAD)))
    back = tuple(times(seed, anchor - timedelta(days=DAYS_BACK), anchor))
    _grant_wishes(found, back)
    tomorrow = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC) + timedelta(days=2)
    for time in found.ahead:
        usual = time.session.kind in _FOR_ANYBODY and not time.kept_back
        if usual and time.starts_at >= tomorrow and time.id not in found.taken:
            found.pools.setdefault(practice_of(time.session.place), []).append(time)
    return found


def _grant_wishes(found: Diary, back: tuple[Time, ...]) -> None:
    chosen: set[str] = set()
    for number, wishes in WISHES.items():
        practice = awkward.AWKWARD[number].practice
        for wish in wishes:
            time = _nearest(found.ahead if wish.days > 0 else back, _fits(found, wish, practice, chosen))
            chosen.add(time.id)
            found.wished.setdefault(number, []).append((wish, time))
            if wish.status is not Status.CANCELLED:
                found.taken.add(time.id)
            if wish.days < 0:
                found.past.append(time)


def _fits(found: Diary, wish: Wish, practice: str, chosen: set[str]) -> Callable[[Time], bool]:
    day = datetime(found.anchor.year, found.anchor.month, found.anchor.day, tzinfo=UTC) + timedelta(
        days=wish.days
    )

    def fits(time: Time) -> bool:
        session = time.session
        return (
            session.kind == wish.kind
            and session.mode is wish.mode
            and wish.place in (None, session.place)
            and practice_of(session.place) == practice
            and not time.kept_back
            and time.id not in chosen
            and time.starts_at >= day
        )

    return fits


def _nearest(among: Iterable[Time], fits: Callable[[Time], bool]) -> Time:
    return next(time for time in among if fits(time))


def busy_people(found: Diary) -> int:
    """People from this number on have no time to come: the weeks are full enough."""
    return max((len(pool) // _SHARE // 2 + 1 for pool in found.pools.values()), default=0)


def of_person(found: Diary, person: Person) -> Iterator[Appointment]:
    """One person's appointments. Depends on the person and the days, never on how many people there are."""
    if person.awkward is not None:
        for wish, time in found.wished.get(person.number, ()):
            yield _at(found, person, time, wish.status)
        return
    yield from _ahead(found, person)
    yield from _long_ago(found, person)


def _ahead(found: Diary, person: Person) -> Iterator[Appointment]:
    """Up to two to come. Two places a person over a pool, spread by a prime: nobody can meet anybody."""
    pool = found.pools.get(person.practice, [])
    turns = (0, 0, 1, 1, 2)[person.chance.randrange(5)]
    for turn in range(turns):
        place = person.number * 2 + turn
        if place < len(pool) // _SHARE:
            time = pool[place * _STEP % len(pool)]
            found.taken.add(time.id)
            yield _at(found, person, time, Status.BOOKED)


def _long_ago(found: Diary, person: Person) -> Iterator[Appointment]:
    """Some past visits that another system kept without a slot."""
    chance = person.chance
    for _ in range(chance.randrange(4)):
        day = found.anchor - timedelta(days=chance.randint(DAYS_BACK + 1, 700))
        starts_at = datetime(
            day.year, day.month, day.day, chance.randint(9, 16), 10 * chance.randrange(6), tzinfo=ZONE
        )
        status = chance.choice((_DONE, _DONE, _DONE, _NO_SHOW, _OFF))
        place = "oakfield" if person.practice == "oakfield" else "harbour-street"
        kind = chance.choice(_FOR_ANYBODY)
        begun = starts_at.astimezone(UTC)
        yield _made(found.seed, person, kind, place, begun, status=status, mode=CARE[kind].modes[0])


def _at(found: Diary, person: Person, time: Time, status: Status) -> Appointment:
    session = time.session
    return _made(
        found.seed, person, session.kind, session.place, time.starts_at,
        status=status, mode=session.mode, slot=time.id, clinician=session.clinician,
    )  # fmt: skip


def _made(
    seed: int,
    person: Person,
    kind: str,
    place: str,
    starts_at: datetime,
    *,
    status: Status,
    mode: Mode,
    slot: str | None = None,
    clinician: str | None = None,
) -> Appointment:
    return Appointment(
        id=AppointmentId(person.ids.next()),
        patient=PatientId(person.id),
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=CARE[kind].minutes),
        service=ServiceId(service_id(seed, place, kind)),
        site=SiteId(site_id(seed, place)),
        organisation=OrganisationId(organisation_id(seed, practice_of(place))),
        mode=mode,
        practitioner=PractitionerId(practitioner_id(seed, clinician)) if clinician else None,
        slot=SlotId(slot) if slot else None,
        description=CARE[kind].name,
        reason=_reason(kind, person.chance),
        created_at=starts_at - timedelta(days=70),
        booked_by=Author(kind=AuthorKind.SOURCE),
        cancellation=_cancelled(starts_at) if status is Status.CANCELLED else None,
    )


def _reason(kind: str, chance: Random) -> Reason:
    if kind in ("nurse", "blood-test", "vaccination"):
        return Reason.TEST_OR_CHECK
    if kind == "pharmacist":
        return Reason.MEDICINES
    return chance.choice((Reason.NEW_PROBLEM, Reason.ONGOING_PROBLEM, Reason.NOT_SAID))


def _cancelled(starts_at: datetime) -> Cancellation:
    """Two months ahead, so that it lies in the past whenever the appointment itself is soon."""
    by = Author(kind=AuthorKind.PATIENT)
    return Cancellation(at=starts_at - timedelta(days=60), by=by, reason=CancelReason.BETTER)

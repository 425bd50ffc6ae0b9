"""Who lives in the world of faults: two practices, four patients, eleven actors, and words that tell.

Every name, number and sentence here stands nowhere else, so finding one on a page says whose it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from portal.access.permissions import Permission
from portal.access.policy import OWN_SCOPES, RECEPTIONIST_SCOPES, Basis, PatientRelation, StaffRelation
from portal.domain.appointments import (
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    Mode,
    Needs,
    Slot,
    SlotStatus,
    Status,
)
from portal.domain.ids import AccountId, AppointmentId, OrganisationId, PatientId, ServiceId, SlotId
from portal.domain.people import HumanName, NameUse, NhsNumber, PartialDate, Patient
from portal.domain.places import Service
from portal.synthetic.identifiers import nhs_number
from portal.synthetic.stories import CARER_SCOPES
from tests import builders

NORTH, SOUTH = builders.NORTH, builders.SOUTH
CODES: Final[Mapping[OrganisationId, str]] = {NORTH: "ZZ001", SOUTH: "ZZ002"}
AMINA, BRYN = builders.AMINA, builders.BRYN
CHILD, PARENT = PatientId("patient-child"), PatientId("patient-parent")
GP, SOUTH_GP = builders.GP, builders.PHONE_GP
TEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What gives one patient away. `seen_by_staff`: a receptionist's list may show it."""

    patient: PatientId
    text: str
    what: str
    seen_by_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    given: str
    family: str
    number: int
    phone: str
    words: str
    cancelled: str
    organisation: OrganisationId = NORTH
    service: ServiceId = GP
    born: int = 1980


_FACTS: Final[Mapping[PatientId, _Facts]] = {
    AMINA: _Facts(
        given="Zanyamina", family="Quernstone", number=7001, phone="07700 900701",
        words="Wherrymoor itching", cancelled="Larkspit feverless",
    ),
    BRYN: _Facts(
        given="Brynquist", family="Oddlethwaite", number=7002, phone="07700 900702",
        words="Snapfathom wheezing", cancelled="Gorsewick mended", organisation=SOUTH, service=SOUTH_GP,
    ),
    CHILD: _Facts(
        given="Tilldarra", family="Pennymoss", number=7003, phone="07700 900703",
        words="Hobblecroft coughing", cancelled="Thistlebeck better", born=2018,
    ),
    PARENT: _Facts(
        given="Maudrell", family="Pennyfold", number=7004, phone="07700 900704",
        words="Rookhollow aching", cancelled="Cinderfell well",
    ),
}  # fmt: skip
PATIENTS: Final = tuple(_FACTS)
# Whom each actor has a reference to in a URL, whether it still opens anything or not.
REFERS_TO: Final[Mapping[str, tuple[PatientId, ...]]] = {
    "amina": (AMINA,),
    "bryn": (BRYN,),
    "parent": (PARENT, CHILD),
    "carer": (AMINA,),
    "looker": (AMINA,),
    "ended": (AMINA,),
    "suspended": (AMINA,),
    "early": (AMINA,),
}
ACTORS: Final = (*REFERS_TO, "stranger", "desk-north", "desk-south")
# Whose facts an actor may read; staff see the facts marked so, of their own practice's visitors.
MAY_READ: Final[Mapping[str, tuple[PatientId, ...]]] = {
    "amina": (AMINA,),
    "bryn": (BRYN,),
    "parent": (PARENT, CHILD),
    "carer": (AMINA,),
    "looker": (AMINA,),
}
STAFF_OF: Final[Mapping[str, OrganisationId]] = {"desk-north": NORTH, "desk-south": SOUTH}
LOOKER_SCOPES: Final = frozenset({Permission.HOME_VIEW, Permission.APPOINTMENTS_VIEW})


def canaries() -> Iterator[Canary]:
    """Everything personal in this world. A person's own words are never for staff's lists."""
    for patient, facts in _FACTS.items():
        digits = _number(facts)
        for text, what, staff in (
            (facts.given, "given name", True),
            (facts.family, "family name", True),
            (facts.phone, "phone", True),
            (facts.phone.replace(" ", ""), "phone", True),
            (digits, "NHS number", False),
            (NhsNumber(digits).grouped(), "NHS number", False),
            (facts.words, "words for the visit", False),
            (facts.cancelled, "words for cancelling", False),
        ):
            yield Canary(patient=patient, text=text, what=what, seen_by_staff=staff)


def _number(facts: _Facts) -> str:
    found = nhs_number(facts.number)
    assert found is not None
    return found


def services() -> tuple[Service, Service]:
    return (
        builders.make_service(),
        builders.make_service(
            id=SOUTH_GP, organisation=SOUTH, site=builders.DALE, name="Talk to a GP", modes=(Mode.PHONE,)
        ),
    )


def places() -> tuple[Any, ...]:
    """Two practices with one site and one kind of care each."""
    return (
        builders.make_organisation(phone="01632 960000"),
        builders.make_organisation(id=SOUTH, name="South Practice", code="ZZ002", phone="01632 960009"),
        builders.make_site(),
        builders.make_site(id=builders.DALE, organisation=SOUTH, name="Dale", phone="01632 960002"),
        builders.make_practitioner(),
        builders.make_practitioner(
            id=builders.EVANS, organisation=SOUTH, names=(HumanName(given=("Dai",), family="Evans"),)
        ),
        *services(),
    )


def patients() -> tuple[Patient, ...]:
    return tuple(_patient(patient, facts) for patient, facts in _FACTS.items())


def _patient(patient: PatientId, facts: _Facts) -> Patient:
    born = PartialDate(year=facts.born, month=3, day=14)
    return builders.make_patient(
        id=patient,
        names=(HumanName(use=NameUse.OFFICIAL, given=(facts.given,), family=facts.family),),
        nhs_number=NhsNumber(_number(facts)),
        phone=facts.phone,
        organisation=facts.organisation,
        birth_date=born,
    )


def rival(prefix: str, number: int) -> Patient:
    """One of many patients of the first practice."""
    return builders.make_patient(
        id=PatientId(f"{prefix}-{number:05}"),
        names=(HumanName(use=NameUse.OFFICIAL, given=("Rival",), family=f"Number{number}"),),
        phone="07700 900999",
    )


def slot(name: str, starts_at: datetime, service: ServiceId = GP, **changes: Any) -> Slot:
    """A free time of ten minutes for one of the two kinds of care."""
    values: dict[str, Any] = {"id": SlotId(name), "starts_at": starts_at, "service": service}
    if service == SOUTH_GP:
        values |= {
            "site": builders.DALE,
            "organisation": SOUTH,
            "practitioner": builders.EVANS,
            "mode": Mode.PHONE,
        }
    return builders.make_slot(**(values | changes))


def slots(prefix: str, count: int, first: datetime, service: ServiceId = GP) -> list[Slot]:
    """Free times one after another, with ids in order of time."""
    return [slot(f"{prefix}-{number:05}", first + number * TEN, service) for number in range(count)]


def visits(now: datetime) -> tuple[Any, ...]:
    """Each patient has a visit to come, one that is over and one cancelled; each practice has free times."""
    found: list[Any] = []
    for place, (patient, facts) in enumerate(_FACTS.items()):
        found += _visits_of(patient, facts, now, place)
    tomorrow = now + timedelta(days=1)
    found += slots("free-north", 12, tomorrow + timedelta(hours=4))
    found += slots("free-south", 12, tomorrow + timedelta(hours=4), SOUTH_GP)
    return tuple(found)


def upcoming_of(patient: PatientId) -> AppointmentId:
    return AppointmentId(f"visit-{patient}-to-come")


def slot_of(patient: PatientId) -> SlotId:
    """The busy time of the visit to come."""
    return SlotId(f"slot-{patient}")


def _visits_of(patient: PatientId, facts: _Facts, now: datetime, place: int) -> list[Any]:
    soon = now + timedelta(days=2, minutes=10 * place)
    taken = slot(slot_of(patient), soon, facts.service, status=SlotStatus.BUSY)
    shared = {
        "patient": patient, "service": facts.service, "site": taken.site, "organisation": taken.organisation,
        "mode": taken.mode, "practitioner": taken.practitioner, "words": facts.words, "needs": Needs(),
    }  # fmt: skip
    gone = Cancellation(
        at=now - timedelta(days=3),
        by=Author(kind=AuthorKind.PATIENT),
        reason=CancelReason.OTHER,
        words=facts.cancelled,
    )
    return [
        taken,
        builders.make_appointment(id=upcoming_of(patient), starts_at=soon, slot=taken.id, **shared),
        builders.make_appointment(
            id=AppointmentId(f"visit-{patient}-over"), starts_at=now - timedelta(days=9),
            status=Status.FULFILLED, **shared,
        ),
        builders.make_appointment(
            id=AppointmentId(f"visit-{patient}-off"), starts_at=now + timedelta(days=5),
            status=Status.CANCELLED, cancellation=gone, **shared,
        ),
    ]  # fmt: skip


def relations(accounts: Mapping[str, AccountId], now: datetime) -> Iterator[PatientRelation | StaffRelation]:
    """Who may act for whom, and those who may not any more, not now, or not yet."""
    yesterday, tomorrow = now.date() - timedelta(days=1), now.date() + timedelta(days=1)
    yield own_relation(accounts["amina"], AMINA, now)
    yield own_relation(accounts["bryn"], BRYN, now)
    yield own_relation(accounts["parent"], PARENT, now)
    yield helps(accounts["parent"], CHILD, now, basis=Basis.PARENT)
    yield helps(accounts["carer"], AMINA, now)
    yield helps(accounts["looker"], AMINA, now, scopes=LOOKER_SCOPES)
    yield helps(accounts["ended"], AMINA, now, ends_on=yesterday)
    yield helps(accounts["suspended"], AMINA, now, suspended=True)
    yield helps(accounts["early"], AMINA, now, starts_on=tomorrow)
    for name, organisation in STAFF_OF.items():
        yield StaffRelation(
            account=accounts[name],
            organisation=organisation,
            scopes=RECEPTIONIST_SCOPES,
            starts_on=now.date() - timedelta(days=1000),
        )


def own_relation(account: AccountId, patient: PatientId, now: datetime) -> PatientRelation:
    return PatientRelation(
        account=account,
        patient=patient,
        basis=Basis.SELF,
        scopes=OWN_SCOPES,
        starts_on=now.date() - timedelta(days=1000),
    )


def helps(account: AccountId, patient: PatientId, now: datetime, **changes: Any) -> PatientRelation:
    """Somebody acting for somebody else since long ago, unless told otherwise."""
    values: dict[str, Any] = {
        "basis": Basis.CONSENT,
        "scopes": CARER_SCOPES,
        "starts_on": now.date() - timedelta(days=1000),
    }
    return PatientRelation(account=account, patient=patient, **(values | changes))

"""Who of the made-up people can sign in, and for whom they may act. Pure."""

from dataclasses import dataclass
from datetime import date

from portal.access.permissions import Permission
from portal.access.policy import OWN_SCOPES, RECEPTIONIST_SCOPES, Basis
from portal.domain.ids import OrganisationId, PatientId
from portal.domain.people import shown_name
from portal.fhir import patient
from portal.ports.identity import DemoPerson
from portal.synthetic import awkward
from portal.synthetic.people import person
from portal.synthetic.places import PRACTICES, organisation_id

CARER_SCOPES = frozenset(
    {
        Permission.HOME_VIEW,
        Permission.APPOINTMENTS_VIEW,
        Permission.APPOINTMENTS_BOOK,
        Permission.APPOINTMENTS_CHANGE,
        Permission.APPOINTMENTS_CANCEL,
        Permission.WATCH_CHANGE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsFor:
    """One person may act for one patient from a day on, until a day (inclusive) where there is one."""

    subject: str
    patient: PatientId
    basis: Basis
    scopes: frozenset[Permission]
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksAt:
    subject: str
    organisation: OrganisationId
    scopes: frozenset[Permission]


_LISTED = (
    awkward.PATIENT, awkward.URDU, awkward.WELSH, awkward.PARENT, awkward.CARER, awkward.MANY, awkward.MOVED,
    awkward.LONG_NAME,
)  # fmt: skip
_RECEPTIONISTS = {"harbour": "Jordan Blake", "oakfield": "Amina Yusuf"}


def demo_people(seed: int, anchor: date) -> tuple[DemoPerson, ...]:
    """Everybody on the sign-in page, patients first. Subjects are ids that mean nothing elsewhere."""
    found = [_patient(seed, number, anchor) for number in _LISTED]
    found += [
        DemoPerson(subject=_staff(practice), name=name, story="receptionist", staff=True)
        for practice, name in _RECEPTIONISTS.items()
    ]
    return tuple(found)


def acts_for(seed: int, anchor: date) -> tuple[ActsFor, ...]:
    """Listed people for themselves, a parent for two children until 16, a daughter for her father."""
    found = [
        ActsFor(
            subject=_subject(number), patient=_id(seed, number, anchor), basis=Basis.SELF, scopes=OWN_SCOPES
        )
        for number in _LISTED
    ]
    for child in (awkward.CHILD_A, awkward.CHILD_B):
        found.append(
            ActsFor(
                subject=_subject(awkward.PARENT),
                patient=_id(seed, child, anchor),
                basis=Basis.PARENT,
                scopes=CARER_SCOPES,
                ends_on=_day_before(seed, child, anchor, 16),
            )
        )
    father = _id(seed, awkward.FATHER, anchor)
    year_on = date.fromordinal(anchor.toordinal() + 365)  # helping ends after a year unless it is renewed
    found.append(
        ActsFor(
            subject=_subject(awkward.CARER),
            patient=father,
            basis=Basis.CONSENT,
            scopes=CARER_SCOPES,
            ends_on=year_on,
        )
    )
    return tuple(found)


def works_at(seed: int) -> tuple[WorksAt, ...]:
    """One receptionist at each practice that takes bookings here."""
    assert set(_RECEPTIONISTS) <= {practice.key for practice in PRACTICES}
    return tuple(
        WorksAt(
            subject=_staff(practice),
            organisation=OrganisationId(organisation_id(seed, practice)),
            scopes=RECEPTIONIST_SCOPES,
        )
        for practice in _RECEPTIONISTS
    )


def _patient(seed: int, number: int, anchor: date) -> DemoPerson:
    found = patient.from_fhir(person(seed, number, anchor).resource)
    return DemoPerson(
        subject=_subject(number), name=shown_name(found.names, anchor), story=awkward.AWKWARD[number].story
    )


def _subject(number: int) -> str:
    return f"demo-{number:03d}"


def _staff(practice: str) -> str:
    return f"demo-staff-{practice}"


def _id(seed: int, number: int, anchor: date) -> PatientId:
    return PatientId(person(seed, number, anchor).id)


def _day_before(seed: int, number: int, anchor: date, age: int) -> date:
    """The last day before somebody is this old, counted from the earliest day they can be born (S16)."""
    born = patient.from_fhir(person(seed, number, anchor).resource).birth_date
    assert born is not None
    first = born.earliest()
    return date.fromordinal(date(first.year + age, first.month, min(first.day, 28)).toordinal() - 1)

"""Values for tests: each builder gives something whole, and a test sets only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Basis, SiteGrant
from portal.domain.appointments import Appointment, Author, AuthorKind, Mode, Slot, Status
from portal.domain.ids import (
    AccountId,
    AppointmentId,
    AttemptKey,
    OrganisationId,
    PatientId,
    PractitionerId,
    ServiceId,
    SiteId,
    SlotId,
)
from portal.domain.people import ClinicianGender, HumanName, NameUse, PartialDate, Patient, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.ports.clinical import Booking, NewSlot, SlotSearch

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
TEN_MINUTES = timedelta(minutes=10)

_Values = dict[str, Any]

AMINA, BRYN = PatientId("patient-amina"), PatientId("patient-bryn")
NORTH, SOUTH = OrganisationId("north"), OrganisationId("south")
HILL, DALE = SiteId("hill"), SiteId("dale")
GP, NURSE, PHONE_GP = ServiceId("hill-gp"), ServiceId("hill-nurse"), ServiceId("dale-phone-gp")
OKAFOR, EVANS = PractitionerId("okafor"), PractitionerId("evans")
PATIENT_AUTHOR = Author(kind=AuthorKind.PATIENT, account=AccountId("account-amina"))
STAFF_AUTHOR = Author(kind=AuthorKind.STAFF, account=AccountId("account-staff"))


def make_organisation(**changes: Any) -> Organisation:
    values: _Values = {"id": NORTH, "name": "North Practice", "code": "ZZ001"}
    return Organisation(**(values | changes))


def make_site(**changes: Any) -> Site:
    values: _Values = {
        "id": HILL,
        "organisation": NORTH,
        "name": "Hill Surgery",
        "address": ("1 Test Street", "ZZ99 3WZ"),
        "phone": "01632 960001",
        "step_free": True,
    }
    return Site(**(values | changes))


def make_service(**changes: Any) -> Service:
    values: _Values = {
        "id": GP,
        "organisation": NORTH,
        "site": HILL,
        "kind": "gp",
        "name": "See a GP",
        "minutes": 10,
        "modes": (Mode.IN_PERSON, Mode.PHONE),
    }
    return Service(**(values | changes))


def make_practitioner(**changes: Any) -> Practitioner:
    values: _Values = {
        "id": OKAFOR,
        "names": (HumanName(use=NameUse.OFFICIAL, given=("Ngozi",), family="Okafor"),),
        "role": "GP",
        "gender": ClinicianGender.WOMAN,
        "organisation": NORTH,
    }
    return Practitioner(**(values | changes))


def make_patient(**changes: Any) -> Patient:
    values: _Values = {
        "id": AMINA,
        "names": (HumanName(use=NameUse.OFFICIAL, given=("Amina",), family="Test"),),
        "birth_date": PartialDate(year=1980, month=2, day=29),
        "organisation": NORTH,
        "phone": "07700 900001",
    }
    return Patient(**(values | changes))


def make_slot(**changes: Any) -> Slot:
    """A free slot of ten minutes, tomorrow at 09:00 UTC unless told otherwise."""
    values: _Values = {
        "id": SlotId("slot"),
        "service": GP,
        "site": HILL,
        "organisation": NORTH,
        "mode": Mode.IN_PERSON,
        "starts_at": TOMORROW,
        "practitioner": OKAFOR,
    }
    values |= changes
    values.setdefault("ends_at", values["starts_at"] + TEN_MINUTES)
    return Slot(**values)


def make_slots(count: int, *, apart: timedelta = TEN_MINUTES, **changes: Any) -> list[Slot]:
    """Free slots one after another, with ids in order of time."""
    begins = changes.pop("starts_at", TOMORROW)
    prefix = changes.pop("id", "slot")
    return [make_slot(id=f"{prefix}-{n:03}", starts_at=begins + n * apart, **changes) for n in range(count)]


def make_appointment(**changes: Any) -> Appointment:
    """A booked visit tomorrow, on no slot unless told otherwise."""
    values: _Values = {
        "id": AppointmentId("appointment"),
        "patient": AMINA,
        "status": Status.BOOKED,
        "starts_at": TOMORROW,
        "service": GP,
        "site": HILL,
        "organisation": NORTH,
        "mode": Mode.IN_PERSON,
    }
    values |= changes
    values.setdefault("ends_at", values["starts_at"] + TEN_MINUTES)
    return Appointment(**values)


def make_booking(**changes: Any) -> Booking:
    values: _Values = {
        "key": AttemptKey("key-1"),
        "slot": SlotId("slot"),
        "author": PATIENT_AUTHOR,
        "at": NOW,
    }
    return Booking(**(values | changes))


def make_new_slot(**changes: Any) -> NewSlot:
    values: _Values = {"service": GP, "mode": Mode.IN_PERSON, "starts_at": TOMORROW, "practitioner": OKAFOR}
    values |= changes
    values.setdefault("ends_at", values["starts_at"] + TEN_MINUTES)
    return NewSlot(**values)


def make_search(**changes: Any) -> SlotSearch:
    values: _Values = {
        "services": (GP,),
        "starts_from": NOW,
        "starts_before": NOW + timedelta(days=56),
        "limit": 5,
    }
    return SlotSearch(**(values | changes))


def make_grant(patient: PatientId = AMINA, **changes: Any) -> AccessGrant:
    values: _Values = {
        "actor": AccountId(f"account-{patient}"),
        "patient": patient,
        "permission": Permission.APPOINTMENTS_BOOK,
        "basis": Basis.SELF,
    }
    return AccessGrant(**(values | changes))


def make_site_grant(organisation: OrganisationId = NORTH, **changes: Any) -> SiteGrant:
    values: _Values = {
        "actor": AccountId("account-staff"),
        "organisation": organisation,
        "permission": Permission.PRACTICE_VIEW,
    }
    return SiteGrant(**(values | changes))

"""The world that page tests see: every port a fake, one practice, a few people. Tests add what they need."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.access.permissions import Permission
from portal.access.policy import (
    OWN_SCOPES,
    RECEPTIONIST_SCOPES,
    Basis,
    Level,
    PatientRelation,
    StaffRelation,
)
from portal.domain.ids import AccountId, OrganisationId, PatientId, PatientRef
from portal.domain.people import HumanName, NameUse, NhsNumber
from portal.ports.bundle import Ports
from portal.ports.identity import DemoPerson, Identity
from tests import builders
from tests.fakes_clinical import FakeClinical
from tests.fakes_portal import FakePortal

LONG_AGO = date(2020, 1, 1)


@dataclass(frozen=True, kw_only=True)
class World:
    """`portal.<port>` and `clinical` are what tests look into; `clock` stands still until moved."""

    portal: FakePortal = field(default_factory=FakePortal)
    clinical: FakeClinical = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clinical", FakeClinical(self.portal.unit, self.portal.clock))

    @property
    def clock(self) -> Any:
        return self.portal.clock

    def ports(self, request_id: str = "") -> Ports:
        names = [name for name in Ports.__dataclass_fields__ if name != "source"]
        return Ports(source=self.clinical, **{name: getattr(self.portal, name) for name in names})

    def add(self, *values: Any) -> None:
        """Put domain values (sites, services, slots, appointments, patients) into the clinical source."""
        self.clinical.add(*values)

    def account(self, subject: str, *, story: str = "patient", staff: bool = False) -> AccountId:
        """An account, listed among the made-up people of the sign-in page."""
        identity = Identity(issuer="demo", subject=subject, level=Level.P9, authenticated_at=self.clock.now())
        listed = DemoPerson(subject=subject, name=subject.title(), story=story, staff=staff)
        with self.portal.unit.change():
            self.portal.demo_people.save([*self.portal.demo_people.listed(), listed])
            return self.portal.accounts.find_or_make(identity)

    def lets_act(
        self,
        account: AccountId,
        patient: PatientId,
        *,
        basis: Basis = Basis.SELF,
        scopes: frozenset[Permission] = OWN_SCOPES,
        **changes: Any,
    ) -> PatientRef:
        """Let an account act for a patient; the reference that stands in its URLs."""
        relation = PatientRelation(
            account=account, patient=patient, basis=basis, scopes=scopes, starts_on=LONG_AGO, **changes
        )
        with self.portal.unit.change():
            self.portal.relations.save_patient(relation)
        return self.portal.relations.ref_of(account, patient)

    def employs(self, organisation: OrganisationId, account: AccountId) -> None:
        """Make an account a receptionist of an organisation."""
        relation = StaffRelation(
            account=account, organisation=organisation, scopes=RECEPTIONIST_SCOPES, starts_on=LONG_AGO
        )
        with self.portal.unit.change():
            self.portal.relations.save_staff(relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in: the account, and for patients the patient and the reference in URLs."""

    account: AccountId
    patient: PatientId
    ref: PatientRef


def furnished(world: World) -> World:
    """One practice with two sites, a GP and a nurse, and two patients."""
    world.add(
        builders.make_organisation(phone="01632 960000"),
        builders.make_site(),
        builders.make_site(
            id=builders.DALE, name="Dale Health Centre", phone="01632 960002", step_free=False
        ),
        builders.make_service(),
        builders.make_service(id=builders.NURSE, kind="nurse", name="Nurse"),
        builders.make_practitioner(),
        builders.make_patient(nhs_number=NhsNumber("9990000018")),
        builders.make_patient(
            id=builders.BRYN, names=(HumanName(use=NameUse.OFFICIAL, given=("Bryn",), family="Test"),)
        ),
    )
    return world

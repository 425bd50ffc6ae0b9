"""Relations and the references in URLs: whatever keeps them."""

from datetime import date

import pytest

from portal.access.permissions import Permission
from portal.access.policy import OWN_SCOPES, RECEPTIONIST_SCOPES, Basis, PatientRelation, StaffRelation
from portal.adapters.sql.engine import Database
from portal.domain.ids import AccountId, OrganisationId, PatientId, PatientRef
from tests.contract.portal.parts import Portal, at_once, failed_change, sql_portal

ADA, BEN = AccountId("account-ada"), AccountId("account-ben")
OWN = PatientRelation(
    account=ADA,
    patient=PatientId("patient-ada"),
    basis=Basis.SELF,
    scopes=OWN_SCOPES,
    starts_on=date(2026, 1, 1),
)
CARING = PatientRelation(
    account=ADA,
    patient=PatientId("patient-ben"),
    basis=Basis.CONSENT,
    scopes=frozenset({Permission.APPOINTMENTS_VIEW}),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    suspended=True,
)
DESK = StaffRelation(
    account=BEN,
    organisation=OrganisationId("org-1"),
    scopes=RECEPTIONIST_SCOPES,
    starts_on=date(2026, 1, 1),
    ends_on=date(2027, 1, 1),
)


def test_relations_come_back_as_saved_and_only_to_their_account(portal: Portal) -> None:
    with portal.unit.change():
        portal.relations.save_patient(OWN)
        portal.relations.save_patient(CARING)
        portal.relations.save_staff(DESK)
    assert list(portal.relations.patients_of(ADA)) == [OWN, CARING]
    assert list(portal.relations.patients_of(BEN)) == []
    assert list(portal.relations.staff_of(BEN)) == [DESK]
    assert list(portal.relations.staff_of(ADA)) == []


def test_saving_again_replaces(portal: Portal) -> None:
    ended = PatientRelation(
        account=ADA,
        patient=OWN.patient,
        basis=Basis.SELF,
        scopes=frozenset(),
        starts_on=OWN.starts_on,
        ends_on=date(2026, 2, 1),
    )
    moved = StaffRelation(
        account=BEN, organisation=DESK.organisation, scopes=frozenset(), starts_on=date(2026, 3, 1)
    )
    with portal.unit.change():
        portal.relations.save_patient(OWN)
        portal.relations.save_staff(DESK)
        portal.relations.save_patient(ended)
        portal.relations.save_staff(moved)
    assert list(portal.relations.patients_of(ADA)) == [ended]
    assert list(portal.relations.staff_of(BEN)) == [moved]


def test_a_relation_is_saved_only_inside_a_change(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.relations.save_patient(OWN)
    with pytest.raises(RuntimeError):
        portal.relations.save_staff(DESK)


def test_a_relation_of_a_failed_change_is_not_there(portal: Portal) -> None:
    with failed_change(portal.unit):
        portal.relations.save_patient(OWN)
    assert list(portal.relations.patients_of(ADA)) == []


def test_a_reference_is_stable_and_worthless_to_another_account(portal: Portal) -> None:
    patient = PatientId("patient-ada")
    ref = portal.relations.ref_of(ADA, patient)
    assert portal.relations.ref_of(ADA, patient) == ref
    assert portal.relations.patient_of(ADA, ref) == patient
    assert portal.relations.patient_of(BEN, ref) is None
    assert portal.relations.ref_of(BEN, patient) != ref


def test_a_reference_tells_nothing_of_the_patient(portal: Portal) -> None:
    ref = portal.relations.ref_of(ADA, PatientId("9990000018"))
    assert "999" not in ref
    assert len(ref) == 22  # 16 bytes, base 64 for URLs


def test_an_unknown_reference_means_nobody(portal: Portal) -> None:
    assert portal.relations.patient_of(ADA, PatientRef("no-such-reference")) is None


def test_a_reference_can_be_made_inside_a_change(portal: Portal) -> None:
    with portal.unit.change():
        ref = portal.relations.ref_of(ADA, PatientId("patient-ada"))
    assert portal.relations.patient_of(ADA, ref) == "patient-ada"


def test_many_who_ask_at_once_get_the_same_reference(database: Database) -> None:
    found: list[str] = []

    def ask() -> None:
        portal = sql_portal(database)
        found.append(portal.relations.ref_of(ADA, PatientId("patient-ada")))
        portal.unit.close()

    at_once(12, ask)
    assert len(found) == 12
    assert len(set(found)) == 1

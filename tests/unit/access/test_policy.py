"""Who may open what: every refusal is the same, and only the policy makes grants."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.permissions import Permission
from portal.access.policy import (
    OWN_SCOPES,
    RECEPTIONIST_SCOPES,
    Actor,
    Basis,
    Level,
    PatientRelation,
    StaffRelation,
    decide_for_job,
    decide_for_patient,
    decide_for_site,
)
from portal.domain.ids import AccountId, OrganisationId, PatientId
from portal.errors import NotAllowed, StepUpNeeded

TODAY = date(2026, 11, 26)
ME, OTHER = AccountId("me"), AccountId("other")
PATIENT, STRANGER = PatientId("p1"), PatientId("p2")
A, B = OrganisationId("a"), OrganisationId("b")


def make_actor(**changes: object) -> Actor:
    values = {"account": ME, "level": Level.P9, "authenticated_at": datetime(2026, 11, 26, tzinfo=UTC)}
    return Actor(**{**values, **changes})  # type: ignore[arg-type]


def make_relation(**changes: object) -> PatientRelation:
    values = {
        "account": ME,
        "patient": PATIENT,
        "basis": Basis.SELF,
        "scopes": OWN_SCOPES,
        "starts_on": date(2026, 1, 1),
    }
    return PatientRelation(**{**values, **changes})  # type: ignore[arg-type]


def make_staff(**changes: object) -> StaffRelation:
    values = {"account": ME, "organisation": A, "scopes": RECEPTIONIST_SCOPES, "starts_on": date(2026, 1, 1)}
    return StaffRelation(**{**values, **changes})  # type: ignore[arg-type]


def test_people_may_book_for_themselves() -> None:
    grant = decide_for_patient(
        make_actor(),
        wanted=PATIENT,
        permission=Permission.APPOINTMENTS_BOOK,
        relations=[make_relation()],
        today=TODAY,
    )
    assert grant.patient == PATIENT
    assert not grant.acting_for_other


@pytest.mark.parametrize(
    "relation",
    [
        make_relation(patient=STRANGER),
        make_relation(account=OTHER),
        make_relation(ends_on=TODAY - timedelta(days=1)),
        make_relation(starts_on=TODAY + timedelta(days=1)),
        make_relation(suspended=True),
        make_relation(scopes=frozenset({Permission.HOME_VIEW})),
    ],
)
def test_no_relation_that_does_not_cover_it_opens_a_chart(relation: PatientRelation) -> None:
    with pytest.raises(NotAllowed):
        decide_for_patient(
            make_actor(),
            wanted=PATIENT,
            permission=Permission.APPOINTMENTS_BOOK,
            relations=[relation],
            today=TODAY,
        )


def test_access_still_stands_on_its_last_day() -> None:
    relation = make_relation(ends_on=TODAY, basis=Basis.CONSENT)
    grant = decide_for_patient(
        make_actor(),
        wanted=PATIENT,
        permission=Permission.APPOINTMENTS_VIEW,
        relations=[relation],
        today=TODAY,
    )
    assert grant.acting_for_other


def test_a_sign_in_that_proved_too_little_is_told_to_step_up() -> None:
    with pytest.raises(StepUpNeeded):
        decide_for_patient(
            make_actor(level=Level.P0),
            wanted=PATIENT,
            permission=Permission.APPOINTMENTS_BOOK,
            relations=[make_relation()],
            today=TODAY,
        )


@given(permission=st.sampled_from(list(Permission)), level=st.sampled_from(list(Level)))
def test_a_patient_relation_never_opens_a_desk_nor_a_staff_relation_a_chart(
    permission: Permission, level: Level
) -> None:
    everything = frozenset(Permission)
    if permission.of_practice:
        with pytest.raises(NotAllowed):
            decide_for_patient(
                make_actor(level=level),
                wanted=PATIENT,
                permission=permission,
                relations=[make_relation(scopes=everything)],
                today=TODAY,
            )
    else:
        with pytest.raises(NotAllowed):
            decide_for_site(
                make_actor(level=level),
                wanted=A,
                permission=permission,
                relations=[make_staff(scopes=everything)],
                today=TODAY,
            )


def test_staff_of_one_practice_are_strangers_at_another() -> None:
    relations = [make_staff()]
    assert (
        decide_for_site(
            make_actor(), wanted=A, permission=Permission.PRACTICE_VIEW, relations=relations, today=TODAY
        ).organisation
        == A
    )
    with pytest.raises(NotAllowed):
        decide_for_site(
            make_actor(), wanted=B, permission=Permission.PRACTICE_VIEW, relations=relations, today=TODAY
        )


def test_only_declared_jobs_get_a_grant() -> None:
    assert decide_for_job("seal-access-log").job == "seal-access-log"
    with pytest.raises(ValueError, match="no such job"):
        decide_for_job("read-everything")

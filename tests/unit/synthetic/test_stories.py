"""Who can sign in to the try-out service, and for whom they may act."""

from datetime import date, timedelta

from portal.access.permissions import Permission
from portal.access.policy import OWN_SCOPES, Basis
from portal.domain.people import whole_years
from portal.fhir import patient
from portal.synthetic import awkward, stories
from portal.synthetic.people import person
from portal.synthetic.places import organisation_id

ANCHOR = date(2026, 3, 29)


def test_everybody_on_the_list_has_a_story_and_a_name() -> None:
    listed = stories.demo_people(1, ANCHOR)
    assert [each.story for each in listed] == [
        "patient", "patient-urdu", "patient-welsh", "parent", "carer", "many-appointments", "moved",
        "long-name", "receptionist", "receptionist",
    ]  # fmt: skip
    assert all(each.name for each in listed)
    assert len({each.subject for each in listed}) == len(listed)
    assert [each.staff for each in listed] == [each.story == "receptionist" for each in listed]


def test_patients_act_for_themselves_with_everything_that_is_theirs() -> None:
    own = [each for each in stories.acts_for(1, ANCHOR) if each.basis is Basis.SELF]
    assert {each.subject for each in own} == {
        each.subject for each in stories.demo_people(1, ANCHOR) if not each.staff
    }
    assert all(each.scopes == OWN_SCOPES and each.ends_on is None for each in own)


def test_a_parent_acts_for_two_children_until_the_day_before_they_are_16() -> None:
    found = [each for each in stories.acts_for(1, ANCHOR) if each.basis is Basis.PARENT]
    children = {person(1, number, ANCHOR).id: number for number in (awkward.CHILD_A, awkward.CHILD_B)}
    assert {each.patient for each in found} == set(children)
    for each in found:
        birth = patient.from_fhir(person(1, children[each.patient], ANCHOR).resource).birth_date
        assert birth is not None
        assert each.ends_on is not None
        assert whole_years(birth.earliest(), each.ends_on) == 15


def test_a_daughter_acts_for_her_father_by_consent_for_a_year() -> None:
    (found,) = [each for each in stories.acts_for(1, ANCHOR) if each.basis is Basis.CONSENT]
    assert found.patient == person(1, awkward.FATHER, ANCHOR).id
    assert found.ends_on == ANCHOR + timedelta(days=365)


def test_helpers_may_do_appointments_and_nothing_else() -> None:
    for each in stories.acts_for(1, ANCHOR):
        if each.basis is not Basis.SELF:
            assert Permission.NEEDS_CHANGE not in each.scopes
            assert Permission.APPOINTMENTS_BOOK in each.scopes
            assert not any(scope.of_practice for scope in each.scopes)


def test_each_receptionist_works_at_one_practice() -> None:
    found = stories.works_at(1)
    assert {each.organisation for each in found} == {
        organisation_id(1, "harbour"),
        organisation_id(1, "oakfield"),
    }
    assert len({each.subject for each in found}) == 2
    assert all(scope.of_practice for each in found for scope in each.scopes)

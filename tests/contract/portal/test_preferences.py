"""What people need at a visit: whatever keeps it."""

from datetime import UTC, datetime

import pytest

from portal.domain.appointments import Need, Needs
from portal.domain.ids import PatientId
from tests.contract.portal.parts import Portal, failed_change

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ADA = PatientId("patient-ada")
NEEDS = Needs(all=frozenset({Need.INTERPRETER, Need.STEP_FREE}), interpreter_language="pa-Guru")


def test_somebody_never_asked_differs_from_somebody_without_needs(portal: Portal) -> None:
    assert portal.preferences.needs_of(ADA) is None
    with portal.unit.change():
        portal.preferences.save_needs(ADA, Needs(), AT)
    assert portal.preferences.needs_of(ADA) == Needs()


def test_needs_come_back_as_saved_and_only_for_their_person(portal: Portal) -> None:
    with portal.unit.change():
        portal.preferences.save_needs(ADA, NEEDS, AT)
    assert portal.preferences.needs_of(ADA) == NEEDS
    assert portal.preferences.needs_of(PatientId("patient-ben")) is None


def test_saving_again_replaces(portal: Portal) -> None:
    with portal.unit.change():
        portal.preferences.save_needs(ADA, NEEDS, AT)
        portal.preferences.save_needs(ADA, Needs(all=frozenset({Need.BSL})), AT)
    assert portal.preferences.needs_of(ADA) == Needs(all=frozenset({Need.BSL}))


def test_needs_saved_in_a_change_that_fails_are_not_kept(portal: Portal) -> None:
    with failed_change(portal.unit):
        portal.preferences.save_needs(ADA, NEEDS, AT)
    assert portal.preferences.needs_of(ADA) is None


def test_needs_are_saved_only_inside_a_change(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.preferences.save_needs(ADA, NEEDS, AT)

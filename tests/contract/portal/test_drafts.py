"""Answers of unfinished journeys: whatever keeps them."""

from datetime import UTC, datetime, timedelta

from portal.domain.ids import AccountId, PatientId
from portal.ports.drafts import KEPT_FOR
from tests.contract.portal.parts import Portal, failed_change

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ADA, BEN = AccountId("account-ada"), AccountId("account-ben")
PATIENT = PatientId("patient-ada")
ANSWERS = {"words": "گھٹنا — “my knee”", "site": "site-1", "empty": ""}


def test_answers_come_back_as_saved(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    assert portal.drafts.load(ADA, PATIENT, "book", AT) == ANSWERS


def test_nothing_saved_is_nothing(portal: Portal) -> None:
    assert portal.drafts.load(ADA, PATIENT, "book", AT) == {}


def test_saving_again_replaces_and_begins_the_24_hours_anew(portal: Portal) -> None:
    later = AT + timedelta(hours=20)
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    portal.drafts.save(ADA, PATIENT, "book", {"site": "site-2"}, later)
    assert portal.drafts.load(ADA, PATIENT, "book", later + timedelta(hours=20)) == {"site": "site-2"}


def test_answers_are_those_of_one_account_patient_and_journey(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    assert portal.drafts.load(BEN, PATIENT, "book", AT) == {}
    assert portal.drafts.load(ADA, PatientId("patient-ben"), "book", AT) == {}
    assert portal.drafts.load(ADA, PATIENT, "change", AT) == {}
    assert portal.drafts.load(ADA, None, "book", AT) == {}


def test_a_journey_about_nobody_has_answers_of_its_own(portal: Portal) -> None:
    portal.drafts.save(ADA, None, "publish", ANSWERS, AT)
    assert portal.drafts.load(ADA, None, "publish", AT) == ANSWERS


def test_answers_are_kept_24_hours_and_no_longer(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    assert portal.drafts.load(ADA, PATIENT, "book", AT + KEPT_FOR - timedelta(seconds=1)) == ANSWERS
    assert portal.drafts.load(ADA, PATIENT, "book", AT + KEPT_FOR) == {}


def test_dropped_answers_are_gone(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    portal.drafts.drop(ADA, PATIENT, "book")
    portal.drafts.drop(ADA, PATIENT, "book")
    assert portal.drafts.load(ADA, PATIENT, "book", AT) == {}


def test_answers_dropped_in_a_change_that_fails_are_still_there(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT)
    with failed_change(portal.unit):
        portal.drafts.drop(ADA, PATIENT, "book")
    assert portal.drafts.load(ADA, PATIENT, "book", AT) == ANSWERS


def test_tidying_forgets_what_is_old_and_keeps_the_rest(portal: Portal) -> None:
    portal.drafts.save(ADA, PATIENT, "book", ANSWERS, AT - timedelta(seconds=1))
    portal.drafts.save(ADA, PATIENT, "change", ANSWERS, AT)
    assert portal.drafts.tidy(AT) == 1
    assert portal.drafts.load(ADA, PATIENT, "book", AT) == {}
    assert portal.drafts.load(ADA, PATIENT, "change", AT) == ANSWERS

"""The access log's contract: what is written, found, sealed and verified, whatever keeps it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.ids import AccountId, OrganisationId, PatientId
from portal.ports.access_log import Action, Entry, Outcome, Verification
from tests.contract.portal.parts import Portal, failed_change

AT = datetime(2026, 6, 1, 9, 0, 0, 123456, tzinfo=UTC)
ADA = PatientId("patient-ada")
BEN = PatientId("patient-ben")


def make_entry(**changes: object) -> Entry:
    plain = Entry(
        at=AT,
        action=Action.APPOINTMENTS_VIEWED,
        outcome=Outcome.DONE,
        actor=AccountId("account-ada"),
        patients=(ADA,),
        object="list",
        request="request-1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_view_is_kept_whole(portal: Portal) -> None:
    entry = make_entry(
        organisation=OrganisationId("org-1"), acting_for_other=True, reason="too-late", outcome=Outcome.FAILED
    )
    portal.access_log.view(entry)
    assert list(portal.access_log.about(ADA)) == [entry]


def test_a_row_about_nobody_is_found_under_nobody(portal: Portal) -> None:
    portal.access_log.view(make_entry(patients=(), action=Action.SIGN_IN))
    assert list(portal.access_log.about(ADA)) == []
    assert portal.access_log.verify() == Verification(sealed=0, unsealed=1, broken=())


def test_a_row_about_several_people_is_found_under_each(portal: Portal) -> None:
    entry = make_entry(patients=(ADA, BEN), action=Action.DAY_VIEWED)
    portal.access_log.view(entry)
    assert list(portal.access_log.about(ADA)) == [entry]
    assert list(portal.access_log.about(BEN)) == [entry]
    assert list(portal.access_log.about(PatientId("patient-cy"))) == []


def test_one_person_named_twice_is_listed_once(portal: Portal) -> None:
    portal.access_log.view(make_entry(patients=(ADA, ADA)))
    assert len(portal.access_log.about(ADA)) == 1


def test_the_newest_rows_come_first_and_no_more_than_asked(portal: Portal) -> None:
    for number in range(6):
        several = (ADA, BEN) if number % 2 else (ADA,)
        portal.access_log.view(make_entry(object=str(number), patients=several))
    assert [entry.object for entry in portal.access_log.about(ADA, limit=4)] == ["5", "4", "3", "2"]


def test_a_change_writes_its_row_in_its_own_transaction(portal: Portal) -> None:
    with portal.unit.change():
        portal.access_log.change(make_entry(action=Action.BOOKED))
    assert [entry.action for entry in portal.access_log.about(ADA)] == [Action.BOOKED]


def test_a_change_that_fails_leaves_no_row(portal: Portal) -> None:
    with failed_change(portal.unit):
        portal.access_log.change(make_entry(action=Action.BOOKED))
        portal.access_log.view(make_entry())
    assert list(portal.access_log.about(ADA)) == []


def test_a_change_row_outside_a_change_is_a_mistake(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.access_log.change(make_entry())


def test_an_instant_in_another_zone_is_the_same_instant(portal: Portal) -> None:
    summer = AT.astimezone(datetime.strptime("+0100", "%z").tzinfo)
    portal.access_log.view(make_entry(at=summer))
    assert portal.access_log.about(ADA)[0].at == AT
    assert portal.access_log.verify().broken == ()


def test_sealing_covers_rows_in_batches_oldest_first(portal: Portal) -> None:
    for number in range(5):
        portal.access_log.view(make_entry(object=str(number)))
    assert portal.access_log.seal(at=AT, limit=3) == 3
    assert portal.access_log.verify() == Verification(sealed=3, unsealed=2, broken=())
    assert portal.access_log.seal(at=AT, limit=3) == 2
    assert portal.access_log.seal(at=AT, limit=3) == 0
    assert portal.access_log.verify() == Verification(sealed=5, unsealed=0, broken=())


def test_an_empty_log_is_whole(portal: Portal) -> None:
    assert portal.access_log.seal(at=AT) == 0
    assert portal.access_log.verify() == Verification(sealed=0, unsealed=0, broken=())
    assert portal.access_log.checkpoint() is None


def test_a_checkpoint_is_held_for_as_long_as_the_chain_has_it(portal: Portal) -> None:
    portal.access_log.view(make_entry())
    portal.access_log.seal(at=AT)
    first = portal.access_log.checkpoint()
    portal.access_log.view(make_entry())
    portal.access_log.seal(at=AT + timedelta(seconds=10))
    second = portal.access_log.checkpoint()
    assert first is not None
    assert second is not None
    assert (first.number, second.number, second.at) == (1, 2, AT + timedelta(seconds=10))
    assert portal.access_log.holds(first.number, first.mac)
    assert portal.access_log.holds(second.number, second.mac.upper())
    assert not portal.access_log.holds(second.number, first.mac)
    assert not portal.access_log.holds(3, first.mac)

"""Idempotency keys: whatever keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.adapters.sql.engine import Database
from portal.domain.ids import AccountId, AttemptKey
from portal.errors import KeyReused, NotFound
from portal.ports.bookings import Attempt, AttemptState
from tests.contract.portal.parts import Portal, at_once, failed_change, sql_portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ADA, BEN = AccountId("account-ada"), AccountId("account-ben")
KEY = AttemptKey("key-1")
PENDING = Attempt(key=KEY, account=ADA, body_hash="hash", state=AttemptState.PENDING, result="", at=AT)
DONE = Attempt(key=KEY, account=ADA, body_hash="hash", state=AttemptState.DONE, result="appointment-1", at=AT)


def begin(portal: Portal) -> Attempt | None:
    with portal.unit.change():
        return portal.attempts.begin(KEY, ADA, "hash", AT)


def finish(portal: Portal) -> None:
    with portal.unit.change():
        portal.attempts.finish(KEY, AttemptState.DONE, "appointment-1")


def test_a_new_key_may_go_ahead(portal: Portal) -> None:
    assert begin(portal) is None
    assert portal.attempts.find(KEY, ADA) == PENDING


def test_the_same_key_again_tells_what_became_of_it(portal: Portal) -> None:
    begin(portal)
    assert begin(portal) == PENDING
    finish(portal)
    assert begin(portal) == DONE
    assert portal.attempts.find(KEY, ADA) == DONE


def test_a_key_of_a_change_that_failed_is_new_again(portal: Portal) -> None:
    with failed_change(portal.unit):
        portal.attempts.begin(KEY, ADA, "hash", AT)
    assert portal.attempts.find(KEY, ADA) is None
    assert begin(portal) is None


def test_a_key_that_is_forgotten_is_new_again_unless_it_is_done(portal: Portal) -> None:
    begin(portal)
    with portal.unit.change():
        portal.attempts.forget(KEY)
        portal.attempts.forget(AttemptKey("never begun"))
    assert begin(portal) is None
    finish(portal)
    with portal.unit.change():
        portal.attempts.forget(KEY)
    assert begin(portal) == DONE


def test_keys_that_were_cut_off_are_new_again_after_a_while(portal: Portal) -> None:
    begin(portal)
    with portal.unit.change():
        assert portal.attempts.forget_unfinished(AT) == 0
        assert portal.attempts.forget_unfinished(AT + timedelta(seconds=1)) == 1
    assert begin(portal) is None
    finish(portal)
    with portal.unit.change():
        assert portal.attempts.forget_unfinished(AT + timedelta(days=1)) == 0


@pytest.mark.parametrize(("account", "body_hash"), [(ADA, "other"), (BEN, "hash")])
def test_a_key_serves_one_body_of_one_account(portal: Portal, account: AccountId, body_hash: str) -> None:
    begin(portal)
    with portal.unit.change(), pytest.raises(KeyReused):
        portal.attempts.begin(KEY, account, body_hash, AT)
    assert portal.attempts.find(KEY, ADA) == PENDING


def test_nobody_finds_another_account_s_attempt(portal: Portal) -> None:
    begin(portal)
    assert portal.attempts.find(KEY, BEN) is None
    assert portal.attempts.find(AttemptKey("key-2"), ADA) is None


def test_only_what_was_begun_can_be_finished(portal: Portal) -> None:
    with portal.unit.change(), pytest.raises(NotFound):
        portal.attempts.finish(KEY, AttemptState.DONE, "appointment-1")


def test_attempts_are_written_only_inside_a_change(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.attempts.begin(KEY, ADA, "hash", AT)
    with pytest.raises(RuntimeError):
        portal.attempts.finish(KEY, AttemptState.DONE, "")


def test_of_many_with_the_same_key_at_once_one_goes_ahead_and_the_others_get_its_answer(
    database: Database,
) -> None:
    answers: list[Attempt | None] = []

    def send() -> None:
        portal = sql_portal(database)
        with portal.unit.change():
            earlier = portal.attempts.begin(KEY, ADA, "hash", AT)
            if earlier is None:
                portal.attempts.finish(KEY, AttemptState.DONE, "appointment-1")
            answers.append(earlier)
        portal.unit.close()

    at_once(12, send)
    assert len(answers) == 12
    assert answers.count(None) == 1
    assert answers.count(DONE) == 11

"""Notes of what another system is asked to change: whatever keeps them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.unit import SqlUnit
from portal.domain.ids import AccountId, AppointmentId, AttemptKey, PatientId, SlotId
from portal.ports.remote_changes import Act, ChangeKind, RemoteChange

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BEN = AccountId("account-ada"), AccountId("account-ben")
NOTE = RemoteChange(
    id="key-1",
    kind=ChangeKind.BOOK,
    at=AT,
    patient=PatientId("ada"),
    account=ADA,
    attempt=AttemptKey("key-1"),
    slot=SlotId("slot"),
)
FIRST, SECOND = AppointmentId("first"), AppointmentId("second")


@pytest.fixture
def unit(database: Database) -> Iterator[SqlUnit]:
    made = SqlUnit(database)
    yield made
    made.close()


@pytest.fixture
def changes(unit: SqlUnit) -> SqlRemoteChanges:
    return SqlRemoteChanges(unit)


def test_a_note_comes_back_whole_and_is_made_once(unit: SqlUnit, changes: SqlRemoteChanges) -> None:
    with unit.change():
        assert changes.note(NOTE)
        assert not changes.note(replace(NOTE, kind=ChangeKind.MOVE, at=AT + MINUTE))
    assert changes.find("key-1") == NOTE
    assert changes.find("key-2") is None


def test_what_is_forgotten_is_gone_and_may_be_noted_again(unit: SqlUnit, changes: SqlRemoteChanges) -> None:
    with unit.change():
        changes.note(NOTE)
        changes.forget("key-1")
        changes.forget("never noted")
        assert changes.note(NOTE)


def test_what_is_left_over_comes_oldest_first(unit: SqlUnit, changes: SqlRemoteChanges) -> None:
    bare = RemoteChange(id="older", kind=ChangeKind.WITHDRAW, at=AT - MINUTE)
    with unit.change():
        changes.note(NOTE)
        changes.note(bare)
    assert list(changes.left_since(AT)) == [bare]
    assert [each.id for each in changes.left_since(AT + MINUTE)] == ["older", "key-1"]


def test_who_did_what_is_kept_and_the_first_stands(unit: SqlUnit, changes: SqlRemoteChanges) -> None:
    with unit.change():
        changes.note_act(FIRST, Act.BOOKED, ADA)
        changes.note_act(FIRST, Act.BOOKED, BEN)
        changes.note_act(FIRST, Act.CANCELLED, BEN)
    assert changes.acts([FIRST, SECOND, FIRST]) == {(FIRST, Act.BOOKED): ADA, (FIRST, Act.CANCELLED): BEN}
    assert changes.acts([]) == {}


def test_notes_are_written_only_inside_a_change(changes: SqlRemoteChanges) -> None:
    with pytest.raises(RuntimeError):
        changes.note(NOTE)

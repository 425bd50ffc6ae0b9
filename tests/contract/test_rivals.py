"""What happens when many want one time at once, or the database cannot take a change. Over SQL only."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Connection

from portal.domain.appointments import AuthorKind, CancelReason
from portal.domain.ids import AttemptKey
from portal.errors import CannotSave, PortalError, SlotTaken
from tests.builders import BRYN, HILL, NOW, STAFF_AUTHOR, TOMORROW, make_new_slot, make_patient, make_slot
from tests.contract.conftest import World
from tests.contract.steps import EARLIER, LATER, book, move, two_slots


def rivals(world: World, count: int, **changes: Any) -> list[str]:
    """So many requests at once, each of its own; the appointment's id or the error's code."""

    def attempt(n: int) -> str:
        mine = world.again()
        values = {key: value(n) if callable(value) else value for key, value in changes.items()}
        try:
            return book(mine, **values).id
        except PortalError as error:
            return error.code
        finally:
            mine.unit.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_sixty_rivals_for_one_slot_make_exactly_one_appointment(world: World) -> None:
    world.add(make_slot(), *(make_patient(id=f"rival-{n}") for n in range(60)))
    answers = rivals(world, 60, patient=lambda n: f"rival-{n}", key=lambda n: AttemptKey(f"key-{n}"))
    assert answers.count("slot-taken") == 59
    found = [each for n in range(60) for each in world.chart(make_patient(id=f"rival-{n}").id).appointments()]
    assert len(found) == 1


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_one_form_sent_fifty_times_at_once_makes_one_appointment_and_every_answer_is_that_one(
    world: World,
) -> None:
    world.add(make_slot())
    answers = rivals(world, 50)
    assert len(set(answers)) == 1
    assert [each.id for each in world.chart().appointments()] == answers[:1]


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_two_people_moving_to_each_others_times_both_keep_what_they_have(world: World) -> None:
    two_slots(world)
    mine = book(world, slot=EARLIER)
    theirs = book(world, slot=LATER, patient=BRYN, key=AttemptKey("key-2"))
    with pytest.raises(SlotTaken):
        move(world, mine, slot=LATER, key=AttemptKey("key-3"))
    with pytest.raises(SlotTaken):
        move(world, theirs, slot=EARLIER, key=AttemptKey("key-4"))
    assert world.chart().appointment(mine.id).live
    assert world.chart(BRYN).appointment(theirs.id).live


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_database_that_cannot_take_a_change_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add(make_slot())
    assert world.database is not None
    with world.database.connect_changes() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        waiting = world.again()
        assert waiting.database is not None
        with waiting.database.connect_changes() as impatient:
            impatient.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(CannotSave):
            book(waiting, author=STAFF_AUTHOR)
        other.exec_driver_sql("ROLLBACK")
    assert book(world).booked_by.kind is AuthorKind.PATIENT


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_cancelling_waits_for_the_slot_and_holds_nothing_that_withdrawing_needs(world: World) -> None:
    """Withdrawing takes the slot, then its visit. In the other order the two would wait for each other."""
    world.add(make_slot())
    booked = book(world)
    mine, database = world.again(), world.database
    assert database is not None

    def cancel() -> None:
        with mine.unit.change():
            mine.chart().cancel(
                booked.id, version=1, author=STAFF_AUTHOR, at=NOW, reason=CancelReason.BETTER, words=""
            )

    with ThreadPoolExecutor(1) as pool, database.connect_changes() as withdrawing:
        withdrawing.exec_driver_sql("BEGIN")
        withdrawing.exec_driver_sql("SELECT id FROM slot FOR UPDATE")
        waiting = pool.submit(cancel)
        _until_somebody_waits(withdrawing)
        withdrawing.exec_driver_sql("SELECT id FROM appointment FOR UPDATE NOWAIT")
        withdrawing.exec_driver_sql("ROLLBACK")
        waiting.result(timeout=10)
    assert not world.chart().appointment(booked.id).live


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_whoever_publishes_second_judges_what_the_first_has_published(world: World) -> None:
    mine, database = world.again(), world.database
    assert database is not None

    def publish() -> list[str]:
        with mine.unit.change():
            desk = mine.desk()
            desk.hold()
            return [slot.id for slot in desk.slots(HILL, TOMORROW.date())]

    with ThreadPoolExecutor(1) as pool, database.connect_changes() as watching:
        with world.unit.change():
            world.desk().hold()
            waiting = pool.submit(publish)
            _until_somebody_waits(watching)
            world.desk().publish([make_new_slot()])
        assert len(waiting.result(timeout=10)) == 1


def _until_somebody_waits(connection: Connection) -> None:
    for _ in range(500):
        if connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
            return
        sleep(0.01)
    raise AssertionError("nobody waits for a lock")

"""What a patient's chart promises whatever stands behind it: book, move, cancel, and nobody else's data."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.appointments import (
    LIVE,
    Cancellation,
    CancelReason,
    Need,
    Needs,
    Reason,
    SlotStatus,
    Status,
)
from portal.domain.ids import AttemptKey, SlotId
from portal.domain.people import HumanName, NameUse, NhsNumber, PartialDate
from portal.domain.places import BookingPolicy
from portal.errors import (
    AlreadyCancelled,
    ChangedMeanwhile,
    KeyReused,
    NotFound,
    SlotNotBookable,
    SlotTaken,
)
from tests.builders import (
    AMINA,
    BRYN,
    GP,
    NOW,
    OKAFOR,
    PATIENT_AUTHOR,
    TOMORROW,
    make_appointment,
    make_booking,
    make_patient,
    make_service,
    make_slot,
)
from tests.contract.conftest import World
from tests.contract.steps import EARLIER, LATER, book, cancel, move, two_slots


def test_a_booking_says_what_was_booked_by_whom_and_for_what(world: World) -> None:
    world.add(make_slot())
    needs = Needs(all=frozenset({Need.BSL, Need.INTERPRETER}), interpreter_language="ur")
    made = book(world, reason=Reason.MEDICINES, words="My tablets", needs=needs, with_someone=True)
    again = world.again().chart().appointment(made.id)
    assert again == made
    assert (again.patient, again.service, again.practitioner, again.slot) == (
        AMINA,
        GP,
        OKAFOR,
        SlotId("slot"),
    )
    assert (again.starts_at, again.status, again.description) == (TOMORROW, Status.BOOKED, "See a GP")
    assert (again.needs, again.reason, again.words, again.with_someone) == (
        needs,
        Reason.MEDICINES,
        "My tablets",
        True,
    )
    assert (again.created_at, again.booked_by, again.version, again.sequence) == (NOW, PATIENT_AUTHOR, 1, 0)
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.BUSY


def test_a_slot_that_is_taken_cannot_be_booked_by_anybody_else(world: World) -> None:
    world.add(make_slot())
    book(world)
    with pytest.raises(SlotTaken):
        book(world, patient=BRYN, key=AttemptKey("key-2"))
    assert list(world.chart(BRYN).appointments()) == []


@pytest.mark.parametrize("status", [SlotStatus.BUSY, SlotStatus.UNAVAILABLE, SlotStatus.TENTATIVE])
def test_only_a_free_slot_can_be_booked(world: World, status: SlotStatus) -> None:
    world.add(make_slot(status=status))
    with pytest.raises(SlotTaken):
        book(world)


def test_a_slot_that_is_not_there_or_is_an_error_is_not_found(world: World) -> None:
    world.add(make_slot(id="wrong", status=SlotStatus.ERROR))
    for wanted in (SlotId("nowhere"), SlotId("wrong")):
        with pytest.raises(NotFound):
            book(world, slot=wanted)
        with pytest.raises(NotFound):
            world.chart().slot(wanted)


def test_a_time_that_has_begun_cannot_be_booked(world: World) -> None:
    world.add(make_slot(starts_at=NOW))
    with pytest.raises(SlotNotBookable):
        book(world)
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.FREE


def test_an_embargoed_time_cannot_be_booked_before_it_opens(world: World) -> None:
    world.add(make_slot(released_at=NOW + timedelta(microseconds=1)))
    with pytest.raises(SlotNotBookable):
        book(world)
    assert book(world, at=NOW + timedelta(microseconds=1)).live


def test_a_services_embargo_counts_for_slots_that_say_nothing_themselves(world: World) -> None:
    embargo = BookingPolicy(released_before=timedelta(hours=2))
    world.add(make_service(id="embargoed", policy=embargo), make_slot(service="embargoed"))
    assert world.chart().slot(SlotId("slot")).released_at == TOMORROW - timedelta(hours=2)
    with pytest.raises(SlotNotBookable):
        book(world)
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.FREE
    assert book(world, at=TOMORROW - timedelta(hours=2)).live


def test_the_same_key_gives_the_same_appointment_and_books_once(world: World) -> None:
    two_slots(world)
    first = book(world, slot=EARLIER)
    assert book(world, slot=EARLIER) == first
    assert book(world, slot=LATER) == first
    assert world.chart().slot(LATER).status is SlotStatus.FREE
    assert len(world.chart().appointments()) == 1


def test_the_same_key_after_cancelling_gives_the_cancelled_appointment_and_leaves_the_slot_free(
    world: World,
) -> None:
    world.add(make_slot())
    cancelled = cancel(world, book(world))
    assert book(world) == cancelled
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.FREE


def test_somebody_elses_key_gives_nothing_of_theirs(world: World) -> None:
    two_slots(world)
    book(world, slot=EARLIER)
    with pytest.raises(SlotTaken):
        book(world, slot=LATER, patient=BRYN)
    assert list(world.chart(BRYN).appointments()) == []
    assert world.chart().slot(LATER).status is SlotStatus.FREE


def test_a_live_appointment_holds_its_slot_even_if_the_slot_says_it_is_free(world: World) -> None:
    world.add(make_slot(), make_appointment(patient=BRYN, slot=SlotId("slot")))
    with pytest.raises(SlotTaken):
        book(world)


def test_a_chart_knows_no_other_patients_appointments(world: World) -> None:
    world.add(make_slot())
    theirs = book(world)
    chart = world.chart(BRYN)
    with pytest.raises(NotFound):
        chart.appointment(theirs.id)
    with world.unit.change(), pytest.raises(NotFound):
        chart.cancel(theirs.id, version=1, author=PATIENT_AUTHOR, at=NOW, reason=CancelReason.OTHER, words="")
    with world.unit.change(), pytest.raises(NotFound):
        chart.cannot_come(theirs.id, version=1, at=NOW)
    with world.unit.change(), pytest.raises(NotFound):
        chart.move(theirs.id, version=1, booking=make_booking(key=AttemptKey("key-2")))
    assert world.chart().appointment(theirs.id) == theirs


def test_appointments_come_in_order_of_time_without_those_entered_in_error(world: World) -> None:
    world.add(
        make_appointment(id="c", starts_at=TOMORROW + timedelta(hours=1)),
        make_appointment(id="b"),
        make_appointment(id="a", starts_at=NOW - timedelta(days=9), status=Status.FULFILLED),
        make_appointment(id="wrong", status=Status.ERROR),
        make_appointment(id="theirs", patient=BRYN),
    )
    assert [each.id for each in world.chart().appointments()] == ["a", "b", "c"]
    with pytest.raises(NotFound):
        world.chart().appointment(make_appointment(id="wrong").id)


def test_a_patient_comes_back_as_they_were_kept(world: World) -> None:
    whole = make_patient(
        id="whole",
        names=(
            HumanName(use=NameUse.OFFICIAL, given=("Siân", "Mair"), family="O’Neill"),
            HumanName(use=NameUse.OLD, text="Old Name", ended_on=NOW.date()),
            HumanName(text="ਗੁਰਪ੍ਰੀਤ"),
        ),
        nhs_number=NhsNumber("9990000018"),
        birth_date=PartialDate(year=1951, month=7),
        died=True,
        language="pa",
        interpreter_required=True,
    )
    world.add(whole)
    assert world.chart(whole.id).patient() == whole


@pytest.mark.parametrize("world", ["fake", "sqlite", "postgresql"], indirect=True)
def test_a_record_that_is_kept_here_says_whether_it_is_active(world: World) -> None:
    """Over FHIR it is refused: whose record it is now, only the other system knows (test_fhir_trust)."""
    world.add(make_patient(id="moved", active=False))
    assert not world.chart(make_patient(id="moved").id).patient().active


def test_a_patient_who_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.chart(make_patient(id="nobody").id).patient()


def test_cancelling_frees_the_slot_and_keeps_the_persons_words(world: World) -> None:
    world.add(make_slot())
    cancelled = cancel(world, book(world), reason=CancelReason.TIME, words="I have to work")
    assert world.again().chart().appointment(cancelled.id) == cancelled
    assert cancelled.status is Status.CANCELLED
    assert (cancelled.version, cancelled.sequence) == (2, 1)
    assert cancelled.cancellation is not None
    assert (cancelled.cancellation.words, cancelled.cancellation.by) == ("I have to work", PATIENT_AUTHOR)
    assert book(world, key=AttemptKey("key-2"), patient=BRYN).slot == SlotId("slot")


def test_cancelling_twice_is_told_apart_from_a_change_by_somebody_else(world: World) -> None:
    two_slots(world)
    booked = book(world, slot=EARLIER)
    with pytest.raises(ChangedMeanwhile):
        cancel(world, booked, version=7)
    cancel(world, booked)
    with pytest.raises(AlreadyCancelled):
        cancel(world, booked)
    past = make_appointment(id="past", status=Status.FULFILLED)
    world.add(past)
    with pytest.raises(ChangedMeanwhile):
        cancel(world, past)


def test_cancelling_does_not_open_a_slot_that_was_taken_out_of_use(world: World) -> None:
    world.add(make_slot(status=SlotStatus.UNAVAILABLE), make_appointment(slot=SlotId("slot")))
    cancel(world, make_appointment())
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.UNAVAILABLE


def test_moving_takes_the_new_time_and_lets_the_old_one_go(world: World) -> None:
    two_slots(world)
    old = book(world, slot=EARLIER)
    new = move(world, old, slot=LATER, key=AttemptKey("key-2"))
    was = world.chart().appointment(old.id)
    assert (new.replaces, was.replaced_by) == (old.id, new.id)
    assert (new.status, was.status) == (Status.BOOKED, Status.CANCELLED)
    assert was.cancellation is not None
    assert was.cancellation.reason is CancelReason.CHANGED
    assert (was.sequence, new.sequence) == (0, 1)
    assert world.chart().slot(EARLIER).status is SlotStatus.FREE
    assert world.chart().slot(LATER).status is SlotStatus.BUSY
    assert world.again().chart().appointment(new.id) == new


def test_moving_with_the_same_key_again_gives_the_same_appointment(world: World) -> None:
    two_slots(world)
    old = book(world, slot=EARLIER)
    new = move(world, old, slot=LATER, key=AttemptKey("key-2"))
    assert move(world, old, slot=LATER, key=AttemptKey("key-2")) == new
    assert len(world.chart().appointments()) == 2


def test_moving_to_a_taken_time_changes_nothing(world: World) -> None:
    two_slots(world)
    old = book(world, slot=EARLIER)
    book(world, slot=LATER, patient=BRYN, key=AttemptKey("key-2"))
    with pytest.raises(SlotTaken):
        move(world, old, slot=LATER, key=AttemptKey("key-3"))
    assert world.chart().appointment(old.id) == old
    assert world.chart().slot(EARLIER).status is SlotStatus.BUSY


def test_moving_what_was_changed_or_cancelled_meanwhile_changes_nothing(world: World) -> None:
    two_slots(world)
    old = book(world, slot=EARLIER)
    with pytest.raises(ChangedMeanwhile):
        move(world, old, slot=LATER, key=AttemptKey("key-2"), version=7)
    cancel(world, old)
    with pytest.raises(AlreadyCancelled):
        move(world, old, slot=LATER, key=AttemptKey("key-2"))
    assert world.chart().slot(LATER).status is SlotStatus.FREE


def test_a_key_that_booked_something_else_moves_nothing(world: World) -> None:
    two_slots(world)
    world.add(make_slot(id="third", starts_at=TOMORROW + timedelta(hours=3)))
    old = book(world, slot=EARLIER)
    book(world, slot=SlotId("third"), key=AttemptKey("key-2"))
    with pytest.raises(KeyReused):
        move(world, old, slot=LATER, key=AttemptKey("key-2"))
    assert world.chart().appointment(old.id) == old
    assert world.chart().slot(LATER).status is SlotStatus.FREE


def test_i_cannot_come_is_noted_once_and_the_visit_stays_booked(world: World) -> None:
    world.add(make_slot())
    booked = book(world)
    for _ in range(2):
        with world.unit.change():
            noted = world.chart().cannot_come(booked.id, version=1, at=NOW)
        assert (noted.cannot_come_at, noted.status, noted.version) == (NOW, Status.BOOKED, 2)
    assert world.again().chart().appointment(booked.id) == noted
    with pytest.raises(ChangedMeanwhile):
        cancel(world, booked)


def test_a_failed_change_leaves_nothing_behind(world: World) -> None:
    world.add(make_slot())

    def book_and_fail() -> None:
        with world.unit.change():
            world.chart().book(make_booking())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        book_and_fail()
    assert world.chart().slot(SlotId("slot")).status is SlotStatus.FREE
    assert list(world.chart().appointments()) == []


def test_writing_outside_a_change_is_refused(world: World) -> None:
    world.add(make_slot())
    with pytest.raises(RuntimeError):
        world.chart().book(make_booking())


def test_instants_keep_their_microseconds_and_come_back_in_utc(world: World) -> None:
    exact = datetime.fromisoformat("2026-10-25T01:30:00.000001+01:00")
    world.add(make_slot(starts_at=exact.astimezone(UTC)))
    found = world.again().chart().slot(SlotId("slot"))
    assert found.starts_at == exact
    assert found.starts_at.utcoffset() == timedelta(0)


def test_the_live_visits_are_those_still_to_happen_as_far_as_their_status_says(world: World) -> None:
    for status in Status:
        world.add(make_appointment(id=f"visit-{status.value}", status=status))
    world.add(make_appointment(id="theirs", patient=BRYN))
    found = world.again().chart().live_appointments()
    assert list(found) == [each for each in world.again().chart().appointments() if each.live]
    assert {each.status for each in found} == LIVE


def test_the_current_visits_are_those_not_over_and_those_cancelled_lately(world: World) -> None:
    def ended(at: datetime) -> Cancellation:
        return Cancellation(at=at, by=PATIENT_AUTHOR)

    before, day = NOW - timedelta(days=1), timedelta(days=1)
    gone = {"status": Status.CANCELLED, "starts_at": before, "ends_at": before + timedelta(minutes=10)}
    world.add(
        make_appointment(id="next"),
        make_appointment(id="now", starts_at=NOW - timedelta(minutes=5)),
        make_appointment(id="just-over", starts_at=NOW - timedelta(minutes=10)),
        make_appointment(id="cancelled-lately", cancellation=ended(before), **gone),
        make_appointment(id="cancelled-long-ago", cancellation=ended(before - day), **gone),
        make_appointment(id="cancelled-ahead", status=Status.CANCELLED, cancellation=ended(before - day)),
        make_appointment(id="mistake", status=Status.ERROR),
        make_appointment(id="theirs", patient=BRYN),
    )
    found = world.chart().current_appointments(ends_after=NOW, cancelled_after=before - day)
    assert [each.id for each in found] == ["cancelled-lately", "now", "cancelled-ahead", "next"]

"""What a practice's desk promises, whatever stands behind it: its own organisation only, and least fields."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.appointments import CancelReason, Mode, Need, Needs, Reason, SlotStatus, Status
from portal.domain.ids import AppointmentId, PractitionerId, SlotId
from portal.domain.people import HumanName, NameUse
from portal.errors import AlreadyCancelled, ChangedMeanwhile, NotFound, SlotTaken
from portal.ports.clinical import NewSlot
from tests.builders import (
    BRYN,
    DALE,
    EVANS,
    GP,
    HILL,
    NORTH,
    NOW,
    NURSE,
    OKAFOR,
    PHONE_GP,
    SOUTH,
    STAFF_AUTHOR,
    TEN_MINUTES,
    TOMORROW,
    make_appointment,
    make_booking,
    make_new_slot,
    make_patient,
    make_practitioner,
    make_slot,
)
from tests.contract.conftest import World

DAY = TOMORROW.date()


def test_a_day_lists_live_visits_in_order_with_whom_to_ring_and_what_to_provide(world: World) -> None:
    needs = Needs(all=frozenset({Need.BSL}))
    world.add(
        make_appointment(id="late", starts_at=TOMORROW + timedelta(hours=2), needs=needs),
        make_appointment(id="soon", patient=BRYN),
        make_appointment(id="gone", status=Status.CANCELLED),
        make_appointment(id="other-day", starts_at=TOMORROW + timedelta(days=1)),
        make_appointment(id="elsewhere", site=DALE, organisation=SOUTH),
    )
    rows = world.desk().day(HILL, DAY)
    assert [row.appointment.id for row in rows] == ["soon", "late"]
    assert [row.patient_name for row in rows] == ["Bryn Test", "Amina Test"]
    assert (rows[0].patient_phone, rows[0].patient_language) == ("07700 900002", "cy")
    assert rows[1].appointment.needs == needs


def test_a_day_shows_no_reason_and_none_of_the_persons_words(world: World) -> None:
    private = make_appointment(reason=Reason.NEW_PROBLEM, words="private words")
    world.add(private)
    for row in (*world.desk().day(HILL, DAY), world.desk().row(private.id)):
        assert (row.appointment.reason, row.appointment.words) == (Reason.NOT_SAID, "")


def test_a_day_never_shows_an_old_name(world: World) -> None:
    names = (
        HumanName(use=NameUse.OLD, given=("Never",), family="Shown"),
        HumanName(use=NameUse.USUAL, text="Sam"),
    )
    world.add(make_patient(id="renamed", names=names), make_appointment(patient="renamed"))
    assert [row.patient_name for row in world.desk().day(HILL, DAY)] == ["Sam"]


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        (date(2026, 3, 29), "2026-03-29T00:00:00+00:00", "2026-03-29T22:59:59+00:00"),
        (date(2026, 10, 25), "2026-10-24T23:00:00+00:00", "2026-10-25T23:59:59+00:00"),
    ],
)
def test_a_local_day_is_whole_when_the_clocks_change(world: World, on: date, first: str, last: str) -> None:
    begins, ends = datetime.fromisoformat(first).astimezone(UTC), datetime.fromisoformat(last).astimezone(UTC)
    second = timedelta(seconds=1)
    world.add(
        make_appointment(id="before", starts_at=begins - second),
        make_appointment(id="first", starts_at=begins),
        make_appointment(id="last", starts_at=ends),
        make_appointment(id="after", starts_at=ends + second),
        make_slot(id="first-slot", starts_at=begins),
        make_slot(id="after-slot", starts_at=ends + second),
    )
    assert [row.appointment.id for row in world.desk().day(HILL, on)] == ["first", "last"]
    assert [slot.id for slot in world.desk().slots(HILL, on)] == ["first-slot"]


def test_another_organisations_places_slots_and_visits_are_not_found(world: World) -> None:
    theirs = make_appointment(site=DALE, organisation=SOUTH)
    world.add(theirs, make_slot(site=DALE, organisation=SOUTH, service=PHONE_GP))
    desk = world.desk(NORTH)
    with pytest.raises(NotFound):
        desk.day(DALE, DAY)
    with pytest.raises(NotFound):
        desk.slots(DALE, DAY)
    with pytest.raises(NotFound):
        desk.row(theirs.id)
    with pytest.raises(NotFound):
        desk.slot(SlotId("slot"))
    with world.unit.change(), pytest.raises(NotFound):
        desk.withdraw(SlotId("slot"), seen=None, author=STAFF_AUTHOR, at=NOW)
    with world.unit.change(), pytest.raises(NotFound):
        desk.publish([make_new_slot(service=PHONE_GP)])
    assert world.desk(SOUTH).slot(SlotId("slot")).status is SlotStatus.FREE


def test_slots_of_a_day_come_whatever_their_status(world: World) -> None:
    world.add(
        make_slot(id="b", status=SlotStatus.BUSY, starts_at=TOMORROW + timedelta(hours=1)),
        make_slot(id="a"),
        make_slot(id="c", status=SlotStatus.UNAVAILABLE, starts_at=TOMORROW + timedelta(hours=2)),
        make_slot(id="wrong", status=SlotStatus.ERROR),
    )
    assert [(slot.id, slot.status) for slot in world.desk().slots(HILL, DAY)] == [
        ("a", SlotStatus.FREE),
        ("b", SlotStatus.BUSY),
        ("c", SlotStatus.UNAVAILABLE),
    ]


def test_publishing_makes_slots_that_people_can_book(world: World) -> None:
    new = make_new_slot(mode=Mode.PHONE, released_at=NOW - timedelta(hours=1))
    with world.unit.change():
        assert world.desk().publish([new]) == (1, 0)
    (slot,) = world.desk().slots(HILL, DAY)
    assert (slot.service, slot.site, slot.organisation, slot.mode) == (GP, HILL, NORTH, Mode.PHONE)
    assert (slot.practitioner, slot.released_at, slot.ends_at) == (
        new.practitioner,
        new.released_at,
        new.ends_at,
    )
    with world.unit.change():
        booked = world.chart().book(make_booking(slot=slot.id))
    assert booked.starts_at == TOMORROW


def test_publishing_twice_changes_nothing(world: World) -> None:
    slots = [make_new_slot(starts_at=TOMORROW + n * TEN_MINUTES) for n in range(6)]
    slots += [make_new_slot(service=NURSE, practitioner=None, starts_at=slot.starts_at) for slot in slots]
    with world.unit.change():
        assert world.desk().publish(slots) == (12, 0)
    with world.unit.change():
        assert world.desk().publish([*slots, make_new_slot(practitioner=EVANS)]) == (1, 12)
    assert len(world.desk().slots(HILL, DAY)) == 13


def test_the_same_time_twice_in_one_list_is_made_once(world: World) -> None:
    with world.unit.change():
        assert world.desk().publish([make_new_slot(), make_new_slot()]) == (1, 1)


def test_the_very_same_slot_is_there_already_even_out_of_use(world: World) -> None:
    world.add(make_slot(status=SlotStatus.UNAVAILABLE))
    with world.unit.change():
        assert world.desk().publish([make_new_slot()]) == (0, 1)


@pytest.mark.parametrize("practitioner", [OKAFOR, None])
@pytest.mark.parametrize("change", [{"mode": Mode.PHONE}, {"ends_at": TOMORROW + TEN_MINUTES * 2}])
def test_a_slot_that_differs_is_not_already_there(
    world: World, practitioner: PractitionerId | None, change: dict[str, Any]
) -> None:
    world.add(make_slot(practitioner=practitioner))
    other = make_new_slot(practitioner=practitioner, **change)
    with world.unit.change(), pytest.raises(SlotTaken):
        world.desk().publish([other])
    later = [_later(each) for each in (other, make_new_slot(practitioner=practitioner))]
    with pytest.raises(SlotTaken), world.unit.change():
        world.desk().publish(later)
    assert [slot.id for slot in world.desk().slots(HILL, DAY)] == ["slot"]


def _later(new: NewSlot) -> NewSlot:
    return replace(new, starts_at=new.starts_at + TEN_MINUTES * 9, ends_at=new.ends_at + TEN_MINUTES * 9)


def test_a_clinician_s_time_is_not_given_to_another_kind_of_care(world: World) -> None:
    world.add(make_slot(service=NURSE))
    with world.unit.change(), pytest.raises(SlotTaken):
        world.desk().publish([make_new_slot()])


def test_publishing_nothing_makes_nothing(world: World) -> None:
    with world.unit.change():
        assert world.desk().publish([]) == (0, 0)


def test_a_clinician_who_is_unknown_or_works_elsewhere_cannot_be_given_slots(world: World) -> None:
    world.add(make_practitioner(id="elsewhere", organisation=SOUTH))
    for wanted in ("elsewhere", "nobody"):
        with world.unit.change(), pytest.raises(NotFound):
            world.desk().publish([make_new_slot(practitioner=wanted)])
    assert list(world.desk().slots(HILL, DAY)) == []


def test_withdrawing_a_booked_slot_cancels_the_visit_and_says_whom_to_tell(world: World) -> None:
    world.add(make_slot())
    with world.unit.change():
        booked = world.chart().book(make_booking(words="private words"))
    with world.unit.change():
        seen = (booked.id, booked.version)
        row = world.desk().withdraw(SlotId("slot"), seen=seen, author=STAFF_AUTHOR, at=NOW)
    assert row is not None
    assert (row.patient_name, row.patient_phone) == ("Amina Test", "07700 900001")
    assert row.appointment.words == ""
    mine = world.again().chart().appointment(booked.id)
    assert (mine.status, mine.sequence, mine.version) == (Status.CANCELLED, 1, 2)
    assert mine.words == "private words"
    assert mine.cancellation is not None
    assert (mine.cancellation.reason, mine.cancellation.by) == (CancelReason.PRACTICE, STAFF_AUTHOR)
    assert world.desk().slot(SlotId("slot")).status is SlotStatus.UNAVAILABLE


def test_withdrawing_a_free_slot_tells_nobody_and_twice_is_once(world: World) -> None:
    world.add(make_slot())
    with world.unit.change():
        assert world.desk().withdraw(SlotId("slot"), seen=None, author=STAFF_AUTHOR, at=NOW) is None
    with world.unit.change(), pytest.raises(AlreadyCancelled):
        world.desk().withdraw(SlotId("slot"), seen=None, author=STAFF_AUTHOR, at=NOW)
    with world.unit.change(), pytest.raises(SlotTaken):
        world.chart().book(make_booking())


@pytest.mark.parametrize("seen", [None, ("another", 1), ("same", 2)])
def test_a_visit_that_was_not_seen_is_not_cancelled(world: World, seen: tuple[str, int] | None) -> None:
    world.add(make_slot())
    with world.unit.change():
        booked = world.chart().book(make_booking())
    shown = None if seen is None else (booked.id if seen[0] == "same" else AppointmentId(seen[0]), seen[1])
    with pytest.raises(ChangedMeanwhile), world.unit.change():
        world.desk().withdraw(SlotId("slot"), seen=shown, author=STAFF_AUTHOR, at=NOW)
    assert world.chart().appointment(booked.id).live
    assert world.desk().slot(SlotId("slot")).status is SlotStatus.BUSY


def test_a_visit_that_was_seen_and_is_gone_leaves_the_slot_in_use(world: World) -> None:
    world.add(make_slot())
    with pytest.raises(ChangedMeanwhile), world.unit.change():
        world.desk().withdraw(SlotId("slot"), seen=(AppointmentId("gone"), 1), author=STAFF_AUTHOR, at=NOW)
    assert world.desk().slot(SlotId("slot")).status is SlotStatus.FREE

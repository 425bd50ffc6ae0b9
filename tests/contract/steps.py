"""What tests of the clinical contract do again and again: book, move, cancel, each in a change of its own."""

from datetime import timedelta
from typing import Any

from portal.domain.appointments import Appointment, CancelReason
from portal.domain.ids import SlotId
from tests.builders import AMINA, NOW, PATIENT_AUTHOR, TOMORROW, make_booking, make_slot
from tests.contract.conftest import World

EARLIER, LATER = SlotId("slot-early"), SlotId("slot-late")


def book(world: World, **changes: Any) -> Appointment:
    with world.unit.change():
        return world.chart(changes.pop("patient", AMINA)).book(make_booking(**changes))


def move(world: World, booked: Appointment, **changes: Any) -> Appointment:
    version = changes.pop("version", booked.version)
    with world.unit.change():
        return world.chart(booked.patient).move(booked.id, version=version, booking=make_booking(**changes))


def cancel(world: World, booked: Appointment, **changes: Any) -> Appointment:
    values: dict[str, Any] = {
        "version": booked.version,
        "author": PATIENT_AUTHOR,
        "at": NOW,
        "reason": CancelReason.BETTER,
        "words": "",
    }
    with world.unit.change():
        return world.chart(booked.patient).cancel(booked.id, **(values | changes))


def two_slots(world: World) -> None:
    world.add(make_slot(id=EARLIER), make_slot(id=LATER, starts_at=TOMORROW + timedelta(hours=1)))

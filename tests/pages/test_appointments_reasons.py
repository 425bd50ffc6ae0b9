"""Why something cannot be had is said as it is: a watch refused, a chosen time gone, a visit moved.

No two journeys share a title.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.appointments import Mode, Needs, SlotStatus, Status
from portal.domain.ids import AppointmentId
from portal.domain.places import BookingPolicy
from tests import builders
from tests.builders import TOMORROW
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.test_appointments_booking import at, until
from tests.pages.world import Person, World

LANGUAGES = pytest.mark.parametrize("language", EVERY_LANGUAGE)
OLD = AppointmentId("old-visit")
PAGE = 12


@pytest.fixture
def slots(world: World) -> World:
    """Two pages of times at Hill Surgery."""
    world.add(*builders.make_slots(PAGE * 2))
    return world


@pytest.fixture
def booked(slots: World) -> World:
    """Amina has a visit the day after tomorrow."""
    when = TOMORROW + timedelta(days=1)
    slots.add(builders.make_slot(id="old", starts_at=when, status=SlotStatus.BUSY))
    slots.add(
        builders.make_appointment(id=OLD, slot="old", starts_at=when, booked_by=builders.PATIENT_AUTHOR)
    )
    return slots


def radios(page: Page) -> list[str]:
    return [radio.get("value", "") for radio in page.all("input") if radio.get("name") == "slot"]


# --- a watch


@LANGUAGES
@pytest.mark.parametrize("when", ["before the page", "after the page"])
def test_a_watch_that_is_refused_says_why_what_mends_it_and_whom_to_ask(
    visit: Visit, amina: Person, world: World, language: str, when: str
) -> None:
    at(visit, amina, "times", language)
    if when == "after the page":
        asked = visit("appointments.watch", language=language, patient_ref=amina.ref)
    world.add(replace(builders.make_patient(), organisation=None))
    if when == "after the page":
        page = visit.submit(asked)
    else:
        page = visit("appointments.watch", language=language, patient_ref=amina.ref)
    assert page.path.endswith("/book/site")
    assert "01632 960001" in page.main
    if language == "en":
        assert "You are not a patient here. To join, ring" in page.main
    assert not world.portal.watches.of_patient(amina.account, amina.patient, world.clock.now())


# --- a chosen time that the list does not hold any more


@LANGUAGES
def test_a_time_pushed_to_another_page_by_an_earlier_one_is_still_had(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = at(visit, amina, "times", language)
    last = radios(page)[-1]
    slots.add(builders.make_slot(id="sooner", starts_at=TOMORROW - timedelta(minutes=30)))
    done = until(visit, visit.submit(page, slot=last), "booked", slot=last)
    made = slots.clinical.open(builders.make_grant()).appointment(AppointmentId(done.path.rsplit("/", 1)[1]))
    assert made.slot == last


@LANGUAGES
@pytest.mark.parametrize("why", ["of another kind", "no such time"])
def test_a_time_that_is_not_what_is_wished_for_any_more_is_said_to_be_off_the_list(
    visit: Visit, amina: Person, slots: World, language: str, why: str
) -> None:
    page = at(visit, amina, "times", language)
    chosen = "slot-001" if why == "of another kind" else "no-such-slot"
    if why == "of another kind":
        slots.add(builders.make_service(modes=(Mode.IN_PERSON, Mode.PHONE)))
        when = visit("appointments.book", patient_ref=amina.ref, step="when", language=language)
        visit.submit(when, when="soon", how="phone")
        slots.add(builders.make_slot(id="call", mode=Mode.PHONE, starts_at=TOMORROW + timedelta(days=3)))
    again = visit.submit(page, slot=chosen)
    assert again.path.endswith("/times")
    assert len(again.errors) == 1
    if language == "en":
        assert "The time you chose is not on this list any more. Select another time" in str(again.errors)
    nothing = visit.submit(page, slot=None)
    assert str(nothing.errors) != str(again.errors)
    kept = next(iter(slots.portal.drafts.rows.values()))[0]
    assert kept["needs"] == "none"


def test_a_time_that_is_past_by_now_is_said_to_be_gone(visit: Visit, amina: Person, slots: World) -> None:
    slots.add(builders.make_slot(id="soon", starts_at=builders.NOW + timedelta(minutes=70)))
    page = at(visit, amina, "times")
    assert "soon" in radios(page)
    slots.clock.advance(timedelta(minutes=20))
    assert visit.submit(page, slot="soon").heading == "That time has just gone"


# --- moved in another tab


@LANGUAGES
def test_cancelling_what_was_moved_meanwhile_says_that_the_new_time_stands(
    visit: Visit, amina: Person, booked: World, language: str
) -> None:
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": OLD, "language": language}
    form = visit("appointments.cancel", as_person=amina.account, **address)
    page = visit("appointments.change", step="when", **address)
    done = visit.submit(visit.submit(visit.submit(page, when="soon", how="any"), slot="slot-003"))
    new = done.path.rsplit("/", 1)[1]
    refused = visit.submit(form, reason="better", status=409)
    assert [href for href in refused.links.values() if href.endswith(f"/appointments/{new}")]
    if language == "en":
        assert refused.heading == "This appointment was moved to another time"
        assert "You do not need to do anything" not in refused.main
    assert booked.clinical.open(builders.make_grant()).appointment(AppointmentId(new)).status is Status.BOOKED


# --- an interpreter's language that is not in our list


@LANGUAGES
def test_the_records_own_language_can_be_chosen_by_name(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    slots.add(replace(builders.make_patient(), interpreter_required=True, language="nl"))
    page = visit.submit(at(visit, amina, "needs", language))
    assert page.path.endswith("/interpreter")
    assert page.form_values()["interpreter"] == ["nl"]
    said = {"en": "Dutch", "cy": "Iseldireg", "ur": "ڈچ"}.get(language, "")
    assert said in page.main
    check = until(visit, visit.submit(page), "check")
    assert said in check.main
    told = slots.portal.preferences.needs_of(amina.patient)
    assert told is not None
    assert told == Needs(all=told.all, interpreter_language="nl")


# --- titles


@LANGUAGES
@pytest.mark.parametrize("case", ["date", "none free", "gone"])
def test_booking_and_changing_have_titles_of_their_own(
    visit: Visit, amina: Person, booked: World, language: str, case: str
) -> None:
    booked.add(builders.make_service(policy=BookingPolicy(same_day_twice=True)))
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": OLD, "language": language}
    change = visit("appointments.change", as_person=amina.account, step="when", **address)
    if case == "date":
        pages = [
            visit.submit(change, when="date", how="any"),
            visit.submit(at(visit, amina, "when", language), when="date", how="any"),
        ]
    elif case == "gone":
        checks = [
            visit.submit(visit.submit(change, when="soon", how="any"), slot="slot-003"),
            at(visit, amina, "check", language, slot="slot-003"),
        ]
        booked.add(
            builders.make_slot(
                id="slot-003", starts_at=TOMORROW + timedelta(minutes=30), status=SlotStatus.BUSY
            )
        )
        pages = [visit.submit(check) for check in checks]
    else:
        for slot in builders.make_slots(PAGE * 2, status=SlotStatus.BUSY):
            booked.add(slot)
        pages = [visit.submit(change, when="soon", how="any"), at(visit, amina, "times", language)]
    assert pages[0].title != pages[1].title

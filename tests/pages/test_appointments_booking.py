"""Booking as people meet it: every step, what is wrong, what is gone, and nothing twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.appointments import Mode, SlotStatus, Status
from portal.domain.ids import AppointmentId, SlotId
from portal.domain.people import ClinicianGender
from portal.domain.places import BookingPolicy, OnlineBooking
from portal.ports.access_log import Action
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.world import Person, World

GIVEN = {"care": "gp", "site": "hill", "needs": "none", "when": "soon", "how": "any", "reason": "new-problem"}
LANGUAGES = pytest.mark.parametrize("language", EVERY_LANGUAGE)


@pytest.fixture
def slots(world: World) -> World:
    """Free times on two days at Hill Surgery."""
    world.add(*builders.make_slots(4, mode=Mode.IN_PERSON))
    world.add(
        *builders.make_slots(3, id="late", starts_at=builders.TOMORROW + timedelta(days=3), mode=Mode.PHONE)
    )
    return world


def begun(visit: Visit, person: Person, language: str = "en") -> Page:
    page = visit("appointments.start", as_person=person.account, language=language, patient_ref=person.ref)
    return visit.submit(page)


def until(visit: Visit, page: Page, step: str, **answers: str) -> Page:
    """Answer each question until the page of a step."""
    for _ in range(12):
        if f"/{step}" in page.path:
            return page
        here = page.path.split("?")[0].rsplit("/", 1)[1]
        fields = {"when": ("when", "how"), "reason": ("reason",)}.get(
            here, ("slot",) if here == "times" else (here,)
        )
        given = {**GIVEN, "slot": "slot-000", **answers}
        told: dict[str, Any] = {name: given[name] for name in fields if name in given}
        page = visit.submit(page, **told)
    raise AssertionError(f"never came to {step}")


def at(visit: Visit, person: Person, step: str, language: str = "en", **answers: str) -> Page:
    return until(visit, begun(visit, person, language), step, **answers)


@LANGUAGES
@pytest.mark.parametrize("step", ["care", "site", "needs", "when", "times", "reason", "check", "booked"])
def test_every_step_is_a_sound_page_in_every_language(
    visit: Visit, amina: Person, slots: World, step: str, language: str
) -> None:
    slots.add(builders.make_service(id="dale-gp", site=builders.DALE))
    slots.add(*builders.make_slots(2, id="dale", service="dale-gp", site=builders.DALE))
    assert at(visit, amina, step, language).heading


@LANGUAGES
@pytest.mark.parametrize("step", ["care", "site", "needs", "when", "times", "reason"])
def test_a_question_left_open_says_what_to_do(
    visit: Visit, amina: Person, slots: World, step: str, language: str
) -> None:
    slots.add(builders.make_service(id="dale-gp", site=builders.DALE))
    page = at(visit, amina, step, language)
    nothing: dict[str, Any] = dict.fromkeys(("care", "site", "needs", "when", "how", "slot", "reason"))
    again = visit.submit(page, **nothing)
    assert again.errors


def test_booking_makes_one_appointment_and_logs_it(visit: Visit, amina: Person, slots: World) -> None:
    page = at(visit, amina, "booked")
    assert page.heading == "Appointment booked"
    made = slots.clinical.open(builders.make_grant()).appointments()
    assert [(visited.slot, visited.status) for visited in made] == [(SlotId("slot-000"), Status.BOOKED)]
    assert Action.BOOKED in {entry.action for entry in slots.portal.access_log.entries}


def test_the_same_form_sent_twice_books_once_and_leads_to_the_same_page(
    visit: Visit, amina: Person, slots: World
) -> None:
    page = at(visit, amina, "check")
    first, second = visit.submit(page), visit.submit(page)
    assert first.path == second.path
    assert len(slots.clinical.open(builders.make_grant()).appointments()) == 1


def test_a_check_page_from_before_the_answers_changed_books_nothing(
    visit: Visit, amina: Person, slots: World
) -> None:
    old = at(visit, amina, "check")
    visit.submit(visit("appointments.book", patient_ref=amina.ref, step="times"), slot="slot-001")
    page = visit.submit(old, status=409)
    assert "Nothing is booked yet" in page.main
    assert not slots.clinical.open(builders.make_grant()).appointments()


@LANGUAGES
def test_a_time_taken_meanwhile_leads_back_with_answers_kept_and_the_nearest_times_first(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    check = at(visit, amina, "check", language, slot="slot-002")
    slots.add(
        builders.make_slot(
            id="slot-002", starts_at=builders.TOMORROW + timedelta(minutes=20), status=SlotStatus.BUSY
        )
    )
    page = visit.submit(check)
    values = [radio.get("value") for radio in page.all("input") if radio.get("name") == "slot"]
    assert values[:3] == ["slot-001", "slot-003", "slot-000"]
    assert page.by_id("emergency") is not None
    done = until(visit, visit.submit(page, slot="slot-003"), "booked")
    assert "/booked/" in done.path


def test_a_skipped_step_leads_back_to_the_first_question_without_an_answer(
    visit: Visit, amina: Person, slots: World
) -> None:
    page = visit("appointments.book", as_person=amina.account, patient_ref=amina.ref, step="check")
    assert page.path.endswith("/book/start")


def test_change_on_the_check_page_leads_back_to_the_check_page(
    visit: Visit, amina: Person, slots: World
) -> None:
    page = at(visit, amina, "check")
    reason = visit(next(href for words, href in page.links.items() if "/reason" in href))
    back = visit.submit(reason, reason="medicines", words="A question")
    assert back.path.split("?")[0].endswith("/check")
    assert "A question" in back.main


@LANGUAGES
def test_without_free_times_the_other_ways_and_a_watch_are_offered(
    visit: Visit, amina: Person, world: World, language: str
) -> None:
    page = at(visit, amina, "times", language)
    assert page.by_id("emergency") is not None
    asked = visit("appointments.watch", language=language, patient_ref=amina.ref)
    listed = visit.submit(asked)
    assert listed.by_id("waiting") is not None
    watches = world.portal.watches.of_patient(amina.account, amina.patient, world.clock.now())
    assert len(watches) == 1


@LANGUAGES
def test_a_place_that_cannot_be_booked_says_why_and_whom_to_ring(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    ring = BookingPolicy(online=OnlineBooking.RING_US)
    slots.add(builders.make_service(id="dale-gp", site=builders.DALE, policy=ring))
    page = at(visit, amina, "site", language)
    assert "01632 960002" in page.main


@LANGUAGES
def test_somebody_registered_nowhere_here_is_told_the_fix(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    slots.add(replace(builders.make_patient(), organisation=None))
    page = at(visit, amina, "site", language)
    assert "01632 960001" in page.main
    assert not [radio for radio in page.all("input") if radio.get("type") == "radio"]


def test_two_on_one_day_are_asked_about(visit: Visit, amina: Person, slots: World) -> None:
    slots.add(builders.make_appointment(starts_at=builders.TOMORROW + timedelta(hours=4)))
    page = at(visit, amina, "check")
    again = visit.submit(page)
    assert again.errors
    assert visit.submit(page, both="no").path.endswith("/times")
    both = visit.submit(
        until(visit, visit("appointments.book", patient_ref=amina.ref, step="times"), "check"), both="yes"
    )
    assert both.heading == "Appointment booked"


@LANGUAGES
def test_an_interpreter_is_asked_for_by_language_and_kept_for_next_time(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = visit.submit(at(visit, amina, "needs", language), needs="interpreter")
    assert page.path.endswith("/interpreter")
    visit.submit(page, interpreter="ur")
    told = slots.portal.preferences.needs_of(amina.patient)
    assert told is not None
    assert told.interpreter_language == "ur"


@LANGUAGES
def test_another_date_is_asked_for_and_must_be_within_reach(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = visit.submit(at(visit, amina, "when", language), when="date", how="any")
    wrong = visit.submit(page, date__day="1", date__month="1", date__year="2030")
    assert wrong.errors
    right = visit.submit(page, date__day="٣", date__month="6", date__year="2026")
    assert right.path.endswith("/times")


def test_typed_words_survive_a_switch_of_language(visit: Visit, amina: Person, slots: World) -> None:
    page = at(visit, amina, "reason")
    other = visit.submit(page, words="It hurts", switch_language="cy")
    assert other.language.tag == "cy"
    assert other.form_values()["words"] == ["It hurts"]


def test_a_carer_sees_the_name_in_headings_and_buttons_and_never_in_the_title(
    visit: Visit, carer: Person, slots: World
) -> None:
    page = at(visit, carer, "check")
    assert "Amina Test" in page.heading
    assert "Book this appointment for Amina Test" in page.buttons
    assert "Amina" not in page.title


def test_many_bookings_in_a_minute_are_stopped(visit: Visit, amina: Person, world: World) -> None:
    world.add(builders.make_service(policy=BookingPolicy(max_open=99, same_day_twice=True)))
    world.add(*builders.make_slots(12))
    for number in range(10):
        at(visit, amina, "booked", slot=f"slot-{number:03}")
    page = visit.submit(at(visit, amina, "check", slot="slot-010"), status=429)
    assert page.status == 429


def test_an_appointment_of_another_person_is_not_found(
    visit: Visit, amina: Person, bryn: Person, slots: World
) -> None:
    slots.add(builders.make_appointment(id=AppointmentId("theirs"), patient=builders.BRYN))
    for endpoint in ("show", "booked", "changed", "cancel", "cancelled", "cannot_come", "calendar"):
        visit(
            f"appointments.{endpoint}",
            as_person=amina.account,
            patient_ref=amina.ref,
            appointment="theirs",
            status=404,
        )


@LANGUAGES
def test_with_two_clinicians_there_is_a_choice_of_one_by_name(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    slots.add(builders.make_practitioner(id=builders.EVANS, gender=ClinicianGender.MAN))
    slots.add(
        builders.make_slot(
            id="evans", practitioner=builders.EVANS, starts_at=builders.TOMORROW + timedelta(hours=2)
        )
    )
    page = at(visit, amina, "clinician", language)
    assert visit.submit(page).errors
    times = until(visit, visit.submit(page, clinician=f"id-{builders.EVANS}"), "times")
    assert [radio.get("value") for radio in times.all("input") if radio.get("name") == "slot"] == ["evans"]


def test_times_have_a_page_before_and_after_and_filters_are_kept_with_the_choice(
    visit: Visit, amina: Person, slots: World
) -> None:
    slots.add(*builders.make_slots(30, id="many", starts_at=builders.TOMORROW + timedelta(days=1)))
    page = at(visit, amina, "times")
    later = visit(page.path + page.links["Later times"])
    assert visit(page.path + later.links["Earlier times"]).all("input")[-1].get("value") == page.all("input")[
        -1
    ].get("value")
    calls = visit(page.path + page.links["By phone"])
    values = [radio.get("value") for radio in calls.all("input") if radio.get("name") == "slot"]
    assert values == ["late-000", "late-001", "late-002"]
    check = until(visit, visit.submit(calls, slot="late-001"), "check")
    assert "By phone" in check.main


def test_needs_told_before_are_played_back(visit: Visit, amina: Person, slots: World) -> None:
    visit.submit(at(visit, amina, "needs"), needs="bsl")
    again = at(visit, amina, "needs")
    assert again.form_values()["needs"] == ["bsl"]
    assert "You told us this before" in again.main

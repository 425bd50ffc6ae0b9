"""What people typed or told is kept and said back: over a switch of language, on check pages, in the log."""

from datetime import timedelta
from typing import Any

import pytest

from portal.domain.appointments import Mode, Need, Needs, SlotStatus, Status
from portal.domain.ids import AppointmentId
from portal.domain.places import BookingPolicy
from portal.ports.access_log import Action
from tests import builders
from tests.builders import TOMORROW
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.test_appointments_booking import at, until
from tests.pages.world import Person, World

LANGUAGES = pytest.mark.parametrize("language", EVERY_LANGUAGE)
OLD = AppointmentId("old-visit")


@pytest.fixture
def slots(world: World) -> World:
    world.add(*builders.make_slots(4))
    return world


@pytest.fixture
def booked(slots: World) -> World:
    """Amina has a visit tomorrow afternoon."""
    when = TOMORROW + timedelta(hours=4)
    slots.add(builders.make_slot(id="old", starts_at=when, status=SlotStatus.BUSY))
    slots.add(
        builders.make_appointment(id=OLD, slot="old", starts_at=when, booked_by=builders.PATIENT_AUTHOR)
    )
    return slots


# --- a switch of language


def test_what_is_typed_when_cancelling_survives_a_switch_and_nothing_is_cancelled(
    visit: Visit, amina: Person, booked: World
) -> None:
    page = visit("appointments.cancel", as_person=amina.account, patient_ref=amina.ref, appointment=OLD)
    other = visit.submit(page, reason="better", words="All well", switch_language="cy")
    assert (other.language.tag, other.endpoint) == ("cy", "appointments.cancel")
    assert other.form_values()["words"] == ["All well"]
    assert other.form_values()["reason"] == ["better"]
    assert not other.errors
    chart = booked.clinical.open(builders.make_grant())
    assert chart.appointment(OLD).status is Status.BOOKED
    assert "/cancelled/" in visit.submit(other).path
    end = chart.appointment(OLD).cancellation
    assert end is not None
    assert end.words == "All well"
    assert not [key for key in booked.portal.drafts.rows if key[2].startswith("cancel")]


def test_an_answer_about_two_on_one_day_survives_a_switch_and_nothing_is_booked(
    visit: Visit, amina: Person, booked: World
) -> None:
    page = at(visit, amina, "check")
    other = visit.submit(page, both="yes", switch_language="ur")
    assert (other.language.tag, other.path.rsplit("/", 1)[1]) == ("ur", "check")
    assert other.form_values()["both"] == ["yes"]
    assert len(booked.clinical.open(builders.make_grant()).appointments()) == 1
    assert "/booked/" in visit.submit(other).path


def test_an_answer_about_two_on_one_day_is_not_kept_for_another_time(
    visit: Visit, amina: Person, booked: World
) -> None:
    switched = visit.submit(at(visit, amina, "check"), both="yes", switch_language="ur")
    times = visit("appointments.book", patient_ref=amina.ref, step="times")
    again = until(visit, visit.submit(times, slot="slot-001"), "check")
    assert switched.form_values()["both"] == ["yes"]
    assert "both" not in again.form_values()


def test_the_same_holds_when_a_visit_is_moved(visit: Visit, amina: Person, booked: World) -> None:
    booked.add(builders.make_appointment(id="second", starts_at=TOMORROW + timedelta(hours=6)))
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": OLD}
    page = visit("appointments.change", as_person=amina.account, step="when", **address)
    check = visit.submit(visit.submit(page, when="soon", how="any"), slot="slot-000")
    other = visit.submit(check, both="no", switch_language="cy")
    assert other.form_values()["both"] == ["no"]
    assert booked.clinical.open(builders.make_grant()).appointment(OLD).status is Status.BOOKED
    assert visit.submit(other).path.endswith("/times")


@pytest.mark.parametrize(
    "typed", ["x" * 3000, '"\\' * 1500, "ں" * 3000, "a\x00b" * 900, "\n" * 100 + "w" * 2500]
)
def test_a_text_too_long_to_be_taken_is_still_there_after_a_switch(
    visit: Visit, amina: Person, slots: World, typed: str
) -> None:
    page = at(visit, amina, "reason")
    other = visit.submit(page, reason="medicines", words=typed, switch_language="cy")
    kept = other.form_values()
    assert kept["reason"] == ["medicines"]
    assert len(kept["words"][0]) >= 800
    assert kept["words"][0][-1] in typed


def test_many_fields_that_nobody_asked_for_do_not_push_out_what_was_typed(
    visit: Visit, amina: Person, slots: World
) -> None:
    page = at(visit, amina, "reason")
    more: dict[str, Any] = {f"more-{letter}": "\x01" * 1200 for letter in "abcdefghijkl"}
    other = visit.submit(page, words="It hurts", switch_language="cy", **more)
    assert other.form_values()["words"] == ["It hurts"]


# --- said back


@LANGUAGES
def test_a_typed_date_is_said_back_with_its_weekday(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = visit.submit(at(visit, amina, "when", language), when="date", how="any")
    times = visit.submit(page, date__day="2", date__month="6", date__year="2026")
    assert times.path.endswith("/times")
    said = {"en": "Tuesday 2 June 2026", "cy": "Dydd Mawrth 2 Mehefin 2026"}.get(language, "2026")
    assert said in times.main


@LANGUAGES
def test_the_interpreters_language_stands_on_the_check_page_and_on_the_appointment(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = visit.submit(at(visit, amina, "needs", language), needs="interpreter")
    check = until(visit, visit.submit(page, interpreter="pl"), "check")
    done = visit.submit(check)
    shown = visit(
        "appointments.show", patient_ref=amina.ref, appointment=done.path.rsplit("/", 1)[1], language=language
    )
    if language == "en":
        for each in (check, done, shown):
            assert "An interpreter: Polish" in each.main


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("und", "An interpreter for another language"),
        ("ur-PK", "An interpreter: Urdu"),
        ("nl", "An interpreter: Dutch"),
        ("pt-BR", "An interpreter: Portuguese (Brazil)"),
        ("rom", "An interpreter: Romany"),
        ("qqq", "An interpreter: qqq"),
    ],
)
def test_an_interpreter_of_another_system_is_told_as_far_as_we_know(
    visit: Visit, amina: Person, slots: World, tag: str, said: str
) -> None:
    told = Needs(all=frozenset({Need.INTERPRETER}), interpreter_language=tag)
    slots.add(builders.make_appointment(needs=told))
    page = visit(
        "appointments.show", as_person=amina.account, patient_ref=amina.ref, appointment="appointment"
    )
    assert said in page.main


@pytest.mark.parametrize(("late", "said"), [(None, "10:40am"), (5, "10:15am"), (60, "11:10am")])
def test_how_late_a_call_may_come_is_the_practices_own_setting(
    visit: Visit, amina: Person, slots: World, late: int | None, said: str
) -> None:
    policy = BookingPolicy() if late is None else BookingPolicy(call_late=timedelta(minutes=late))
    slots.add(builders.make_service(modes=(Mode.PHONE,), policy=policy))
    slots.add(builders.make_appointment(mode=Mode.PHONE))
    page = visit(
        "appointments.show", as_person=amina.account, patient_ref=amina.ref, appointment="appointment"
    )
    assert f"The call comes between 10am and {said}." in page.main


# --- the log


@pytest.mark.parametrize(
    "step",
    [
        "start",
        "care",
        "site",
        "clinician",
        "needs",
        "interpreter",
        "when",
        "date",
        "times",
        "reason",
        "check",
    ],
)
def test_every_page_of_booking_is_logged_for_the_person_it_is_about(
    visit: Visit, amina: Person, slots: World, step: str
) -> None:
    slots.add(builders.make_service(id="dale-gp", site=builders.DALE))
    slots.add(builders.make_practitioner(id=builders.EVANS))
    slots.add(
        builders.make_slot(id="evans", practitioner=builders.EVANS, starts_at=TOMORROW + timedelta(days=1))
    )
    answers = {"needs": "interpreter", "interpreter": "ur", "clinician": "any"}
    if step == "start":
        page = visit("appointments.start", as_person=amina.account, patient_ref=amina.ref)
    elif step == "date":
        page = visit.submit(at(visit, amina, "when", **answers), when="date", how="any")
    else:
        page = at(visit, amina, step, **answers)
    before = len(slots.portal.access_log.entries)
    again = visit(page.path)
    assert again.path == page.path
    rows = slots.portal.access_log.entries[before:]
    assert rows
    assert all(row.patients == (builders.AMINA,) for row in rows)


@pytest.mark.parametrize("step", ["when", "date", "times", "check"])
def test_every_page_of_changing_is_logged_once_with_the_visit_that_is_moved(
    visit: Visit, amina: Person, booked: World, step: str
) -> None:
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": OLD}
    page = visit("appointments.change", as_person=amina.account, step="when", **address)
    if step != "when":
        page = visit.submit(page, when="date" if step == "date" else "soon", how="any")
    if step == "check":
        page = visit.submit(page, slot="slot-000")
    assert page.path.endswith(step)
    before = len(booked.portal.access_log.entries)
    visit(page.path)
    rows = booked.portal.access_log.entries[before:]
    assert [(row.action, row.object, row.patients) for row in rows] == [
        (Action.APPOINTMENT_VIEWED, OLD, (builders.AMINA,))
    ]

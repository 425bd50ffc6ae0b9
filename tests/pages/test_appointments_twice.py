"""What is booked is never told as lost: notes that fail, Back and another answer, times gone meanwhile."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from portal.access.permissions import Permission
from portal.access.policy import Basis
from portal.domain.appointments import SlotStatus, Status
from portal.domain.ids import AppointmentId
from portal.domain.places import BookingPolicy
from portal.errors import CannotSave
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.test_appointments_booking import at, until
from tests.pages.world import Person, World

LANGUAGES = pytest.mark.parametrize("language", EVERY_LANGUAGE)
OLD = AppointmentId("8e2b56d4-fe6c-50d2-87c3-9576524db886")


@pytest.fixture
def slots(world: World) -> World:
    world.add(*builders.make_slots(4))
    return world


@pytest.fixture
def booked(slots: World) -> World:
    """Amina has a visit in two days' time."""
    when = builders.TOMORROW + timedelta(days=1)
    slots.add(builders.make_slot(id="old", starts_at=when, status=SlotStatus.BUSY))
    slots.add(
        builders.make_appointment(id=OLD, slot="old", starts_at=when, booked_by=builders.PATIENT_AUTHOR)
    )
    return slots


def live(world: World) -> list[str | None]:
    every = world.clinical.open(builders.make_grant()).appointments()
    return [each.slot for each in every if each.status is Status.BOOKED]


def to_change(visit: Visit, person: Person, slot: str = "slot-001") -> Page:
    """The page that asks whether to move the old visit."""
    page = visit(
        "appointments.change", as_person=person.account, patient_ref=person.ref, appointment=OLD, step="when"
    )
    return visit.submit(visit.submit(page, when="soon", how="any"), slot=slot)


def forgets(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no draft can take a note of what was done."""
    save: Callable[..., None] = world.portal.drafts.save

    def refusing(account: Any, patient: Any, journey: str, answers: Mapping[str, str], now: Any) -> None:
        if "done" in answers:
            raise CannotSave("disk full")
        save(account, patient, journey, answers, now)

    monkeypatch.setattr(world.portal.drafts, "save", refusing)


# --- what was saved is told as saved


def test_a_booking_whose_note_fails_is_told_as_booked_and_found_again(
    visit: Visit, amina: Person, slots: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = at(visit, amina, "check")
    forgets(slots, monkeypatch)
    done = visit.submit(check)
    assert done.heading == "Appointment booked"
    assert visit(check.path).path == done.path
    assert visit.submit(check).path == done.path
    assert live(slots) == ["slot-000"]


def test_a_move_whose_note_fails_is_told_as_moved_and_found_again(
    visit: Visit, amina: Person, booked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = to_change(visit, amina)
    forgets(booked, monkeypatch)
    done = visit.submit(check)
    assert done.heading == "Appointment changed"
    assert visit(check.path).path == done.path
    assert visit.submit(check).path == done.path
    assert live(booked) == ["slot-001"]


@LANGUAGES
def test_a_change_that_fails_does_not_say_that_nothing_was_saved(
    visit: Visit, amina: Person, slots: World, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    check = at(visit, amina, "check", language)

    @contextmanager
    def lost_at_the_end() -> Iterator[None]:
        yield
        raise CannotSave("connection lost")

    monkeypatch.setattr(slots.portal.unit, "change", lost_at_the_end)
    slots.portal.unit.changing = True
    page = visit.submit(check, status=503)
    if language == "en":
        assert page.heading == "We do not know if that was saved"
        assert "Nothing was saved" not in page.text


@LANGUAGES
def test_a_page_whose_log_row_fails_says_nothing_about_saving(
    visit: Visit, amina: Person, slots: World, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def full(entry: object) -> None:
        raise CannotSave("disk full")

    visit.sign_in(amina.account)
    monkeypatch.setattr(slots.portal.access_log, "view", full)
    page = visit("appointments.listed", patient_ref=amina.ref, language=language, status=503)
    if language == "en":
        assert page.heading == "We cannot show this page now"
        assert "saved" not in page.main


# --- one's own visit is nobody else's


@LANGUAGES
def test_back_and_another_answer_after_booking_leads_to_the_booking(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    at(visit, amina, "booked", language)
    reason = visit("appointments.book", patient_ref=amina.ref, step="reason", language=language)
    page = visit.submit(reason, reason="medicines")
    assert "/booked/" in page.path
    if language == "en":
        assert page.heading == "You have already booked this time"
    assert live(slots) == ["slot-000"]


def test_a_time_booked_in_another_tab_is_ones_own_when_the_button_is_pressed(
    visit: Visit, amina: Person, slots: World
) -> None:
    check = at(visit, amina, "check")
    service_of_other_tab = builders.make_appointment(slot="slot-000", booked_by=builders.PATIENT_AUTHOR)
    slots.add(service_of_other_tab, builders.make_slot(id="slot-000", status=SlotStatus.BUSY))
    assert visit.submit(check).heading == "You have already booked this time"


def test_moving_to_a_time_one_has_already_leads_there_and_moves_nothing(
    visit: Visit, amina: Person, booked: World
) -> None:
    check = to_change(visit, amina)
    booked.add(
        builders.make_appointment(id="other", slot="slot-001"),
        builders.make_slot(id="slot-001", status=SlotStatus.BUSY),
    )
    page = visit.submit(check)
    assert page.path.split("?")[0].endswith("/booked/other")
    assert live(booked) == ["old", "slot-001"] or sorted(map(str, live(booked))) == ["old", "slot-001"]


def test_somebody_who_may_not_see_the_list_is_not_told_whose_visit_took_the_time(
    visit: Visit, slots: World
) -> None:
    account = slots.account("booker", story="carer")
    scopes = frozenset({Permission.APPOINTMENTS_BOOK})
    ref = slots.lets_act(account, builders.AMINA, basis=Basis.CONSENT, scopes=scopes)
    check = at(visit, Person(account=account, patient=builders.AMINA, ref=ref), "check")
    slots.add(
        builders.make_appointment(slot="slot-000", booked_by=builders.PATIENT_AUTHOR),
        builders.make_slot(id="slot-000", status=SlotStatus.BUSY),
    )
    assert visit.submit(check).heading == "That time has just gone"


# --- gone while one looks


@LANGUAGES
def test_a_time_gone_from_the_list_is_said_to_be_gone_with_the_nearest_first(
    visit: Visit, amina: Person, slots: World, language: str
) -> None:
    page = at(visit, amina, "times", language)
    slots.add(
        builders.make_slot(
            id="slot-002", starts_at=builders.TOMORROW + 2 * builders.TEN_MINUTES, status=SlotStatus.BUSY
        )
    )
    gone = visit.submit(page, slot="slot-002")
    values = [radio.get("value") for radio in gone.all("input") if radio.get("name") == "slot"]
    assert values == ["slot-001", "slot-003", "slot-000"]
    assert gone.by_id("emergency") is not None
    assert not gone.errors
    if language == "en":
        assert gone.heading == "That time has just gone"


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        ("\x00", "Select a time"),  # no id at all
        ("x" * 65, "Select a time"),
        ("no-such-slot", "The time you chose is not on this list any more. Select another time"),
        ("nurse", "The time you chose is not on this list any more. Select another time"),
    ],
)
def test_a_time_that_never_stood_there_is_only_asked_for_again(
    visit: Visit, amina: Person, slots: World, slot: str, said: str
) -> None:
    slots.add(builders.make_slot(id="nurse", service=builders.NURSE, status=SlotStatus.BUSY))
    page = visit.submit(at(visit, amina, "times"), slot=slot)
    assert page.errors == {said: "#slot"}


def test_where_the_only_place_cannot_be_booked_any_more_its_reason_is_shown(
    visit: Visit, amina: Person, slots: World
) -> None:
    page = at(visit, amina, "times")
    slots.add(builders.make_service(policy=BookingPolicy(minimum_age=90)))
    told = visit(page.path)
    assert told.path.endswith("/book/site")
    assert "aged 90 or over" in told.main


def test_a_booking_that_may_not_be_any_more_leads_to_the_reason(
    visit: Visit, amina: Person, slots: World
) -> None:
    check = at(visit, amina, "check")
    slots.add(builders.make_service(policy=BookingPolicy(minimum_age=90)))
    told = visit.submit(check)
    assert told.path.endswith("/book/site")
    assert "aged 90 or over" in told.main
    assert live(slots) == []


@LANGUAGES
def test_a_move_that_may_not_be_says_why_and_keeps_the_old_time(
    visit: Visit, amina: Person, booked: World, language: str
) -> None:
    page = visit(
        "appointments.change",
        as_person=amina.account,
        patient_ref=amina.ref,
        appointment=OLD,
        step="when",
        language=language,
    )
    booked.add(builders.make_service(policy=BookingPolicy(minimum_age=90)))
    told = visit.submit(page, when="soon", how="any", status=409)
    assert "90" in told.main
    if language == "en":
        assert told.heading == "You cannot move this appointment online"
        assert "Only the surgery can" not in told.main
    assert live(booked) == ["old"]


# --- addresses that no page of ours gave


@pytest.mark.parametrize(
    "query", ["clinician=id-%00", "clinician=%00", "clinician=id-", "clinician=id-a%2Fb"]
)
def test_a_clinician_nobody_offered_is_not_found(
    visit: Visit, amina: Person, slots: World, query: str
) -> None:
    page = at(visit, amina, "times")
    visit(f"{page.path}?{query}", status=404)


@pytest.mark.parametrize("key", ["1.%00", "1.", "x.slot", "1.a%2Fb", "999999999999.a", "1." + "a" * 65])
def test_a_key_of_times_that_nobody_gave_is_passed_over(
    visit: Visit, amina: Person, slots: World, key: str
) -> None:
    page = at(visit, amina, "times")
    assert visit(f"{page.path}?after={key}").all("input")[-1].get("value") == "slot-003"
    assert visit(f"{page.path}?before={key}").all("input")[-1].get("value") == "slot-003"


def test_the_check_page_after_a_lost_time_asks_for_another(visit: Visit, amina: Person, slots: World) -> None:
    check = at(visit, amina, "check")
    slots.add(builders.make_slot(id="slot-000", status=SlotStatus.BUSY))
    page = visit.submit(check)
    assert page.heading == "That time has just gone"
    assert until(visit, visit.submit(page, slot="slot-001"), "booked").heading == "Appointment booked"
    assert live(slots) == ["slot-001"]

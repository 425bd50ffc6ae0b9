"""The list, one appointment, its calendar file, changing, cancelling and "I cannot come"."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from portal.access.permissions import Permission
from portal.access.policy import Basis
from portal.domain.appointments import (
    Appointment,
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    Mode,
    SlotStatus,
    Status,
)
from portal.domain.ids import AccountId, AppointmentId
from portal.domain.places import BookingPolicy, CancelConsequence, OnlineBooking
from portal.ports.tasks import TaskKind
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.world import Person, World

LANGUAGES = pytest.mark.parametrize("language", EVERY_LANGUAGE)
ID = AppointmentId("8e2b56d4-fe6c-50d2-87c3-9576524db886")  # as long as real ones: addresses stand in headers


@pytest.fixture
def booked(world: World) -> World:
    """Amina has one visit the day after tomorrow, and other times are free."""
    slot = builders.make_slot(
        id="old", starts_at=builders.TOMORROW + timedelta(days=1), status=SlotStatus.BUSY
    )
    world.add(slot, *builders.make_slots(3))
    world.add(
        builders.make_appointment(
            id=ID, slot="old", starts_at=slot.starts_at, booked_by=builders.PATIENT_AUTHOR
        )
    )
    return world


def kept(world: World, wanted: str = ID) -> Appointment:
    return world.clinical.open(builders.make_grant()).appointment(AppointmentId(wanted))


def alter(world: World, **changes: object) -> None:
    world.add(replace(kept(world), **changes))  # type: ignore[arg-type]


# --- the list


@LANGUAGES
def test_an_empty_list_does_not_say_that_there_is_nothing(visit: Visit, amina: Person, language: str) -> None:
    page = visit("appointments.listed", as_person=amina.account, patient_ref=amina.ref, language=language)
    if language == "en":
        assert "Nothing is shown here. This may not be the full record." in page.main


@LANGUAGES
def test_the_list_holds_upcoming_past_and_cancelled_visits(
    visit: Visit, amina: Person, booked: World, language: str
) -> None:
    past = builders.NOW - timedelta(days=9)
    booked.add(
        builders.make_appointment(
            id="past", starts_at=past, status=Status.FULFILLED, practitioner=builders.OKAFOR
        ),
        builders.make_appointment(
            id="gone",
            status=Status.CANCELLED,
            cancellation=Cancellation(at=past, by=builders.STAFF_AUTHOR, reason=CancelReason.PRACTICE),
        ),
        builders.make_appointment(
            id="bare",
            starts_at=builders.TOMORROW + timedelta(hours=1),
            service=None,
            site=None,
            mode=None,
            organisation=None,
        ),
    )
    page = visit("appointments.listed", as_person=amina.account, patient_ref=amina.ref, language=language)
    assert len([href for href in page.links.values() if "/appointments/" in href]) == 4


def test_many_past_visits_stand_behind_a_link(visit: Visit, amina: Person, world: World) -> None:
    for number in range(8):
        world.add(
            builders.make_appointment(id=f"p{number}", starts_at=builders.NOW - timedelta(days=number + 1))
        )
    page = visit("appointments.listed", as_person=amina.account, patient_ref=amina.ref)
    every = visit(f"{page.path}?all=1")
    assert len([href for href in page.links.values() if "/appointments/p" in href]) == 5
    assert len([href for href in every.links.values() if "/appointments/p" in href]) == 8


# --- one appointment


@LANGUAGES
@pytest.mark.parametrize("mode", Mode)
def test_an_appointment_says_what_when_where_how_and_who(
    visit: Visit, amina: Person, booked: World, mode: Mode, language: str
) -> None:
    booked.add(
        builders.make_site(directions="Bus 4", access_notes="A ramp at the side", late_phone="01632 960009")
    )
    booked.add(builders.make_service(bring="Bring your glasses"))
    alter(booked, mode=mode, practitioner=builders.OKAFOR)
    page = visit(
        "appointments.show", as_person=amina.account, patient_ref=amina.ref, appointment=ID, language=language
    )
    assert "Hill Surgery" in page.main
    assert "Bring your glasses" in page.main
    assert ("07700 900001" in page.main) is (mode is Mode.PHONE)
    assert ("01632 960009" in page.main) is (mode is Mode.IN_PERSON)


def test_a_carer_does_not_see_the_persons_phone_number(visit: Visit, carer: Person, booked: World) -> None:
    alter(booked, mode=Mode.PHONE)
    page = visit("appointments.show", as_person=carer.account, patient_ref=carer.ref, appointment=ID)
    assert "07700" not in page.text
    assert "Amina Test" in page.heading


@pytest.mark.parametrize(
    ("starts_at", "utc"),
    [
        (datetime(2026, 3, 29, 8, 0, tzinfo=UTC), "20260329T080000Z"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "20261025T003000Z"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "20261025T013000Z"),
    ],
)
def test_the_calendar_file_reads_back_on_days_when_the_clocks_change(
    visit: Visit, amina: Person, booked: World, starts_at: datetime, utc: str
) -> None:
    booked.add(builders.make_site(name="Hill; Surgery, " + "ŵ" * 60))
    alter(booked, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=10))
    visit.sign_in(amina.account)
    address = visit.address("appointments.calendar", "cy", patient_ref=amina.ref, appointment=ID)
    response = visit.client.get(address)
    body = response.get_data()
    assert response.mimetype == "text/calendar"
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert f"DTSTART:{utc}\r\n".encode() in body
    event = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert event.decoded("DTSTART") == starts_at
    assert str(event["LOCATION"]).startswith("Hill; Surgery, ŵŵ")
    assert event["SUMMARY"].params["LANGUAGE"] == "cy"
    assert "Amina" not in body.decode()
    assert "GP" not in body.decode()


def calendar(visit: Visit, person: Person, wanted: str) -> Any:
    address = visit.address("appointments.calendar", patient_ref=person.ref, appointment=wanted)
    return icalendar.Calendar.from_ical(visit.client.get(address, follow_redirects=True).get_data())


# --- changing


@LANGUAGES
def test_a_visit_is_moved_and_the_old_time_let_go(
    visit: Visit, amina: Person, booked: World, language: str
) -> None:
    visit.sign_in(amina.account)
    before = calendar(visit, amina, ID).walk("VEVENT")[0]
    page = visit("appointments.change", patient_ref=amina.ref, appointment=ID, step="when", language=language)
    times = visit.submit(page, when="soon", how="any")
    assert "Hill" in visit.submit(times, slot=None).text or times.heading
    check = visit.submit(times, slot="slot-001")
    done = visit.submit(check)
    assert "/changed/" in done.path
    assert visit.submit(check).path == done.path
    old, new = kept(booked), kept(booked, done.path.rsplit("/", 1)[1])
    assert (old.status, old.replaced_by) == (Status.CANCELLED, new.id)
    assert new.slot == "slot-001"
    after = calendar(visit, amina, new.id).walk("VEVENT")[0]
    assert after["UID"] == before["UID"]
    assert after.decoded("SEQUENCE") > before.decoded("SEQUENCE")
    assert calendar(visit, amina, ID).walk("VEVENT")[0]["SEQUENCE"] == after["SEQUENCE"]


def test_the_old_time_is_kept_when_the_new_one_is_gone(visit: Visit, amina: Person, booked: World) -> None:
    page = visit(
        "appointments.change", as_person=amina.account, patient_ref=amina.ref, appointment=ID, step="when"
    )
    check = visit.submit(visit.submit(page, when="soon", how="any"), slot="slot-001")
    booked.add(
        builders.make_slot(
            id="slot-001", starts_at=builders.TOMORROW + timedelta(minutes=10), status=SlotStatus.BUSY
        )
    )
    page = visit.submit(check)
    assert page.heading == "That new time has just gone"
    assert kept(booked).status is Status.BOOKED


def test_a_change_made_elsewhere_meanwhile_stops_the_move(visit: Visit, amina: Person, booked: World) -> None:
    page = visit(
        "appointments.change", as_person=amina.account, patient_ref=amina.ref, appointment=ID, step="when"
    )
    check = visit.submit(visit.submit(page, when="soon", how="any"), slot="slot-001")
    alter(booked, version=7)
    assert visit.submit(check, status=409).heading == "This appointment has just changed"
    assert kept(booked).status is Status.BOOKED


def test_a_move_can_look_at_every_place(visit: Visit, amina: Person, booked: World) -> None:
    booked.add(builders.make_service(id="dale-gp", site=builders.DALE))
    booked.add(builders.make_slot(id="dale", service="dale-gp", site=builders.DALE))
    page = visit(
        "appointments.change", as_person=amina.account, patient_ref=amina.ref, appointment=ID, step="when"
    )
    times = visit.submit(page, when="soon", how="any")
    assert "dale" not in [radio.get("value") for radio in times.all("input")]
    wide = visit(times.path + "?site=any")
    done = visit.submit(visit.submit(wide, slot="dale"))
    assert kept(booked, done.path.rsplit("/", 1)[1]).site == builders.DALE


# --- cancelling


@LANGUAGES
@pytest.mark.parametrize("consequence", CancelConsequence)
def test_cancelling_asks_first_and_says_what_it_means(
    visit: Visit, amina: Person, booked: World, consequence: CancelConsequence, language: str
) -> None:
    booked.add(builders.make_service(policy=BookingPolicy(consequence=consequence)))
    page = visit(
        "appointments.cancel",
        as_person=amina.account,
        patient_ref=amina.ref,
        appointment=ID,
        language=language,
    )
    asked = visit.submit(page)
    assert asked.errors
    assert asked.form_values()["key"] == page.form_values()["key"]
    done = visit.submit(asked, reason="better", words="All well")
    assert "/cancelled/" in done.path
    end = kept(booked).cancellation
    assert end is not None
    assert (end.reason, end.words, end.by.kind) == (CancelReason.BETTER, "All well", AuthorKind.PATIENT)
    assert visit.submit(asked, reason="better", words="All well").path == done.path
    assert calendar(visit, amina, ID)["METHOD"] == "CANCEL"
    assert visit("appointments.show", patient_ref=amina.ref, appointment=ID, language=language).heading


def test_the_pair_of_buttons_is_never_a_bare_cancel(visit: Visit, amina: Person, booked: World) -> None:
    page = visit("appointments.cancel", as_person=amina.account, patient_ref=amina.ref, appointment=ID)
    assert "Cancel this appointment" in page.buttons
    assert "Keep this appointment" in page.links


@LANGUAGES
@pytest.mark.parametrize("case", ["already-cancelled", "past", "started", "ring-us", "too-late", "changed"])
def test_what_cannot_be_cancelled_says_why_and_whom_to_ring(
    visit: Visit, amina: Person, booked: World, case: str, language: str
) -> None:
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": ID, "language": language}
    form = visit("appointments.cancel", as_person=amina.account, **address)
    end = Cancellation(at=builders.NOW, by=builders.STAFF_AUTHOR)
    match case:
        case "already-cancelled":
            alter(booked, status=Status.CANCELLED, cancellation=end)
        case "past":
            booked.clock.advance(timedelta(days=3))
        case "started":
            alter(booked, status=Status.ARRIVED)
        case "ring-us":
            booked.add(builders.make_service(policy=BookingPolicy(online=OnlineBooking.RING_US)))
        case "too-late":
            booked.add(builders.make_service(policy=BookingPolicy(cancel_cutoff=timedelta(days=5))))
        case _:
            alter(booked, version=9)
    if case == "past":  # days later: in a new session
        visit.sign_out()
        visit.sign_in(amina.account)
        page = visit("appointments.cancel", **address, status=409)
    else:
        page = visit.submit(form, reason="better", status=409)
    assert page.by_id("emergency") is not None
    assert kept(booked).cancellation in (None, end)


def test_a_carers_cancellation_is_told_to_the_person_and_the_second_to_staff(
    visit: Visit, amina: Person, carer: Person, booked: World
) -> None:
    booked.add(builders.make_appointment(id="second", starts_at=builders.TOMORROW + timedelta(days=4)))
    for wanted in (ID, "second"):
        page = visit(
            "appointments.cancel", as_person=carer.account, patient_ref=carer.ref, appointment=wanted
        )
        assert "Cancel this appointment for Amina Test" in page.buttons
        visit.submit(page, reason="time")
        tasks = booked.portal.tasks.open_of(builders.NORTH)
        assert [task.kind for task in tasks] == ([] if wanted == ID else [TaskKind.CARER_CANCELLED_TWICE])
    page = visit("home.home", as_person=amina.account, patient_ref=amina.ref)
    assert any(f"/appointments/{ID}" in href for href in page.links.values())


# --- "I cannot come"


@LANGUAGES
def test_after_the_cut_off_i_cannot_come_is_taken_once_with_a_task_and_a_number(
    visit: Visit, amina: Person, booked: World, language: str
) -> None:
    booked.add(builders.make_service(policy=BookingPolicy(cancel_cutoff=timedelta(days=5))))
    address: dict[str, Any] = {"patient_ref": amina.ref, "appointment": ID, "language": language}
    page = visit("appointments.cannot_come", as_person=amina.account, **address)
    said = visit.submit(page)
    assert visit.submit(page).path == said.path
    assert "01632 960001" in said.main
    assert kept(booked).cannot_come_at == booked.clock.now()
    assert kept(booked).status is Status.BOOKED
    assert [task.kind for task in booked.portal.tasks.open_of(builders.NORTH)] == [TaskKind.CANNOT_COME]
    assert visit("appointments.show", **address).heading


def test_before_the_cut_off_it_is_cancelled_instead(visit: Visit, amina: Person, booked: World) -> None:
    page = visit(
        "appointments.cannot_come", as_person=amina.account, patient_ref=amina.ref, appointment=ID, status=409
    )
    assert page.heading == "You can still cancel this online"


# --- what an actor may see


def test_somebody_who_may_only_book_sees_no_list_and_only_their_own_confirmation(
    visit: Visit, world: World, booked: World
) -> None:
    account = world.account("booker", story="carer")
    ref = world.lets_act(
        account, builders.AMINA, basis=Basis.CONSENT, scopes=frozenset({Permission.APPOINTMENTS_BOOK})
    )
    visit("appointments.listed", as_person=account, patient_ref=ref, status=404)
    visit("appointments.booked", patient_ref=ref, appointment=ID, status=404)
    alter(booked, booked_by=Author(kind=AuthorKind.CARER, account=AccountId(account)))
    page = visit("appointments.booked", patient_ref=ref, appointment=ID)
    assert page.heading == "Appointment booked"

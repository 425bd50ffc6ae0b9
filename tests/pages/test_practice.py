"""The practice's plain pages: the day, new slots, a slot out of use, people to tell."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.appointments import Mode, Need, Needs, Status
from portal.domain.ids import AccountId, AppointmentId, SlotId
from portal.ports.access_log import Action
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.world import Person, World

CODE = "ZZ001"
SESSION: dict[str, Any] = {
    "service": builders.GP,
    "mode": "in-person",
    "day__day": "4",
    "day__month": "6",
    "day__year": "2026",
    "starts": "09:00",
    "ends": "10:00",
    "minutes": "15",
    "weeks": "2",
}


@pytest.fixture
def booked(world: World) -> AppointmentId:
    """Amina's visit tomorrow, with an interpreter, in a slot of its own."""
    slot = builders.make_slot()
    needs = Needs(all=frozenset({Need.INTERPRETER, Need.STEP_FREE}), interpreter_language="ur")
    visit = builders.make_appointment(
        slot=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        service=slot.service,
        site=slot.site,
        organisation=slot.organisation,
        mode=Mode.IN_PERSON,
        needs=needs,
    )
    world.add(slot, visit)
    return visit.id


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_the_day_lists_visits_with_what_to_provide(
    visit: Visit, receptionist: AccountId, booked: AppointmentId, language: str
) -> None:
    address = visit.address("practice.day", language, organisation_code=CODE)
    page = visit(f"{address}?site={builders.HILL}&on={builders.TOMORROW:%Y-%m-%d}", as_person=receptionist)
    assert "Amina" in page.main
    if language == "en":
        assert "Step-free room; Interpreter (Urdu)" in page.main


def test_seeing_the_day_logs_everybody_listed(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId
) -> None:
    visit(
        f"/en/practice/{CODE}/?site={builders.HILL}&on={builders.TOMORROW:%Y-%m-%d}", as_person=receptionist
    )
    assert Action.DAY_VIEWED in {entry.action for entry in world.portal.access_log.about(builders.AMINA)}


def test_nobody_else_sees_the_day(visit: Visit, amina: Person, world: World) -> None:
    visit(f"/en/practice/{CODE}/", as_person=amina.account, status=404)
    world.add(builders.make_organisation(id=builders.SOUTH, code="ZZ002", name="South Practice"))
    other = world.account("southern", story="receptionist", staff=True)
    world.employs(builders.SOUTH, other)
    visit(f"/en/practice/{CODE}/", as_person=other, status=404)


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_publishing_is_checked_first_and_then_makes_each_slot_once(
    visit: Visit, world: World, receptionist: AccountId, language: str
) -> None:
    form = visit("practice.new_slots", as_person=receptionist, organisation_code=CODE, language=language)
    check = visit.submit(form, **SESSION)
    assert check.endpoint == "practice.check_slots"
    done = visit.submit(check)
    assert done.endpoint == "practice.published"
    assert "8" in done.main
    again = visit.submit(check)
    assert "8" in again.main  # already there: nothing was made twice
    address = visit.address("practice.day", language, organisation_code=CODE)
    page = visit(f"{address}?site={builders.HILL}&on=2026-06-11")
    assert len(page.all("ol")[-1].findall(".//{*}li")) == 4


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
@pytest.mark.parametrize(
    "wrong",
    [
        {"service": ""},
        {"day__month": "13"},
        {"starts": "nine"},
        {"ends": "08:00"},
        {"minutes": "1"},
        {"weeks": "99"},
        {"ends": "09:10"},
        {"day__year": "2020"},
    ],
    ids=str,
)
def test_a_session_that_cannot_be_is_refused_beside_its_field(
    visit: Visit, receptionist: AccountId, wrong: dict[str, str], language: str
) -> None:
    form = visit("practice.new_slots", as_person=receptionist, organisation_code=CODE, language=language)
    page = visit.submit(form, **{**SESSION, **wrong})
    assert page.endpoint == "practice.new_slots"
    assert page.errors


def test_other_scripts_digits_are_understood(visit: Visit, receptionist: AccountId) -> None:
    form = visit("practice.new_slots", as_person=receptionist, organisation_code=CODE)
    page = visit.submit(form, **{**SESSION, "day__day": "٤", "day__year": "۲۰۲۶", "minutes": "১৫"})
    assert page.endpoint == "practice.check_slots"


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_a_slot_out_of_use_cancels_its_visit_and_says_whom_to_ring(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId, amina: Person, language: str
) -> None:
    slot = builders.make_slot().id
    ask = visit(
        "practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=slot, language=language
    )
    tell = visit.submit(ask)
    assert tell.endpoint == "practice.tell"
    assert "Amina" in tell.main
    grant = builders.make_grant()
    assert world.clinical.open(grant).appointment(booked).status is Status.CANCELLED
    task = world.portal.tasks.open_of(builders.NORTH)[0].id
    tick = visit.address("practice.told", language, organisation_code=CODE, task=task)
    told = visit(tick, data=tell.form_values())
    assert "Amina" not in told.main


def test_a_slot_that_has_begun_stays(visit: Visit, world: World, receptionist: AccountId) -> None:
    begun = builders.make_slot(
        id=SlotId("begun"), starts_at=builders.NOW - timedelta(hours=1), ends_at=builders.NOW
    )
    world.add(begun)
    ask = visit("practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=begun.id)
    visit.submit(ask, status=409)
    assert replace(begun) == begun


def test_another_practice_s_slot_is_not_found(visit: Visit, world: World, receptionist: AccountId) -> None:
    foreign = builders.make_slot(id=SlotId("foreign"), organisation=builders.SOUTH)
    world.add(builders.make_organisation(id=builders.SOUTH, code="ZZ002"), foreign)
    visit("practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=foreign.id, status=404)

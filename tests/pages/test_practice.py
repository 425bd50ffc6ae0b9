"""The practice's plain pages: the day, its slots, a slot out of use, people to tell."""

from datetime import timedelta

import pytest

from portal.domain.appointments import Mode, Need, Needs, SlotStatus, Status
from portal.domain.ids import AccountId, AppointmentId, PatientId, SlotId, TaskId
from portal.ports.access_log import Action, Entry
from portal.ports.tasks import Task, TaskKind
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.world import Person, World

CODE = "ZZ001"


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


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01", "2026-13-01", "nonsense", "2026-W23-1", ""])
@pytest.mark.parametrize("endpoint", ["practice.day", "practice.slots"])
def test_a_day_nobody_can_mean_is_today(
    visit: Visit, receptionist: AccountId, endpoint: str, on: str
) -> None:
    address = visit.address(endpoint, organisation_code=CODE)
    page = visit(f"{address}?on={on}", as_person=receptionist)
    assert "1 June 2026" in page.main


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_a_long_day_comes_in_pages_and_each_names_only_whom_it_shows(
    visit: Visit, world: World, receptionist: AccountId, language: str
) -> None:
    slots = builders.make_slots(45)
    world.add(*slots)
    for number, slot in enumerate(slots):
        world.add(
            builders.make_patient(id=f"p{number}"),
            builders.make_appointment(id=f"a{number}", patient=f"p{number}", starts_at=slot.starts_at),
        )
    for endpoint in ("practice.day", "practice.slots"):
        address = visit.address(endpoint, language, organisation_code=CODE)
        where, lengths = f"site={builders.HILL}&on={builders.TOMORROW:%Y-%m-%d}", []
        for number in (1, 2, 3, 99):
            page = visit(f"{address}?{where}&page={number}", as_person=receptionist)
            lengths.append(len(page.one("main").findall(".//{*}ol/{*}li")))
        assert lengths == [20, 20, 5, 5]
    assert [entry.action for entry in world.portal.access_log.about(PatientId("p44"))] == [
        Action.DAY_VIEWED,
        Action.DAY_VIEWED,
    ]


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_a_slot_out_of_use_cancels_its_visit_and_says_whom_to_ring(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId, amina: Person, language: str
) -> None:
    ask = asked(visit, receptionist, language)
    tell = visit.submit(ask)
    assert tell.endpoint == "practice.tell"
    assert "Amina" in tell.main
    grant = builders.make_grant()
    assert world.clinical.open(grant).appointment(booked).status is Status.CANCELLED
    task = world.portal.tasks.open_of(builders.NORTH)[0].id
    tick = visit.address("practice.told", language, organisation_code=CODE, task=task)
    told = visit(tick, data=tell.form_values())
    assert "Amina" not in told.main


def asked(visit: Visit, receptionist: AccountId, language: str = "en") -> Page:
    slot = builders.make_slot().id
    return visit(
        "practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=slot, language=language
    )


def logged(world: World, action: Action) -> list[Entry]:
    return [entry for entry in world.portal.access_log.about(builders.AMINA) if entry.action is action]


def test_a_visit_that_was_not_on_the_page_is_not_cancelled(
    visit: Visit, world: World, receptionist: AccountId, amina: Person
) -> None:
    slot = builders.make_slot()
    world.add(slot)
    stale = asked(visit, receptionist)
    with world.portal.unit.change():
        booked = world.clinical.open(builders.make_grant()).book(builders.make_booking())
    again = visit.submit(stale, status=409)
    assert "Nothing was changed" in again.main
    assert "Amina" in again.main
    assert world.clinical.open(builders.make_grant()).appointment(booked.id).live
    assert not logged(world, Action.SLOT_WITHDRAWN)
    assert visit.submit(again).endpoint == "practice.tell"
    assert not world.clinical.open(builders.make_grant()).appointment(booked.id).live


@pytest.mark.parametrize("forged", ["", "1", "x.appointment", "1.other", "9" * 70])
def test_a_form_that_does_not_say_what_it_showed_cancels_nobody(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId, forged: str
) -> None:
    visit.submit(asked(visit, receptionist), seen=forged, status=409)
    assert world.clinical.open(builders.make_grant()).appointment(booked).live


def test_withdrawing_twice_is_once_and_gives_the_same_answer(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId
) -> None:
    ask = asked(visit, receptionist)
    for _ in range(2):
        assert visit.submit(ask).endpoint == "practice.tell"
    assert len(logged(world, Action.SLOT_WITHDRAWN)) == 1
    assert len(world.portal.tasks.open_of(builders.NORTH)) == 1


def test_a_free_slot_out_of_use_leads_back_to_its_place_and_day(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    world.add(builders.make_slot(site=builders.DALE))
    ask = asked(visit, receptionist)
    keep = [link for link in ask.links if "Keep this slot" in link]
    back = f"/en/practice/{CODE}/slots?site={builders.DALE}&on={builders.TOMORROW:%Y-%m-%d}"
    assert [ask.links[words] for words in keep] == [back]
    for _ in range(2):
        done = visit.submit(ask)
        assert done.path == back
    rows = [row for row in world.portal.access_log.entries if row.action is Action.SLOT_WITHDRAWN]
    assert len(rows) == 1


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_each_reason_to_ring_has_its_own_words(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId, language: str
) -> None:
    for kind in TaskKind:
        with world.portal.unit.change():
            world.portal.tasks.add(
                Task(
                    id=TaskId(kind.value),
                    organisation=builders.NORTH,
                    kind=kind,
                    patient=builders.AMINA,
                    made_at=builders.NOW,
                    due_at=builders.NOW,
                    appointment=booked,
                )
            )
    page = visit("practice.tell", as_person=receptionist, organisation_code=CODE, language=language)
    assert len(page.all("h3")) == len(TaskKind)
    if language == "en":
        by_helper = page.main.partition("Two visits cancelled by the same helper")[2]
        assert by_helper.startswith(" The same helper cancelled two of their visits in 90 days.")
        assert page.main.count("we cancelled this visit") == 1
        assert page.main.count("I have told") == 1
        assert page.main.count("I have talked to") == 3


def test_a_ticked_task_is_logged_once_with_its_patient(
    visit: Visit, world: World, receptionist: AccountId, booked: AppointmentId
) -> None:
    tell = visit.submit(asked(visit, receptionist))
    task = world.portal.tasks.open_of(builders.NORTH)[0].id
    tick = visit.address("practice.told", organisation_code=CODE, task=task)
    for _ in range(2):
        visit(tick, data=tell.form_values())
    assert len(logged(world, Action.TASK_ANSWERED)) == 1


def test_a_slot_that_has_begun_stays(visit: Visit, world: World, receptionist: AccountId) -> None:
    begun = builders.make_slot(
        id=SlotId("begun"), starts_at=builders.NOW - timedelta(hours=1), ends_at=builders.NOW
    )
    world.add(begun)
    ask = visit("practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=begun.id)
    visit.submit(ask, status=409)
    kept = world.clinical.open(builders.make_grant()).slot(begun.id)
    assert kept.status is SlotStatus.FREE


def test_another_practice_s_slot_is_not_found(visit: Visit, world: World, receptionist: AccountId) -> None:
    foreign = builders.make_slot(id=SlotId("foreign"), organisation=builders.SOUTH)
    world.add(builders.make_organisation(id=builders.SOUTH, code="ZZ002"), foreign)
    visit("practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=foreign.id, status=404)

"""The practice's plain pages: the day, new slots, a slot out of use, people to tell."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.domain.appointments import Mode, Need, Needs, Status
from portal.domain.ids import AccountId, AppointmentId, PatientId, SlotId, TaskId
from portal.ports.access_log import Action, Entry
from portal.ports.tasks import Task, TaskKind
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.world import Person, World

CODE = "ZZ001"
CARE: dict[str, Any] = {"service": builders.GP, "mode": "in-person"}
TIMES: dict[str, Any] = {
    "day__day": "4",
    "day__month": "6",
    "day__year": "2026",
    "starts": "09:00",
    "ends": "10:00",
    "minutes": "15",
    "weeks": "2",
}


def to_times(visit: Visit, receptionist: AccountId, language: str = "en", **care: Any) -> Page:
    """The page of times, with what and who answered."""
    first = visit(
        "practice.new_slots", as_person=receptionist, organisation_code=CODE, language=language, step="care"
    )
    page = visit.submit(first, **{**CARE, **care})
    assert at_step(page) == "times"
    return page


def to_check(visit: Visit, receptionist: AccountId, language: str = "en", **times: Any) -> Page:
    page = visit.submit(to_times(visit, receptionist, language), **{**TIMES, **times})
    assert at_step(page) == "check"
    return page


def at_step(page: Page) -> str:
    assert page.endpoint == "practice.new_slots"
    return page.path.partition("?")[0].rpartition("/")[2]


def slot_starts(world: World, on: date = date(2026, 6, 4)) -> list[str]:
    desk = world.clinical.open_site(builders.make_site_grant())
    return [f"{slot.starts_at:%H:%M}" for slot in desk.slots(builders.HILL, on)]


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
    check = to_check(visit, receptionist, language)
    assert slot_starts(world) == []
    done = visit.submit(check)
    assert done.endpoint == "practice.published"
    assert "8" in done.main
    again = visit.submit(check)
    assert again.endpoint == "practice.published"
    assert "8" in again.main  # already there: nothing was made twice
    address = visit.address("practice.slots", language, organisation_code=CODE)
    page = visit(f"{address}?site={builders.HILL}&on=2026-06-11")
    assert len(page.all("ol")[-1].findall(".//{*}li")) == 4


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
@pytest.mark.parametrize(
    "wrong",
    [
        {"day__month": "13"},
        {"starts": "nine"},
        {"ends": "08:00"},
        {"minutes": "1"},
        {"weeks": "99"},
        {"ends": "09:10"},
        {"day__year": "2020"},
        {"day__year": "9999"},
    ],
    ids=str,
)
def test_a_session_that_cannot_be_is_refused_beside_its_field(
    visit: Visit, receptionist: AccountId, wrong: dict[str, str], language: str
) -> None:
    page = visit.submit(to_times(visit, receptionist, language), **{**TIMES, **wrong})
    assert at_step(page) == "times"
    assert page.errors


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
@pytest.mark.parametrize("wrong", [{"service": ""}, {"mode": None}, {"mode": "video"}], ids=str)
def test_a_kind_of_care_must_be_chosen_and_given_in_that_way(
    visit: Visit, receptionist: AccountId, wrong: dict[str, Any], language: str
) -> None:
    form = visit(
        "practice.new_slots", as_person=receptionist, organisation_code=CODE, language=language, step="care"
    )
    page = visit.submit(form, **{**CARE, **wrong})
    assert at_step(page) == "care"
    assert page.errors


def test_other_scripts_digits_are_understood(visit: Visit, receptionist: AccountId) -> None:
    times = {**TIMES, "day__day": "٤", "day__year": "۲۰۲۶", "minutes": "১৫"}
    assert at_step(visit.submit(to_times(visit, receptionist), **times)) == "check"


def test_times_may_be_answered_before_the_care_and_are_not_lost(
    visit: Visit, receptionist: AccountId
) -> None:
    times = visit("practice.new_slots", as_person=receptionist, organisation_code=CODE, step="times")
    care = visit.submit(times, **TIMES)
    assert at_step(care) == "care"
    kept = visit.submit(care, **CARE)
    assert (kept.form_values()["starts"], kept.form_values()["day-day"]) == (["09:00"], ["4"])


@pytest.mark.parametrize("step", ["care", "times"])
def test_a_switch_of_language_keeps_what_was_typed_and_judges_and_publishes_nothing(
    visit: Visit, world: World, receptionist: AccountId, step: str
) -> None:
    page = visit("practice.new_slots", as_person=receptionist, organisation_code=CODE, step="care")
    typed: dict[str, Any] = {"service": builders.NURSE}
    if step == "times":
        page = to_times(visit, receptionist)
        typed = {**TIMES, "ends": "half past", "weeks": "٩٩"}
    other = visit.submit(page, **typed, switch_language="ur")
    assert (other.language.tag, at_step(other), other.errors) == ("ur", step, {})
    wanted = {name.replace("__", "-"): value for name, value in typed.items()} | (
        {"weeks": "99"} if step == "times" else {}
    )
    assert {name: other.form_values()[name] for name in wanted} == {
        name: [value] for name, value in wanted.items()
    }
    assert slot_starts(world) == []


def test_a_switch_of_language_on_whole_answers_goes_no_further(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    check = to_check(visit, receptionist)
    other = visit.submit(check, switch_language="cy")
    assert (other.language.tag, at_step(other)) == ("cy", "check")
    assert slot_starts(world) == []


def test_a_plan_of_another_tab_is_not_published_unseen(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    check = to_check(visit, receptionist)
    to_check(visit, receptionist, starts="14:00", ends="15:00")
    again = visit.submit(check, status=409)
    assert at_step(again) == "check"
    assert "These answers have changed" in again.main
    assert slot_starts(world) == []
    assert visit.submit(again).endpoint == "practice.published"
    assert slot_starts(world) == ["13:00", "13:15", "13:30", "13:45"]


def test_after_publishing_the_form_begins_anew_and_nothing_is_lost_before(
    visit: Visit, receptionist: AccountId
) -> None:
    times = visit.submit(to_check(visit, receptionist), follow=False, key="stale", status=409)
    assert at_step(times) == "check"
    back = visit("practice.new_slots", organisation_code=CODE, step="times")
    assert back.form_values()["starts"] == ["09:00"]
    visit.submit(visit("practice.new_slots", organisation_code=CODE, step="check"))
    for step, name in (("care", "service"), ("times", "starts")):
        blank = visit("practice.new_slots", organisation_code=CODE, step=step)
        assert blank.form_values()[name] == [""]


def test_a_plan_that_became_impossible_leads_back_to_its_times_and_says_why(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    check = to_check(visit, receptionist)
    at = datetime(2026, 6, 4, 8, 5, tzinfo=UTC)
    world.add(builders.make_slot(practitioner=None, starts_at=at))
    back = visit.submit(check)
    assert at_step(back) == "times"
    assert back.form_values()["starts"] == ["09:00"]
    assert "There are other slots at that time already" in str(back.errors)


def test_a_practice_s_plan_stays_in_that_practice(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    to_check(visit, receptionist)
    world.add(
        builders.make_organisation(id=builders.SOUTH, code="ZZ002"),
        builders.make_site(id=builders.DALE, organisation=builders.SOUTH),
    )
    world.employs(builders.SOUTH, receptionist)
    other = visit("practice.new_slots", organisation_code="ZZ002", step="check")
    assert at_step(other) == "care"


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
    assert replace(begun) == begun


def test_another_practice_s_slot_is_not_found(visit: Visit, world: World, receptionist: AccountId) -> None:
    foreign = builders.make_slot(id=SlotId("foreign"), organisation=builders.SOUTH)
    world.add(builders.make_organisation(id=builders.SOUTH, code="ZZ002"), foreign)
    visit("practice.withdraw", as_person=receptionist, organisation_code=CODE, slot=foreign.id, status=404)

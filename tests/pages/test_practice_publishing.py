"""New slots: asked on two pages, checked, published once. Nothing typed is lost, nothing unseen published."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.domain.ids import AccountId
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import Page
from tests.pages.world import World

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


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_publishing_is_checked_first_and_then_makes_each_slot_once(
    visit: Visit, world: World, receptionist: AccountId, language: str
) -> None:
    check = to_check(visit, receptionist, language)
    assert slot_starts(world) == []
    done = visit.submit(check)
    assert done.endpoint == "practice.published"
    assert "8" in done.main
    assert [link for link in done.links.values() if f"slots?site={builders.HILL}&on=2026-06-04" in link]
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


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_publishing_again_with_another_opening_says_so_and_changes_nothing(
    visit: Visit, world: World, receptionist: AccountId, language: str
) -> None:
    visit.submit(to_check(visit, receptionist, language, opens="24"))
    desk = world.clinical.open_site(builders.make_site_grant())
    before = desk.slots(builders.HILL, date(2026, 6, 4))
    page = visit.submit(to_times(visit, receptionist, language), **TIMES)
    assert at_step(page) == "times"
    assert len(page.errors) == 1
    if language == "en":
        assert "Some of these slots are there already and open at another time" in str(page.errors)
    assert desk.slots(builders.HILL, date(2026, 6, 4)) == before
    same = visit.submit(page, **TIMES, opens="24")
    assert at_step(same) == "check"

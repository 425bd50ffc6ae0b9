"""The frame of journeys: order, skipping, keeping, switching language."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.domain.ids import AccountId, PatientId
from portal.errors import NotFound
from portal.web.guards import public
from portal.web.journeys import Journey, Step, Visit
from tests.pages.world import World

AMINA, OTHER = AccountId("amina"), AccountId("other")
PATIENT = PatientId("p1")
TRIP = Journey(
    "trip",
    (
        Step("where", needs=("place",)),
        Step("bags", needs=("bags",), shown=lambda answers: answers.get("place") != "home"),
        Step("when", needs=("day", "hour")),
        Step("check"),
    ),
    endpoint="trip",
)


@pytest.fixture(autouse=True)
def routes(app: Flask) -> None:
    app.add_url_rule(
        "/<language:language>/trip/<code:step>", "trip", public(lambda step: step), methods=["GET", "POST"]
    )


def at(step: str, account: AccountId = AMINA, **values: str) -> Visit:
    return TRIP.visit(step, account, PATIENT, **values)


def test_a_step_is_reached_only_when_those_before_it_are_answered(app: Flask) -> None:
    with app.test_request_context("/en/trip/check"):
        assert at("check").must_go_to == "/en/trip/where"
        at("where").save(place="sea")
        assert at("check").must_go_to == "/en/trip/bags"
        at("bags").save(bags="2")
        assert at("check").must_go_to == "/en/trip/when"
        at("when").save(day="1")
        assert at("check").must_go_to == "/en/trip/when"
        at("when").save(hour="9")
        assert at("check").must_go_to is None


def test_a_step_that_does_not_apply_is_passed_over_both_ways(app: Flask) -> None:
    with app.test_request_context("/en/trip/where"):
        visit = at("where")
        visit.save(place="home")
        assert visit.next_address == "/en/trip/when"
        assert at("when").back_address == "/en/trip/where"
        assert at("bags").must_go_to == "/en/trip/when"
        at("when").save(day="1", hour="9")
        assert at("bags").must_go_to == "/en/trip/check"
        assert at("where").back_address is None


def test_a_step_there_is_not_is_not_found(app: Flask) -> None:
    with app.test_request_context("/en/trip/x"), pytest.raises(NotFound):
        at("x")


def test_change_links_lead_back_to_the_check_page_by_way_of_what_is_unanswered(app: Flask) -> None:
    with app.test_request_context("/en/trip/where?check=1"):
        visit = at("where")
        visit.save(place="home", day="1", hour="9")
        assert visit.next_address == "/en/trip/check"
        assert visit.back_address == "/en/trip/check"
        visit.save(place="sea")
        assert visit.next_address == "/en/trip/bags?check=1"


def test_answers_are_kept_for_one_account_and_24_hours(app: Flask, world: World) -> None:
    with app.test_request_context("/en/trip/where"):
        at("where").save(place="sea")
        assert at("where").kept
        assert not at("where", OTHER).kept
        world.clock.advance(timedelta(hours=24, seconds=1))
        assert not at("where").kept


def test_an_answer_is_taken_away_by_none_and_all_by_drop(app: Flask) -> None:
    with app.test_request_context("/en/trip/where"):
        at("where").save(place="sea", bags="2")
        at("where").save(bags=None)
        assert at("where").answers == {"place": "sea"}
        at("where").drop()
        assert at("where").answers == {}


def test_two_journeys_about_two_things_do_not_mix(app: Flask) -> None:
    with app.test_request_context("/en/trip/where"):
        at("where", visit="a1").save(place="sea")
        assert not at("where", visit="a2").kept
        assert at("where", visit="a1").kept


def test_switching_language_keeps_what_was_typed_and_stays_on_the_step(app: Flask) -> None:
    with app.test_request_context("/en/trip/when?check=1", method="POST", data={"switch_language": "ur"}):
        assert at("when").language_switch({"day": "31 June", "hour": None}) == "/ur/trip/when?check=1"
        assert at("when").answers == {"day": "31 June"}


@pytest.mark.parametrize("asked", ["", "xx", "eo", "//evil.example"])
def test_a_language_that_is_not_offered_switches_nothing(app: Flask, asked: str) -> None:
    with app.test_request_context("/en/trip/when", method="POST", data={"switch_language": asked}):
        assert at("when").language_switch({"day": "1"}) is None
        assert not at("when").kept

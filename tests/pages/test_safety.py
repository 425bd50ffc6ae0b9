"""Safety rules of many pages at once: help now (S27), other ways (S33), names (S34), drafts (S44)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
from flask import Flask
from flask_babel import gettext
from werkzeug.test import TestResponse

from portal.domain.people import HumanName, NameUse, PartialDate
from portal.errors import CannotLoad
from portal.languages import BY_TAG
from tests import builders
from tests.fakes_unit import FixedClock
from tests.faults import people
from tests.faults.answers import answer_all, booking_answers, save
from tests.faults.browser import Browser, address
from tests.faults.world import World, make_world, served
from tests.pages.html import parsed, words

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ENGLAND = ("999", "18000", "111", "18001")  # 999, Relay UK, 111 and its textphone number
LANGUAGES = tuple(BY_TAG)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("safety"), NOW)


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    with served(world, FixedClock(NOW)) as made:
        yield made


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


def of_amina(app: Flask, world: World, endpoint: str, language: str = "en", **values: str) -> str:
    ref = world.people["amina"].refs[people.AMINA]
    return address(app, endpoint, language=language, patient_ref=ref, **values)


def has_help_now(response: TestResponse) -> None:
    """The block stands there, with every number of the nation and the line about an interpreter."""
    page = response.get_data(as_text=True)
    tree, _ = parsed(page)
    block = next((part for part in tree.iter("section") if part.get("aria-labelledby") == "emergency"), None)
    assert block is not None, page[:500]
    said = words(block)
    assert all(number in said for number in ENGLAND), said
    assert "999bsl.co.uk" in said
    assert "interpreter" in said  # the English stands beside a draft nobody has checked


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_now_stands_on_the_gate_before_anything_else(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    response = browser.get(of_amina(app, world, "appointments.start", language), world.people["amina"])
    has_help_now(response)
    page = response.get_data(as_text=True)
    assert page.index('aria-labelledby="emergency"') < page.index("<form id=")


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_now_stands_where_there_are_no_times(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    with world.database.connect_changes() as connection:
        connection.exec_driver_sql("DELETE FROM slot WHERE status = 'free'")
    answers = booking_answers("none", "some-key")
    del answers["slot"]
    save(world, world.people["amina"], people.AMINA, answers)
    response = browser.get(
        of_amina(app, world, "appointments.book", language, step="times"), world.people["amina"]
    )
    assert response.status_code == 200
    has_help_now(response)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_now_stands_where_a_time_has_been_taken(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    amina = world.people["amina"]
    key = answer_all(world, amina, people.AMINA, people.slot_of(people.CHILD))  # somebody else's
    path = of_amina(app, world, "appointments.book", language, step="check")
    led = browser.post(path, amina, {"key": key})
    assert led.status_code == 303
    has_help_now(browser.get(led.headers["Location"], amina))


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_now_stands_where_symptoms_may_be_typed(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    answer_all(world, world.people["amina"], people.AMINA, "free-north-00001")
    path = of_amina(app, world, "appointments.book", language, step="reason")
    response = browser.get(path, world.people["amina"])
    assert next(parsed(response.get_data(as_text=True))[0].iter("textarea")) is not None
    assert "999" in words(parsed(response.get_data(as_text=True))[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_now_stands_on_refusals_and_outages(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    amina = world.people["amina"]
    gone = browser.get(of_amina(app, world, "appointments.show", language, appointment="visit-nobody"), amina)
    wrong = browser.ask("DELETE", f"/{language}/help")
    stale = browser.post(of_amina(app, world, "appointments.start", language), amina, {"csrf_token": "stale"})
    with mock.patch("portal.adapters.sql.chart.SqlChart.appointments", side_effect=CannotLoad):
        away = browser.get(of_amina(app, world, "appointments.listed", language), amina)
    with mock.patch("portal.adapters.sql.chart.SqlChart.appointments", side_effect=ZeroDivisionError):
        fault = browser.get(of_amina(app, world, "appointments.listed", language), amina)
    statuses = [response.status_code for response in (gone, wrong, stale, away, fault)]
    assert statuses == [404, 405, 400, 503, 500]
    for response in (gone, wrong, stale, away, fault):
        has_help_now(response)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_page_leads_to_the_other_ways(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    """S33: by phone, on paper, in person; the page that names them is one link away from each task."""
    amina = world.people["amina"]
    answer_all(world, amina, people.AMINA, "free-north-00001")
    visit = people.upcoming_of(people.AMINA)
    tasks: list[tuple[str, str, dict[str, str]]] = [
        *(
            (f"book {step}", "appointments.book", {"step": step})
            for step in ("care", "needs", "when", "times", "check")
        ),
        ("change", "appointments.change", {"appointment": visit, "step": "when"}),
        ("cancel", "appointments.cancel", {"appointment": visit}),
        ("list", "appointments.listed", {}),
    ]
    for name, endpoint, values in tasks:
        response = browser.get(of_amina(app, world, endpoint, language, **values), amina)
        assert response.status_code == 200, name
        tree, _ = parsed(response.get_data(as_text=True))
        assert f"/{language}/help" in {link.get("href") for link in tree.iter("a")}, name
    help_page = words(parsed(browser.get(f"/{language}/help").get_data(as_text=True))[0])
    assert re.search(r"01632\s960", help_page)


def test_the_other_ways_are_by_phone_on_paper_and_in_person(browser: Browser) -> None:
    said = words(parsed(browser.get("/en/help").get_data(as_text=True))[0]).lower()
    assert any(word in said for word in ("ring", "call", "phone"))
    assert any(word in said for word in ("come in", "in person", "visit"))
    assert any(word in said for word in ("letter", "write", "paper", "post"))


OLD, MAIDEN, ENDED, TITLE = "Formerold", "Formermaiden", "Formerended", "Drtitle"


def test_no_page_and_no_file_shows_a_name_of_before_a_title_or_a_gender(
    app: Flask, world: World, browser: Browser
) -> None:
    """S34, in every outlet there is: pages, the calendar file, the practice's lists."""
    names = (
        HumanName(use=NameUse.OLD, given=("Zanyamina",), family=OLD),
        HumanName(use=NameUse.MAIDEN, given=("Zanyamina",), family=MAIDEN),
        HumanName(use=NameUse.USUAL, given=("Zanyamina",), family=ENDED, ended_on=date(2020, 1, 1)),
        HumanName(use=NameUse.OFFICIAL, given=("Zanyamina",), family="Quernstone"),
    )
    with world.database.connect_changes() as connection:
        connection.exec_driver_sql("DELETE FROM patient WHERE id = 'patient-amina'")
    world.add(builders.make_patient(names=names, birth_date=PartialDate(year=1980)))
    amina, desk, visit = world.people["amina"], world.people["desk-north"], people.upcoming_of(people.AMINA)
    day = (NOW + timedelta(days=2)).date().isoformat()
    outlets = [
        browser.get(of_amina(app, world, "home.home"), amina),
        browser.get(of_amina(app, world, "appointments.listed"), amina),
        browser.get(of_amina(app, world, "appointments.show", appointment=visit), amina),
        browser.get(of_amina(app, world, "appointments.calendar", appointment=visit), amina),
        browser.get(of_amina(app, world, "appointments.cancel", appointment=visit), amina),
        browser.get(f"{address(app, 'practice.day', organisation_code='ZZ001')}?on={day}", desk),
        browser.get(address(app, "home.people"), amina),
    ]
    assert {response.status_code for response in outlets} == {200}
    text = "".join(response.get_data(as_text=True) for response in outlets)
    assert "Quernstone" in text
    assert [name for name in (OLD, MAIDEN, ENDED) if name in text] == []
    assert not re.search(r"\b(Mr|Mrs|Miss|Ms|Mx|female|male)\b", text)


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_a_page_in_a_draft_translation_says_so(
    language: str, app: Flask, world: World, browser: Browser
) -> None:
    """S44: shipped as `machine`, and every page says that no person has checked it."""
    amina = world.people["amina"]
    unchecked = words(parsed(browser.get(f"/{language}/").get_data(as_text=True))[0])
    home = words(
        parsed(browser.get(of_amina(app, world, "home.home", language), amina).get_data(as_text=True))[0]
    )
    english = "This translation has not been checked by a person."
    with app.test_request_context(f"/{language}/"):
        sentence = str(gettext(english))
    assert sentence != english
    assert sentence in unchecked
    assert sentence in home

"""What happens to a person's screen and answers at the end of a session, and when something is sent twice."""

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser

from portal.access.permissions import Permission
from portal.domain.appointments import Status
from tests.browser import journeys, records
from tests.browser.control import NOW
from tests.browser.test_journeys import newcomer
from tests.browser.walker import Walker

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["on", "off"])


@BOTH
def test_after_signing_out_the_back_button_shows_nothing_of_the_person(
    travellers: Callable[[bool], Walker], scripts: bool
) -> None:
    screen = newcomer(travellers, "en", scripts=scripts)
    journeys.sign_in(screen)
    screen.link("See, change or cancel appointments")
    assert journeys.PATIENT in screen.page.inner_text("body")
    screen.button("Sign out", "button")
    assert screen.heading == "You are signed out"
    for _ in range(3):
        screen.page.go_back()
        words = screen.page.inner_text("body")
        assert "Harbour Street" not in words
        assert journeys.PATIENT not in words or screen.heading == "Sign in"  # the list of whom to sign in as


@BOTH
def test_a_page_nobody_uses_leads_to_a_warning_from_which_one_comes_back(
    travellers: Callable[[bool], Walker], scripts: bool
) -> None:
    screen = newcomer(travellers, "ur", scripts=scripts)
    walker = screen.walker
    journeys.sign_in(screen)
    screen.link("See, change or cancel appointments")
    here = screen.page.url
    response = screen.page.reload()
    assert response is not None
    seconds, _, target = response.headers["refresh"].partition(";url=")
    assert int(seconds) == 28 * 60
    address = urljoin(here, target).removeprefix(walker.portal.base)

    walker.later(minutes=28, seconds=5)
    walker.go(address)
    assert screen.heading == screen.say.plural(
        "You will be signed out in %(num)d minute", "You will be signed out in %(num)d minutes", 2
    )
    screen.button("Stay signed in", "button")
    assert screen.page.url == here

    walker.later(minutes=28 + 28, seconds=10)  # it was renewed; then nothing more is done
    walker.go(address)
    walker.later(minutes=28 + 31)
    walker.go(address)
    assert screen.heading == screen.say("You are signed out")


@BOTH
def test_answers_sent_after_the_end_stand_in_the_form_again(
    travellers: Callable[[bool], Walker], scripts: bool
) -> None:
    screen = newcomer(travellers, "en", scripts=scripts)
    journeys.sign_in(screen)
    journeys.to_times(screen)
    journeys.choose(screen)
    screen.answer("Why do you need the appointment?", "My medicines")
    typed = "I typed this before it ended: نسخہ"
    screen.write("Anything you want us to know (optional)", typed)
    screen.walker.later(minutes=31)
    screen.go_on()
    assert screen.heading == "Sign in"
    assert screen.page.get_by_text("We kept what you typed").is_visible()
    with screen.page.expect_navigation():
        screen.page.get_by_role("button", name=journeys.PATIENT, exact=True).click()
    assert screen.page.get_by_role("textbox").first.input_value() == typed
    assert screen.page.get_by_role("radio", name="My medicines").is_checked()


def test_answers_of_one_person_are_not_shown_to_another(travellers: Callable[[bool], Walker]) -> None:
    screen = newcomer(travellers, "en")
    journeys.sign_in(screen)
    journeys.to_times(screen)
    journeys.choose(screen)
    screen.write("Anything you want us to know (optional)", "canary of the first person")
    screen.walker.later(minutes=31)
    screen.go_on()
    with screen.page.expect_navigation():
        screen.page.get_by_role("button", name="Daniel Mensah", exact=True).click()
    assert "canary" not in screen.page.content()


def _mine(walker: Walker) -> int:
    """How many live appointments the person has ahead."""
    with walker.portal.ports() as use:
        grant = records.grant_of(walker, use, Permission.APPOINTMENTS_VIEW)
        chart = use.source.open(grant)
        return len(
            [each for each in chart.appointments() if each.status is Status.BOOKED and each.starts_at > NOW]
        )


def test_refresh_back_and_a_double_press_book_once(travellers: Callable[[bool], Walker]) -> None:
    screen = newcomer(travellers, "en")
    page = screen.page
    journeys.sign_in(screen)
    before = _mine(screen.walker)
    journeys.to_times(screen)
    journeys.to_check(screen)
    page.get_by_role("button", name="Book this appointment").dblclick(no_wait_after=True)
    page.get_by_role("heading", name="Appointment booked").wait_for()
    page.reload()
    page.go_back()
    page.goto(page.url)
    assert screen.heading == "Appointment booked"
    assert _mine(screen.walker) == before + 1


def test_a_second_tab_with_the_same_check_page_books_nothing_more(
    travellers: Callable[[bool], Walker],
) -> None:
    screen = newcomer(travellers, "en")
    journeys.sign_in(screen)
    before = _mine(screen.walker)
    journeys.to_times(screen)
    journeys.to_check(screen)
    second = screen.walker.context.new_page()
    try:
        second.goto(screen.page.url)
        screen.button("Book this appointment", "button")
        with second.expect_navigation():
            second.get_by_role("button", name="Book this appointment").click()
        assert second.get_by_role("heading", level=1).inner_text() == "Appointment booked"
        assert second.url == screen.page.url
    finally:
        second.close()
    assert _mine(screen.walker) == before + 1


def test_a_time_that_went_meanwhile_leads_back_with_all_answers_kept(
    travellers: Callable[[bool], Walker], chromium: Browser
) -> None:
    screen = newcomer(travellers, "en")
    journeys.sign_in(screen)
    journeys.to_times(screen)
    chosen = str(screen.main.get_by_role("radio").first.get_attribute("value"))
    journeys.to_check(screen)
    with Walker(screen.walker.portal, chromium, scripts=False) as rival:
        rival.begin("en", "urdu")
        slot = records.free_slot(rival, "gp", "harbour-street", lambda each: each.id == chosen, days_off=0)
        records.book(rival, slot)
    screen.button("Book this appointment", "button")
    assert screen.heading == "That time has just gone"
    assert not screen.page.locator(f'[value="{chosen}"]').count()
    journeys.choose(screen)
    assert screen.page.get_by_role("radio", name="A new problem").is_checked()  # as it was given before
    screen.go_on()
    assert screen.heading == "Check your answers"

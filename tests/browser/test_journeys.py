"""Book, change and cancel as a person does it: scripts off, 320 pixels wide, in each language."""

import re
from collections.abc import Callable

import pytest

from portal.domain.appointments import Appointment, Status
from portal.languages import BY_TAG
from tests.browser import journeys, records
from tests.browser.axe import Axe
from tests.browser.journeys import Screen
from tests.browser.walker import Walker


class Stop:
    """At each page of a journey: no fault of layout, no axe violation."""

    def __init__(self, axe: Axe, walker: Walker) -> None:
        self._axe, self._walker = axe, walker

    def __call__(self) -> None:
        found = [*self._walker.geometry(), *self._axe.violations(self._walker.page, self._walker.devtools)]
        if not self._walker.scripts:
            self._walker.devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})
        assert not found, "\n".join([self._walker.page.url, *found])


def appointment_here(walker: Walker) -> Appointment:
    """The appointment whose page or confirmation is open."""
    wanted = walker.page.url.rsplit("/", 1)[-1]
    return records.appointment(walker, lambda each: each.id == wanted)


def newcomer(travellers: Callable[[bool], Walker], tag: str, *, scripts: bool = False) -> Screen:
    """A browser that has never been here, narrow; its person has what they had at the beginning."""
    walker = travellers(scripts)
    walker.begin(tag, "patient")  # so that records know whom the walk is about
    records.undo_bookings(walker)
    walker.context.clear_cookies()
    return Screen(walker)


@pytest.mark.parametrize("tag", ["en", "cy", "ur"])
def test_somebody_books_with_scripts_off_on_a_small_screen(
    travellers: Callable[[bool], Walker], axe: Axe, tag: str
) -> None:
    screen = newcomer(travellers, tag)
    stop = Stop(axe, screen.walker)
    journeys.sign_in(screen)
    stop()
    journeys.to_times(screen)
    stop()
    journeys.to_check(screen)
    stop()
    screen.button("Book this appointment", "button")
    assert screen.heading == screen.say("Appointment booked")
    assert screen.page.locator("html").get_attribute("dir") == BY_TAG[tag].direction
    stop()
    screen.link("See this appointment, to print, change or cancel it")
    stop()
    assert appointment_here(screen.walker).status is Status.BOOKED


@pytest.mark.parametrize("tag", ["en", "ur"])
def test_somebody_changes_what_they_booked_and_then_cancels_it(
    travellers: Callable[[bool], Walker], axe: Axe, tag: str
) -> None:
    screen = newcomer(travellers, tag)
    stop = Stop(axe, screen.walker)
    journeys.sign_in(screen)
    journeys.book(screen)
    screen.link("See this appointment, to print, change or cancel it")
    old = appointment_here(screen.walker)

    screen.link("Change this appointment")
    stop()
    screen.answer("When would you like to come?", "As soon as possible")
    screen.answer("How would you like to be seen?", "I do not mind", "how a visit takes place")
    screen.go_on()
    stop()
    journeys.choose(screen, 3)
    stop()
    assert appointment_again(screen.walker, old).status is Status.BOOKED  # kept until the new one is certain
    screen.button("Move to the new time", "button")
    assert screen.heading == screen.say("Appointment changed")
    new = appointment_here(screen.walker)
    assert new.status is Status.BOOKED
    assert new.replaces == old.id
    assert appointment_again(screen.walker, old).status is Status.CANCELLED

    screen.link("See this appointment, to print, change or cancel it")
    stop()
    screen.link("Cancel this appointment")
    stop()
    screen.answer("Why are you cancelling?", "I feel better")
    screen.button("Cancel this appointment", "safety: cancelling")
    assert screen.heading == screen.say("Appointment cancelled")
    stop()
    assert appointment_again(screen.walker, new).status is Status.CANCELLED


def appointment_again(walker: Walker, known: Appointment) -> Appointment:
    """How it stands now."""
    return records.appointment(walker, lambda each: each.id == known.id)


def test_a_receptionist_publishes_slots_and_takes_one_out_of_use(
    travellers: Callable[[bool], Walker],
) -> None:
    screen = newcomer(travellers, "en")
    page = screen.page
    journeys.sign_in(screen, journeys.RECEPTIONIST)
    screen.link("Publish new slots")
    page.get_by_role("combobox", name=screen.say("Kind of care")).select_option(
        label="Nurse – Harbour Street Surgery"
    )
    page.get_by_role("radio", name=screen.say("In person", "kind of visit")).check()
    screen.go_on()
    for part, value in {"Day": "29", "Month": "7", "Year": "2026"}.items():
        page.get_by_role("textbox", name=part, exact=True).fill(value)
    for label, value in {
        "First slot starts at": "18:00",
        "Last slot ends at": "19:00",
        "Minutes for each slot": "20",
        "How many weeks in a row": "1",
    }.items():
        screen.write(label, value)
    screen.go_on()
    screen.button("Publish these slots")
    assert screen.heading.startswith("Slots published")
    screen.link("See that day")
    _to_the_end(screen)
    assert page.get_by_role("link", name=re.compile("6:20pm to 6:40pm")).is_visible()

    screen.link("Take the slot at %(time)s out of use", time="6:20pm to 6:40pm")
    screen.button("Take this slot out of use")
    _to_the_end(screen)
    assert not page.get_by_role("link", name=re.compile("6:20pm to 6:40pm")).is_visible()
    assert page.get_by_role("link", name=re.compile("6:40pm to 7pm")).is_visible()


def _to_the_end(screen: Screen) -> None:
    """To the last part of a day's list."""
    while screen.main.get_by_role("link", name=screen.say("Later times"), exact=True).count():
        screen.link("Later times")

"""With the keyboard alone: a whole booking, the skip link, and a focus that is seen on every control."""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import pytest
from playwright.sync_api import FloatRect, Page

from tests.browser.journeys import PATIENT, Screen
from tests.browser.registry import by_name
from tests.browser.test_journeys import newcomer
from tests.browser.walker import Walker

MOST_TABS: Final = 90
MOST_STOPS: Final = 200
# Pages of every kind: links, radios, checkboxes, a select, typed fields, a summary of errors.
SAMPLE: Final = (
    "information.start.plain",
    "identity.sign_in.plain",
    "appointments.listed.filled",
    "appointments.book.needs-error",
    "appointments.book.interpreter-plain",
    "appointments.book.date-plain",
    "appointments.book.times-filled",
    "appointments.book.check-plain",
    "appointments.cancel.plain",
    "practice.new_slots.times-error",
)
_FOCUSED: Final = """(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const name = element.innerText || element.labels?.[0]?.innerText || element.value || "";
  const box = element.getBoundingClientRect();
  const path = [];
  for (let each = element; each.parentElement; each = each.parentElement)
    path.unshift([...each.parentElement.children].indexOf(each));
  return { tag: element.tagName, type: element.type || "", name: name.trim(), classes: element.className,
    path: path.join("."), x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height };
})()"""

# Radios of one name are one stop of the keyboard.
_COUNT: Final = """(() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const all = [...document.querySelectorAll(kinds)];
  const radios = all.filter((control) => control.type === "radio");
  return all.length - radios.length + new Set(radios.map((radio) => radio.name)).size;
})()"""


class Keyboard:
    """Tab, Space, Enter and the arrows; never a click."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, tag: str = "") -> None:
        """Tab until the control whose words begin so has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused and focused["name"].startswith(name) and tag in ("", focused["tag"]):
                return
        raise AssertionError(f"{name!r} cannot be reached with Tab on {self.page.url}")

    def to_radio(self, name: str) -> None:
        """Into the group by Tab, then by arrows to the answer."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused and focused["type"] == "radio" and self._arrows_to(name):
                return
        raise AssertionError(f"no radio {name!r} can be reached on {self.page.url}")

    def _arrows_to(self, name: str) -> bool:
        seen: set[str] = set()
        while True:
            focused = self.page.evaluate(_FOCUSED)
            if focused["name"].startswith(name):
                self.page.keyboard.press("Space")
                return True
            if focused["path"] in seen:
                return False
            seen.add(focused["path"])
            self.page.keyboard.press("ArrowDown")

    def press(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


def test_somebody_books_with_the_keyboard_alone(travellers: Callable[[bool], Walker]) -> None:
    screen = newcomer(travellers, "en", scripts=True)
    screen.walker.go("/en/")
    keys = Keyboard(screen.page)
    keys.to("Sign in", "A")
    keys.press("Enter")
    keys.to(PATIENT, "BUTTON")
    keys.press("Enter")
    keys.to("Book an appointment", "A")
    keys.press("Enter")
    keys.to("Continue", "BUTTON")
    keys.press("Space")
    for answer in ("Doctor (GP)", "Harbour Street Surgery", "No preference"):
        keys.to_radio(answer)
        keys.to("Continue", "BUTTON")
        keys.press("Enter")
    keys.to("None of these", "INPUT")
    if not screen.page.get_by_role("checkbox", name="None of these").is_checked():  # as told before
        screen.page.keyboard.press("Space")
    keys.to("Continue", "BUTTON")
    keys.press("Enter")
    keys.to_radio("As soon as possible")
    keys.to_radio("I do not mind")
    keys.to("Continue", "BUTTON")
    keys.press("Enter")
    keys.to_radio("")  # the first time
    keys.to("Continue", "BUTTON")
    keys.press("Enter")
    keys.to_radio("A new problem")
    keys.to("Continue", "BUTTON")
    keys.press("Enter")
    keys.to("Book this appointment", "BUTTON")
    keys.press("Enter")
    assert screen.heading == "Appointment booked"


@pytest.mark.parametrize("tag", ["en", "ur"])
def test_the_skip_link_is_first_is_seen_and_leads_to_the_words(
    walkers: Callable[[bool], Walker], tag: str
) -> None:
    walker = walkers(True)
    by_name()["appointments.listed.filled"].walk(walker, tag)
    screen = Screen(walker)
    walker.page.keyboard.press("Tab")
    skip = walker.page.locator(".govuk-skip-link")
    assert skip.inner_text() == screen.say("Skip to main content")
    box = skip.bounding_box()
    assert box is not None
    assert box["height"] > 20
    walker.page.keyboard.press("Enter")
    walker.page.keyboard.press("Tab")
    inside = walker.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside


def _stops(page: Page) -> Iterator[dict[str, Any]]:
    """Every control Tab reaches, once, till it leaves the page; fails on a trap."""
    seen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None or (seen and focused["path"] == seen[0]):
            return
        assert focused["path"] not in seen, f"the focus goes round inside the page at {focused['name']!r}"
        seen.append(focused["path"])
        yield focused
    raise AssertionError("Tab never leaves the page")


def _picture(page: Page, focused: dict[str, Any]) -> bytes:
    """The control with 6 pixels around it. The caret is hidden: it is no focus to be seen."""
    clip = {
        "x": max(focused["x"] - 6, 0),
        "y": max(focused["y"] - 6, 0),
        "width": focused["width"] + 12,
        "height": focused["height"] + 12,
    }
    return page.screenshot(clip=cast("FloatRect", clip), full_page=True, animations="disabled")


@pytest.mark.parametrize(
    ("name", "tag"), [*((name, "en") for name in SAMPLE), *((name, "ur") for name in SAMPLE[2::3])]
)
def test_the_focus_is_seen_on_every_control_and_reaches_each_once(
    walkers: Callable[[bool], Walker], name: str, tag: str
) -> None:
    walker = walkers(False)  # scripts would move the focus to the summary first
    by_name()[name].walk(walker, tag)
    page = walker.page
    with_focus = {focused["path"]: (focused, _picture(page, focused)) for focused in _stops(page)}
    page.evaluate("document.activeElement.blur()")
    for focused, picture in with_focus.values():
        if "govuk-skip-link" not in focused["classes"]:  # it is there only while it has the focus
            assert picture != _picture(page, focused), f"no focus to be seen on {focused['name']!r}"
    assert len(with_focus) == page.evaluate(_COUNT), "Tab does not reach every control once"

"""Page objects and journeys as a person goes them: by the words on the page, in any language."""

import re
from collections.abc import Callable
from typing import Final, Literal

from playwright.sync_api import Locator, Page

from tests.browser.walker import Walker
from tests.browser.words import Words

PATIENT: Final = "Maya Thompson"
RECEPTIONIST: Final = "Jordan Blake"

_FOLLOWED: Final[tuple[Literal["link", "button"], ...]] = ("link", "button")


class Screen:
    """The page as somebody reads it: headings, answers, buttons, links, all found by role and name."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker

    @property
    def page(self) -> Page:
        return self.walker.page

    @property
    def say(self) -> Words:
        return Words(self.walker.tag)

    @property
    def heading(self) -> str:
        return re.sub(r"\s+", " ", self.page.get_by_role("heading", level=1).inner_text())

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def link(self, message: str, context: str | None = None, **values: object) -> None:
        """Follow the link with these words; one that looks like a button is called a button."""
        words = self.say(message, context, **values)
        named = [self.page.get_by_role(role, name=words, exact=True) for role in _FOLLOWED]
        self._press(named[0].or_(named[1]))

    def button(self, message: str, context: str | None = None, **values: object) -> None:
        """Press the button with these words; safety texts have the English beside them."""
        words = self.say(message, context, **values)
        self._press(self.page.get_by_role("button", name=re.compile(f"^{re.escape(words)}")))

    def answer(self, question: str, words: str, context: str | None = None) -> None:
        """Choose an answer, by radio or checkbox, of the question with this name."""
        group = self.page.get_by_role("group", name=re.compile(f"^{re.escape(self.say(question))}"))
        name = re.compile(f"^{re.escape(self.say(words, context))}")
        choice = group.get_by_role("radio", name=name).or_(group.get_by_role("checkbox", name=name))
        choice.first.check()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_role("textbox", name=self.say(label)).fill(text)

    def go_on(self) -> None:
        self.button("Continue", "button")

    def _press(self, control: Locator) -> None:
        with self.page.expect_navigation():
            control.first.click()

    def shows(self, message: str, context: str | None = None, **values: object) -> bool:
        """Whether these words stand on the page."""
        words = self.say(message, context, **values)
        return self.page.get_by_text(words).first.is_visible()


def sign_in(screen: Screen, person: str = PATIENT) -> None:
    """From the start page to the first page of somebody's own."""
    walker = screen.walker
    walker.go(f"/{walker.tag}/")
    screen.link("Sign in")
    with screen.page.expect_navigation():
        screen.page.get_by_role("button", name=person, exact=True).click()


def to_times(screen: Screen) -> None:
    """From a person's home to the free times."""
    screen.link("Book an appointment")
    screen.go_on()
    screen.main.locator('[name="care"][value="gp"]').check()
    screen.go_on()
    screen.page.get_by_role("radio", name=re.compile("^Harbour Street Surgery")).check()
    screen.go_on()
    screen.answer("Who do you want to see?", "No preference", "clinician")
    screen.go_on()
    screen.answer("What do you need at the appointment?", "None of these")
    screen.go_on()
    screen.answer("When would you like to come?", "As soon as possible")
    screen.answer("How would you like to be seen?", "I do not mind", "how a visit takes place")
    screen.go_on()


def choose(screen: Screen, nth: int = 0) -> str:
    """Choose a time of those shown; what its label says."""
    time = screen.main.get_by_role("radio").nth(nth)
    time.check()
    label = str(time.evaluate("(radio) => radio.labels[0].innerText"))
    screen.go_on()
    return re.sub(r"\s+", " ", label)


def to_check(screen: Screen, nth: int = 0) -> str:
    """From the times to the check page; the label of the chosen time."""
    label = choose(screen, nth)
    screen.answer("Why do you need the appointment?", "A new problem")
    screen.go_on()
    return label


def book(screen: Screen, nth: int = 0) -> str:
    """From a person's home to the confirmation; the label of the chosen time."""
    to_times(screen)
    label = to_check(screen, nth)
    screen.button("Book this appointment", "button")
    return label


def sign_in_and_book(walker: Walker) -> None:
    """Sign in, find, book, confirmation, the appointment's page: the journey whose bytes are counted."""
    screen = Screen(walker)
    sign_in(screen)
    book(screen)
    screen.link("See this appointment, to print, change or cancel it")


Journey = Callable[[Screen], None]

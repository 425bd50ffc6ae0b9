"""What a state of a page is. Must name no page: the states_* modules do."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.walker import Walker


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """One page in one state, and how to get there.

    `mistakes`: the page shows an error summary, its title begins with "Error:". `title` names the family of
    states that may share a title; usually the endpoint's.
    """

    endpoint: str  # "" for error pages, which belong to none
    state: str  # empty, filled, error, conflict or a word of its own
    reach: Callable[[Walker], None]
    person: str | None = None
    acting: int = 0  # whom of those this person may act for; 0 is themselves
    status: int = 200
    mistakes: bool = False
    title: str = ""

    @property
    def name(self) -> str:
        return f"{self.endpoint}.{self.state}" if self.endpoint else f"error.{self.state}"

    @property
    def family(self) -> str:
        return (self.title or self.endpoint or self.name) + (":mistakes" if self.mistakes else "")

    def walk(self, walker: Walker, tag: str) -> None:
        """Bring the walker to this state in a language."""
        walker.begin(tag, self.person, for_number=self.acting)
        self.reach(walker)


def opened(endpoint: str, **values: object) -> Callable[[Walker], None]:
    """Reached by its address alone."""
    return lambda walker: walker.open(endpoint, **values)


def sent_empty(endpoint: str, **values: object) -> Callable[[Walker], None]:
    """Reached by pressing the button with nothing answered."""

    def reach(walker: Walker) -> None:
        walker.open(endpoint, **values)
        walker.send()

    return reach

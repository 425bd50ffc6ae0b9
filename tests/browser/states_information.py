"""The start page and the footer's pages."""

from typing import Final

from tests.browser.states import PageState, opened, sent_empty
from tests.browser.walker import Walker

_PLAIN: Final = (
    "start",
    "privacy",
    "cookies",
    "accessibility",
    "contact",
    "offline",
    "languages",
    "feedback_kept",
)


def _too_long(walker: Walker) -> None:
    walker.open("information.feedback")
    walker.send(about="book", rating="hard", words="no " * 400)


INFORMATION: Final[tuple[PageState, ...]] = (
    *(
        PageState(endpoint=f"information.{name}", state="plain", reach=opened(f"information.{name}"))
        for name in _PLAIN
    ),
    PageState(
        endpoint="information.start",
        state="signed-in",
        person="patient",
        reach=opened("information.start"),
    ),
    PageState(endpoint="information.feedback", state="empty", reach=opened("information.feedback")),
    PageState(
        endpoint="information.feedback",
        state="error",
        reach=sent_empty("information.feedback"),
        mistakes=True,
    ),
    PageState(endpoint="information.feedback", state="too-long", reach=_too_long, mistakes=True),
)

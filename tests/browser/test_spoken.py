"""What a screen reader is given on key pages: landmarks, headings and names, alike in English and in Urdu.

Run with `-rP` to read the whole of it: each page is printed.
"""

import re
from collections.abc import Callable
from typing import Final

import pytest

from tests.browser.registry import by_name
from tests.browser.walker import Walker
from tests.browser.words import Words

KEY_PAGES: Final = (
    "information.start.plain",
    "home.home.filled",
    "appointments.listed.filled",
    "appointments.book.needs-error",
    "appointments.book.times-filled",
    "appointments.book.check-plain",
    "appointments.booked.in-person",
    "appointments.cancel.plain",
)
_ROLE: Final = re.compile(r"^(\s*)- (\w+)(?: \"((?:[^\"\\]|\\.)*)\")?((?: \[[^\]]*\])*)", re.MULTILINE)
_TOLD: Final = (
    "banner",
    "navigation",
    "main",
    "contentinfo",
    "heading",
    "alert",
    "group",
    "radio",
    "checkbox",
    "textbox",
    "button",
)

_NAMELESS: Final = ("banner", "main", "contentinfo", "alert")  # one of each, or told by what stands in them


def spoken(walker: Walker, name: str, tag: str) -> list[tuple[str, str, str]]:
    """Role, name and state of everything that is announced as more than text, in order."""
    by_name()[name].walk(walker, tag)
    snapshot = walker.page.locator("body").aria_snapshot()
    print(f"--- {name} {tag}\n{snapshot}")
    return [
        (role, words, state.strip()) for _, role, words, state in _ROLE.findall(snapshot) if role in _TOLD
    ]


@pytest.mark.parametrize("name", KEY_PAGES)
def test_the_same_is_told_in_both_languages_and_everything_has_a_name(
    walkers: Callable[[bool], Walker], name: str
) -> None:
    walker = walkers(True)
    english, urdu = (spoken(walker, name, tag) for tag in ("en", "ur"))
    same = [(role, re.sub(r"\[ref=\w+\]", "", state)) for role, _, state in english]
    # The switcher offers the other languages, so only its own names differ in number; nothing else may.
    assert same == [(role, re.sub(r"\[ref=\w+\]", "", state)) for role, _, state in urdu]
    unnamed = [role for role, words, _ in english + urdu if not words and role not in _NAMELESS]
    assert unnamed == []


@pytest.mark.parametrize("tag", ["en", "ur"])
def test_a_page_is_told_in_its_landmarks_and_one_first_heading(
    walkers: Callable[[bool], Walker], tag: str
) -> None:
    told = spoken(walkers(True), "appointments.book.needs-error", tag)
    roles = [role for role, _, _ in told]
    assert [role for role in roles if role in ("banner", "main", "contentinfo")] == [
        "banner",
        "main",
        "contentinfo",
    ]
    assert roles.index("alert") < roles.index("group")  # what is wrong comes before the question
    say = Words(tag)
    question = say("What do you need at the appointment?")
    groups = [words for role, words, _ in told if role == "group"]
    assert any(words.startswith(question) for words in groups)

"""Every page within its budget of bytes, measured in Chromium; budgets only fall (tests/budgets.json)."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from portal.languages import OFFERED
from tests.browser.bytes import (
    FIRST,
    PLAIN_JOURNEY,
    WITHOUT_DICTIONARIES,
    Answer,
    Scales,
    figure,
    later_page,
    reload_as_first_visit,
    weighing,
    whole_journey,
)
from tests.browser.chromium import chromium_path
from tests.browser.registry import STATES, by_name
from tests.browser.running import RunningPortal
from tests.browser.walker import Walker

BUDGETS: Final[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "budgets.json").read_text("utf-8"))
SLACK: Final = 1.10  # a budget more than a tenth above what is measured is too high
TAGS: Final = [language.tag for language in OFFERED]
BOTH: Final = pytest.mark.parametrize("scripts", [True, False], ids=["on", "off"])


@pytest.fixture(scope="module")
def plain(chromium: Browser) -> Iterator[Browser]:
    """A Chromium that knows no compression dictionaries, as other browsers do not."""
    browser = chromium.browser_type.launch(executable_path=chromium_path(), args=[WITHOUT_DICTIONARIES])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def scales(portal: RunningPortal, plain: Browser) -> Iterator[Callable[[bool], tuple[Walker, Scales]]]:
    """Pages of that browser on their scales, with scripts on or off."""
    made: dict[bool, tuple[Walker, Scales]] = {}
    with ExitStack() as stack:

        def give(scripts: bool) -> tuple[Walker, Scales]:
            if scripts not in made:
                made[scripts] = stack.enter_context(weighing(portal, plain, scripts, plain=True))
            made[scripts][1].take()
            return made[scripts]

        yield give


def weigh(measured: int, budget: int | None, what: str) -> None:
    """Raise where it is above its budget, or where the budget could fall."""
    assert budget is not None, f"{what} weighs {measured} bytes: write its budget into tests/budgets.json"
    assert measured <= budget, f"{what} weighs {measured} bytes; its budget is {budget}"
    assert budget <= measured * SLACK, f"lower the budget of {what} to {measured}: it is {budget}"


@BOTH
@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("tag", TAGS)
def test_a_first_visit_is_one_answer_within_its_budget(
    scales: Callable[[bool], tuple[Walker, Scales]], name: str, tag: str, scripts: bool
) -> None:
    walker, on_scales = scales(scripts)
    by_name()[name].walk(walker, tag)
    answer = reload_as_first_visit(walker, on_scales)
    weigh(answer.body, BUDGETS["first"].get(name, {}).get(tag), f"first visit of {name} in {tag}")
    assert answer.head <= BUDGETS["heads"]["page"]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("name", [state.name for state in STATES])
def test_a_later_page_is_within_its_budget(
    scales: Callable[[bool], tuple[Walker, Scales]], name: str, tag: str
) -> None:
    """Scripts off: the bytes are the server's, and are the same with scripts on."""
    walker, on_scales = scales(False)
    answer = later_page(walker, by_name()[name], tag, on_scales)
    weigh(answer.body, BUDGETS["states"].get(name, {}).get(tag), f"{name} in {tag}")
    assert answer.head <= BUDGETS["heads"]["page"]


def journey(walker: Walker, tag: str, on_scales: Scales) -> tuple[list[Answer], int]:
    """Sign-in to the appointment's page: every answer, redirects, headers and files, and their bytes."""
    answers = list(whole_journey(walker, tag, on_scales))
    assert len([each for each in answers if each.path.endswith(".css")]) == 1
    for each in answers:
        assert each.head <= BUDGETS["heads"]["redirect" if each.redirect else "page"], each
    return answers, sum(each.head + each.body for each in answers)


@BOTH
@pytest.mark.parametrize("tag", TAGS)
def test_the_whole_journey_is_within_its_budget(
    travellers: Callable[[bool], Walker], chromium: Browser, tag: str, scripts: bool
) -> None:
    """As Chromium gets it: with the dictionary, which is fetched once and counted."""
    with weighing(travellers(scripts).portal, chromium, scripts) as (walker, on_scales):
        answers, total = journey(walker, tag, on_scales)
    (offered,) = (place for place, each in enumerate(answers) if each.path.endswith(".dict"))
    later = [each for each in answers[offered + 2 :] if each.page]  # one may have been asked for meanwhile
    assert len(later) >= 10
    assert {each.encoding for each in later} == {"dcz"}
    weigh(total, BUDGETS["journey"].get(tag), f"the journey in {tag}")


@pytest.mark.parametrize("tag", TAGS)
def test_the_journey_without_dictionaries_is_within_its_budget(
    travellers: Callable[[bool], Walker], plain: Browser, tag: str
) -> None:
    """As browsers get it that take none."""
    with weighing(travellers(True).portal, plain, True, plain=True) as (walker, on_scales):
        answers, total = journey(walker, tag, on_scales)
    assert {each.encoding for each in answers if each.page} == {"br"}
    assert not [each for each in answers if each.path.endswith(".dict")]
    weigh(total, BUDGETS[PLAIN_JOURNEY].get(tag), f"the journey without dictionaries in {tag}")


def test_budgets_above_the_figure_that_was_agreed_say_why() -> None:
    """The figures of docs/figures: what a route may weigh unless it stands in `above` with its cause."""
    over = {
        name
        for name, tags in BUDGETS["states"].items()
        for tag in tags
        if tags[tag] > figure(BUDGETS, name, tag)
    }
    first = BUDGETS["figures"]["first"]
    over |= {f"first:{name}" for name, tags in BUDGETS["first"].items() if max(tags.values()) > first}
    for part in ("journey", PLAIN_JOURNEY):
        over |= {part for tag in TAGS if BUDGETS[part][tag] > BUDGETS["figures"]["journey"]}
    assert over == set(BUDGETS["above"])
    assert all(len(cause) > 20 for cause in BUDGETS["above"].values())


def test_every_budget_is_of_a_state_that_is() -> None:
    assert set(BUDGETS["states"]) == set(by_name())
    assert set(BUDGETS["first"]) == set(FIRST)
    for name in (*BUDGETS["lists of times"], *BUDGETS["safety text beside its draft"]):
        assert name in by_name()

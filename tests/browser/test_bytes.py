"""Every page within its budget of bytes, measured in Chromium; budgets only fall (tests/budgets.json)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from portal.languages import OFFERED
from tests.browser.bytes import FIRST, Scales, figure, later_page, reload_as_first_visit, whole_journey
from tests.browser.registry import STATES, by_name
from tests.browser.walker import Walker

BUDGETS: Final[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "budgets.json").read_text("utf-8"))
SLACK: Final = 1.10  # a budget more than a tenth above what is measured is too high
TAGS: Final = [language.tag for language in OFFERED]
BOTH: Final = pytest.mark.parametrize("scripts", [True, False], ids=["on", "off"])


@pytest.fixture(scope="module")
def scales(walkers: Callable[[bool], Walker]) -> Iterator[Callable[[bool], Scales]]:
    """Scales under the page with scripts on or off; taken away at the end."""
    made: dict[bool, Scales] = {}

    def give(scripts: bool) -> Scales:
        if scripts not in made:
            made[scripts] = Scales(walkers(scripts).devtools)
            made[scripts].start()
        made[scripts].take()
        return made[scripts]

    yield give
    for each in made.values():
        each.stop()


def weigh(measured: int, budget: int | None, what: str) -> None:
    """Raise where it is above its budget, or where the budget could fall."""
    assert budget is not None, f"{what} weighs {measured} bytes: write its budget into tests/budgets.json"
    assert measured <= budget, f"{what} weighs {measured} bytes; its budget is {budget}"
    assert budget <= measured * SLACK, f"lower the budget of {what} to {measured}: it is {budget}"


@BOTH
@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("tag", TAGS)
def test_a_first_visit_is_one_answer_within_its_budget(
    walkers: Callable[[bool], Walker], scales: Callable[[bool], Scales], name: str, tag: str, scripts: bool
) -> None:
    walker, weighing = walkers(scripts), scales(scripts)
    by_name()[name].walk(walker, tag)
    answer = reload_as_first_visit(walker, weighing)
    weigh(answer.body, BUDGETS["first"].get(name, {}).get(tag), f"first visit of {name} in {tag}")
    assert answer.head <= BUDGETS["heads"]["page"]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("name", [state.name for state in STATES])
def test_a_later_page_is_within_its_budget(
    walkers: Callable[[bool], Walker], scales: Callable[[bool], Scales], name: str, tag: str
) -> None:
    """Scripts off: the bytes are the server's, and are the same with scripts on."""
    answer = later_page(walkers(False), by_name()[name], tag, scales(False))
    weigh(answer.body, BUDGETS["states"].get(name, {}).get(tag), f"{name} in {tag}")
    assert answer.head <= BUDGETS["heads"]["page"]


@BOTH
@pytest.mark.parametrize("tag", TAGS)
def test_the_whole_journey_is_within_its_budget(
    travellers: Callable[[bool], Walker], tag: str, scripts: bool
) -> None:
    """Sign-in to the appointment's page: every answer, redirects, headers and the one stylesheet."""
    walker = travellers(scripts)
    weighing = Scales(walker.devtools)
    weighing.start()
    try:
        answers = list(whole_journey(walker, tag, weighing))
    finally:
        weighing.stop()
    total = sum(each.head + each.body for each in answers)
    assert len([each for each in answers if each.path.endswith(".css")]) == 1
    for each in answers:
        assert each.head <= BUDGETS["heads"]["redirect" if each.redirect else "page"], each
    weigh(total, BUDGETS["journey"].get(tag), f"the journey in {tag}")


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
    over |= {"journey" for tag in TAGS if BUDGETS["journey"][tag] > BUDGETS["figures"]["journey"]}
    assert over == set(BUDGETS["above"])
    assert all(len(cause) > 20 for cause in BUDGETS["above"].values())


def test_every_budget_is_of_a_state_that_is() -> None:
    assert set(BUDGETS["states"]) == set(by_name())
    assert set(BUDGETS["first"]) == set(FIRST)
    for name in (*BUDGETS["lists of times"], *BUDGETS["safety text beside its draft"]):
        assert name in by_name()

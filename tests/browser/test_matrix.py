"""Every page × state × language × {320, 1280} × scripts {on, off}: laid out right, said right, no axe
violation.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.languages import BY_TAG, OFFERED
from tests.browser import records
from tests.browser.axe import Axe
from tests.browser.registry import STATES
from tests.browser.states import PageState
from tests.browser.walker import SIZES, Walker
from tests.browser.words import Words

CELLS = [
    pytest.param(state, language.tag, scripts, id=f"{state.name}-{language.tag}-{'on' if scripts else 'off'}")
    for state in STATES
    for language in OFFERED
    for scripts in (True, False)
]


@pytest.mark.parametrize(("state", "tag", "scripts"), CELLS)
def test_a_page_in_a_state_is_sound(
    state: PageState,
    tag: str,
    scripts: bool,
    walkers: Callable[[bool], Walker],
    axe: Axe,
    shared: Path,
) -> None:
    walker = walkers(scripts)
    state.walk(walker, tag)
    faults = [*_said(walker, state), *_title_of_its_own(walker, state, shared / "titles")]
    for width in SIZES:
        walker.size(width)
        faults += [f"{width}: {fault}" for fault in walker.geometry()]
    faults += [f"axe: {violation}" for violation in axe.violations(walker.page, walker.devtools)]
    assert not faults, "\n".join([walker.page.url, *faults])


def _said(walker: Walker, state: PageState) -> list[str]:
    """What the document says about itself, and where the focus is."""
    facts, language = walker.facts(), BY_TAG[walker.tag]
    status = walker.response.status if walker.response else 0
    expected = {
        "status": (status, state.status),
        "lang": (facts["lang"], language.lang),
        "dir": (facts["dir"], language.direction),
        "our style": (facts["styled"], True),  # without it, it is the page for when nothing else works
        "number of h1": (len(facts["headings"]), 1),
        "addresses of others": (facts["foreign"], []),
        "an error summary": (facts["summaryLinks"] is not None, state.mistakes),
        "focus on the summary": (facts["summaryFocused"], state.mistakes and walker.scripts),
    }
    faults = [
        f"{what}: {found!r}, not {wanted!r}" for what, (found, wanted) in expected.items() if found != wanted
    ]
    prefix = Words(walker.tag)("Error:", "before the title of a page with mistakes") + " "
    heading = facts["headings"][0] if facts["headings"] else ""
    if facts["title"].startswith(prefix) is not state.mistakes:
        faults.append(f"title {facts['title']!r}: {prefix!r} belongs on pages with mistakes, and there alone")
    elif not state.acting and not facts["title"].removeprefix(prefix).startswith(heading):
        faults.append(f"title {facts['title']!r} does not begin with {heading!r}")
    if _name_of(walker, state) in facts["title"]:
        faults.append("the title holds the person's name")
    for link in facts["summaryLinks"] or []:
        if not link["control"]:
            faults.append(f"the summary's link {link['text']!r} leads to {link['hash']}, which is no control")
    return faults


def _name_of(walker: Walker, state: PageState) -> str:
    """The person a page is about when acting for another (S22: never in a title)."""
    return records.name_of(walker) if state.acting else "nobody"


def _title_of_its_own(walker: Walker, state: PageState, folder: Path) -> list[str]:
    """Two pages with one title in one language are a fault, whichever worker met them."""
    folder.mkdir(exist_ok=True)
    title = walker.page.title()
    place = folder / f"{walker.tag}-{hashlib.sha256(title.encode()).hexdigest()[:16]}"
    try:
        with place.open("x", encoding="utf-8") as fresh:
            fresh.write(state.family)
    except FileExistsError:
        other = place.read_text("utf-8")
        if other and other != state.family:
            return [f"title {title!r} is also that of {other}"]
    return []

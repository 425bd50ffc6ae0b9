"""The start page and the footer's pages, as anybody gets them."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.config import Nation, Settings
from portal.domain.emergency import BY_NATION
from portal.languages import BY_TAG, PSEUDO
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.html import words
from tests.pages.world import World

PAGES = (
    "information.start",
    "information.privacy",
    "information.cookies",
    "information.accessibility",
    "information.contact",
    "information.offline",
    "information.languages",
    "information.feedback",
    "information.feedback_kept",
)
FIRST_VISIT = 9_216
ANSWERS: dict[str, Any] = {"about": "book", "rating": "easy", "words": "The dates are clear"}


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
@pytest.mark.parametrize("endpoint", PAGES)
def test_every_page_stands_in_every_language(visit: Visit, endpoint: str, language: str) -> None:
    page = visit(endpoint, language=language)
    assert page.language.tag == language
    assert page.endpoint == endpoint


@pytest.mark.parametrize("endpoint", PAGES)
def test_no_public_page_knows_a_session(visit: Visit, endpoint: str) -> None:
    page = visit(endpoint)
    assert "csrf_token" not in page.text
    assert "__Host-session" not in page.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("language", [*BY_TAG])
@pytest.mark.parametrize("endpoint", PAGES)
def test_a_first_visit_is_one_small_answer(visit: Visit, endpoint: str, language: str) -> None:
    page = visit.first(endpoint, language=language)
    assert len(page.all("style")) == 1
    assert page.compressed_bytes <= FIRST_VISIT


@pytest.mark.parametrize(
    ("wishes", "cookie", "query", "expected"),
    [
        ("", "", "", "/en/"),
        ("cy", "", "", "/cy/"),
        ("fr, ur;q=0.8, en;q=0.2", "", "", "/ur/"),
        ("pnb", "", "", "/ur/"),
        ("cy", "ur", "", "/ur/"),
        ("cy", "ur", "?lang=en", "/en/"),
        ("eo", "eo", "?lang=eo", "/en/"),
        ("", "<script>", "?lang=..%2f..", "/en/"),
    ],
)
def test_the_bare_address_leads_to_a_language(
    visit: Visit, wishes: str, cookie: str, query: str, expected: str
) -> None:
    if cookie:
        visit.client.set_cookie("lang", cookie, domain="localhost")
    answer = visit.send(f"/{query}", None, {"Accept-Language": wishes})
    assert answer.status_code == 302
    assert answer.headers["Location"] == expected
    assert answer.headers["Cache-Control"] == "no-store"
    assert {part.strip() for part in answer.headers["Vary"].split(",")} >= {"Cookie", "Accept-Language"}


def test_a_language_chosen_once_is_kept(visit: Visit) -> None:
    (chosen,) = (
        link for link in visit("information.languages").all("a") if "lang=ur" in link.get("href", "")
    )
    answer = visit.send(chosen.get("href", ""), None, None)
    assert "lang=ur" in answer.headers["Set-Cookie"]
    assert visit("/").path == "/ur/"
    assert "Set-Cookie" not in visit.send("/", None, {"Accept-Language": "cy"}).headers


def test_the_footer_reaches_every_page(visit: Visit) -> None:
    page = visit("information.start")
    for endpoint in ("privacy", "cookies", "accessibility", "contact", "offline", "feedback"):
        assert visit.address(f"information.{endpoint}") in page.links.values(), endpoint


@pytest.mark.parametrize("language", [*BY_TAG])
def test_the_switcher_leads_to_the_same_page(visit: Visit, language: str) -> None:
    page = visit("information.privacy", language=language)
    others = {link.get("hreflang"): link.get("href") for link in page.all("a") if link.get("hreflang")}
    assert others == {tag: f"/{tag}/privacy" for tag in BY_TAG if tag != language}


def test_the_start_page_names_every_other_way(visit: Visit) -> None:
    page = visit("information.start")
    assert "01632 960100" in page.main
    assert "ask at the desk" in page.main
    assert page.links["Sign in"] == "/en/sign-in"


@pytest.mark.parametrize("nation", [*BY_NATION])
@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_the_emergency_block_is_the_nations(
    settings: Settings, world: World, pseudo_translations: object, nation: Nation, language: str
) -> None:
    page = Visit(_app(replace(settings, nation=nation), world, pseudo_translations))(
        "information.contact", language=language
    )
    dialled = {link.get("href") for link in page.one("section").iter("a")}
    assert {"tel:999", "tel:18000", "https://999bsl.co.uk"} <= dialled
    if nation == "northern-ireland":
        assert "tel:111" not in dialled
        assert {"tel:08088088000", "tel:1800108088088000"} <= dialled
    else:
        assert {"tel:111", "tel:18001111"} <= dialled


def test_unreviewed_safety_text_never_stands_without_its_english(visit: Visit) -> None:
    """S44: every draft has its English beside it, marked as English and left to right."""
    page = visit("information.contact", language=PSEUDO.tag)
    section = page.one("section")
    for item in section.iter("li"):
        english = [part for part in item.iter("span") if part.get("lang") == "en-GB"]
        assert len(english) == 1
        assert english[0].get("dir") == "ltr"
        assert "⟦" not in words(english[0])
        assert "⟦" in words(item)


def test_in_english_safety_text_stands_once(visit: Visit) -> None:
    assert not [part for part in visit("information.contact").one("section").iter("span") if part.get("lang")]


def test_feedback_is_kept_once_however_often_it_is_sent(visit: Visit, world: World) -> None:
    page = visit("information.feedback", language="cy")
    first = visit.submit(page, **ANSWERS)
    again = visit.submit(page, **ANSWERS)
    assert first.path == again.path == "/cy/feedback/thank-you"
    (kept,) = world.portal.feedback.rows.values()
    assert (kept.page, kept.rating, kept.words, kept.language) == ("book", "easy", ANSWERS["words"], "cy")


def test_two_people_who_say_the_same_are_both_heard(visit: Visit, world: World) -> None:
    for _ in range(2):
        visit.submit(visit("information.feedback"), **ANSWERS)
    assert len(world.portal.feedback.rows) == 2


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_feedback_without_answers_says_what_to_do(visit: Visit, world: World, language: str) -> None:
    page = visit.submit(visit("information.feedback", language=language))
    assert list(page.errors.values()) == ["#about", "#rating"]
    assert not world.portal.feedback.rows


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("x" * 1001, "What you write must be 1000 characters or less"),
        ("a\x00b", "Part of your answer cannot be read. Type it again"),
    ],
)
def test_what_cannot_be_kept_comes_back_to_be_mended(
    visit: Visit, world: World, typed: str, told: str
) -> None:
    page = visit.submit(visit("information.feedback"), **(ANSWERS | {"words": typed}))
    assert page.errors == {told: "#words"}
    assert page.form_values()["about"] == ["book"]
    assert page.form_values()["words"][0].strip()
    assert not world.portal.feedback.rows


@pytest.mark.parametrize(
    "answers",
    [
        {"about": ["book", "read"], "rating": ["easy", "hard"], "key": ["k" * 22, "x"]},
        {"about": "book", "rating": "easy", "words": "\u202eevil\u202c \x07bell"},
        {"about": "book", "rating": "easy", "key": "k" * 5000},
    ],
)
def test_hostile_answers_never_break_the_page(visit: Visit, world: World, answers: dict[str, object]) -> None:
    answer = visit.send("/en/feedback", answers, None)
    assert answer.status_code in (200, 303)
    for kept in world.portal.feedback.rows.values():
        assert "\u202e" not in kept.words
        assert "\x07" not in kept.words


def test_feedback_from_another_site_is_refused(visit: Visit, world: World) -> None:
    forged = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = visit.send("/en/feedback", ANSWERS, forged)
    assert answer.status_code == 403
    assert not world.portal.feedback.rows


def test_the_statement_holds_the_parts_the_law_asks_for(visit: Visit) -> None:
    """SI 2018/952 regulation 8, model statement: scope, status, content, contact, enforcement, dates."""
    page = visit("information.accessibility")
    for part in (
        "This accessibility statement applies to",
        "is partially compliant with the Web Content Accessibility Guidelines version 2.2 AA standard",
        "The content listed below is non-accessible",
        "Equality Advisory and Support Service (EASS)",
        "This statement was prepared on",
        "No person has tested them yet",
    ):
        assert part in page.main, part


def test_every_cookie_we_set_is_named(visit: Visit) -> None:
    from portal.web.headers import CSS_COOKIE
    from portal.web.sessions import COOKIE, PAST_COOKIE

    page = visit("information.cookies")
    for cookie in (CSS_COOKIE, COOKIE, PAST_COOKIE, "lang"):
        assert cookie in page.main


def _app(settings: Settings, world: World, pseudo_translations: object) -> Flask:
    from portal.bootstrap import ROOT, create_app

    made = create_app(settings, world.ports, translations=f"{ROOT / 'translations'};{pseudo_translations}")
    made.testing = True
    return made

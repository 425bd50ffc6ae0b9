"""Whatever is sent to whatever address: never a fault of ours, never markup of theirs, a page that helps.

Every form and every route of the application's own URL map, with what people and attackers send.
"""

import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal.languages import BY_TAG
from tests.fakes_unit import FixedClock
from tests.faults import people
from tests.faults.answers import answer_all, booking_answers, save
from tests.faults.browser import Browser, address, token_of
from tests.faults.world import World, make_world, served
from tests.pages.html import parsed, words

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MARK = "zqxjkvbp"
MARKUP = f'<{MARK} onx="1">"\'>{MARK}</{MARK}><script>{MARK}()</script>&lt;{MARK}'
HOSTILE = (
    "", " ", "\x00", "a\x00b", "\u202egnp.exe", "\u2066\u2067\u2069", "٣١", "۳۱", "１２", "৩১", "\ud800",
    "a" * 5000, "👩‍👩‍👧‍👦" * 40, "\r\nSet-Cookie: x=1", "%00%0a", "' OR 1=1 --", "{{7*7}}", "${7*7}",
    "%(name)s", "../../etc/passwd", "-1", "99999999999999999999", "1e309", "NaN", "0x10", "true",
    "\u200f\u200b", MARKUP,
)  # fmt: skip
FIELDS = (
    "care", "site", "clinician", "needs", "interpreter", "when", "how", "date-day", "date-month", "date-year",
    "slot", "reason", "words", "company", "key", "both", "version", "switch_language", "person", "back",
    "held", "rating", "about", "service", "practitioner", "mode", "day-day", "day-month", "day-year",
    "starts", "ends", "minutes", "weeks", "opens", "csrf_token",
)  # fmt: skip
QUERIES = (
    "after",
    "before",
    "how",
    "clinician",
    "site",
    "need",
    "check",
    "all",
    "back",
    "held",
    "over",
    "lang",
    "on",
)
STEPS = ("care", "site", "clinician", "needs", "interpreter", "when", "date", "times", "reason", "check")
CHECKED = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

text = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.text(alphabet=string.digits + "-:./", max_size=12)
)
fields = st.lists(st.tuples(st.sampled_from(FIELDS), text), max_size=12)
queries = st.lists(st.tuples(st.sampled_from(QUERIES), text), max_size=4)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("fuzz"), NOW)


@pytest.fixture(scope="module")
def app(world: World) -> Iterator[Flask]:
    with served(world, FixedClock(NOW)) as made:
        yield made


@pytest.fixture(scope="module")
def browser(app: Flask) -> Browser:
    return Browser(app)


def patient_pages(app: Flask, world: World) -> list[str]:
    """Every page of Amina's that takes a form, the booking steps first."""
    ref, visit = world.people["amina"].refs[people.AMINA], people.upcoming_of(people.AMINA)

    def at(endpoint: str, **values: str) -> str:
        return address(app, endpoint, patient_ref=ref, **values)

    changes = ("when", "date", "times", "check")
    return [
        *(at("appointments.book", step=step) for step in STEPS),
        *(at("appointments.change", appointment=visit, step=step) for step in changes),
        at("appointments.start"),
        at("appointments.cancel", appointment=visit),
        at("appointments.cannot_come", appointment=visit),
        at("appointments.watch"),
        address(app, "identity.own_sessions"),
        address(app, "identity.session_ending"),
    ]


def staff_pages() -> list[str]:
    slot = people.slot_of(people.AMINA)
    steps = (f"slots/new/{step}" for step in ("care", "times", "check"))
    return [f"/en/practice/ZZ001/{page}" for page in (*steps, f"slots/{slot}/out-of-use")]


def public_pages() -> list[str]:
    return ["/en/feedback", "/en/sign-in/try-out"]


def fine(response: TestResponse) -> None:
    """No fault; a whole page of ours; nothing of theirs became an element or an attribute."""
    assert response.status_code < 500, response.get_data(as_text=True)[:500]
    if 300 <= response.status_code < 400:
        location = response.headers["Location"].removeprefix("http://localhost")
        assert location.startswith("/")
        assert not location.startswith("//")
        return
    if response.mimetype == "text/html" and response.get_data():
        _no_markup(response.get_data(as_text=True))
    assert "\n" not in "".join(value for _, value in response.headers.items())


def _no_markup(page: str) -> None:
    tree, _ = parsed(page)
    for element in tree.iter():
        assert element.tag != MARK
        if element.tag == "script":
            assert MARK not in (element.text or "")
        for name, value in element.attrib.items():
            assert name != "onx"
            if name in ("href", "action", "src", "formaction"):
                assert not value.lower().lstrip().startswith(("javascript:", "data:text"))
    assert len(tree.findall(".//h1")) == 1 or tree.find(".//h1") is not None


def _ready(world: World) -> None:
    """Amina stands on the check page, so that every step may be opened."""
    answer_all(world, world.people["amina"], people.AMINA, "free-north-00002", key="fuzz-key-0123456789")


@pytest.mark.slow
@CHECKED
@given(sent=fields, asked=queries, which=st.integers(0, 200), own_token=st.booleans())
def test_no_form_breaks_whatever_is_sent(
    app: Flask,
    world: World,
    browser: Browser,
    sent: list[tuple[str, str]],
    asked: list[tuple[str, str]],
    which: int,
    own_token: bool,
) -> None:
    pages = [(path, "amina") for path in patient_pages(app, world)]
    pages += [(path, "desk-north") for path in staff_pages()] + [(path, "") for path in public_pages()]
    path, name = pages[which % len(pages)]
    who = world.people.get(name)
    _ready(world)
    data: dict[str, Any] = {}
    for field, value in sent:
        data.setdefault(field, []).append(_sendable(value))
    if own_token and who is not None:
        data["csrf_token"] = token_of(who)
    fine(browser.ask("POST", path, who, data=data))
    fine(browser.ask("GET", path + _query(asked), who))


def _sendable(value: str) -> str:
    """Half characters cannot be written as UTF-8: they go as a browser's replacement."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _query(asked: list[tuple[str, str]]) -> str:
    return "?" + "&".join(f"{name}={quote(value.encode('utf-8', 'replace'))}" for name, value in asked)


@pytest.mark.slow
@CHECKED
@given(
    parts=st.lists(
        st.one_of(text, st.sampled_from(("en", "for", "book", "practice", "appointments"))), max_size=6
    )
)
def test_no_address_breaks_whatever_it_says(world: World, browser: Browser, parts: list[str]) -> None:
    path = "/" + "/".join(quote(part.encode("utf-8", "replace"), safe="") for part in parts)
    for who in (None, world.people["amina"]):
        fine(browser.ask("GET", path, who))


@pytest.mark.slow
@CHECKED
@given(
    answers=st.dictionaries(
        st.sampled_from((*booking_answers("x", "y"), "date", "interpreter", "lost", "done")), text
    )
)
def test_no_page_breaks_on_answers_kept_by_another_version(
    app: Flask, world: World, browser: Browser, answers: dict[str, str]
) -> None:
    """Drafts live 24 hours; a new version must be able to read what an old one kept."""
    amina = world.people["amina"]
    kept = {
        name: value.replace("\x00", "").encode("utf-8", "replace").decode() for name, value in answers.items()
    }
    save(world, amina, people.AMINA, {**booking_answers("free-north-00002", "some-key"), **kept})
    for path in patient_pages(app, world)[: len(STEPS)]:
        fine(browser.get(path, amina))


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE")


@pytest.mark.parametrize("method", METHODS)
def test_every_route_answers_every_method(method: str, app: Flask, world: World, browser: Browser) -> None:
    """Only those it names; others get 405 with the list, in the language of the address."""
    adapter = app.url_map.bind("localhost")
    values = {
        "language": "cy", "patient_ref": world.people["amina"].refs[people.AMINA],
        "organisation_code": "ZZ001", "appointment": people.upcoming_of(people.AMINA),
        "step": "care", "slot": "free-north-00001", "task": "t",
        "wanted": "w", "made": 1, "there": 0, "day": "2026-06-02", "name": "app.css",
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        path = adapter.build(
            rule.endpoint,
            {name: values[name] for name in rule.arguments},
            method=next(iter(rule.methods or ())),
        )
        for who in (None, world.people["amina"], world.people["desk-north"]):
            if rule.endpoint == "identity.sign_out":
                continue  # it would end the sessions that all other tests use
            response = browser.ask(method, path, who)
            fine(response)
            if method not in _answered(app, rule.rule):
                assert response.status_code in (400, 403, 405), (
                    f"{method} {rule.rule}: {response.status_code}"
                )
            if response.status_code == 405:
                assert response.headers["Allow"]
                if rule.rule.startswith("/<language") and method != "HEAD":
                    assert '<html lang="cy"' in response.get_data(as_text=True)


def _answered(app: Flask, rule: str) -> set[str]:
    return {method for one in app.url_map.iter_rules() if one.rule == rule for method in one.methods or ()}


# --- the right page, in the person's language, with nothing lost ------------------------------------------


@pytest.mark.parametrize("tag", BY_TAG)
def test_a_page_that_is_not_there_says_so_in_the_language_of_its_address(tag: str, browser: Browser) -> None:
    response = browser.get(f"/{tag}/no-such-page")
    page = response.get_data(as_text=True)
    assert response.status_code == 404
    assert f'lang="{BY_TAG[tag].lang}"' in page
    assert "999" in page


@pytest.mark.parametrize(("wished", "lang"), [("ur", "ur"), ("cy;q=0.9,en;q=0.1", "cy"), ("xx", "en")])
def test_an_unknown_language_gets_the_page_in_the_browsers_own(
    wished: str, lang: str, browser: Browser
) -> None:
    response = browser.get("/qq/help", Accept_Language=wished)
    assert response.status_code == 404
    assert f'<html lang="{lang}' in response.get_data(as_text=True)


def test_a_forged_host_is_refused_before_anything_is_made_from_it(browser: Browser) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost:80@evil.example", "[::1]evil"):
        response = browser.get("/en/", Host=host)
        assert response.status_code == 400
        assert "evil" not in response.get_data(as_text=True)


@pytest.mark.parametrize("token", ["", "forged", "A" * 43, MARKUP])
def test_a_stale_or_forged_token_keeps_what_was_typed(token: str, world: World, browser: Browser) -> None:
    amina = world.people["amina"]
    _ready(world)
    path = f"/en/for/{amina.refs[people.AMINA]}/book/reason"
    typed = {"reason": "other", "words": f"my own words {MARKUP}", "csrf_token": token}
    response = browser.post(path, amina, typed)
    assert response.status_code == 400
    fine(response)
    again = _hidden(response)
    assert again["words"] == typed["words"]
    assert again["reason"] == "other"
    assert (
        browser.post(
            path, amina, {name: value for name, value in again.items() if name != "csrf_token"}
        ).status_code
        == 303
    )


def _hidden(response: TestResponse) -> dict[str, str]:
    tree, _ = parsed(response.get_data(as_text=True))
    form = next(form for form in tree.iter("form") if "sign-out" not in form.get("action", ""))
    return {field.get("name", ""): field.get("value", "") for field in form.iter("input")}


def test_a_mistake_brings_the_page_back_with_what_was_typed(world: World, browser: Browser) -> None:
    amina = world.people["amina"]
    _ready(world)
    path = f"/ur/for/{amina.refs[people.AMINA]}/book/reason"
    response = browser.post(path, amina, {"words": f"{MARK} {MARKUP}"})
    fine(response)
    tree, _ = parsed(response.get_data(as_text=True))
    area = next(tree.iter("textarea"))
    assert (area.text or "").strip() == f"{MARK} {MARKUP}"
    assert "govuk-error-summary" in response.get_data(as_text=True)


def test_a_date_in_the_digits_of_another_script_is_read(world: World, browser: Browser) -> None:
    amina = world.people["amina"]
    answers = booking_answers("free-north-00002", "some-key", when="date")
    save(world, amina, people.AMINA, answers)
    path = f"/ur/for/{amina.refs[people.AMINA]}/book/date"
    sent = {"date-day": "۱۰", "date-month": "٦", "date-year": "２０２６"}
    assert browser.post(path, amina, sent).status_code == 303


def test_a_body_too_big_is_refused_with_a_page(world: World, browser: Browser) -> None:
    amina = world.people["amina"]
    path = f"/cy/for/{amina.refs[people.AMINA]}/book/reason"
    for data in ({"words": "x" * 70_000}, {f"field{number}": "x" for number in range(9000)}):
        response = browser.post(path, amina, data)
        assert response.status_code == 413
        assert '<html lang="cy"' in response.get_data(as_text=True)


def test_steps_that_are_skipped_lead_to_the_first_unanswered_one(world: World, browser: Browser) -> None:
    bryn = world.people["bryn"]
    mine = f"/en/for/{bryn.refs[people.BRYN]}/book"
    for step in ("reason", "check", "times"):
        for response in (
            browser.get(f"{mine}/{step}", bryn),
            browser.post(f"{mine}/{step}", bryn, {"key": "k" * 20}),
        ):
            assert response.status_code == 303
            assert response.headers["Location"] == f"{mine}/start"


def test_another_sites_form_is_refused(world: World, browser: Browser) -> None:
    amina = world.people["amina"]
    path = f"/en/for/{amina.refs[people.AMINA]}/book/start"
    for headers in (
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):  # fmt: skip
        response = browser.post(path, amina, **headers)  # type: ignore[arg-type]
        if headers == {"Origin": "null"}:
            assert response.status_code in (303, 403)  # our own page under Sec-Fetch-Site: same-origin
        else:
            assert response.status_code == 403


def test_every_page_says_only_what_our_words_say(app: Flask, world: World, browser: Browser) -> None:
    """Echo: what the address carries never becomes a heading or a title."""
    amina = world.people["amina"]
    for path in (*patient_pages(app, world), "/en/", "/en/sign-in"):
        response = browser.ask("GET", path + _query([(name, MARKUP) for name in QUERIES]), amina)
        if response.status_code == 200:
            tree, _ = parsed(response.get_data(as_text=True))
            assert MARK not in words(next(tree.iter("h1")))
            assert MARK not in words(next(tree.iter("title")))
            _no_markup(response.get_data(as_text=True))


def test_every_page_of_somebody_signed_in_can_sign_out(app: Flask, world: World, browser: Browser) -> None:
    _ready(world)
    for path in patient_pages(app, world):
        response = browser.get(path, world.people["amina"])
        if response.status_code == 200:
            tree, _ = parsed(response.get_data(as_text=True))
            assert "/en/sign-out" in {form.get("action") for form in tree.iter("form")}, path

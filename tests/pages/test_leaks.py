"""No word of English leaks; and the checks behind `visit` see what they are for, each shown a broken page."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.ids import AccountId
from portal.languages import PSEUDO
from portal.web.templating import SERVICE_NAME
from tests.pages import checks
from tests.pages.client import Visit
from tests.pages.html import Page, parsed
from tests.pages.world import Person

MOST_OF_ONE = 4  # pages of one view: lists of days have no end


def reachable(visit: Visit, start: str) -> list[Page]:
    """The pages that links lead to from an address, in its language, without pressing a button."""
    prefix = "/" + start.split("/", 2)[1] + "/"
    waiting, seen = [start], {start}
    pages: list[Page] = []
    views: Counter[str | None] = Counter()
    while waiting:
        answer = visit.send(waiting.pop(0), None, None)
        if answer.status_code >= 300 or answer.mimetype != "text/html":
            continue
        page = visit.page(answer)
        pages.append(page)
        views[page.endpoint] += 1
        if views[page.endpoint] > MOST_OF_ONE:
            continue
        for address in page.links.values():
            address = address.partition("#")[0]
            if address.startswith(prefix) and address not in seen:
                seen.add(address)
                waiting.append(address)
    return pages


def test_no_public_page_leaks(visit: Visit) -> None:
    assert len(reachable(visit, f"/{PSEUDO.tag}/")) >= 8


def test_no_page_of_a_patient_leaks(visit: Visit, amina: Person) -> None:
    visit.sign_in(amina.account)
    start = visit.address("home.home", PSEUDO.tag, patient_ref=amina.ref)
    assert len(reachable(visit, start)) >= 2


def test_no_page_of_the_practice_leaks(visit: Visit, receptionist: AccountId) -> None:
    visit.sign_in(receptionist)
    start = visit.address("practice.day", PSEUDO.tag, organisation_code="ZZ001")
    assert len(reachable(visit, start)) >= 2


def test_no_error_page_leaks(visit: Visit) -> None:
    visit(f"/{PSEUDO.tag}/no-such-page", status=404)
    visit(f"/{PSEUDO.tag}/privacy", data={"x": "y"}, status=405)


# --- the checks themselves ---------------------------------------------------------------------------------


@pytest.fixture
def good(visit: Visit) -> Page:
    """A page with a form and its errors, in English."""
    return visit.submit(visit("information.feedback"))


@pytest.fixture
def strange(visit: Visit) -> Page:
    """The same page in the made-up language."""
    return visit.submit(visit("information.feedback", language=PSEUDO.tag))


def broken(page: Page, old: str, new: str) -> Page:
    assert old in page.text, old
    text = page.text.replace(old, new, 1)
    tree, errors = parsed(text)
    return replace(page, text=text, tree=tree, parse_errors=errors)


MUTANTS: list[tuple[Callable[[Page], object], str, str]] = [
    (checks.valid, "<!doctype html>", ""),
    (checks.valid, "</main>", "</main></section>"),
    (checks.valid, "<p>", "<p><div>"),
    (checks.headed, "</main>", "<h1>Another</h1></main>"),
    (checks.headed, "<h1", "<h2"),
    (checks.headed, "</main>", "<h4>Too deep</h4></main>"),
    (checks.titled, f"– {SERVICE_NAME}</title>", "</title>"),
    (checks.titled, "<title>Error:", "<title>"),
    (checks.in_its_language, 'lang="en-GB"', 'lang="en"'),
    (checks.in_its_language, 'dir="ltr"', 'dir="rtl"'),
    (checks.in_its_language, "<p>", "<p>⟦leak⟧"),
    (checks.labelled, 'for="words"', 'for="wards"'),
    (checks.labelled, "<legend", "<span hidden"),
    (checks.labelled, "</main>", "<a href=/></a></main>"),
    (checks.labelled, "</main>", "<button>Send</button></main>"),
    (checks.identified, "</main>", '<p id="main"></p></main>'),
    (checks.identified, 'aria-describedby="', 'aria-describedby="nowhere '),
    (checks.own_addresses_only, "</main>", '<img alt="" src="https://cdn.example/x.png"></main>'),
    (checks.own_addresses_only, "</main>", '<img alt="" src="//cdn.example/x.png"></main>'),
    (checks.own_addresses_only, "</main>", '<a href="https://elsewhere.example/">x</a></main>'),
    (checks.own_addresses_only, "</main>", '<a href="javascript:alert(1)">x</a></main>'),
    (checks.own_addresses_only, "<form", '<form action="https://elsewhere.example/"'),
    (checks.nothing_inline, "<main", '<main style="color:red"'),
    (checks.nothing_inline, "<main", '<main onclick="x()"'),
    (checks.nothing_inline, "</body>", "<script>alert(1)</script></body>"),
    (checks.nothing_inline, "</head>", "<style>p{}</style></head>"),
    (checks.errors_lead_somewhere, 'href="#about"', 'href="#main"'),
    (checks.errors_lead_somewhere, 'href="#about"', 'href="#nowhere"'),
    (checks.errors_lead_somewhere, "Select how easy it was</a>", "Something else</a>"),
    (checks.no_leftovers, "</main>", "<p>%(name)s</p></main>"),
    (checks.no_leftovers, "</main>", "<p>None</p></main>"),
    (checks.no_leftovers, "</main>", "<p>{{ name }}</p></main>"),
]


@pytest.mark.parametrize(("check", "old", "new"), MUTANTS)
def test_each_check_sees_a_page_broken_in_its_way(
    good: Page, check: Callable[[Page], object], old: str, new: str
) -> None:
    assert not list(check(good))  # type: ignore[call-overload]
    assert list(check(broken(good, old, new)))  # type: ignore[call-overload]


LEAKS = [
    ("</main>", "<p>Hello</p></main>"),
    ("</main>", "</main>Hello"),
    ("</main>", '<img src="/x" alt="Hello"></main>'),
    ("</main>", '<p title="Hello">⟦ok⟧</p></main>'),
    ("</main>", '<p aria-label="Hello">⟦ok⟧</p></main>'),
    ("</main>", "<p>⟦ok⟧ and more</p></main>"),
    ("</main>", "<p><bdi>Amina</bdi> and more</p></main>"),
    ("<title>", "<title>Hello "),
]
NO_LEAKS = [
    "<p>⟦Ĥêllô⟧ 12:30</p>",
    '<p lang="en-GB">Hello</p>',
    "<p><bdi>Amina Test</bdi></p>",
    f"<p>{SERVICE_NAME}</p>",
    "<script>var hello</script>",
]


@pytest.mark.parametrize(("old", "new"), LEAKS)
def test_a_leak_is_seen(strange: Page, old: str, new: str) -> None:
    assert not list(checks.translated(strange))
    assert list(checks.translated(broken(strange, old, new)))


@pytest.mark.parametrize("harmless", NO_LEAKS)
def test_what_is_no_leak_passes(strange: Page, harmless: str) -> None:
    assert not list(checks.translated(broken(strange, "</main>", f"{harmless}</main>")))


def test_too_many_bytes_are_seen(good: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    later = replace(good, compressed_bytes=100)
    monkeypatch.setattr(checks, "budget", lambda endpoint, tag: 99)
    assert list(checks.within_budget(later))
    monkeypatch.setattr(checks, "budget", lambda endpoint, tag: 100)
    assert not list(checks.within_budget(later))
    assert list(checks.small_headers(replace(good, header_bytes=checks.MOST_HEADER_BYTES + 1)))

"""What a page costs: processor time of one request, in process, against a bare Flask page in the same run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, g, template_rendered

from portal.adapters.clock import SystemClock
from portal.web import compression
from portal.web.dictionaries import dictionaries
from portal.web.templating import all_assets
from tests.bench.measure import Ratio, bare_flask, caller, compare
from tests.faults import people
from tests.faults.answers import answer_all
from tests.faults.browser import address, cookies_of
from tests.faults.world import Somebody, World, served

FORM, PERSONAL, FIRST_CONSTANT, FIRST_OTHER, RENDERING = (
    "public form", "signed in", "first visit, constant", "first visit, other", "rendering and compression",
)  # fmt: skip
# The same for a browser that holds the dictionary of the language (docs/adr/0051), as Chromium does.
PERSONAL_HELD, RENDERING_HELD = f"{PERSONAL}, dictionary", f"{RENDERING}, dictionary"
LIMITS: Final = {
    FORM: 2.0,
    PERSONAL: 12.0,
    PERSONAL_HELD: 12.0,
    FIRST_CONSTANT: 2.0,
    FIRST_OTHER: 25.0,
    RENDERING: 4.5,
    RENDERING_HELD: 4.5,
}
NONE_ABOVE: Final = 20.0
BROTLI: Final = [("Accept-Encoding", "br")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One page: what was asked, by whom, and what it cost. `limit` is the issue's figure for its kind."""

    kind: str
    page: str
    found: Ratio
    bytes: int

    @property
    def limit(self) -> float:
        return LIMITS[self.kind]

    @property
    def met(self) -> bool:
        return self.found.ratio <= self.limit


@dataclass(frozen=True, slots=True)
class _Page:
    name: str
    path: str
    who: Somebody | None = None


def public_pages() -> tuple[list[_Page], list[_Page]]:
    """Pages without a session: those that are the same for all, and those that are made each time."""
    constants = ["", "sign-in", "privacy", "cookies", "accessibility", "contact", "help", "languages"]
    same = [_Page(f"information or sign-in: /{name}", f"/en/{name}") for name in constants]
    return same, [_Page("information.feedback", "/en/feedback")]


def personal_pages(app: Flask, world: World) -> list[_Page]:
    """Every page a patient, a helper or a receptionist sees on an ordinary day."""
    amina, carer, desk = world.people["amina"], world.people["carer"], world.people["desk-north"]
    visit = people.upcoming_of(people.AMINA)
    answer_all(world, amina, people.AMINA, "free-north-00003")

    def mine(name: str, endpoint: str, who: Somebody = amina, **values: str) -> _Page:
        return _Page(name, address(app, endpoint, patient_ref=who.refs[people.AMINA], **values), who)

    def practice(endpoint: str, **values: str) -> _Page:
        return _Page(endpoint, address(app, endpoint, organisation_code="ZZ001", **values), desk)

    steps = ("care", "needs", "when", "times", "reason", "check")
    return [
        mine("home.home", "home.home"),
        mine("home.home, acting", "home.home", carer),
        mine("appointments.listed", "appointments.listed"),
        mine("appointments.show", "appointments.show", appointment=visit),
        *(mine(f"appointments.book, {step}", "appointments.book", step=step) for step in steps),
        mine("appointments.start", "appointments.start"),
        mine("appointments.calendar", "appointments.calendar", appointment=visit),
        mine("appointments.change, when", "appointments.change", appointment=visit, step="when"),
        mine("appointments.cancel", "appointments.cancel", appointment=visit),
        _Page("home.people", address(app, "home.people"), world.people["parent"]),
        _Page("identity.own_sessions", address(app, "identity.own_sessions"), amina),
        practice("practice.day"),
        practice("practice.slots"),
        practice("practice.new_slots", step="times"),
        practice("practice.tell"),
    ]


def measure(world: World, *, rounds: int, times: int) -> list[Measured]:
    """All pages, each against the bare page in turns."""
    with served(world, SystemClock()) as app:
        return _measured(app, world, rounds, times)


def _measured(app: Flask, world: World, rounds: int, times: int) -> list[Measured]:
    with app.app_context():
        stylesheet = all_assets().version
    hello = caller(bare_flask(), "/")
    found: list[Measured] = []

    held = dictionaries(app).of_language["en"]

    def one(kind: str, page: _Page, cookies: str, encodings: list[tuple[str, str]] = BROTLI) -> None:
        call = caller(app, page.path, headers=[*encodings, *([("Cookie", cookies)] if cookies else [])])
        size = len(call())  # type: ignore[arg-type]
        found.append(
            Measured(
                kind=kind, page=page.name, found=compare(call, hello, rounds=rounds, times=times), bytes=size
            )
        )

    same, made = public_pages()
    for page in [*same, *made]:
        one(FORM, page, cookies_of(None, stylesheet))
    for page in same:
        one(FIRST_CONSTANT, page, "")
    for page in made:
        one(FIRST_OTHER, page, "")
    personal = personal_pages(app, world)
    for page in personal:
        cookies = cookies_of(page.who, stylesheet)
        one(PERSONAL, page, cookies)
        one(
            PERSONAL_HELD,
            page,
            cookies,
            [("Accept-Encoding", "br, dcz"), ("Available-Dictionary", held.name)],
        )
    for page in personal[:6]:
        one(FIRST_OTHER, page, cookies_of(page.who))
    for page in personal:
        found.extend(_rendering(app, page, stylesheet, hello, rounds=rounds, times=times))
    return found


def _rendering(
    app: Flask, page: _Page, stylesheet: str, hello: Callable[[], object], *, rounds: int, times: int
) -> Iterator[Measured]:
    """The template with the values of one request, compressed both ways: no session, query or log row."""
    headers = {"Cookie": cookies_of(page.who, stylesheet), "Accept-Encoding": "br"}
    with app.test_request_context(page.path, headers=headers), _captured(app) as seen:
        g.request_id = "0" * 16
        response = app.full_dispatch_request()
        if response.mimetype != "text/html" or not seen:
            return
        template, context = seen[-1]
        held = dictionaries(app).of_language["en"]

        def with_brotli() -> bytes:
            return compression.compressed(template.render(context).encode(), "br")

        def with_dictionary() -> bytes:
            return held.compressed(template.render(context).encode())

        for kind, call in ((RENDERING, with_brotli), (RENDERING_HELD, with_dictionary)):
            cost = compare(call, hello, rounds=rounds, times=times)
            yield Measured(kind=kind, page=page.name, found=cost, bytes=len(call()))


@contextmanager
def _captured(app: Flask) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    seen: list[tuple[Any, dict[str, Any]]] = []

    def note(sender: Flask, template: Any, context: dict[str, Any], **more: Any) -> None:
        seen.append((template, context))

    with template_rendered.connected_to(note, app):
        yield seen

"""What pages weigh in Chromium, compressed, with their headers. `python -m tests.browser.bytes` writes the
figures.

Pages are weighed as browsers without compression dictionaries get them: a Chromium with them switched off
and the name of another engine stands for those. The journey is weighed both ways, dictionaries and their
headers included (docs/adr/0051).
Limits stand in tests/budgets.json; this module measures and judges nothing.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, sync_playwright

from portal.languages import OFFERED
from tests.browser import journeys, records
from tests.browser.chromium import chromium_path
from tests.browser.control import SEED
from tests.browser.registry import STATES
from tests.browser.running import ROOT, RunningPortal, running, seeded
from tests.browser.states import PageState
from tests.browser.walker import Walker

FIGURES: Final = ROOT / "docs" / "figures" / "bytes.json"
BUDGETS: Final = ROOT / "tests" / "budgets.json"
COMMAND: Final = "python -m tests.browser.bytes"
WITHOUT_DICTIONARIES: Final = "--disable-features=CompressionDictionaryTransport"
OTHER_ENGINE: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PLAIN_JOURNEY: Final = "journey without dictionaries"
# A browser that has never been here: one request, with stylesheet and script inside.
FIRST: Final = (
    "information.start.plain",
    "identity.sign_in.plain",
    "home.home.filled",
    "appointments.book.times-filled",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer as it came over the wire. `page` is False for redirects and for files."""

    path: str
    status: int
    head: int
    body: int
    page: bool
    encoding: str

    @property
    def redirect(self) -> bool:
        return 300 <= self.status < 400


@dataclass  # no slots: playwright leaves marks on whoever listens
class Scales:
    """Weighs every answer a browser page gets while it is on."""

    devtools: CDPSession
    _seen: list[tuple[str, Mapping[str, Any], float, bool]] = field(default_factory=list)
    _waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    _heads: dict[str, list[int]] = field(default_factory=dict)

    def start(self) -> None:
        self.devtools.on("Network.requestWillBeSent", self._asked)
        self.devtools.on("Network.responseReceivedExtraInfo", self._head)
        self.devtools.on("Network.responseReceived", self._answered)
        self.devtools.on("Network.loadingFinished", self._finished)
        self.devtools.send("Network.enable")

    def stop(self) -> None:
        """Weigh no more."""
        self.devtools.send("Network.disable")
        self.devtools.remove_listener("Network.requestWillBeSent", self._asked)
        self.devtools.remove_listener("Network.responseReceivedExtraInfo", self._head)
        self.devtools.remove_listener("Network.responseReceived", self._answered)
        self.devtools.remove_listener("Network.loadingFinished", self._finished)

    def take(self) -> list[Answer]:
        """What came since the last asking. The two kinds of event come in either order: paired only here."""
        self.devtools.send("Network.enable")  # changes nothing, and lets events that wait come in
        whole = [seen for seen in self._seen if self._heads.get(seen[0])]
        self._seen = [seen for seen in self._seen if not self._heads.get(seen[0])]
        return [self._weighed(*seen) for seen in whole]

    def _weighed(self, request: str, response: Mapping[str, Any], whole: float, page: bool) -> Answer:
        head = self._heads[request].pop(0)
        path = "/" + response["url"].split("/", 3)[-1]
        encoding = {name.lower(): value for name, value in response["headers"].items()}.get(
            "content-encoding"
        )
        return Answer(
            path=path,
            status=int(response["status"]),
            head=head,
            body=int(whole) - head,
            page=page,
            encoding=encoding or "",
        )

    def _head(self, event: dict[str, Any]) -> None:
        # HTTP/1.1 gives the header block as it was sent, status line and empty line included.
        self._heads.setdefault(event["requestId"], []).append(len(event["headersText"].encode()))

    def _asked(self, event: dict[str, Any]) -> None:
        before = event.get("redirectResponse")
        if before:
            self._seen.append((event["requestId"], before, before["encodedDataLength"], False))

    def _answered(self, event: dict[str, Any]) -> None:
        self._waiting[event["requestId"]] = {**event["response"], "kind": event["type"]}

    def _finished(self, event: dict[str, Any]) -> None:
        response = self._waiting.pop(event["requestId"], None)
        # Nothing came over the wire for what was in memory or on disk.
        if response and event["encodedDataLength"] and response["url"].startswith("http"):
            page = response["kind"] == "Document"
            self._seen.append((event["requestId"], response, event["encodedDataLength"], page))


def reload_as_first_visit(walker: Walker, scales: Scales) -> Answer:
    """The same address to a browser that has never been here but is signed in the same. Raises when it asks
    twice.
    """
    walker.context.clear_cookies(name="css")
    walker.devtools.send("Network.clearBrowserCache")
    scales.take()
    walker.page.goto(walker.page.url)
    walker.page.wait_for_timeout(50)  # an idle fetch would show itself
    found = scales.take()
    if len(found) != 1:
        raise AssertionError(f"{len(found)} requests on a first visit: {[each.path for each in found]}")
    return found[0]


def later_page(walker: Walker, state: PageState, tag: str, scales: Scales) -> Answer:
    """The answer that made this state, to a browser that has the files."""
    state.walk(walker, tag)
    pages = [each for each in scales.take() if each.page]
    return pages[-1]


def measured(walker: Walker, scales: Scales) -> dict[str, Any]:
    """Everything that tests/budgets.json limits, by route and language, and the largest header blocks."""
    figures: dict[str, Any] = {"first": {}, "states": {}, "journey": {}, PLAIN_JOURNEY: {}}
    heads = {"page": 0, "redirect": 0}
    for state in STATES:
        for language in OFFERED:
            answer = later_page(walker, state, language.tag, scales)
            figures["states"].setdefault(state.name, {})[language.tag] = answer.body
            heads["page"] = max(heads["page"], answer.head)
            if state.name in FIRST:
                first = reload_as_first_visit(walker, scales)
                figures["first"].setdefault(state.name, {})[language.tag] = first.body
                heads["page"] = max(heads["page"], first.head)
    return {**figures, "heads": heads}


def with_dictionaries(walker: Walker, scales: Scales) -> dict[str, dict[str, int]]:
    """What the same states weigh for a browser that holds the dictionary of the language."""
    figures: dict[str, dict[str, int]] = {}
    for state in STATES:
        for language in OFFERED:
            answer = later_page(walker, state, language.tag, scales)
            if answer.encoding != "dcz":  # not here yet, or thrown away by signing out: get it, and once more
                walker.begin(language.tag, "patient")
                walker.open("home.home")
                walker.page.wait_for_timeout(200)
                answer = later_page(walker, state, language.tag, scales)
            figures.setdefault(state.name, {})[language.tag] = answer.body
    return figures


def add_journeys(figures: dict[str, Any], part: str, walker: Walker, scales: Scales) -> None:
    """The whole journey in each language, on a portal where nothing else is looked at."""
    for language in OFFERED:
        answers = list(whole_journey(walker, language.tag, scales))
        figures[part][language.tag] = sum(each.head + each.body for each in answers)
        for kind in ("page", "redirect"):
            heads = [each.head for each in answers if each.redirect == (kind == "redirect")]
            figures["heads"][kind] = max(figures["heads"][kind], *heads)


def whole_journey(walker: Walker, tag: str, scales: Scales) -> Iterator[Answer]:
    """From sign-in to the appointment just booked, with every redirect and file, to a browser that has
    nothing.
    """
    walker.begin(tag, "patient")
    records.undo_bookings(walker)
    walker.context.clear_cookies()
    walker.devtools.send("Network.clearBrowserCache")
    scales.take()
    journeys.sign_in_and_book(walker)
    yield from scales.take()


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def room(measured: int) -> int:
    """The budget for what was measured: random tokens compress differently by a few bytes each time."""
    answers = 1 + measured // 2000
    return -(-(measured + 12 * answers) // 16) * 16


def lowered(budgets: dict[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """The budgets with every one lowered to what was measured now, and new states added. None rises."""
    for part in ("first", "states", "journey", PLAIN_JOURNEY):
        found = _largest(columns["on"][part], columns["off"][part])
        budgets[part] = _fallen(budgets.get(part, {}), found)
    budgets["later"] = {}
    for state in STATES:
        if state.endpoint and state.status == 200:
            tags = budgets["later"].setdefault(state.endpoint, {})
            for tag, measured in budgets["states"][state.name].items():
                most = max(measured, figure(budgets, state.name, tag))
                tags[tag] = max(tags.get(tag, 0), most)
    return budgets


def figure(budgets: Mapping[str, Any], name: str, tag: str) -> int:
    """Bytes a later page may weigh; lists of times and safety text beside its draft are allowed more."""
    figures = budgets["figures"]
    most: int = figures["later"]["en" if tag == "en" else "other"]
    if name in budgets["lists of times"]:
        most += figures["list of times"]
    if tag != "en" and name in budgets["safety text beside its draft"]:
        most += figures["safety text"]
    return most


def _largest(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {name: _largest(one[name], other[name]) for name in one}
    return max(one, other)


def _fallen(before: Any, measured: Any) -> Any:
    if isinstance(measured, dict):
        return (
            {name: _fallen(before.get(name), value) for name, value in measured.items()}
            if before
            else {name: _fallen(None, value) for name, value in measured.items()}
        )
    return room(measured) if before is None else min(before, room(measured))


def measure() -> tuple[dict[str, Any], str]:
    """The figures with scripts on and off, and the browser's version."""
    columns: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = chromium_path()
        browser = playwright.chromium.launch(executable_path=path)
        plain = playwright.chromium.launch(executable_path=path, args=[WITHOUT_DICTIONARIES])
        shared = Path(folder)
        for part in ("states", "journeys"):
            (shared / part).mkdir()
            with running(shared / part, seeded(shared)) as portal:
                for scripts, column in ((True, "on"), (False, "off")):
                    if part == "states":
                        with weighing(portal, plain, scripts, plain=True) as (walker, scales):
                            columns[column] = measured(walker, scales)
                        continue
                    for each, name in ((browser, "journey"), (plain, PLAIN_JOURNEY)):
                        with weighing(portal, each, scripts, plain=each is plain) as (walker, scales):
                            add_journeys(columns[column], name, walker, scales)
                if part == "states":
                    with weighing(portal, browser, False) as (walker, scales):
                        columns["off"]["states with dictionaries"] = with_dictionaries(walker, scales)
        version = browser.version
        browser.close()
        plain.close()
    return columns, version


@contextmanager
def weighing(
    portal: RunningPortal, browser: Browser, scripts: bool, *, plain: bool = False
) -> Iterator[tuple[Walker, Scales]]:
    """A browser page on its scales. `plain`: of an engine that takes no dictionaries and sends no client
    hints.
    """
    with Walker(portal, browser, scripts=scripts) as walker:
        if plain:
            walker.devtools.send("Emulation.setUserAgentOverride", {"userAgent": OTHER_ENGINE})
        scales = Scales(walker.devtools)
        scales.start()
        yield walker, scales


def main(arguments: list[str]) -> int:
    """Measure, write docs/figures/bytes.json; with `--lower` also lower the budgets to what was measured."""
    columns, version = measure()
    figures = {
        "command": COMMAND,
        "commit": _commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": _machine(),
        "browser": f"Chromium {version}",
        "seed": SEED,
        "what": "bytes of the compressed body; heads: of the header block (HTTP/1.1); journeys: both",
        "scripts": columns,
    }
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"Written: {FIGURES.relative_to(ROOT)}")
    if "--lower" in arguments:
        budgets = json.loads(BUDGETS.read_text("utf-8"))
        BUDGETS.write_text(json.dumps(lowered(budgets, columns), indent=1) + "\n", "utf-8")
        print(f"Lowered: {BUDGETS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

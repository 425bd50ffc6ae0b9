"""What pages weigh in Chromium, compressed, with their headers. `python -m tests.browser.bytes` writes the
figures.

Limits stand in tests/budgets.json; this module measures and judges nothing.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, sync_playwright

from portal.languages import OFFERED
from tests.browser import journeys
from tests.browser.chromium import chromium_path
from tests.browser.control import SEED
from tests.browser.registry import STATES
from tests.browser.running import ROOT, running, seeded
from tests.browser.states import PageState
from tests.browser.walker import Walker

FIGURES: Final = ROOT / "docs" / "figures" / "bytes.json"
COMMAND: Final = "python -m tests.browser.bytes"
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

    @property
    def redirect(self) -> bool:
        return 300 <= self.status < 400


@dataclass(slots=True)
class Scales:
    """Weighs every answer a browser page gets while it is on."""

    devtools: CDPSession
    answers: list[Answer] = field(default_factory=list)
    _waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    _heads: dict[str, list[int]] = field(default_factory=dict)

    def start(self) -> None:
        self.devtools.on("Network.requestWillBeSent", self._asked)
        self.devtools.on("Network.responseReceivedExtraInfo", self._head)
        self.devtools.on("Network.responseReceived", self._answered)
        self.devtools.on("Network.loadingFinished", self._finished)
        self.devtools.send("Network.enable")

    def take(self) -> list[Answer]:
        """What came since the last asking."""
        found, self.answers[:] = list(self.answers), []
        return found

    def _head(self, event: dict[str, Any]) -> None:
        # HTTP/1.1 gives the header block as it was sent, status line and empty line included.
        self._heads.setdefault(event["requestId"], []).append(len(event["headersText"].encode()))

    def _asked(self, event: dict[str, Any]) -> None:
        before = event.get("redirectResponse")
        if before:
            self._keep(event["requestId"], before, before["encodedDataLength"], page=False)

    def _answered(self, event: dict[str, Any]) -> None:
        self._waiting[event["requestId"]] = {**event["response"], "kind": event["type"]}

    def _finished(self, event: dict[str, Any]) -> None:
        response = self._waiting.pop(event["requestId"], None)
        if response and not response.get("fromDiskCache") and response["url"].startswith("http"):
            self._keep(
                event["requestId"], response, event["encodedDataLength"], page=response["kind"] == "Document"
            )

    def _keep(self, request: str, response: Mapping[str, Any], whole: float, *, page: bool) -> None:
        head = self._heads[request].pop(0)
        path = "/" + response["url"].split("/", 3)[-1]
        self.answers.append(
            Answer(path=path, status=int(response["status"]), head=head, body=int(whole) - head, page=page)
        )


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
    figures: dict[str, Any] = {"first": {}, "later": {}, "journey": {}}
    heads = {"page": 0, "redirect": 0}
    for state in STATES:
        for language in OFFERED:
            answer = later_page(walker, state, language.tag, scales)
            figures["later"].setdefault(state.name, {})[language.tag] = answer.body
            heads["page"] = max(heads["page"], answer.head)
            if state.name in FIRST:
                first = reload_as_first_visit(walker, scales)
                figures["first"].setdefault(state.name, {})[language.tag] = first.body
                heads["page"] = max(heads["page"], first.head)
    for language in OFFERED:
        answers = list(whole_journey(walker, language.tag, scales))
        figures["journey"][language.tag] = sum(each.head + each.body for each in answers)
        heads["redirect"] = max([heads["redirect"], *(each.head for each in answers if each.redirect)])
    return {**figures, "heads": heads}


def whole_journey(walker: Walker, tag: str, scales: Scales) -> Iterator[Answer]:
    """From sign-in to the appointment just booked, with every redirect and file, to a browser that has
    nothing.
    """
    walker.begin(tag)
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


def main() -> int:
    """Measure with scripts on and off, write docs/figures/bytes.json."""
    columns: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        shared = Path(folder)
        served = shared / "served"
        served.mkdir()
        with running(served, seeded(shared)) as portal:
            for scripts in (True, False):
                with Walker(portal, browser, scripts=scripts) as walker:
                    scales = Scales(walker.devtools)
                    scales.start()
                    columns["on" if scripts else "off"] = measured(walker, scales)
        version = browser.version
        browser.close()
    figures = {
        "command": COMMAND,
        "commit": _commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": _machine(),
        "browser": f"Chromium {version}",
        "seed": SEED,
        "what": "bytes of the compressed body; heads: of the header block (HTTP/1.1); journey: both",
        "scripts": columns,
    }
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"Written: {FIGURES.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

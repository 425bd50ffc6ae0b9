"""axe-core over a page, once for each distinct document of a test run. Finds; decides nothing about
exceptions.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import axe_playwright_python
from playwright.sync_api import CDPSession, Page

# WCAG 2.0 to 2.2, A and AA, and what axe's authors call best practice.
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
_RUN: Final = """axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then((found) =>
    found.violations.map((rule) => rule.id + " (" + rule.impact + "): "
        + rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")))"""
# What differs each time the same page is made, and says nothing about the page.
_PASSING: Final = (
    re.compile(r'(name="(?:csrf_token|key)"[^>]*?) value="[^"]*"'),
    re.compile(r'value="[^"]*"(?= [^>]*name="(?:csrf_token|key)")'),
    re.compile(r"(?<=[?&]back=)[^\"&]*"),
    re.compile(r"<style>.*?</style>|<script>.*?</script>", re.DOTALL),
)


@cache
def source() -> str:
    """The text of axe-core that came with axe-playwright-python."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def fingerprint(html: str) -> str:
    """The same for two pages that differ only in tokens."""
    for pattern in _PASSING:
        html = pattern.sub("", html)
    return hashlib.sha256(html.encode()).hexdigest()[:32]


class Axe:
    """`folder` is shared by all workers of a test run: a document looked at by one is looked at by none
    other.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def violations(self, page: Page, devtools: CDPSession) -> list[str]:
        """Rule, impact and elements of each violation. In a page with scripts switched off it switches them
        on meanwhile.

        The caller switches them off again where they should be.
        """
        kept = self._folder / f"{fingerprint(page.content())}.json"
        if not kept.exists():
            devtools.send("Emulation.setScriptExecutionDisabled", {"value": False})
            # By the protocol, not page.evaluate: the page's own policy forbids evaluating strings.
            _evaluate(devtools, f"{source()};0")
            found = _evaluate(devtools, _RUN % json.dumps(TAGS))
            fresh = kept.with_name(f"{kept.name}.{id(page)}")
            fresh.write_text(json.dumps(found), "utf-8")
            fresh.replace(kept)
        violations: list[str] = json.loads(kept.read_text("utf-8"))
        return violations


def _evaluate(devtools: CDPSession, expression: str) -> Any:
    answer = devtools.send(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(str(answer["exceptionDetails"])[:1000])
    return answer["result"].get("value")

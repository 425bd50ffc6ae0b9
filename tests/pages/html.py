"""A fetched page as a tree to ask questions of. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

_SPACES = re.compile(r"\s+")
CONTROLS = ("input", "select", "textarea")


def parsed(text: str) -> tuple[Element, list[str]]:
    """The tree, and what html5lib calls a parse error."""
    parser: Any = html5lib.HTMLParser(
        tree=html5lib.treebuilders.getTreeBuilder("etree"), namespaceHTMLElements=False
    )
    tree = parser.parse(text)
    problems = [f"line {place[0]}: {code} {values or ''}".strip() for place, code, values in parser.errors]
    return tree, problems


def words(element: Element) -> str:
    """All text inside, with single spaces."""
    return _SPACES.sub(" ", "".join(element.itertext())).strip()


def classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def walk(element: Element, above: tuple[Element, ...] = ()) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """Every element with those it stands in, nearest last. Comments are left out."""
    if isinstance(element.tag, str):
        yield element, above
        for child in element:
            yield from walk(child, (*above, element))


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer. `body` is what was sent, `text` what a browser reads; sizes are those on the wire."""

    status: int
    path: str
    endpoint: str | None
    language: Any
    headers: Any
    text: str
    compressed_bytes: int
    header_bytes: int
    tree: Element
    parse_errors: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        return list(self.tree.iter(tag))

    def one(self, tag: str) -> Element:
        found = self.all(tag)
        assert len(found) == 1, f"{self.path}: {len(found)} <{tag}>"
        return found[0]

    def by_id(self, wanted: str) -> Element | None:
        return next((element for element in self.tree.iter() if element.get("id") == wanted), None)

    @property
    def heading(self) -> str:
        return words(self.one("h1"))

    @property
    def title(self) -> str:
        return words(self.one("title"))

    @property
    def main(self) -> str:
        """The words of the main part."""
        return words(self.one("main"))

    @property
    def links(self) -> dict[str, str]:
        """Addresses by link text; the first of several with one text."""
        found: dict[str, str] = {}
        for link in self.all("a"):
            found.setdefault(words(link), link.get("href", ""))
        return found

    @property
    def buttons(self) -> list[str]:
        return [words(button) for button in self.all("button")]

    @property
    def errors(self) -> dict[str, str]:
        """The error summary: text to address."""
        return {
            words(link): link.get("href", "")
            for summary in self.tree.iter("div")
            if "govuk-error-summary" in classes(summary)
            for link in summary.iter("a")
        }

    def form_values(self) -> dict[str, list[str]]:
        """What the page's own form (id "form", else the first in main) would send as it stands, no button."""
        form = self.by_id("form")
        if form is None:
            form = next(iter(self.one("main").iter("form")))
        values: dict[str, list[str]] = {}
        for control in form.iter():
            name = control.get("name", "")
            if name and control.tag in CONTROLS:
                values.setdefault(name, []).extend(_sent(control))
        return {name: sent for name, sent in values.items() if sent}


def _sent(control: Element) -> list[str]:
    if control.tag == "textarea":
        return [control.text or ""]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return [option.get("value", words(option)) for option in chosen]
    if control.get("type") in ("radio", "checkbox"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]

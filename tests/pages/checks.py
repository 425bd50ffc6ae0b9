"""What must hold of every page, whatever it says. Each check gives the problems it finds."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from portal.languages import PSEUDO
from portal.web.templating import SERVICE_NAME
from tests.pages.html import CONTROLS, Page, classes, walk, words

BUDGETS = Path(__file__).parents[1] / "budgets.json"
MOST_HEADER_BYTES = 768
MOST_REDIRECT_HEADER_BYTES = 512
# Links people may follow away from the portal. Nothing may be loaded from anywhere else.
LINKED_HOSTS = {"999bsl.co.uk"}
_LATIN = re.compile(r"[A-Za-z]{3}")
_BRACKETED = re.compile(r"⟦[^⟧]*⟧")
_LEFTOVER = re.compile(r"%\(\w+\)|\{\{|\}\}|^\s*None\s*$|<flask|LazyString")
_SPOKEN = ("aria-label", "alt", "title", "placeholder")
_REFERRING = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form")


def problems(page: Page) -> list[str]:
    """Everything wrong with a page; empty when all checks pass."""
    checks: tuple[Callable[[Page], Iterator[str]], ...] = (
        valid,
        headed,
        titled,
        in_its_language,
        labelled,
        identified,
        own_addresses_only,
        nothing_inline,
        small_headers,
        within_budget,
        errors_lead_somewhere,
        no_leftovers,
        translated,
    )
    return [f"{check.__name__}: {problem}" for check in checks for problem in check(page)]


def valid(page: Page) -> Iterator[str]:
    yield from page.parse_errors
    if not page.text.lower().startswith("<!doctype html>"):
        yield "no doctype"


def headed(page: Page) -> Iterator[str]:
    """One h1, and levels that do not jump."""
    headings = [words(heading) for heading in page.all("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"headings of level 1: {headings}"
    levels = [int(element.tag[1]) for element in page.tree.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    if any(later > earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False)):
        yield f"heading levels jump: {levels}"


def titled(page: Page) -> Iterator[str]:
    """The title is the h1 and the service; "Error:" goes before. A name (`<bdi>`) stays in the h1 (S22)."""
    heading = next(iter(page.all("h1")), None)
    if heading is None:
        return
    title, names = page.title, [words(name) for name in heading.iter("bdi")]
    if not title.endswith(f" – {SERVICE_NAME}"):
        yield f"the title does not name the service: {title!r}"
    if any(name and name in title for name in names):
        yield "the title holds a name"
    if page.errors:
        if title.startswith(words(heading)):
            yield "the title of a page with mistakes does not say so"
    elif not names and not title.startswith(words(heading)):
        yield f"the title {title!r} does not begin with the heading {words(heading)!r}"


def in_its_language(page: Page) -> Iterator[str]:
    root = page.tree if page.tree.tag == "html" else page.one("html")
    if root.get("lang") != page.language.lang:
        yield f"lang is {root.get('lang')!r}"
    if root.get("dir") != page.language.direction:
        yield f"dir is {root.get('dir')!r}"
    if page.language is not PSEUDO and "⟦" in page.text:
        yield "pseudo text"


def labelled(page: Page) -> Iterator[str]:
    """Every control has a label, every group a legend, every button and link words."""
    labels = {label.get("for"): words(label) for label in page.all("label")}
    for element, above in walk(page.tree):
        if element.tag in CONTROLS and element.get("type") not in ("hidden", "submit"):
            if not (labels.get(element.get("id")) or element.get("aria-label")):
                yield f"{element.tag} {element.get('name')!r} has no label"
            if element.get("type") == "radio" and not any(_has_legend(outer) for outer in above):
                yield f"radio {element.get('name')!r} stands in no fieldset with a legend"
        if element.tag in ("button", "a") and not (words(element) or element.get("aria-label")):
            yield f"an empty {element.tag}"
        in_form = element.get("form") or any(outer.tag == "form" for outer in above)
        if element.tag == "button" and not in_form:
            yield f"the button {words(element)!r} sends no form"


def _has_legend(element: Element) -> bool:
    return element.tag == "fieldset" and any(words(legend) for legend in element.iter("legend"))


def identified(page: Page) -> Iterator[str]:
    """Ids are unique, and whatever refers to an id finds it."""
    ids = Counter(element.get("id") for element in page.tree.iter() if element.get("id"))
    yield from (f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1)
    for element in page.tree.iter():
        for attribute in _REFERRING:
            for name in element.get(attribute, "").split():
                if name not in ids:
                    yield f"{attribute}={name!r} leads nowhere"


def own_addresses_only(page: Page) -> Iterator[str]:
    """Nothing is loaded from, or sent to, another host; links away are few and known."""
    for element in page.tree.iter():
        for attribute in ("src", "srcset", "href", "action", "formaction", "poster", "data", "background"):
            address = element.get(attribute)
            if address is None:
                continue
            parts = urlsplit(address)
            if element.tag == "a" and parts.scheme in ("tel", "mailto", "sms"):
                continue
            if element.tag == "a" and parts.scheme == "https" and parts.hostname in LINKED_HOSTS:
                continue
            if parts.scheme not in ("", "data") or parts.netloc:
                yield f"{element.tag} {attribute}={address!r} leads to another host"


def nothing_inline(page: Page) -> Iterator[str]:
    """No style attribute, no handler; inline style and script only with their hash in the policy."""
    policy = page.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"the content security policy is {policy!r}"
    for element in page.tree.iter():
        for attribute in element.attrib:
            if attribute == "style" or attribute.startswith("on"):
                yield f"{element.tag} has {attribute}="
        if element.tag in ("style", "script") and not element.get("src"):
            digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
            if digest not in policy:
                yield f"an inline {element.tag} that the policy does not allow"


def small_headers(page: Page) -> Iterator[str]:
    if page.header_bytes > MOST_HEADER_BYTES:
        yield f"the header block has {page.header_bytes} bytes; {MOST_HEADER_BYTES} are allowed"


def budget(endpoint: str | None, tag: str) -> int | None:
    """Bytes allowed for a later page: tests/budgets.json holds {"later": {ENDPOINT: {TAG: bytes}}}."""
    if not BUDGETS.is_file() or endpoint is None:
        return None
    every: dict[str, dict[str, dict[str, int]]] = json.loads(BUDGETS.read_text("utf-8"))
    return every.get("later", {}).get(endpoint, {}).get(tag)


def within_budget(page: Page) -> Iterator[str]:
    most = budget(page.endpoint, page.language.tag)
    first_visit = bool(page.all("style"))
    if most is not None and page.status == 200 and not first_visit and page.compressed_bytes > most:
        yield f"{page.compressed_bytes} bytes compressed; {most} are allowed"


def errors_lead_somewhere(page: Page) -> Iterator[str]:
    """Each link of the error summary leads to a control of the page, and the message stands there too."""
    messages = [
        words(element) for element in page.tree.iter("p") if "govuk-error-message" in classes(element)
    ]
    for text, address in page.errors.items():
        control = page.by_id(address.removeprefix("#"))
        if control is None or control.tag not in CONTROLS:
            yield f"the error {text!r} leads to {address!r}, which is no control"
        if not any(message.endswith(text) for message in messages):
            yield f"the error {text!r} does not stand at its field"


def no_leftovers(page: Page) -> Iterator[str]:
    for element, above in walk(page.tree):
        if element.tag in ("script", "style") or any(outer.tag in ("script", "style") for outer in above):
            continue
        for text in (element.text or "", element.tail or "", *(element.get(name, "") for name in _SPOKEN)):
            if _LEFTOVER.search(text):
                yield f"left over: {text.strip()[:80]!r}"


def translated(page: Page) -> Iterator[str]:
    """In the made-up language words stand in ⟦ and ⟧, are a name or code (`<bdi>`), or say their language."""
    if page.language is not PSEUDO:
        return
    for element, above in walk(page.tree):
        chain = (*above, element)
        if not _exempt(chain):
            yield from (f"untranslated: {leak!r}" for leak in _leaks(element))
        if above and not _exempt(above) and _leaks_in(element.tail or ""):
            yield f"untranslated: {(element.tail or '').strip()[:80]!r}"


def _exempt(chain: tuple[Any, ...]) -> bool:
    return any(
        element.tag in ("script", "style", "bdi") or (index and element.get("lang", PSEUDO.tag) != PSEUDO.tag)
        for index, element in enumerate(chain)
    )


def _leaks(element: Element) -> Iterator[str]:
    texts = [element.text or "", *(element.get(name, "") for name in _SPOKEN)]
    if element.tag == "input" and element.get("type") in ("submit", "button"):
        texts.append(element.get("value", ""))
    return (text.strip()[:80] for text in texts if _leaks_in(text))


def _leaks_in(text: str) -> bool:
    return bool(_LATIN.search(_BRACKETED.sub("", text).replace(SERVICE_NAME, "")))

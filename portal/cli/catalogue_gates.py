"""What must hold of the catalogues before they ship: `catalogues check`. Judges form, never whether words
are good."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from translate.filters import checks

from portal.cli import catalogues
from portal.cli.catalogues import ROOT, TRANSLATIONS, english, entries, forms
from portal.languages import Language
from portal.web import review

GLOSSARY: Final = ROOT / "docs" / "glossary.csv"
# Texts whose translations must never be the same: mixing them up harms somebody.
MUST_DIFFER: Final = (
    ("urgent", "emergency"),
    ("Call 999", "Call 111"),
    ("Cancel this appointment", "Keep this appointment"),
    ("Cancel", "Cancel this appointment"),
    ("within the expected range", "outside the expected range"),
    ("today", "tomorrow"),
    ("today", "yesterday"),
    ("Yes", "No"),
    ("Next", "Previous"),
    ("Sign in", "Sign out"),
)
MAY_STAY_ENGLISH: Final = frozenset({"%(day)s at %(time)s", "%(start)s to %(end)s"})
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)([sd])")
_LONE_PERCENT: Final = re.compile(r"%(?!\(\w+\)[sd]|%)")
_NUMBER: Final = re.compile(r"\d+")
_TAG: Final = re.compile(r"</?[a-z][^>]*>")
_MARKS: Final = frozenset("⟦⟧\u200b\ufeff\ufffd")


def problems(folder: Path = TRANSLATIONS) -> list[str]:
    """Every problem of the template and of every language on offer, one a line; empty when all gates pass."""
    template = catalogues.extracted()
    found = list(stale_template(template, catalogues.template_path(folder)))
    glossary = read_glossary()
    for language in catalogues.TRANSLATED:
        path = catalogues.catalogue_path(language.tag, folder)
        if not path.is_file():
            found.append(f"{language.tag}: no catalogue; run `make language TAG={language.tag}`")
            continue
        catalogue = catalogues.read(path, language)
        gates = _of_language(template, catalogue, language, path, glossary)
        found += [f"{language.tag}: {problem}" for problem in gates]
    return found


def _of_language(
    template: Catalog, catalogue: Catalog, language: Language, path: Path, glossary: list[dict[str, str]]
) -> Iterator[str]:
    yield from header(path.read_text("utf-8"), language)
    yield from same_texts(template, catalogue)
    if language.complete:
        yield from complete(catalogue)
    for message in entries(catalogue):
        yield from of_message(message, language)
    words = whole_texts(catalogue)
    yield from must_differ(words)
    yield from glossary_used(words, glossary, language.tag)
    yield from status_file(catalogue, path.parents[1] / "status.json")


def stale_template(template: Catalog, path: Path) -> Iterator[str]:
    """The template in the repository is the one the code gives now."""
    if not path.is_file() or path.read_bytes() != catalogues.written(template):
        yield "messages.pot is not current: run `python -m portal.cli.catalogues update`"


def header(text: str, language: Language) -> Iterator[str]:
    """The file says the language and our own plural rule, not Babel's guess."""
    start = text.split("\n\n", 1)[0].replace('"\n"', "")
    if f"Plural-Forms: {language.plural}\\n" not in start:
        yield "the plural header is not the one of portal/languages.py"
    if f"Language: {language.tag.replace('-', '_')}\\n" not in start:
        yield "the header names another language"


def same_texts(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """The catalogue has the template's messages, no more and no fewer."""
    wanted = {(message.context, message.id) for message in entries(template)}
    there = {(message.context, message.id) for message in entries(catalogue)}
    for context, text in sorted(wanted ^ there, key=str):
        what = "is missing" if (context, text) in wanted else "is no longer in the code"
        yield f"{text!r} {what}: run `python -m portal.cli.catalogues update`"


def complete(catalogue: Catalog) -> Iterator[str]:
    """A language on offer has no empty and no fuzzy entry. Complete does not mean good."""
    for message in entries(catalogue):
        if not all(forms(message)):
            yield f"{english(message)!r} is not translated"
        if message.fuzzy:
            yield f"{english(message)!r} is marked fuzzy"


def of_message(message: Message, language: Language) -> Iterator[str]:
    """All gates of one translation; an empty one is `complete`'s business."""
    text = english(message)
    translations = forms(message)
    if not all(translations):
        return
    wanted = _count(language) if isinstance(message.id, (tuple, list)) else 1
    if len(translations) != wanted:
        yield f"{text!r} has {len(translations)} forms; the language has {wanted}"
    for translation in translations:
        for problem in (*_placeholders(message, translation), *_shape(text, translation)):
            yield f"{text!r}: {problem}"


def _count(language: Language) -> int:
    return int(language.plural.partition(";")[0].partition("=")[2])


def _placeholders(message: Message, translation: str) -> Iterator[str]:
    """Every value of the English stands in the translation; only the number itself may be said in a word."""
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    wanted = {match.groups() for text in ids for match in _PLACEHOLDER.finditer(text)}
    there = {match.groups() for match in _PLACEHOLDER.finditer(translation)}
    optional = {("num", "d")} if len(ids) > 1 else set()
    if there - wanted or wanted - there - optional:
        yield f"the values differ: {sorted(wanted ^ there)}"
    if wanted and _LONE_PERCENT.search(translation):
        yield "a lone % sign"


def _shape(text: str, translation: str) -> Iterator[str]:
    """Numbers, tags and edges are those of the English, and the words are not."""
    plain, strange = _PLACEHOLDER.sub("", text), _PLACEHOLDER.sub("", translation)
    if sorted(_NUMBER.findall(plain)) != sorted(_NUMBER.findall(strange)):
        yield f"the numbers differ: {translation!r}"
    if text not in MAY_STAY_ENGLISH and _unchanged(plain, strange):
        yield f"unchanged: {translation!r}"
    if sorted(_TAG.findall(text)) != sorted(_TAG.findall(translation)):
        yield "the tags differ"
    if translation != translation.strip() or "  " in translation:
        yield "spaces at the ends, or two together"
    if _MARKS & set(translation):
        yield "a sign that no reader needs"


def _unchanged(text: str, translation: str) -> bool:
    """Whether it is English still, as Translate Toolkit judges it."""
    checker: Any = checks.StandardChecker()
    try:
        return not checker.unchanged(text, translation)
    except checks.FilterFailure:
        return True


def whole_texts(catalogue: Catalog) -> dict[str, set[str]]:
    """Translations of texts without plural, by their English in lower case, whatever the context."""
    words: dict[str, set[str]] = {}
    for message in entries(catalogue):
        if isinstance(message.id, str) and all(forms(message)):
            words.setdefault(message.id.casefold(), set()).add(forms(message)[0])
    return words


def must_differ(words: Mapping[str, set[str]]) -> Iterator[str]:
    """Pairs that must not be mixed up."""
    for one, other in MUST_DIFFER:
        for same in words.get(one.casefold(), set()) & words.get(other.casefold(), set()):
            yield f"{one!r} and {other!r} are both {same!r}"


def read_glossary(path: Path = GLOSSARY) -> list[dict[str, str]]:
    """Rows of docs/glossary.csv: term_id, term_en, context and one column a language."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def glossary_used(
    words: Mapping[str, set[str]], rows: Iterable[Mapping[str, str]], tag: str
) -> Iterator[str]:
    """A text that is a glossary term has the glossary's translation in at least one of its contexts.

    Inside sentences terms bend (Welsh mutates, Urdu has cases), so only whole texts are held to it.
    """
    for row in rows:
        used = words.get(row["term_en"].casefold())
        wanted = row.get(tag, "")
        if used and wanted and wanted.casefold() not in {word.casefold() for word in used}:
            yield f"{row['term_en']!r} is {sorted(used)}; the glossary says {wanted!r}"


def status_file(catalogue: Catalog, path: Path) -> Iterator[str]:
    """Every translation has its status, and all are `machine`: nobody outside has signed yet (S44, S45)."""
    if not path.is_file():
        yield "status.json is missing: run `python -m portal.cli.catalogues update`"
        return
    if catalogues.status(catalogue, path) != path.read_bytes():
        yield "status.json is not current: run `python -m portal.cli.catalogues update`"
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    rows = list(kept["entries"].values())
    if set(kept) != {"entries"} or any(set(row) != {"status", "text"} for row in rows):
        yield "status.json holds more than status and fingerprint: it may name no reviewer"
    if {row.get("status") for row in rows} - {review.MACHINE}:
        yield "status.json says that a person has checked a translation: nobody has"

"""The translation catalogues: extract, update, compile, check, init, pseudo. Must translate nothing itself.

python -m portal.cli.catalogues update        after any change of words: template, catalogues, status files
python -m portal.cli.catalogues update pl     the same for one language, made if it is new (`make language
TAG=pl`) python -m portal.cli.catalogues check         all gates (catalogue_gates.py)
"""

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages import extract as extraction
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from portal.languages import BY_TAG, ENGLISH, PSEUDO, Language
from portal.web import review

ROOT: Final = Path(__file__).parents[2]
TRANSLATIONS: Final = ROOT / "translations"
PSEUDO_FOLDER: Final = ROOT / ".cache" / "pseudo"
TRANSLATED: Final = tuple(language for language in BY_TAG.values() if language is not ENGLISH)
WIDTH: Final = 100

# How the code marks words, beside Babel's own list. `1c`: the first argument is the context.
KEYWORDS: Final[dict[str, Any]] = dict(extraction.DEFAULT_KEYWORDS) | {
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "_lp": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "lazy_npgettext": ((1, "c"), 2, 3),
    "safety": ((1, "c"), 2),
    "safety_inline": ((1, "c"), 2),
}
COMMENT_TAGS: Final = ("TRANSLATORS:",)
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%%")
_DROPPED: Final = tuple(
    f'"{name}:'
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By")
)
_HEADER: Final = """\
# Translations of Porth.
# Every entry's status stands in status.json beside this file's folder. None has been checked by a person.
"""


def template_path(folder: Path = TRANSLATIONS) -> Path:
    return folder / "messages.pot"


def catalogue_path(tag: str, folder: Path = TRANSLATIONS) -> Path:
    return folder / tag / "LC_MESSAGES" / "messages.po"


def status_path(tag: str, folder: Path = TRANSLATIONS) -> Path:
    return folder / tag / "status.json"


def extracted(root: Path = ROOT) -> Catalog:
    """Every marked text of the code and the templates, with files but no lines: those change too often."""
    with (root / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    found = Catalog(project="Porth", charset="utf-8", header_comment=_HEADER, fuzzy=False)
    for part in ("portal", "templates"):
        for name, _, text, comments, context in sorted(
            extraction.extract_from_dir(
                root / part,
                [(pattern.removeprefix(f"{part}/"), method) for pattern, method in methods],
                {pattern.removeprefix(f"{part}/"): option for pattern, option in options.items()},
                keywords=KEYWORDS,
                comment_tags=COMMENT_TAGS,
                strip_comment_tags=True,
            ),
            key=lambda row: (row[0], row[1]),
        ):
            found.add(text, None, [(f"{part}/{name}", 1)], auto_comments=comments, context=context)
    return found


def read(path: Path, language: Language | None = None) -> Catalog:
    """A catalogue or template. The plural rule is the language's own, never Babel's guess."""
    with path.open("rb") as file:
        return with_own_plurals(
            read_po(file, locale=None if language is None else _locale(language)), language
        )


def with_own_plurals(catalogue: Catalog, language: Language | None) -> Catalog:
    """Babel's plural headers are wrong for cy, ar, fa, tr, bn, pa and gu: ours stand in languages.py."""
    if language is not None:
        count, _, rule = language.plural.partition(";")
        plurals: Any = int(count.partition("=")[2])
        catalogue._num_plurals = plurals
        expression: Any = rule.strip().removeprefix("plural=").rstrip(";")
        catalogue._plural_expr = expression
    return catalogue


def _locale(language: Language) -> str:
    return language.tag.replace("-", "_")


def written(catalogue: Catalog) -> bytes:
    """As it stands in the file: sorted, without dates and line numbers; only words make a difference."""
    output = BytesIO()
    write_po(
        output,
        catalogue,
        width=WIDTH,
        sort_output=True,
        include_lineno=False,
        omit_header=False,
        ignore_obsolete=True,
    )
    lines = output.getvalue().decode().split("\n")
    return "\n".join(line for line in lines if not line.startswith(_DROPPED)).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)
        print(f"written: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")


def extract(folder: Path = TRANSLATIONS) -> Catalog:
    """Write translations/messages.pot anew."""
    template = extracted()
    _write(template_path(folder), written(template))
    return template


def update(languages: Iterable[Language] = TRANSLATED, folder: Path = TRANSLATIONS) -> None:
    """Bring template, catalogues and status files up to the code. New texts come in empty; nothing is
    guessed."""
    template = extract(folder)
    for language in languages:
        path = catalogue_path(language.tag, folder)
        catalogue = read(path, language) if path.is_file() else _empty(language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=True)
        catalogue.obsolete.clear()
        _write(path, written(with_own_plurals(catalogue, language)))
        _write(status_path(language.tag, folder), status(catalogue, status_path(language.tag, folder)))


def _empty(language: Language) -> Catalog:
    return with_own_plurals(Catalog(locale=_locale(language), project="Porth", fuzzy=False), language)


def forms(message: Message) -> tuple[str, ...]:
    """All plural forms of a translation, or its one text; empty strings where none is."""
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def english(message: Message) -> str:
    """The English of a message, in the singular: what its key is made of."""
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def entries(catalogue: Catalog) -> list[Message]:
    """Its messages without the header."""
    return [message for message in catalogue if message.id]


def status(catalogue: Catalog, path: Path) -> bytes:
    """The status file of a catalogue: what is there stays while the words stay, all else is `machine`
    (S44)."""
    known: dict[str, dict[str, str]] = {}
    if path.is_file():
        known = json.loads(path.read_text("utf-8"))["entries"]
    now: dict[str, dict[str, str]] = {}
    for message in entries(catalogue):
        if all(forms(message)):
            name = review.key(message.context, english(message))
            words = review.fingerprint(*forms(message))
            kept = known.get(name, {})
            same = kept.get("text") == words
            now[name] = {"status": kept["status"] if same else review.MACHINE, "text": words}
    rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(now[name])}" for name in sorted(now))
    return ('{\n  "entries": {\n' + rows + ("\n" if rows else "") + "  }\n}\n").encode()


def compile_all(folder: Path = TRANSLATIONS) -> None:
    """Write messages.mo beside each catalogue, where it is older."""
    for language in TRANSLATED:
        path = catalogue_path(language.tag, folder)
        target = path.with_suffix(".mo")
        if path.is_file() and (not target.is_file() or target.stat().st_mtime_ns <= path.stat().st_mtime_ns):
            _compile(read(path, language), target)


def _compile(catalogue: Catalog, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        write_mo(file, catalogue)
    part.replace(target)


def pseudo(folder: Path = PSEUDO_FOLDER) -> Path:
    """Compile the made-up language of the tests: every text longer, accented, between ⟦ and ⟧. Gives the
    folder."""
    catalogue = _empty(PSEUDO)
    for message in entries(extracted()):
        texts = tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)
        strange = tuple(pseudo_text(text) for text in texts)
        catalogue.add(message.id, strange if len(texts) > 1 else strange[0], context=message.context)
    _compile(catalogue, catalogue_path(PSEUDO.tag, folder).with_suffix(".mo"))
    return folder


def pseudo_text(text: str) -> str:
    """`Call %(phone)s` as `⟦Ĉâll·⟧%(phone)s`: values stay outside, so that an English value is seen to
    leak."""
    result, last = [], 0
    for match in _PLACEHOLDER.finditer(text):
        result += [_strange(text[last : match.start()]), match[0]]
        last = match.end()
    return "".join([*result, _strange(text[last:])])


def _strange(words: str) -> str:
    if not words:
        return ""
    accented = "".join(
        unicodedata.normalize("NFC", letter + "\u0302") if letter in "aeiouAEIOUcghjswyzCGHJSWYZ" else letter
        for letter in words
    )
    return f"⟦{accented}{'·' * round(len(words) * 0.4)}⟧"


def _known(tag: str) -> Language:
    language = BY_TAG.get(tag)
    if language is None or language is ENGLISH:
        sys.exit(f"There is no language {tag!r} to translate to. Add its line to portal/languages.py first.")
    return language


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is 1 when a gate fails."""
    match arguments:
        case ["extract"]:
            extract()
        case ["update"]:
            update()
        case ["update" | "init", tag]:
            update([_known(tag)])
        case ["compile"]:
            compile_all()
        case ["pseudo"]:
            print(pseudo())
        case ["check"]:
            return _check()
        case _:
            print(__doc__)
            return 2
    return 0


def _check() -> int:
    from portal.cli import catalogue_gates  # its libraries are installed for development only

    gates: Callable[[], list[str]] = catalogue_gates.problems
    found = gates()
    for problem in found[:200]:
        print(problem)
    print(f"catalogues: {len(found)} problems" if found else "catalogues: all gates passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

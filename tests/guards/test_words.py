"""The English of the portal is plain: every marked text, alone and a page at a time. Judges no translation.

Reading age 9 to 11, as NHS content asks for: Flesch-Kincaid grade (reading.py).
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import pytest

from portal.cli import catalogues
from tests.guards.reading import grade

PAGE_GRADE, PARAGRAPH_GRADE = 6, 8
SHORT = 8  # words; a grade says nothing of texts as short as this or shorter
LONGEST_SENTENCE, LONGEST_HEADING = 25, 65
LEGAL = "legal:"  # model wording that the law fixes
TITLES = ("page heading", "safety: heading")

FORBIDDEN = (
    "please", "simply", "utilise", "in order to", "prior to", "commence", "facilitate", "attend", "DNA",
    "non-compliant", "non-compliance", "drugs?", "normal", "abnormal", "click here", "invalid", "valid",
    "e\\.g\\.", "i\\.e\\.", "etc", "FAQs?", "passed away", "whilst", "upon", "regarding", "via", "per",
    "proxy", "delegate", "grant(?:ed)?", "scope", "revoke[ds]?",
)  # fmt: skip
_FORBIDDEN = re.compile(rf"(?<![\w-])(?:{'|'.join(FORBIDDEN)})(?![\w-])", re.IGNORECASE)
_SHORTENED = re.compile(r"\b(?:can|don|won|isn|aren|doesn|didn|couldn|shouldn|wasn|weren|haven|hasn)[’']t\b")
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
_LETTERS = {"WCAG", "ECNI", "EHRC", "EASS", "FHIR", "DAPB"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
_SENTENCE_END = re.compile(r"(?<=[.?!:])\s+")


@dataclass(frozen=True)
class Text:
    context: str
    words: str
    files: tuple[str, ...]

    @property
    def spoken(self) -> str:
        """As it is read: a number where a value comes."""
        return _PLACEHOLDER.sub("5", self.words)

    @property
    def legal(self) -> bool:
        return self.context.startswith(LEGAL)


@cache
def texts() -> tuple[Text, ...]:
    found = []
    for message in catalogues.entries(catalogues.extracted()):
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        files = tuple(sorted({file for file, _ in message.locations}))
        found += [Text(message.context or "", words, files) for words in ids]
    return tuple(found)


def complaints(text: Text) -> list[str]:
    """What is not plain in one text."""
    found = [f"the word {match[0]!r}" for match in _FORBIDDEN.finditer(text.words)]
    found += [f"{match[0]!r}: write it out" for match in _SHORTENED.finditer(text.words)]
    found += [f"{word!r} in capitals" for word in _CAPITALS.findall(text.words) if word not in _LETTERS]
    if text.words != text.words.strip() or "  " in text.words:
        found.append("spaces at the ends, or two together")
    for sentence in _SENTENCE_END.split(text.spoken):
        if len(sentence.split()) > LONGEST_SENTENCE:
            found.append(f"a sentence of {len(sentence.split())} words")
    if len(text.spoken.split()) > SHORT and grade(text.spoken) > PARAGRAPH_GRADE:
        found.append(f"grade {grade(text.spoken):.1f}")
    if text.context.startswith(TITLES) and len(text.spoken) > LONGEST_HEADING:
        found.append(f"a heading of {len(text.spoken)} characters")
    if text.context.startswith("button") and len(_SENTENCE_END.split(text.spoken)) > 1:
        found.append("two sentences in a button")
    return found


def test_every_text_is_plain() -> None:
    found = [
        f"{', '.join(text.files)}: {text.words!r}: {complaint}"
        for text in texts()
        if not text.legal
        for complaint in complaints(text)
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_page_is_plain() -> None:
    pages: dict[str, list[str]] = defaultdict(list)
    for text in texts():
        for file in text.files:
            if not text.legal:
                pages[file].append(text.spoken.rstrip(".:?!") + ".")
    too_hard = {
        file: round(grade(" ".join(sentences)), 1)
        for file, sentences in pages.items()
        if len(" ".join(sentences).split()) >= 30 and grade(" ".join(sentences)) > PAGE_GRADE
    }
    assert not too_hard


@pytest.mark.parametrize(
    "hard",
    [
        "Please try again",
        "Click here to go on",
        "You can't do this",
        "STOP now",
        "Two  spaces",
        "Ends with a space ",
        "One " * 26,
        "Practitioners necessitate comprehensive documentation of all administrative considerations first",
        "Attend your appointment, e.g. today",
    ],
)
def test_the_gate_sees_what_is_not_plain(hard: str) -> None:
    assert complaints(Text("", hard, ()))


def test_the_gate_lets_plain_words_pass() -> None:
    assert not complaints(Text("", "Call us if you cannot come. We will give your time to someone else.", ()))
    assert complaints(Text("page heading", "A heading " * 7, ()))
    assert complaints(Text("button", "Send it. Then wait.", ()))

"""What people type, made fit to keep: one normal form, no control characters. Must not judge it."""

import re
import unicodedata
from typing import Final

# Control characters but tab and line feed; NUL is told apart. Embeddings, overrides and isolates would let a
# text change the direction of what follows it; joiners and marks that scripts need are kept.
_CONTROLS: Final = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
UNREADABLE: Final = re.compile("[\x00\ud800-\udfff]")


class Unreadable(ValueError):
    """A text with NUL or half a character, which no database takes."""


def clean(text: str, *, lines: bool = False) -> str:
    """The text as we keep it: NFC, no control or bidi control characters, no space at the ends.

    `lines` keeps line feeds and tabs; else they become spaces. Raises Unreadable.
    """
    if UNREADABLE.search(text):
        raise Unreadable
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _BIDI.sub("", _CONTROLS.sub("", text)))
    return (text if lines else text.replace("\n", " ").replace("\t", " ")).strip()


def western_digits(text: str) -> str:
    """Digits of any script as 0 to 9, format characters dropped: how numbers and dates are read."""
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text
        if unicodedata.category(sign) != "Cf"
    )


def date_part(text: str) -> str:
    """A day, month or year as it is kept to be shown again: at most 20 characters, in Western digits."""
    return western_digits(clean(UNREADABLE.sub("", text)))[:20]


def small_number(text: str) -> int | None:
    """A whole number of at most four Western digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None

"""How hard a text is to read: the Flesch-Kincaid grade, as textstat 0.7.4 counts it. Judges no words.

Own code because textstat 0.7.4 needs a setuptools that still has pkg_resources, and later ones reach for
the network.
"""

import re
from functools import cache

from pyphen import Pyphen

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9’'-]*")
_END = re.compile(r"[.!?](?:\s|$)")


@cache
def _hyphens() -> Pyphen:
    return Pyphen(lang="en_US")


@cache
def syllables(word: str) -> int:
    """Syllables of one word, by hyphenation; at least one."""
    return int(_hyphens().inserted(word.lower()).count("-")) + 1


def grade(text: str) -> float:
    """0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid and others, 1975).

    A sentence of one or two words counts with its neighbour.
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, sum(len(_WORD.findall(part)) > 2 for part in _END.split(text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59

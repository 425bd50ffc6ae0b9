"""Short facts in a row, parted as each language parts them. Must not put sentences together."""

import re
from functools import lru_cache
from typing import Final

from flask import Flask
from markupsafe import Markup, escape

from portal.web.words import pgettext

_TWO: Final = re.compile(r"%\(first\)s([^%]*)%\(second\)s")


def joined(*facts: object) -> Markup:
    """`Nurse, In person, 10 minutes`; empty facts are left out."""
    present = [fact if type(fact) is Markup else escape(str(fact)) for fact in facts if fact]
    if len(present) < 2:
        return present[0] if present else Markup()
    pattern = pgettext("two short facts in a row", "%(first)s, %(second)s")
    between = _between(pattern)
    if between is not None:
        return between.join(present)
    line = present[0]
    for fact in present[1:]:
        line = escape(pattern) % {"first": line, "second": fact}
    return line


@lru_cache(maxsize=64)
def _between(pattern: str) -> Markup | None:
    """What a language puts between two facts; None where it does more than that."""
    found = _TWO.fullmatch(pattern)
    return None if found is None else escape(found[1])


def install(app: Flask) -> None:
    """Give templates the global `joined`."""
    app.jinja_env.globals["joined"] = joined

"""Short facts in a row, parted as each language parts them. Must not put sentences together."""

from flask import Flask
from markupsafe import Markup, escape

from portal.web.words import pgettext


def joined(*facts: object) -> Markup:
    """`Nurse, In person, 10 minutes`; empty facts are left out."""
    present = [fact if isinstance(fact, Markup) else escape(str(fact)) for fact in facts if fact]
    line = present[0] if present else Markup()
    for fact in present[1:]:
        line = escape(pgettext("two short facts in a row", "%(first)s, %(second)s")) % {
            "first": line,
            "second": fact,
        }
    return line


def install(app: Flask) -> None:
    """Give templates the global `joined`."""
    app.jinja_env.globals["joined"] = joined

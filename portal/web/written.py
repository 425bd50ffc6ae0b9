"""How a value is written into a page. Must know no page."""

from collections.abc import Callable
from typing import Any, Final

import markupsafe
from markupsafe import Markup, escape

_quickly: Final[Callable[[str], str]] = getattr(markupsafe, "_escape_inner", escape)  # not promised: its own
as_markup: Final = str.__new__
"""`as_markup(Markup, text)`: Markup of a string that is one, without asking whether it is anything else."""


def put(value: Any) -> str:
    """What stands in the page for a value: as `escape`, without making Markup of it.

    Only for what is joined to the page at once: the answer does not say that it is escaped.
    """
    kind = type(value)
    if kind is Markup:
        return value
    if kind is str:
        return _quickly(value)
    html = getattr(value, "__html__", None)
    return escape(value) if html is None else html()


def html_of(form: str, *values: object) -> Markup:
    """A text in its form with the values in it, escaped. The form's `%s` are as many as the values."""
    return as_markup(Markup, form % tuple([put(value) for value in values]))

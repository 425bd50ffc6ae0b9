"""The words of this request, found at one look: `gettext`, `ngettext`, `pgettext` and their lazy forms.

For views, forms and presenters; templates have theirs (compiled.py). Must translate nothing itself: it asks
Flask-Babel's domain, without Flask-Babel's four looks at the context for each text.
"""

from typing import Any, Final

from flask import current_app
from flask_babel import get_domain
from flask_babel.speaklater import LazyString

CATALOGUES: Final = "porth-catalogues"
_application = current_app._get_current_object  # type: ignore[attr-defined]


def domain() -> Any:
    """The catalogues of this application; outside one, texts stay as they are."""
    try:
        return _application().extensions[CATALOGUES]
    except (RuntimeError, KeyError):
        return get_domain()


def gettext(text: str, /, **values: Any) -> str:
    found: str = domain().gettext(text, **values)
    return found


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """`%(num)d` is the number."""
    found: str = domain().ngettext(one, many, number, **values)
    return found


def pgettext(context: str, text: str, /, **values: Any) -> str:
    found: str = domain().pgettext(context, text, **values)
    return found


class _Lazy(LazyString):  # type: ignore[misc]
    """A text in the language of whoever reads it. It is never Markup, and need not be read to say so."""

    def __getattr__(self, name: str) -> Any:
        if name == "__html__":
            raise AttributeError(name)
        return super().__getattr__(name)


def lazy_gettext(text: str, /, **values: Any) -> LazyString:
    return _Lazy(gettext, text, **values)


def lazy_ngettext(one: str, many: str, number: int, /, **values: Any) -> LazyString:
    return _Lazy(ngettext, one, many, number, **values)


def lazy_pgettext(context: str, text: str, /, **values: Any) -> LazyString:
    return _Lazy(pgettext, context, text, **values)

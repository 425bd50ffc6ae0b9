"""The words of this request, found at one look: `gettext`, `ngettext`, `pgettext` and their lazy forms.

For views, forms and presenters; templates have theirs (compiled.py). Must translate nothing itself: it asks
Flask-Babel's domain, without Flask-Babel's four looks at the context for each text.
"""

from typing import Any, cast

from flask import current_app
from flask_babel import Domain
from flask_babel.speaklater import LazyString

_application = current_app._get_current_object  # type: ignore[attr-defined]


def domain() -> Domain:
    """The catalogues of this application; outside one, texts stay as they are."""
    try:
        return cast(Domain, _application().extensions["babel"].instance.domain_instance)
    except RuntimeError:
        return Domain()


def gettext(text: str, /, **values: Any) -> str:
    return str(domain().gettext(text, **values))


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """`%(num)d` is the number."""
    return str(domain().ngettext(one, many, number, **values))


def pgettext(context: str, text: str, /, **values: Any) -> str:
    return str(domain().pgettext(context, text, **values))


class _Lazy(LazyString):  # type: ignore[misc]
    """A text that is in the language of whoever reads it. It never is Markup, and need not be read to say so."""

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

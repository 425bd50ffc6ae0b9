"""The words of this request, found quickly: Flask-Babel asks for the language at each. Translates nothing."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask
from flask_babel import Domain
from markupsafe import Markup

from portal.web.locale import language
from portal.web.words import CATALOGUES

_MOST_PLAIN: Final = 20_000  # more than there are messages: no template can fill the memory


class Catalogues(Domain):  # type: ignore[misc]
    """Flask-Babel's domain with one look-up by language. Outside a request it is Flask-Babel's own."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain=domain)
        self._by_tag: dict[str, Any] = {}

    def get_translations(self) -> Any:
        tag = language().tag
        found = self._by_tag.get(tag)
        if found is None:
            found = super().get_translations()
            if type(found).__name__ == "Translations":  # not the empty one of outside a request
                self._by_tag[tag] = found
        return found


def install(app: Flask) -> None:
    """Install after Babel: put the quick look-up under Flask-Babel's functions and Jinja's."""
    babel = app.extensions["babel"]
    catalogues = Catalogues(babel.default_domain)
    babel.instance.domain_instance = app.extensions[CATALOGUES] = catalogues
    environment = app.jinja_env
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: catalogues.get_translations().ugettext(text),
        ngettext=lambda one, many, number: catalogues.get_translations().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, text: catalogues.get_translations().upgettext(context, text),
        npgettext=lambda context, one, many, number: catalogues.get_translations().unpgettext(
            context, one, many, number
        ),
    )
    words = _Words(catalogues)
    environment.globals.update(_=words.gettext, gettext=words.gettext, pgettext=words.pgettext)
    environment.extend(form_of_words=words.form)  # for compiled.py


class _Words:
    """`_` and `pgettext` of templates, as Jinja's newstyle ones: Markup, always formatted, values escaped."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        self._plain: dict[tuple[str, str | None, str], Markup] = {}

    def gettext(self, text: str, /, **values: Any) -> Markup:
        return self._said(None, text, values, lambda found: str(found.ugettext(text)))

    def pgettext(self, context: str, text: str, /, **values: Any) -> Markup:
        return self._said(context, text, values, lambda found: str(found.upgettext(context, text)))

    def form(self, *words: str) -> Markup:
        """A text, or a context and a text, not yet filled in: `form % values` escapes the values."""
        found = self._catalogues.get_translations()
        return Markup(found.upgettext(*words) if len(words) == 2 else found.ugettext(*words))  # noqa: S704

    def _said(
        self, context: str | None, text: str, values: dict[str, Any], look_up: Callable[[Any], str]
    ) -> Markup:
        key = (language().tag, context, text)
        if not values and (kept := self._plain.get(key)) is not None:
            return kept
        said = Markup(look_up(self._catalogues.get_translations())) % values  # noqa: S704 - our own catalogues
        if not values and len(self._plain) < _MOST_PLAIN:
            self._plain[key] = said
        return said

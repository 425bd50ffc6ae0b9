"""GOV.UK components by their official macros, each shape of a call rendered once; must keep no text.

The first call of a shape renders the official macro (govuk-frontend-jinja) with a mark in place of every
text. Later calls of that shape only escape their texts and put them in.
See docs/adr/0010-components-rendered-once-per-shape.md.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

from portal.web.component_shapes import Filler, Key, Params, collapse, filler, shape_of, skeleton
from portal.web.component_sites import CallSite
from portal.web.words import lazy_gettext as _l
from portal.web.words import lazy_pgettext as _lp

_PACKAGE: Final = "govuk_frontend_jinja"

# Those whose shapes are known to give the official markup (tests/unit/web/test_components.py, from upstream's
# examples). Not here, because their macros compare or rewrite texts: character-count, service-navigation.
KNOWN: Final = frozenset(
    (
        *("back-link", "button", "checkboxes", "date-input", "details", "error-message", "error-summary"),
        *("fieldset", "hint", "input", "inset-text", "label", "notification-banner", "pagination", "panel"),
        *("phase-banner", "radios", "select", "skip-link", "summary-list", "table", "tag", "textarea"),
        "warning-text",
    )
)

# What a call in a template may leave open and still be a form with holes: texts, and classes.
_OPEN_IN_CALLS: Final = frozenset({"text", "html", "href", "id", "classes", "titleText"})

# English that stands in the macros themselves: by component, the key of the call and our words instead.
_ERROR: Final = _lp("before an error message", "Error")
_OWN_WORDS: Final[dict[str, tuple[tuple[str, object], ...]]] = {
    "back-link": (("text", _lp("link to the page before", "Back")),),
    "error-message": (("visuallyHiddenText", _ERROR),),
    "error-summary": (("titleText", _l("There is a problem")),),
    "notification-banner": (("titleText", _lp("title of a notice", "Important")),),
    "pagination": (("landmarkLabel", _lp("name of the links to other pages of a list", "Pages")),),
    "skip-link": (("text", _l("Skip to main content")), ("href", "#main")),
    "warning-text": (("iconFallbackText", _lp("before a warning", "Warning")),),
}
_SUCCESS: Final = _lp("title of a notice", "Success")
_ARROWS: Final = (
    ("previous", _lp("link to the page before in a list", "Previous")),
    ("next", _lp("link to the page after in a list", "Next")),
)


class Components:
    """The global `component` of the templates: `component("button", text=_("Continue"))`.

    A plain string is escaped whatever its key, `html` included; Markup passes as it is. (The official macros
    pass any string of an `html` key unescaped.) White space of the macros is collapsed, that of texts is not.
    """

    def __init__(self, *, shapes: int = 2048) -> None:
        """Keep at most `shapes` shapes; the oldest goes first."""
        self._limit = shapes
        self._shapes: dict[Key, Filler] = {}
        self._lock = Lock()
        self._macros: dict[str, Callable[[Params], str]] = {}
        self._environment = Environment(
            autoescape=True,
            loader=PrefixLoader({_PACKAGE: PackageLoader(_PACKAGE)}),
            lstrip_blocks=True,
            trim_blocks=True,
            undefined=ChainableUndefined,  # the official macros read absent keys
        )

    def __call__(self, name: str, /, **params: Any) -> Markup:
        return self.render(name, params)

    def render(self, name: str, params: Params) -> Markup:
        """The component `name`, as GOV.UK Frontend spells its folder. Raises LookupError if not in KNOWN."""
        if name not in KNOWN:
            raise LookupError(f"no component {name!r}")
        params = with_checks(name, with_own_words(name, params))
        key, texts = shape_of(name, params)
        fill = self._shapes.get(key) or self._keep(key, filler(collapse(self.plain(name, skeleton(params)))))
        return fill(texts)

    def site(self, name: str, known: Params, names: tuple[str, ...]) -> CallSite | None:
        """A call that stands in a template: `known` is what the template fixes, `names` are open.

        None for a call of which the open values could change more than texts and classes.
        """
        if name not in KNOWN or set(names) - _OPEN_IN_CALLS:
            return None
        return CallSite(self.render, name, known, names)

    def make_ready(self) -> None:
        """Load every official macro now."""
        for name in sorted(KNOWN):
            self._macro(name)

    def plain(self, name: str, params: Params) -> Markup:
        """The official macro and nothing else: slow; for first calls and comparisons."""
        return Markup(self._macro(name)(params))  # noqa: S704 - the macro escapes its texts

    def kept(self) -> dict[Key, Filler]:
        """A copy of what is in memory now, for tests that look for texts in it."""
        return dict(self._shapes)

    def _keep(self, key: Key, fill: Filler) -> Filler:
        with self._lock:
            while len(self._shapes) >= self._limit:
                del self._shapes[next(iter(self._shapes))]
            self._shapes[key] = fill
        return fill

    def _macro(self, name: str) -> Callable[[Params], str]:
        """`govukErrorSummary` of `error-summary`."""
        macro = self._macros.get(name)
        if macro is None:
            module = self._environment.get_template(f"{_PACKAGE}/components/{name}/macro.html").module
            macro = self._macros[name] = getattr(module, "govuk" + name.title().replace("-", ""))
        return macro


def with_own_words(name: str, params: Params) -> Params:
    """The call with our translated words where the macro would speak English by itself."""
    if name not in _OWN_WORDS and "errorMessage" not in params:
        return params
    missing = {key: words for key, words in _OWN_WORDS.get(name, ()) if not _given(params, key)}
    error = params.get("errorMessage")
    if error and "visuallyHiddenText" not in error:
        missing["errorMessage"] = {**error, "visuallyHiddenText": _ERROR}
    if name == "notification-banner" and params.get("type") == "success" and "titleText" in missing:
        missing["titleText"] = _SUCCESS
    if name == "pagination":
        missing |= {
            key: {**params[key], "text": words}
            for key, words in _ARROWS
            if params.get(key) and not (params[key].get("text") or params[key].get("html"))
        }
    return {**params, **missing} if missing else params


_AS_HTML: Final = {"text": "html", "titleText": "titleHtml"}


def _given(params: Params, key: str) -> bool:
    """Whether the call brings its own words, as text (an empty one asks for none) or as html."""
    return key in params or bool(params.get(_AS_HTML.get(key, "")))


def with_checks(name: str, params: Params) -> Params:
    """The call with `checked` or `selected` instead of a value to compare, which could be personal.

    The comparisons are those of the official macros of radios, checkboxes and select.
    """
    wanted: Any = params.get("values" if name == "checkboxes" else "value")
    match name:
        case "radios" if wanted:
            return _marked(params, "value", "checked", lambda item: item.get("value") == wanted)
        case "checkboxes" if wanted:
            return _marked(params, "values", "checked", lambda item: item.get("value") in wanted)
        case "select" if wanted:
            return _marked(params, "value", "selected", lambda item: _effective(item) == wanted)
    return params


def _effective(item: Params) -> object:
    """An option without a value is known by its text."""
    return item.get("value", item.get("text"))


def _marked(params: Params, key: str, mark: str, chosen: Callable[[Params], bool]) -> Params:
    """A copy of the call without `key`, each item saying by `mark` whether it is chosen."""
    items = [
        item and {**item, mark: bool(item.get(mark) or (item.get(mark) is not False and chosen(item)))}
        for item in params.get("items") or ()
    ]
    return {**{field: value for field, value in params.items() if field != key}, "items": items}

"""What every template can use: language, words, components, safety texts. Must hold no words of a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_translations
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup, escape

from portal.domain.emergency import UrgentHelp, urgent_help
from portal.languages import BY_TAG, ENGLISH, OFFERED, WELSH, Language
from portal.web import assets as built
from portal.web import catalogue, dates, facts, forms, review
from portal.web.assets import Assets, PageAssets
from portal.web.compiled import Templates
from portal.web.components import Components
from portal.web.cookies import cookie
from portal.web.locale import language
from portal.web.services import session_or_none, settings
from portal.web.urls import is_plain, same_page_in

SERVICE_NAME = "Porth"  # a name: the same in every language
_EXTENSION = "porth-templating"
_COMPONENTS = Components()  # knows shapes only, so applications of one process may share it
_REST = "\ue000"  # a private use character: no address holds one
_request: Any = request._get_current_object  # type: ignore[attr-defined]
_here = g._get_current_object  # asked several times a page: no proxy
_BUILD = Path(__file__).parents[2] / "static" / "build"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    assets: Assets
    reviews: dict[str, review.Reviews]
    switchers: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedLanguage:
    """One entry of the language switcher: this very page in another language."""

    tag: str
    own_name: str
    direction: str
    url: str


class _Template(Template):
    """A template whose macros are imported without comparing globals, the same for all templates."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module(None)


def install(app: Flask, build: Path = _BUILD) -> None:
    """Set Jinja up, after `locale.install`, which knows the translations' folder. `build` holds the built
    assets.

    Raises FileNotFoundError when nothing has been built.
    """
    folders = [Path(folder) for folder in app.extensions["babel"].translation_directories]
    reviews = {tag: review.load(folder / tag / "status.json") for folder in folders[:1] for tag in BY_TAG}
    app.extensions[_EXTENSION] = _Parts(assets=built.load(build), reviews=reviews)
    app.jinja_environment = Templates  # type: ignore[assignment]
    environment = cast(Templates, app.jinja_env)
    environment.policies["ext.i18n.trimmed"] = True  # or every multi-line {% trans %} stays English
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.do")
    environment.add_extension("jinja2.ext.i18n")
    environment.template_class = _Template
    catalogue.install(app)
    environment.install_constants(
        {"service_name": SERVICE_NAME},
        {
            "component": _COMPONENTS,
            "safety": safety,
            "safety_inline": safety_inline,
            "public_url": public_url,
            "urgent": urgent,
            "support_phone": lambda: settings().support_phone,
            "nation": lambda: settings().nation,
            "demo_mode": lambda: settings().demo,
        },
        forms=("safety", "safety_inline"),
        component=_COMPONENTS.site,
    )
    environment.globals.update(switcher=switcher, offered_languages=_Offered())
    dates.install(app)
    facts.install(app)
    app.context_processor(_of_this_page)
    app.update_template_context = _quick_context(app)  # type: ignore[method-assign,assignment]


def make_ready(app: Flask) -> None:
    """Work out for every language what its first page would: templates, components, fields, words of dates.

    Takes seconds, and asks nothing of a database. For a server, before it forks.
    """
    _COMPONENTS.make_ready()
    for spoken in OFFERED:
        with app.test_request_context(f"/{spoken.tag}/"):
            cast(Templates, app.jinja_env).make_ready()
            for field in (field for form in forms.LASTING for field in form(formdata=None)):
                field.__html__()
            dates.make_ready()


def _of_this_page() -> dict[str, Any]:
    return {
        "language": language(),
        "assets": page_assets(),
        "signed_in": session_or_none() is not None,
    }


def _quick_context(app: Flask) -> Callable[[dict[str, Any]], None]:
    """Flask's `update_template_context` for an application whose processors stand for every page alike."""
    whole_way = app.update_template_context
    processors = app.template_context_processors

    @cache  # asked first when a page is made: then all features have been registered
    def are_alike() -> bool:
        return all(set(processors[name]) <= set(processors[None]) for name in list(processors))

    def update(context: dict[str, Any]) -> None:
        if not are_alike():
            whole_way(context)
            return
        given = context.copy()
        for make in processors[None]:
            context.update(cast("dict[str, Any]", make()))
        context.update(given)

    return update


def all_assets() -> Assets:
    """The built files; `version` is what the css cookie must say."""
    return cast(_Parts, current_app.extensions[_EXTENSION]).assets


def page_assets() -> PageAssets:
    """Stylesheet and script of this response; the headers must allow exactly these.

    Inline until the browser has told by its cookie that it keeps the files of this build (docs/adr/0011).
    """
    here = _here()
    found: PageAssets | None = here.get("page_assets")
    if found is None:
        every = all_assets()
        inline = cookie("css") != every.version
        found = here.page_assets = every.for_page(language().direction, inline=inline)
    return found


class _Offered(Sequence[OfferedLanguage]):
    """The switcher's entries, English and Welsh first, in the fixed order of languages.py; made when read."""

    def __len__(self) -> int:
        return len(OFFERED)

    def __getitem__(self, place: Any) -> Any:
        offered = OFFERED[place]
        return _entry(offered, here_in(offered.tag))


def _entry(offered: Language, url: str) -> OfferedLanguage:
    return OfferedLanguage(tag=offered.tag, own_name=offered.own_name, direction=offered.direction, url=url)


def switcher(form: str = "") -> Markup:
    """The languages of this page; as buttons of `form` where what has been typed must not be lost.

    Drawn once a language by its template, with a mark in place of what every address ends with.
    """
    spoken = language()
    drawn = cast(_Parts, current_app.extensions[_EXTENSION]).switchers
    kept = drawn.get((spoken.tag, form))
    if kept is None:
        module: Any = current_app.jinja_env.get_template("components/languages.html").module
        entries = [_entry(offered, f"/{offered.tag}{_REST}") for offered in OFFERED]
        kept = drawn[spoken.tag, form] = str(module.languages(entries, spoken, form))
    return Markup(kept if form else kept.replace(_REST, escape(_rest_of_address())))  # noqa: S704


def _rest_of_address() -> str:
    """What follows the language in this page's address, with its query."""
    asked = _request()
    path: str = asked.path
    if asked.query_string or not is_plain(path) or asked.endpoint is None:
        return here_in(ENGLISH.tag).removeprefix(f"/{ENGLISH.tag}")
    return path[path.find("/", 1) :] if is_in_language(asked.endpoint) else "/"


def here_in(tag: str) -> str:
    """This page, its query kept, in another language; the start page where there is no page."""
    if request.endpoint is None or request.url_rule is None or not is_in_language(request.endpoint):
        return f"/{tag}/"
    if "GET" not in (request.url_rule.methods or ()):
        return f"/{tag}/"  # a page that only answers forms: there is nothing to link to
    query = urlencode(list(request.args.items(multi=True)))
    address = same_page_in(tag, request.endpoint, dict(request.view_args or {}))
    return f"{address}?{query}" if query else address


def public_url(endpoint: str) -> str:
    """The address of a page that is one for all, in this language: so it is worked out once."""
    return url_for(endpoint, language=language().tag)


def is_in_language(endpoint: str) -> bool:
    """Whether this endpoint's address begins with a language."""
    return current_app.url_map.is_endpoint_expecting(endpoint, "language")


def urgent() -> UrgentHelp:
    """The emergency numbers of this deployment's nation (S27)."""
    return urgent_help(settings().nation)


# --- safety texts (S44) ------------------------------------------------------------------------------------


def safety(context: str, text: str, /, **values: Any) -> Markup:
    """A safety text in the page's language; beside a draft nobody has signed stands the English.

    `context` begins with "safety"; `text` has no HTML; values that are not Markup are escaped. English comes
    first, in Welsh the Welsh (S44). For headings, links and buttons: `safety_inline`.
    """
    english, draft = _both(context, text, values)
    if draft is None:
        return english
    pair = (draft, _in_english(english)) if language() is WELSH else (_in_english(english), draft)
    return Markup("{}<br>{}").format(*pair)


def safety_inline(context: str, text: str, /, **values: Any) -> Markup:
    """The same within one line: the draft, then the English."""
    english, draft = _both(context, text, values)
    return (
        english
        if draft is None
        else Markup("{} {}").format(draft, _in_english(Markup("({})").format(english)))
    )


def _both(context: str, text: str, values: dict[str, Any]) -> tuple[Markup, Markup | None]:
    """The text to show alone and None, or the English and the draft that may not stand alone."""
    if not context.startswith(review.SAFETY):
        raise ValueError(f"the context of a safety text begins with {review.SAFETY!r}")
    english = Markup(escape(text)) % values  # noqa: S704 - escaped
    spoken = language()
    if spoken is ENGLISH:
        return english, None
    translated = str(get_translations().upgettext(context, text))
    if translated == text:
        return _in_english(english), None
    draft = Markup(escape(translated)) % values  # noqa: S704 - escaped
    return (draft, None) if _signed(spoken, context, text, translated) else (english, draft)


def _signed(spoken: Language, context: str, text: str, translated: str) -> bool:
    reviews = cast(_Parts, current_app.extensions[_EXTENSION]).reviews
    return reviews.get(spoken.tag, review.NONE).is_signed(context, text, translated)


def _in_english(words: Markup) -> Markup:
    return Markup('<span lang="{}" dir="ltr">{}</span>').format(ENGLISH.lang, words)

"""Which language this request is in.

The path, then the browser. One place writes dates and times for people.
"""

from typing import Any

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel

from portal.errors import NotFound
from portal.languages import BY_TAG, ENGLISH, OFFERED, PSEUDO, Language, find

_here = g._get_current_object  # asked some hundred times a page: no proxy
_request = request._get_current_object  # type: ignore[attr-defined]


def language() -> Language:
    """The language of this request; English outside one."""
    try:
        found: Language | None = _here().get("language")
    except RuntimeError:  # no application either
        return ENGLISH
    if found is not None:
        return found
    return _decide() if has_request_context() else ENGLISH


def preferred() -> Language:
    """For addresses without a language: the cookie, then the browser's wishes, then English."""
    wished = [request.cookies.get("lang", "")] + [tag for tag, _ in request.accept_languages]
    for tag in wished:
        known = find(tag) if tag else None
        if known in OFFERED:
            return known
    return ENGLISH


def _decide() -> Language:
    asked: Any = _request()
    first = asked.path.split("/", 2)[1]
    known = BY_TAG.get(first)
    if known is None:
        known = PSEUDO if first == PSEUDO.tag and current_app.testing else preferred()
    _here().language = known
    return known


def install(app: Flask, translations: str) -> None:
    """Language comes from the path in before_request: Flask gives no view_args on 404 and 405."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = translations
    Babel(
        app,
        locale_selector=lambda: language().tag,
        default_translation_directories=translations,
        configure_jinja=False,  # templating.install does, with an environment of our own
    )

    @app.before_request
    def settle_language() -> None:
        if _decide() is not PSEUDO and _here().get("carried_language") == PSEUDO.tag:
            raise NotFound("language")  # the made-up language is for tests only

"""URL rules that carry language, patient and organisation along. A person's number never stands in a URL."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, g, url_for
from flask.globals import request_ctx
from werkzeug.routing import BaseConverter, Map

from portal.languages import BY_TAG, PSEUDO
from portal.web.locale import language


class LanguageConverter(BaseConverter):
    """A known language tag; any other first segment is no page of ours."""

    regex = "|".join(sorted([*BY_TAG, PSEUDO.tag], key=len, reverse=True))
    part_isolating = True


class RefConverter(BaseConverter):
    """A random reference, 16 to 64 URL-safe characters."""

    regex = "[A-Za-z0-9_-]{16,64}"
    part_isolating = True


class IdConverter(BaseConverter):
    """A FHIR id: letters, digits, '-' and '.', at most 64 (FHIR R4 datatypes, id)."""

    regex = "[A-Za-z0-9.-]{1,64}"
    part_isolating = True


class CodeConverter(BaseConverter):
    """An organisation's code or a step of a journey."""

    regex = "[A-Za-z0-9-]{1,32}"
    part_isolating = True


_here = g._get_current_object  # asked for every link: no proxy
_CARRIED: Final = ("language", "patient_ref", "organisation_code")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]+")
_request_context = request_ctx._get_current_object  # type: ignore[attr-defined]
_HOLE: Final = re.compile(r"<(?:([a-z]+):)?([a-z_]+)>")
_PLAIN_PART: Final = re.compile(r"[A-Za-z0-9._-]+")


def is_plain(path: str) -> bool:
    """Whether a path stands in an address as it is, without quoting."""
    return _PLAIN.fullmatch(path) is not None


def install(app: Flask) -> None:
    """Register the converters; take carried values off before the view, put them back into every link."""
    app.url_map.converters.update(
        language=LanguageConverter, ref=RefConverter, id=IdConverter, code=CodeConverter
    )
    app.url_map.strict_slashes = True
    app.url_for = _Addresses(app)  # type: ignore[method-assign]

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        for name in _CARRIED:
            taken = (values or {}).pop(name, None)
            if taken is not None:
                setattr(_here(), f"carried_{name}", taken)

    app.url_defaults(_carry_into_links(app))


def _carry_into_links(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    expected: dict[str, tuple[str, ...]] = {}  # by endpoint: the map is whole before the first link is made

    def carry(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in expected:
            asks = app.url_map.is_endpoint_expecting
            expected[endpoint] = tuple(name for name in _CARRIED if asks(endpoint, name))
        for name in expected[endpoint]:
            if name not in values:
                carried = _carried(name)
                if carried is not None:
                    values[name] = carried

    return carry


def _carried(name: str) -> str | None:
    """What the address of this request holds; an error page at an address without a language has its own."""
    carried: str | None = _here().get(f"carried_{name}")
    return language().tag if carried is None and name == "language" else carried


def same_page_in(tag: str, endpoint: str, arguments: dict[str, Any]) -> str:
    """The address of the same page in another language."""
    return url_for(endpoint, **{**arguments, "language": tag})


@dataclass(frozen=True, slots=True)
class _Form:
    """An endpoint's address with a hole for each of its arguments."""

    form: str
    arguments: tuple[str, ...]


class _Addresses:
    """`url_for` of the application: addresses of one plain rule are put together without asking the router.

    Whatever is not plain goes Flask's whole way: unknown endpoints, values that need quoting, other hosts.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._whole_way: Callable[..., str] = app.url_for
        self._forms: dict[str, _Form | None] = {}

    def __call__(self, /, endpoint: str, **values: Any) -> str:
        try:
            context = _request_context()
        except RuntimeError:
            return self._whole_way(endpoint, **values)
        quick = self._quickly(context, endpoint, values)
        return self._whole_way(endpoint, **values) if quick is None else quick

    def _quickly(self, context: Any, endpoint: str, values: dict[str, Any]) -> str | None:
        if endpoint[:1] == ".":
            endpoint = f"{(context.request.endpoint or '').rpartition('.')[0]}{endpoint}"
        try:
            form = self._forms[endpoint]
        except KeyError:
            form = self._forms[endpoint] = _form_of(self._app.url_map, endpoint)
        if form is None or context.url_adapter is None or context.url_adapter.script_name != "/":
            return None
        parts = []
        used = 0
        for name in form.arguments:
            if name in values:
                used += 1
                part = values[name]
            else:
                part = _carried(name) if name in _CARRIED else None
            if type(part) is not str or _PLAIN_PART.fullmatch(part) is None:
                return None
            parts.append(part)
        address = form.form % tuple(parts)
        return address if used == len(values) else _with_query(address, form, values)


def _form_of(known: Map, endpoint: str) -> _Form | None:
    """None for an endpoint with no rule or several, or with one whose arguments are changed on their way."""
    rules = [rule for rule in known.iter_rules() if rule.endpoint == endpoint]
    if len(rules) != 1 or rules[0].defaults or rules[0].alias or rules[0].subdomain or rules[0].host:
        return None
    holes = _HOLE.findall(rules[0].rule)
    if any(known.converters[kind or "default"].to_url is not BaseConverter.to_url for kind, _ in holes):
        return None
    form = _HOLE.sub("%s", rules[0].rule)
    if form.count("%") != len(holes) or len(holes) != len(rules[0].arguments):
        return None
    return _Form(form, tuple(name for _, name in holes))


def _with_query(address: str, form: _Form, values: dict[str, Any]) -> str | None:
    """The address with what is left of the values, in their order. None where one needs quoting."""
    pairs = []
    for name, value in values.items():
        if name in form.arguments or value is None:
            continue
        text = str(value) if type(value) is int else value
        if name[:1] == "_" or type(text) is not str or _PLAIN_PART.fullmatch(text) is None:
            return None
        pairs.append(f"{name}={text}")
    return f"{address}?{'&'.join(pairs)}" if pairs else address

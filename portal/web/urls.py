"""URL rules that carry language, patient and organisation along. A person's number never stands in a URL."""

from typing import Any

from flask import Flask, g, url_for
from werkzeug.routing import BaseConverter

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


_CARRIED = ("language", "patient_ref", "organisation_code")


def install(app: Flask) -> None:
    """Register the converters; take carried values off before the view, put them back into every link."""
    app.url_map.converters.update(
        language=LanguageConverter, ref=RefConverter, id=IdConverter, code=CodeConverter
    )
    app.url_map.strict_slashes = True

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        for name in _CARRIED:
            taken = (values or {}).pop(name, None)
            if taken is not None:
                setattr(g, f"carried_{name}", taken)

    @app.url_defaults
    def carry(endpoint: str, values: dict[str, Any]) -> None:
        for name in _CARRIED:
            if name not in values and app.url_map.is_endpoint_expecting(endpoint, name):
                carried = _carried(name)
                if carried is not None:
                    values[name] = carried


def _carried(name: str) -> str | None:
    """What the address of this request holds; an error page at an address without a language has its own."""
    carried: str | None = g.get(f"carried_{name}")
    return language().tag if carried is None and name == "language" else carried


def same_page_in(tag: str, endpoint: str, arguments: dict[str, Any]) -> str:
    """The address of the same page in another language."""
    return url_for(endpoint, **{**arguments, "language": tag})

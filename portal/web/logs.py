"""The ordinary log: one JSON object a line, an event's name and scalars from a list; must never hold words
of people.

What another library logs keeps its message's template and loses its values. The access log is another
thing.
"""

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from flask import Flask, Response, g, has_app_context, request

from portal.domain.people import is_nhs_number

LOGGER: Final = logging.getLogger("portal")
Scalar = str | int | float | bool | None

# Every event the web part writes, and what it may say beside the request's id. docs and tests hold to this
# list.
EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "request": frozenset({"method", "route", "status", "ms", "language"}),
    "error": frozenset({"code", "status", "route", "detail", "language"}),
    "fault": frozenset({"kind", "frames", "route", "status"}),
    "page-failed": frozenset({"kind", "frames"}),
    "limited": frozenset({"limit", "wait", "route"}),
    "cross-site": frozenset({"route", "reason"}),
    "answers-held": frozenset({"route"}),
    "touch-failed": frozenset({"kind"}),
}
_here = g._get_current_object  # asked on every request: no proxy
_ALWAYS: Final = frozenset({"at", "level", "event", "request", "logger"})
# What other parts of the portal may add by `extra={"fields": {...}}`.
_OTHERS: Final = frozenset(
    {"job", "count", "ms", "mac", "seq", "kind", "frames", "detail", "code", "holder", "process"}
)

_SECOND_NET: Final = (
    (re.compile(r"(?<!\w)[\w.+-]+@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "[token]"),
    (re.compile(r"(?i)\b(code|state|token|held|back)=[^\s&]+"), r"\1=[left out]"),
    (re.compile(r"(?<![\w.])(?:\+44|0)\s?\d(?:[\s-]?\d){8,9}(?!\w)"), "[phone]"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"), "[postcode]"),
)
_TEN_DIGITS: Final = re.compile(r"(?<!\w)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\w)")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\x1b]")


def scrubbed(text: str) -> str:
    """The second net.

    Control and direction characters, NHS numbers, e-mails, phones, postcodes and tokens go.
    """
    text = _UNSAFE.sub("?", text)
    text = _TEN_DIGITS.sub(lambda m: "[number]" if is_nhs_number(re.sub(r"[ -]", "", m[0])) else m[0], text)
    for pattern, instead in _SECOND_NET:
        text = pattern.sub(instead, text)
    return text[:600]


def frames_of(error: BaseException) -> str:
    """Where it happened, innermost last.

    File, line and function; never a value and never the exception's text.
    """
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return " > ".join(f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}:{frame.name}" for frame in frames)


class JsonLines(logging.Formatter):
    """One JSON object a line, whoever wrote the record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Scalar] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.name != LOGGER.name:
            line["logger"] = record.name
        line["event"] = scrubbed(str(record.msg))  # the template: values are never put in
        fields = getattr(record, "fields", {})
        allowed = EVENTS.get(str(record.msg), _OTHERS) | _ALWAYS
        for name, value in fields.items():
            if name in allowed:
                line[name] = scrubbed(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            line["kind"] = type(record.exc_info[1]).__name__
            line["frames"] = frames_of(record.exc_info[1])
        return json.dumps(
            line, ensure_ascii=True, separators=(",", ":"), default=lambda value: type(value).__name__
        )


def log(event: str, level: int = logging.INFO, **fields: Scalar) -> None:
    """Write an event of EVENTS. A field that stands not in its list is left out."""
    if not LOGGER.isEnabledFor(level):
        return
    if has_app_context() and (request_id := g.get("request_id")):
        fields["request"] = request_id
    LOGGER.log(level, event, extra={"fields": fields})


def to_stderr(level: int = logging.INFO) -> None:
    """Send every logger's lines to stderr as JSON.

    For servers and commands; tests look at records instead.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def reference() -> str:
    """The short form of the request's id that a person may read out to us."""
    short = str(g.get("request_id", "00000000"))[:8].upper()
    return f"{short[:4]}-{short[4:]}"


def route() -> str:
    """The rule that matched, never the path: paths hold references."""
    return request.url_rule.rule if request.url_rule is not None else "-"


def install(app: Flask) -> None:
    """Give each request an id and one line when it is answered. Install first."""

    @app.before_request
    def begin() -> None:
        here = _here()
        here.request_id = secrets.token_hex(8)
        here.began = perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        status = response.status_code
        if status >= 500:
            response.headers["X-Request-ID"] = g.get("request_id", "")
        if LOGGER.isEnabledFor(logging.INFO) and request.endpoint != "static":
            spent = round((perf_counter() - g.get("began", perf_counter())) * 1000, 1)
            language = g.get("language")
            log(
                "request",
                method=request.method if request.method in _METHODS else "other",
                route=route(),
                status=status,
                ms=spent,
                language=language.tag if language else None,
            )
        return response


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

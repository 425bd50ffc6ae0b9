"""Forms that only our own pages may send: a token per session, masked anew in each answer.

Keeps no state of its own.

The token is HMAC-SHA256(session.csrf_secret) under a one-time pad, so that no two pages hold the same bytes
(BREACH). Besides it, every unsafe request is judged by Sec-Fetch-Site and Origin, with or without a
session.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, g, request

from portal.errors import CrossSite, FormExpired
from portal.ports.sessions import Session
from portal.web.guards import is_public
from portal.web.logs import log, route
from portal.web.services import session_or_none, settings

FIELD: Final = "csrf_token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BYTES: Final = 16
_here = g._get_current_object  # asked on every page: no proxies
_request: Any = request._get_current_object  # type: ignore[attr-defined]


def csrf_token() -> str:
    """The token for the forms of this answer; the same for all of them, another one in the next answer.

    '' without a session: public forms carry none.
    """
    session = session_or_none()
    if session is None:
        return ""
    here = _here()
    token: str | None = here.get("csrf_token")
    if token is None:
        token = here.csrf_token = masked(_digest(session), secrets.token_bytes(_BYTES))
    return token


def masked(digest: bytes, pad: bytes) -> str:
    """pad + (pad XOR digest), in URL-safe base64 without padding: 43 characters."""
    return urlsafe_b64encode(pad + _xor(digest, pad)).rstrip(b"=").decode()


def is_token_of(session: Session, token: str) -> bool:
    """Whether this token was made for this session."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=")
    except (NotBase64, ValueError, UnicodeEncodeError):
        return False
    return len(raw) == 2 * _BYTES and hmac.compare_digest(_xor(raw[:_BYTES], raw[_BYTES:]), _digest(session))


def refuse_other_sites() -> None:
    """Raise CrossSite for an unsafe request that another site's page sent (Fetch Metadata; RFC 6454
    Origin).

    Old browsers send neither header; then the token alone decides.
    """
    if _request().method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        _refuse("sec-fetch-site")
    origin = request.headers.get("Origin")
    if origin is not None and not (origin == "null" and site == "same-origin") and not _ours(origin):
        _refuse("origin")


def check_token() -> None:
    """Raise FormExpired when a signed-in form's token is absent, stale or forged."""
    asked = _request()
    if asked.method in SAFE_METHODS or asked.endpoint is None or is_public(asked.endpoint):
        return
    session = session_or_none()
    if session is None:
        return
    if not is_token_of(session, request.form.get(FIELD, "")):
        raise FormExpired


def install(app: Flask) -> None:
    """Install after sessions: the token is the session's."""
    app.before_request(refuse_other_sites)
    app.before_request(check_token)
    app.jinja_env.globals["csrf_token"] = csrf_token


def _ours(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.netloc.lower() == request.host.lower() and parts.scheme in (
        ("https",) if settings().https else ("http", "https")
    )


def _refuse(reason: str) -> None:
    log("cross-site", route=route(), reason=reason)
    raise CrossSite(reason)


def _digest(session: Session) -> bytes:
    return hmac.digest(session.csrf_secret.encode(), b"form", "sha256")[:_BYTES]


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")

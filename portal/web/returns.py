"""Addresses to come back to after signing in.

Signed, of our own pages only, judged again; never an open redirect.
"""

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import request, url_for
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.domain.ids import AccountId, PatientRef
from portal.ports.bundle import Ports
from portal.web.locale import language
from portal.web.services import settings

_MARK: Final = 16  # characters of the signature: 96 bits
_LONGEST: Final = 300
_NO_RETURN: Final = (
    "identity.sign_in",
    "identity.sign_out",
    "identity.signed_out",
    "identity.session_ending",
)


def sign(address: str) -> str:
    """A token for a path of ours with its query; '' when it is too long to carry."""
    return f"{_mark(address)}{address}" if len(address) <= _LONGEST else ""


def this_page() -> str:
    """A token for the page being shown, or '' where there is nothing to come back to."""
    return here() if request.method in ("GET", "HEAD") else ""


def here() -> str:
    """A token for the address of this request, whatever its method."""
    asked = request._get_current_object()  # type: ignore[attr-defined]
    if asked.endpoint in (None, *_NO_RETURN):
        return ""
    query = asked.query_string.decode("ascii", "replace")
    return sign(quote(asked.path, safe="/") + (f"?{query}" if query else ""))


def quoted(token: str) -> str:
    """The token as it stands in a query, at the least cost in bytes."""
    return quote(token, safe="/?=:,@-._~")


def follow(token: str, account: AccountId | None = None, use: Ports | None = None) -> str | None:
    """The address a token stands for, in the language of this request; None when it is not ours or not
    theirs.

    With an account, an address for a patient this account has no reference to is not followed.
    """
    mark, address = token[:_MARK], token[_MARK:]
    if len(token) <= _MARK or not hmac.compare_digest(mark.encode(), _mark(address).encode()):
        return None
    parts = urlsplit(address)
    found = match(parts.path)
    if found is None or found[0] in _NO_RETURN:
        return None
    endpoint, arguments = found
    ref = arguments.get("patient_ref")
    if account and use and ref and use.relations.patient_of(account, PatientRef(ref)) is None:
        return None
    if "language" in arguments:
        arguments["language"] = language().tag
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True, errors="replace"))
    address = url_for(endpoint, **arguments)
    return f"{address}?{query}" if query else address


def match(path: str) -> tuple[str, dict[str, Any]] | None:
    """The endpoint and all arguments of a path that answers GET; None when there is none."""
    adapter = request_ctx.url_adapter
    if adapter is None:
        return None
    try:
        endpoint, arguments = adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return endpoint, dict(arguments)


def _mark(address: str) -> str:
    key = _key(settings().secret_key)
    return urlsafe_b64encode(hmac.digest(key, address.encode(), "sha256")[:12]).decode()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"return address", "sha256")

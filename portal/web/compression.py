"""Fewer bytes: pages compressed once if they never change, else quickly; personal ones with a random length.

Reads no page.

Padding is inside the compressed stream's framing (a brotli metadata block, RFC 7932 9.2; gzip's extra
field, RFC 1952 2.3.1.1), so it costs its own length and one or two bytes, and no page carries junk.
"""

import re
import secrets
import zlib
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

import brotli
from flask import Flask, Response, current_app, g, request
from werkzeug.sansio.utils import host_is_trusted

from portal.web.holed import HOLE, Holed, punched
from portal.web.logs import log
from portal.web.services import settings
from portal.web.templating import _EXTENSION as ASSETS
from portal.web.templating import page_assets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

V = TypeVar("V", bound=Callable[..., Any])
QUALITY: Final = 5  # 14 to 19 % larger than 11, at a hundredth of its time
QUALITY_CONSTANT: Final = 11
GZIP_LEVEL: Final = 6
MOST_PADDING: Final = 64
_SMALLEST: Final = 200
_CSS: Final = re.compile(r"(?:^|;\s*)css=([^;]*)")
_CONSTANT_MARK: Final = "__constant__"
_EXTENSION: Final = "porth-constants"
_TYPES: Final = frozenset({"text/html", "text/calendar", "text/plain", "text/css", "text/javascript"})


def constant(view: V) -> V:
    """Mark a public view whose page is the same for everybody, in one language, as long as the process
    lives.

    It is rendered and compressed once for each address and kept. With a query it is an ordinary page.
    """
    setattr(view, _CONSTANT_MARK, True)
    return view


def fresh_key() -> str:
    """A new idempotency key for a form. On a constant page every answer is given one of its own."""
    return HOLE if is_constant() else secrets.token_urlsafe(16)


def is_constant() -> bool:
    """Whether this request asks for such a page."""
    asked = request._get_current_object()  # type: ignore[attr-defined]
    view = current_app.view_functions.get(asked.endpoint or "")
    return hasattr(view, _CONSTANT_MARK) and not asked.query_string and asked.method in ("GET", "HEAD")


class Constants:
    """Finished answers by address, variant and encoding. At most `most`; the oldest goes first."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: dict[tuple[str, ...], tuple[bytes | Holed, list[tuple[str, str]]]] = {}
        self._lock = Lock()

    def get(self, key: tuple[str, ...]) -> tuple[bytes | Holed, list[tuple[str, str]]] | None:
        return self._kept.get(key)

    def keep(self, key: tuple[str, ...], body: bytes | Holed, headers: list[tuple[str, str]]) -> None:
        with self._lock:
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (body, headers)

    def __len__(self) -> int:
        return len(self._kept)


@lru_cache(maxsize=64)
def accepted(header: str) -> str:
    """The encoding to use for an Accept-Encoding header: br, else gzip, else '' (RFC 9110 12.5.3)."""
    wished: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            wished[name.strip()] = float(weight) if rest else 1.0
        except ValueError:
            wished[name.strip()] = 0.0
    return next((name for name in ("br", "gzip") if wished.get(name, 0.0) > 0), "")


def compressed(body: bytes, encoding: str, *, quality: int = QUALITY, padding: int = 0) -> bytes:
    """The body in `br` or `gzip`, with `padding` bytes that decoders skip."""
    if encoding == "gzip":
        return _gzip(body, padding)
    if not padding:
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality))
    stream = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality)
    data = stream.process(body) + stream.flush()
    # Not last (0), MNIBBLES 3 (11), reserved 0, MSKIPBYTES 1 (01), MSKIPLEN - 1 in a byte, up to the next
    # whole byte.
    head = (0b010110 | (padding - 1) << 6).to_bytes(2, "little")
    return bytes(data + head + bytes(padding) + b"\x03")  # 3: last and empty


def _gzip(body: bytes, padding: int) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(body) + packer.flush()
    flags, extra = (4, padding.to_bytes(2, "little") + bytes(padding)) if padding else (0, b"")
    head = bytes((31, 139, 8, flags, 0, 0, 0, 0, 0, 255)) + extra
    tail = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return head + data + tail


def install(app: Flask) -> None:
    """Install after static files and before headers."""
    kept = app.extensions[_EXTENSION] = Constants()
    app.wsgi_app = _at_once(app, kept)  # type: ignore[assignment,method-assign]

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype in _TYPES and not response.is_streamed:
            _compress(response)
        return response


def _at_once(app: Flask, kept: Constants) -> "WSGIApplication":
    """Answer what is kept before Flask begins: a page that is the same for all needs no request context.

    Only for our own hosts and without a query; anything else, and the first of its kind, goes the whole way.
    """
    whole_way = app.wsgi_app

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        found = None
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ.get("QUERY_STRING"):
            cookie = _CSS.search(environ.get("HTTP_COOKIE", ""))
            inline = cookie is None or cookie[1] != app.extensions[ASSETS].assets.version
            encoding = accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
            found = kept.get((environ.get("PATH_INFO", ""), encoding, "inline" if inline else ""))
        if found is None or not host_is_trusted(environ.get("HTTP_HOST"), app.config["TRUSTED_HOSTS"]):
            return whole_way(environ, start)
        body, headers = found
        log("request", method=environ["REQUEST_METHOD"], route=environ["PATH_INFO"], status=200, ms=0.0)
        data = body.filled() if isinstance(body, Holed) else body
        start("200 OK", [*headers, ("Content-Length", str(len(data)))])
        return (data,) if environ["REQUEST_METHOD"] == "GET" else ()

    return answer


def _compress(response: Response) -> None:
    headers = response.headers
    if "Content-Encoding" in headers:
        return
    encoding = _encoding()
    kept_for_all = is_constant() and response.status_code == 200
    if kept_for_all:
        headers["Vary"] = "Accept-Encoding, Cookie"
    elif "no-store" not in headers.get(
        "Cache-Control", ""
    ):  # what nobody keeps need not say by what it varies
        headers["Vary"] = "Accept-Encoding"
    body = response.get_data()
    if encoding and len(body) >= _SMALLEST:
        headers["Content-Encoding"] = encoding
    else:
        encoding = ""
    if kept_for_all:
        _keep(response, body, encoding)
    elif encoding:
        response.set_data(compressed(body, encoding, padding=_padding()))


def _keep(response: Response, body: bytes, encoding: str) -> None:
    """Answer with the page finished for good, and remember it."""
    holed = punched(body, encoding, QUALITY_CONSTANT)
    kept = holed or (compressed(body, encoding, quality=QUALITY_CONSTANT) if encoding else body)
    response.set_data(kept.filled() if isinstance(kept, Holed) else kept)
    headers = [pair for pair in response.headers.to_wsgi_list() if pair[0] != "Content-Length"]
    current_app.extensions[_EXTENSION].keep(_key(_encoding()), kept, headers)


def _padding() -> int:
    """Only answers to somebody signed in hold secrets."""
    if not settings().padding or g.get("session") is None:
        return 0
    return secrets.randbelow(MOST_PADDING + 1)


def _encoding() -> str:
    return accepted(request.environ.get("HTTP_ACCEPT_ENCODING", ""))


def _key(encoding: str) -> tuple[str, ...]:
    return (request.path, encoding, "inline" if page_assets().inline else "")

"""Fewer bytes: pages compressed once if they never change, else quickly; personal ones with a random length.

Reads no page.

A browser that holds a dictionary of ours (portal/web/dictionaries.py) is sent what differs from it.

Padding is inside the compressed stream's framing (a brotli metadata block, RFC 7932 9.2; gzip's extra
field, RFC 1952 2.3.1.1; a skippable frame of Zstandard, RFC 8878 3.1.2), so it costs its own length and one
to eight bytes, and no page carries junk.
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

from portal.web.dictionaries import ENCODING, Dictionary, dictionaries
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
_VARIES: Final = "Accept-Encoding, Available-Dictionary"
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

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


@lru_cache(maxsize=64)
def accepted(header: str) -> str:
    """The encoding to use for an Accept-Encoding header: br, else gzip, else '' (RFC 9110 12.5.3)."""
    wished = _weights(header)
    return next((name for name in ("br", "gzip") if wished.get(name, 0.0) > 0), "")


@lru_cache(maxsize=64)
def _takes_dictionaries(header: str) -> bool:
    return _weights(header).get(ENCODING, 0.0) > 0


def held(app: Flask, environ: "WSGIEnvironment") -> Dictionary | None:
    """The dictionary of ours that this browser holds and wants used (RFC 9842 section 2.2)."""
    name = environ.get("HTTP_AVAILABLE_DICTIONARY")
    if not name or not _takes_dictionaries(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return None
    return dictionaries(app).find(name)


def _weights(header: str) -> dict[str, float]:
    wished: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            wished[name.strip()] = float(weight) if rest else 1.0
        except ValueError:
            wished[name.strip()] = 0.0
    return wished


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
    # Apart, so that the many differences from what browsers hold never push out what took long to make.
    kept = app.extensions[_EXTENSION] = {False: Constants(), True: Constants(most=512)}
    app.wsgi_app = _at_once(app, kept)  # type: ignore[assignment,method-assign]

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype in _TYPES and not response.is_streamed:
            _compress(response)
        return response


def _at_once(app: Flask, kept: dict[bool, Constants]) -> "WSGIApplication":
    """Answer what is kept before Flask begins: a page that is the same for all needs no request context.

    Only for our own hosts and without a query; anything else, and the first of its kind, goes the whole way.
    """
    whole_way = app.wsgi_app

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        found = None
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ.get("QUERY_STRING"):
            cookie = _CSS.search(environ.get("HTTP_COOKIE", ""))
            inline = cookie is None or cookie[1] != app.extensions[ASSETS].assets.version
            dictionary = held(app, environ)
            key = _key(environ, environ.get("PATH_INFO", ""), dictionary, inline=inline)
            found = kept[dictionary is not None].get(key)
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
    app, environ = asked()
    body = response.get_data()
    if is_constant() and response.status_code == 200:
        headers["Vary"] = f"{_VARIES}, Cookie"
        _keep(app, environ, response, body)
        return
    if "no-store" not in headers.get("Cache-Control", ""):
        headers["Vary"] = _VARIES  # what nobody keeps need not say by what it varies
    if len(body) < _SMALLEST:
        return
    dictionary = held(app, environ) if response.mimetype == "text/html" else None
    if dictionary is not None:
        headers["Content-Encoding"] = ENCODING
        response.set_data(dictionary.compressed(body, _padding() if _is_padded() else None))
        return
    encoding = accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
        response.set_data(compressed(body, encoding, padding=_padding() if _is_padded() else 0))


def asked() -> "tuple[Flask, WSGIEnvironment]":
    """The application and what it is asked, without the looks that their proxies cost."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app, request._get_current_object().environ  # type: ignore[attr-defined]


def _keep(app: Flask, environ: "WSGIEnvironment", response: Response, body: bytes) -> None:
    """Answer with the page finished for good, and remember it."""
    headers, holed = response.headers, HOLE.encode("ascii") in body
    inline = page_assets().inline
    if inline and not holed:
        dictionaries(app).add_page(body)
        headers["Use-As-Dictionary"] = 'match="/*"'
    encoding = accepted(environ.get("HTTP_ACCEPT_ENCODING", "")) if len(body) >= _SMALLEST else ""
    dictionary = held(app, environ)
    if dictionary is not None and not holed:
        encoding = ENCODING
    if encoding:
        headers["Content-Encoding"] = encoding
    kept = _finished(body, encoding, dictionary)
    response.set_data(kept.filled() if isinstance(kept, Holed) else kept)
    lasting = [pair for pair in headers.to_wsgi_list() if pair[0] != "Content-Length"]
    key = _key(environ, request.path, dictionary, inline=inline)
    app.extensions[_EXTENSION][dictionary is not None].keep(key, kept, lasting)


def _finished(body: bytes, encoding: str, dictionary: Dictionary | None) -> bytes | Holed:
    if encoding == ENCODING and dictionary is not None:
        return dictionary.compressed(body)
    holed = punched(body, encoding, QUALITY_CONSTANT)
    return holed or (compressed(body, encoding, quality=QUALITY_CONSTANT) if encoding else body)


def _is_padded() -> bool:
    """Only answers to somebody signed in hold secrets."""
    return settings().padding and g.get("session") is not None


def _padding() -> int:
    return secrets.randbelow(MOST_PADDING + 1)


def _key(
    environ: "WSGIEnvironment", path: str, dictionary: Dictionary | None, *, inline: bool
) -> tuple[str, ...]:
    """By what a kept answer is found again: what it varies by."""
    encoding = dictionary.name if dictionary else accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return (path, encoding, "inline" if inline else "")

"""The built files, read once and kept in memory, compressed as the build made them.

A browser that holds a dictionary which has most of a file already is sent the difference (dictionaries.py).

Serves nothing else.
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from flask import Flask, Response, request

from portal.errors import NotFound
from portal.web import dictionaries
from portal.web.compression import accepted, held
from portal.web.guards import public

FOREVER: Final = "public, max-age=31536000, immutable"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".dict": "text/plain; charset=utf-8",
}
_ENCODED: Final = {"br": ".br", "gzip": ".gz"}
_HEADERS: Final = {
    "Cache-Control": FOREVER,
    "Vary": "Accept-Encoding, Available-Dictionary",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MOST_DIFFERENCES: Final = 256  # more than there are files times dictionaries, so none is made twice


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """One file with what the build compressed of it, by encoding; '' is the file as it is."""

    kind: str
    bodies: dict[str, bytes]


class Differences:
    """Files as the difference from what a browser holds, kept. The oldest goes first."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}
        self._lock = Lock()

    def of(self, name: str, file: BuiltFile, dictionary: dictionaries.Dictionary) -> bytes:
        """The file as `dcz` for this dictionary."""
        key = (name, dictionary.name)
        made = self._kept.get(key)
        if made is None:
            made = dictionary.compressed_once(file.bodies[""])
            with self._lock:
                while len(self._kept) >= _MOST_DIFFERENCES:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = made
        return made


def read(folder: Path) -> dict[str, BuiltFile]:
    """All stylesheets, scripts and dictionaries of a folder, by name. Their names hold their hashes."""
    return {
        path.name: BuiltFile(
            kind=_KINDS[path.suffix],
            bodies={"": path.read_bytes()}
            | {
                encoding: beside.read_bytes()
                for encoding, suffix in _ENCODED.items()
                if (beside := path.with_name(path.name + suffix)).is_file()
            },
        )
        for path in sorted(folder.iterdir())
        if path.suffix in _KINDS
    }


def install(app: Flask, folder: Path) -> None:
    """Serve the folder under /static/build/."""
    files = read(folder)
    dictionaries.install(app, folder)
    match = {each.file: f'match="/{tag}/*"' for tag, each in dictionaries.read(folder).items()}
    differences = Differences()

    @app.get("/static/build/<name>", endpoint="static")
    @public
    def built_file(name: str) -> Response:
        found = files.get(name)
        if found is None:
            raise NotFound("no such file")
        dictionary = held(app, request.environ)
        if dictionary is not None:
            encoding, body = dictionaries.ENCODING, differences.of(name, found, dictionary)
        else:
            encoding = accepted(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
            encoding = encoding if encoding in found.bodies else ""
            body = found.bodies[encoding]
        response = Response(body, content_type=found.kind)
        response.headers.extend(_HEADERS)
        if name in match:
            response.headers["Use-As-Dictionary"] = match[name]
        if encoding:
            response.headers["Content-Encoding"] = encoding
        return response

"""The built stylesheets and script, read once and kept in memory, compressed as the build made them.

Serves nothing else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask, Response, request

from portal.errors import NotFound
from portal.web.compression import accepted
from portal.web.guards import public

FOREVER: Final = "public, max-age=31536000, immutable"
_KINDS: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_ENCODED: Final = {"br": ".br", "gzip": ".gz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """One file with what the build compressed of it, by encoding; '' is the file as it is."""

    kind: str
    bodies: dict[str, bytes]


def read(folder: Path) -> dict[str, BuiltFile]:
    """All stylesheets and scripts of a folder, by name. Their names hold their hashes."""
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

    @app.get("/static/build/<name>", endpoint="static")
    @public
    def built_file(name: str) -> Response:
        found = files.get(name)
        if found is None:
            raise NotFound("no such file")
        encoding = accepted(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
        body = found.bodies.get(encoding)
        if body is None:
            encoding, body = "", found.bodies[""]
        response = Response(body, content_type=found.kind)
        response.headers.extend(
            {
                "Cache-Control": FOREVER,
                "Vary": "Accept-Encoding",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            }
        )
        if encoding:
            response.headers["Content-Encoding"] = encoding
        return response

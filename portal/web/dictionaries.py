"""What browsers hold already and answers may refer to: compression dictionaries (RFC 9842). Names no person.

Two kinds: a file for each language, made by the build of what its pages have alike, and public first-visit
pages, which are the same for everybody. See docs/adr/0051-compression-dictionaries.md.
"""

import json
from base64 import b64encode
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from flask import Flask
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENCODING: Final = "dcz"
MANIFEST: Final = "dictionaries.json"
LEVEL: Final = 5  # a third of brotli 5's bytes at a tenth of its time; 6 saves 2 to 5 % for a quarter more
LEVEL_ONCE: Final = 19
_EXTENSION: Final = "porth-dictionaries"
_MAGIC: Final = bytes(
    (0x5E, 0x2A, 0x4D, 0x18, 32, 0, 0, 0)
)  # RFC 9842, Dictionary-Compressed Zstandard; the hash follows
_SKIPPED: Final = bytes((0x50, 0x2A, 0x4D, 0x18))  # a frame that decoders pass over: RFC 8878 section 3.1.2
_MOST_PAGES: Final = 32
_THREADS: Final = 4  # of a worker, usually: portal/cli/serve.py


class Dictionary:
    """Bytes that the browser has. Safe to use from several threads."""

    def __init__(self, content: bytes, *, file: str = "", most_free: int = 1) -> None:
        """`most_free`: how many compressors to keep between answers; each is some 200 KiB."""
        digest = sha256(content).digest()
        self.content, self.file = content, file
        self.name: Final = f":{b64encode(digest).decode()}:"  # as Available-Dictionary names it
        self._head: Final = _MAGIC + digest
        self._most_free = most_free
        self._free: list[ZstdCompressor] = []  # lists give and take one at a time, so no lock

    def compressed(self, body: bytes, padding: int | None = None) -> bytes:
        """The body as `dcz`. With padding, a frame of that many bytes before it which decoders skip."""
        skipped = b"" if padding is None else _SKIPPED + padding.to_bytes(4, "little") + bytes(padding)
        try:
            compressor = self._free.pop()
        except IndexError:
            compressor = self._compressor(LEVEL, self._ready)
        data = compressor.compress(body)
        if len(self._free) < self._most_free:
            self._free.append(compressor)
        return b"".join((self._head, skipped, data))

    def compressed_once(self, body: bytes) -> bytes:
        """As small as can be, slowly: for what is kept."""
        return self._head + self._compressor(LEVEL_ONCE, _raw(self.content)).compress(body)

    @cached_property
    def _ready(self) -> ZstdCompressionDict:
        made = _raw(self.content)
        made.precompute_compress(level=LEVEL)
        return made

    @staticmethod
    def _compressor(level: int, content: ZstdCompressionDict) -> ZstdCompressor:
        return ZstdCompressor(level=level, dict_data=content, write_checksum=False, write_dict_id=False)


def _raw(content: bytes) -> ZstdCompressionDict:
    return ZstdCompressionDict(content, dict_type=DICT_TYPE_RAWCONTENT)


class Dictionaries:
    """All dictionaries of this process, by the name that browsers give them."""

    def __init__(self, of_language: dict[str, Dictionary]) -> None:
        self.of_language: Final = of_language
        self._files: Final = {each.name: each for each in of_language.values()}
        self._pages: dict[str, Dictionary] = {}
        self._lock = Lock()

    def find(self, name: str) -> Dictionary | None:
        """The dictionary a browser names in Available-Dictionary, if it is one of ours."""
        return self._files.get(name) or self._pages.get(name)

    def add_page(self, page: bytes) -> None:
        """Browsers will name this public page, which is the same for everybody. The oldest goes first."""
        made = Dictionary(page)
        with self._lock:
            if made.name not in self._pages:
                while len(self._pages) >= _MOST_PAGES:
                    del self._pages[next(iter(self._pages))]
                self._pages[made.name] = made


def install(app: Flask, folder: Path) -> None:
    """Read the files that the build made; without them nothing is offered."""
    app.extensions[_EXTENSION] = Dictionaries(read(folder))


def read(folder: Path) -> dict[str, Dictionary]:
    """The dictionary of each language. A file that is missing, or not what its name says, is left out."""
    try:
        files: dict[str, str] = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    found = {}
    for tag, file in files.items():
        path = folder / file
        content = path.read_bytes() if path.is_file() else b""
        if content and file == file_name(tag, content):
            found[tag] = Dictionary(content, file=file, most_free=_THREADS)
    return found


def file_name(tag: str, content: bytes) -> str:
    """The name of a language's dictionary; it changes with the content."""
    return f"{tag}-{sha256(content).hexdigest()[:10]}.dict"


def dictionaries(app: Flask) -> Dictionaries:
    """Those of this application."""
    found: Dictionaries = app.extensions[_EXTENSION]
    return found


def offer(app: Flask, environ: "WSGIEnvironment", tag: str) -> str:
    """The `Link` that offers this browser the dictionary of a language; '' if it has it or would not use it.

    Only engines that send client hints, as Chromium does to secure origins, are known to take dictionaries;
    others would carry the header for nothing. Costs bytes if wrong, never a page.
    """
    if "HTTP_SEC_CH_UA" not in environ:
        return ""
    made = dictionaries(app).of_language.get(tag)
    if made is None or environ.get("HTTP_AVAILABLE_DICTIONARY") == made.name:
        return ""
    return f"</static/build/{made.file}>;rel=compression-dictionary"

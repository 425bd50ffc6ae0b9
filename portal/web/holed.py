"""A finished page with one hole, which every answer fills with a fresh key. Must know no page.

A public form is the same for everybody but for its idempotency key. In brotli the key stands between two
finished pieces as a block that is not compressed (RFC 7932 9.2, ISUNCOMPRESSED); nothing after it refers to
it, and the two bytes before the second piece, by which that piece is read, stay as they were.
"""

import gzip
import secrets
from dataclasses import dataclass
from typing import Final

import brotli

HOLE: Final = secrets.token_urlsafe(16)  # stands nowhere else
_LENGTH: Final = len(HOLE)
_KEPT: Final = 2  # bytes after the key that go uncompressed with it
_QUICK: Final = 5
_BLOCK: Final = (((_LENGTH + _KEPT - 1) << 3) | 1 << 19).to_bytes(3, "little")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holed:
    """What stands before and after the key. `packed`: how the whole must yet be compressed, '' if it is."""

    before: bytes
    after: bytes
    packed: str = ""

    def filled(self, key: str = "") -> bytes:
        """The answer with a key of its own."""
        whole = self.before + (key or secrets.token_urlsafe(16)).encode("ascii") + self.after
        if self.packed == "gzip":
            return gzip.compress(whole, mtime=0)
        return bytes(brotli.compress(whole, quality=_QUICK)) if self.packed else whole


def punched(page: bytes, encoding: str, quality: int) -> Holed | None:
    """The finished page with its hole; None for a page that has none."""
    before, hole, after = page.partition(HOLE.encode("ascii"))
    if not hole:
        return None
    if encoding != "br":
        return Holed(before=before, after=after, packed=encoding)
    stream = brotli.Compressor(mode=brotli.MODE_TEXT, quality=quality)
    first = stream.process(before) + stream.flush()
    stream.process(hole + after[:_KEPT])
    stream.flush()  # instead of this block each answer has its own
    second = stream.process(after[_KEPT:]) + stream.finish()
    made = Holed(before=first + _BLOCK, after=after[:_KEPT] + second)
    return made if _reads_as(made, before, after) else Holed(before=before, after=after, packed=encoding)


def _reads_as(made: Holed, before: bytes, after: bytes) -> bool:
    """Whether a decoder reads what was meant, whatever the key."""
    try:
        return all(
            brotli.decompress(made.filled(sign * _LENGTH)) == before + (sign * _LENGTH).encode() + after
            for sign in ("A", "z", "-")
        )
    except brotli.error:
        return False

"""How a FHIR server is reached: addresses, time-outs, caps. Values only; read from Settings by bootstrap."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    return urlsplit(url).hostname in LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the server is and how patient we are. Lengths in seconds, sizes in bytes."""

    url: str  # the base, without a slash at its end
    page_seconds: float = 5.0  # all calls of one page together
    call_seconds: float = 3.0  # silence within one call
    most_bytes: int = 8 * 1024 * 1024
    most_entries: int = 5000
    most_pages: int = 20
    shown_labels: frozenset[tuple[str, str]] = frozenset()  # labels of other systems that hide nothing

    def holds(self, url: str) -> bool:
        """Whether an address lies within the base: the same origin, and below its path."""
        base, other = urlsplit(self.url), urlsplit(url)
        try:
            same = (base.scheme, base.hostname, base.port) == (other.scheme, other.hostname, other.port)
        except ValueError:  # a port that is none
            return False
        inside = other.path == base.path or other.path.startswith(f"{base.path}/")
        return same and inside and other.username is None and ".." not in other.path.split("/")

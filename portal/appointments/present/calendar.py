"""The calendar file of one visit (RFC 5545). Neutral: says neither whom it is for, nor which care, nor who
is seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

FOLD = 75  # octets a line, the line end not counted (RFC 5545, 3.1)
NAMESPACE = "porth.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What stands in the file. `uid` stays the same through every change, `sequence` grows with each."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    written_at: datetime
    cancelled: bool
    summary: str
    description: str
    place: str
    language: str  # BCP 47, of summary and description


def calendar_file(visit: Visit) -> bytes:
    """UTF-8, lines ended by CRLF and folded. A cancelled visit takes the earlier one out of the calendar."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Porth//Appointments//EN",
        "METHOD:CANCEL" if visit.cancelled else "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(visit.uid)}@{NAMESPACE}",
        f"SEQUENCE:{visit.sequence}",
        f"DTSTAMP:{_utc(visit.written_at)}",
        f"DTSTART:{_utc(visit.starts_at)}",
        f"DTEND:{_utc(visit.ends_at)}",
        f"SUMMARY;LANGUAGE={visit.language}:{escaped(visit.summary)}",
        f"DESCRIPTION;LANGUAGE={visit.language}:{escaped(visit.description)}",
        *((f"LOCATION:{escaped(visit.place)}",) if visit.place else ()),
        "STATUS:CANCELLED" if visit.cancelled else "STATUS:CONFIRMED",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11. Other control characters are dropped."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    if plain.isprintable():
        return plain
    return "".join(sign for sign in plain if sign >= " " and sign != "\x7f")


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[bytes]:
    """Pieces of at most 75 octets, those after the first begun with a space; never cut inside a character."""
    if len(whole := line.encode()) <= FOLD:
        yield whole
        return
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > FOLD:
            yield piece
            piece = b" "
        piece += octets
    yield piece

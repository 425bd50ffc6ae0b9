"""Reads FHIR files as a stream: Bundle, resource or NDJSON, each also .gz. Knows no store."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

import ijson
import simplejson

from portal.fhir.reading import ID
from portal.fhir.types import R4_TYPES

LINES = (".ndjson", ".jsonl")
SUFFIXES = (*LINES, ".json")
LONGEST = 64 * 1024 * 1024  # bytes of one resource; longer lines are passed over
DEEPEST = 100
_CUT_OFF = (EOFError, zlib.error, gzip.BadGzipFile)
_NO_TEXT = "it holds characters that are no text"
_LONG_NUMBER = "it holds a number that is too long"
# Python may be told to refuse integers of as few digits as this; the fast parser then ends the process.
_MOST_DIGITS = b"0" * 640
_DIGITS = bytes(ord("0") if chr(byte).isdecimal() and byte < 128 else ord(" ") for byte in range(256))
_PIECE = 1024 * 1024

Json = Mapping[str, object]


class Refused(Exception):
    """Nothing of this file can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource and where it stands, or why what stands there cannot be used."""

    number: int  # counts every entry of the file
    place: str  # "line 3", "entry 12"
    resource: Json | None = None
    problem: str | None = None

    @property
    def kind(self) -> str:
        return str((self.resource or {}).get("resourceType"))

    @property
    def id(self) -> str:
        return str((self.resource or {}).get("id"))


def find(paths: list[Path]) -> Iterator[Path]:
    """The files meant: those named, and in folders whatever ends like FHIR JSON, in order of name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.is_file() and _ending(each) in SUFFIXES
            )
        else:
            yield path


def entries(path: Path) -> Iterator[Entry]:
    """All entries of a file in its order. Raises Refused, perhaps half way, when the file is no use."""
    found = _lines(path) if _ending(path) in LINES else _whole(path)
    number = 0
    try:
        for place, value in found:
            for inner, each in _unpacked(place, value):
                number += 1
                problem = each if isinstance(each, str) else problem_of(each)
                good = None if problem else cast(Json, each)
                yield Entry(number, inner, good, problem)
    except OSError as error:
        raise Refused(f"it cannot be read ({error.strerror or 'not a gzip file'})") from None


def problem_of(value: object) -> str | None:
    """Why a value cannot be kept as a FHIR resource; None when it can."""
    if not isinstance(value, dict):
        return "it is not a JSON object"
    kind, wanted = value.get("resourceType"), value.get("id")
    if not isinstance(kind, str):
        return "it has no resourceType"
    if kind not in R4_TYPES:
        return "its resourceType is not one of FHIR R4"
    if wanted is None:
        return f"{kind} has no id"
    if not isinstance(wanted, str) or not ID.fullmatch(wanted):
        return f"{kind} has an id that FHIR does not allow"
    return _problem_within(value)


def _problem_within(value: object) -> str | None:
    waiting = [(value, 1)]
    while waiting:
        here, depth = waiting.pop()
        if depth > DEEPEST:
            return "it is nested too deep"
        if isinstance(here, str):
            if not _is_text(here):
                return _NO_TEXT
        elif isinstance(here, dict):
            if not all(map(_is_text, here)):
                return _NO_TEXT
            waiting.extend((each, depth + 1) for each in here.values())
        elif isinstance(here, list):
            waiting.extend((each, depth + 1) for each in here)
    return None


def _is_text(value: str) -> bool:
    """No NUL and no half of a surrogate pair: neither can be written to a database."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return name[name.rfind(".") :] if "." in name else ""


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


# --- NDJSON -------------------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[str, object]]:
    """A bad line costs that line. Where a compressed file is cut off, what came before stays good."""
    number = 0
    with _opened(path) as stream:
        while True:
            number += 1
            place = f"line {number}"
            try:
                line, fits = _line(stream)
            except _CUT_OFF:
                yield place, "the file ends too early or is damaged here"
                return
            if not line:
                return
            if not fits:
                yield place, "the line is too long"
            elif line.strip():
                yield place, _parsed(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _line(stream: IO[bytes]) -> tuple[bytes, bool]:
    line = stream.readline(LONGEST)
    if len(line) < LONGEST or line.endswith(b"\n"):
        return line, True
    while rest := stream.readline(LONGEST):
        if rest.endswith(b"\n"):
            break
    return line, False


def _parsed(data: bytes) -> object:
    """The value, or a sentence on why there is none."""
    try:
        value = simplejson.loads(data.decode(), parse_float=Decimal)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except simplejson.JSONDecodeError as error:
        return f"it is not JSON ({error.msg} at character {error.pos + 1})"
    except RecursionError:
        return "it is nested too deep"
    except (ValueError, ArithmeticError):
        return _LONG_NUMBER
    return "it is not a JSON object" if isinstance(value, str) else value


# --- Bundle or single resource ------------------------------------------------------------------------------


def _whole(path: Path) -> Iterator[tuple[str, object]]:
    """A Bundle entry by entry, or the file's one resource. Broken JSON spoils the whole file."""
    careful = False
    try:
        careful = _has_long_number(path)
        kind, entry_event = _sniffed(path, careful)
        if kind == "Bundle":
            if entry_event not in (None, "start_array"):
                raise Refused("Bundle.entry is not a list")
            yield from _bundle(path, careful)
            return
        if path.stat().st_size > LONGEST:
            raise Refused(
                "it is too large for one resource; put one resource on each line and call it .ndjson"
            )
        with _opened(path) as stream:
            data = stream.read(LONGEST + 1)
    except (ijson.JSONError, UnicodeError, *_CUT_OFF) as error:
        # The slow parser names what it could not read, and that is somebody's record.
        why = f", or {_LONG_NUMBER}" if careful else f" ({_short(error)})"
        raise Refused(f"it is not whole JSON{why}") from None
    except ArithmeticError:
        raise Refused(_LONG_NUMBER) from None
    if len(data) > LONGEST:
        raise Refused("it is too large for one resource; put one resource on each line and call it .ndjson")
    value = _parsed(data.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(value, str):
        raise Refused(value)
    yield "the resource", value


def _has_long_number(path: Path) -> bool:
    """Whether so many digits stand in a row anywhere, were it within a text."""
    with _opened(path) as stream:
        before = b""
        while piece := stream.read(_PIECE):
            digits = before + piece.translate(_DIGITS)
            if _MOST_DIGITS in digits:
                return True
            before = digits[-len(_MOST_DIGITS) :]
    return False


def _parser(careful: bool) -> Any:
    """ijson's fast parser, or the slow one that survives integers of any length."""
    return ijson.get_backend("python") if careful else ijson


def _sniffed(path: Path, careful: bool) -> tuple[str | None, str | None]:
    """resourceType of the top, and what `entry` is if it comes before it or soon after."""
    kind = entry = None
    with _opened(path) as stream:
        for prefix, event, value in _parser(careful).parse(_without_mark(stream)):
            if prefix == "resourceType" and event == "string":
                kind = str(value)
            elif prefix == "entry" and entry is None:
                entry = str(event)
            if kind is not None and (kind != "Bundle" or entry is not None):
                break
    return kind, entry


def _bundle(path: Path, careful: bool) -> Iterator[tuple[str, object]]:
    with _opened(path) as stream:
        found = _parser(careful).items(_without_mark(stream), "entry.item")
        for number, entry in enumerate(found, start=1):
            yield from _of_entry(f"entry {number}", entry)


def _of_entry(place: str, entry: object) -> Iterator[tuple[str, object]]:
    """What an entry holds. Answers and deletions have no resource and are no fault."""
    if not isinstance(entry, dict):
        yield place, "it is not a JSON object"
    elif "resource" in entry:
        value = entry["resource"]
        yield place, "it is not a JSON object" if isinstance(value, str) else value
    elif not (
        "response" in entry
        or (isinstance(entry.get("request"), dict) and entry["request"].get("method") == "DELETE")
    ):
        yield place, "it has no resource"


def _unpacked(place: str, value: object) -> Iterator[tuple[str, object]]:
    """A Bundle within gives up its entries; anything else is itself."""
    waiting = [(place, value)]
    while waiting:
        here, found = waiting.pop()
        if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
            yield here, found
            continue
        inside = found.get("entry", [])
        if not isinstance(inside, list):
            yield here, "Bundle.entry is not a list"
            continue
        for number, entry in reversed(list(enumerate(inside, start=1))):
            waiting.extend(_of_entry(f"{here}, entry {number}", entry))


def _without_mark(stream: IO[bytes]) -> IO[bytes]:
    """Past a byte order mark, which no JSON parser needs."""
    if stream.read(3) != b"\xef\xbb\xbf":
        stream.seek(0)
    return stream


def _short(error: Exception) -> str:
    """The parser's first line: what and where, never the text around it, which is somebody's record."""
    return str(error).splitlines()[0][:80] if str(error) else "it ends too early"

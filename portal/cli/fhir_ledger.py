"""Remembers on disk what an import has seen and refers to: memory does not grow with the files."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

import simplejson

from portal.cli.fhir_files import Entry, Json
from portal.fhir.reading import references, split_reference

_TABLES = """
CREATE TABLE seen (
    kind TEXT, id TEXT, digest BLOB, file TEXT, place TEXT, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE wanted (
    kind TEXT, id TEXT, file TEXT, place TEXT, uses INTEGER, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX seen_id ON seen (id);
"""
_ANY = "*"  # the type of a `urn:uuid:` reference: it does not say
_NO_WAY = "?"  # a reference that cannot be followed here


class Ledger:
    """One import's memory. The database is private, temporary and gone when it is closed."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.executescript(_TABLES)
        self._rows.execute("BEGIN")

    def close(self) -> None:
        self._rows.close()

    @contextmanager
    def file(self) -> Iterator[None]:
        """What one file adds; nothing of it when the file turns out to be no use."""
        self._rows.execute("SAVEPOINT file")
        try:
            yield
        except BaseException:
            self._rows.execute("ROLLBACK TO file")
            raise
        finally:
            self._rows.execute("RELEASE file")

    def note(self, entry: Entry, file: str) -> str | None:
        """Remember a resource and its references. Where its id stands with other content, if it does."""
        assert entry.resource is not None
        made = digest(entry.resource)
        known = self._rows.execute(
            "SELECT digest, file, place FROM seen WHERE kind = ? AND id = ?", (entry.kind, entry.id)
        ).fetchone()
        if known is not None:
            return None if known[0] == made else f"{known[2]} of {known[1]}"
        self._rows.execute(
            "INSERT INTO seen VALUES (?,?,?,?,?)", (entry.kind, entry.id, made, file, entry.place)
        )
        for target in set(references(entry.resource)):
            self._want(target, file, entry.place)
        return None

    def forget(self, kind: str, wanted: str) -> None:
        """It could not be kept after all."""
        self._rows.execute("DELETE FROM seen WHERE kind = ? AND id = ?", (kind, wanted))

    def missing(self) -> Iterator[tuple[str | None, str, str, str, int]]:
        """References to nothing seen: type (None if unsaid), id, file and place of the first, how many."""
        for kind, wanted, file, place, uses in self._rows.execute(
            "SELECT kind, id, file, place, uses FROM wanted AS w WHERE NOT EXISTS ("
            " SELECT 1 FROM seen WHERE seen.id = w.id AND (w.kind = ? OR seen.kind = w.kind))"
            " ORDER BY file, place, kind, id",
            (_ANY,),
        ):
            yield (None if kind in (_ANY, _NO_WAY) else kind), wanted, file, place, uses

    def _want(self, target: str, file: str, place: str) -> None:
        if target.startswith("#") or "://" in target or not target:
            return  # contained, or on another server: not ours to judge
        found = split_reference(target)
        kind, wanted = (_NO_WAY, target) if found is None else (found[0] or _ANY, found[1])
        self._rows.execute(
            "INSERT INTO wanted VALUES (?,?,?,?,1) ON CONFLICT DO UPDATE SET uses = uses + 1",
            (kind, wanted, file, place),
        )


def digest(resource: Json) -> bytes:
    """The same for the same content, whatever the order of its names."""
    text = simplejson.dumps(resource, use_decimal=True, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).digest()

"""Gives the whole store back as NDJSON, one resource a line, decimals with every digit."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import simplejson

from portal.ports.clinical import ClinicalStore


class NotEmpty(Exception):
    """The folder holds something already: an old export would mix with this one."""


def lines(store: ClinicalStore) -> Iterator[str]:
    """Every resource as a line, in order of type and id."""
    return (as_line(resource) for resource in store.all())


def as_line(resource: Mapping[str, object]) -> str:
    return simplejson.dumps(resource, use_decimal=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_folder(store: ClinicalStore, folder: Path) -> int:
    """One file a type, for its owner alone to read. How many resources. Raises NotEmpty, OSError.

    A file has its name only when it is whole.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NotEmpty(str(folder))
    count, kind, stream = 0, "", None
    try:
        for resource in store.all():
            count += 1
            if resource["resourceType"] != kind:
                _finish(stream, folder, kind)
                kind = str(resource["resourceType"])
                stream = _begin(folder, kind)
            assert stream is not None
            stream.write(as_line(resource))
        _finish(stream, folder, kind)
    finally:
        if stream is not None and not stream.closed:
            stream.close()
    return count


def _begin(folder: Path, kind: str) -> IO[str]:
    descriptor = os.open(folder / f".{kind}.part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")


def _finish(stream: IO[str] | None, folder: Path, kind: str) -> None:
    if stream is not None:
        stream.close()
        (folder / f".{kind}.part").rename(folder / f"{kind}.ndjson")

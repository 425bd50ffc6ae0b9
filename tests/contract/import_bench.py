"""A bench for import and export: a real store over an empty database, a folder, and files to put in it."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simplejson

from portal.adapters.sql.engine import Database
from portal.adapters.sql.store import SqlStore
from portal.adapters.sql.unit import SqlUnit
from portal.cli.fhir_import import Report, import_files

Resource = dict[str, Any]


@dataclass(slots=True)
class Bench:
    """A store over an empty database, and a folder to put files in."""

    database: Database
    folder: Path

    def store(self) -> tuple[SqlStore, SqlUnit]:
        unit = SqlUnit(self.database)
        return SqlStore(unit), unit

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def take(self, *paths: Path) -> Report:
        store, unit = self.store()
        try:
            return import_files(store, unit, paths or [self.folder])
        finally:
            unit.close()

    def kept(self) -> list[Resource]:
        store, unit = self.store()
        try:
            return list(store.all())
        finally:
            unit.close()

    def ids(self) -> set[str]:
        return {f"{each['resourceType']}/{each['id']}" for each in self.kept()}


def dumped(value: object) -> str:
    return simplejson.dumps(value, use_decimal=True, ensure_ascii=False)


def ndjson(*resources: object) -> str:
    return "".join(dumped(each) + "\n" for each in resources)


def bundle(*resources: object, kind: str = "collection") -> str:
    return dumped(
        {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}
    )


def ann(**changes: object) -> Resource:
    return {"resourceType": "Patient", "id": "ann", "name": [{"text": "Ann"}], **changes}


def seen(wanted: str, **changes: object) -> Resource:
    return {"resourceType": "Observation", "id": wanted, "subject": {"reference": "Patient/ann"}, **changes}


def whys(report: Report) -> list[str]:
    return [f"{Path(each.file).name}|{each.place}|{each.why}" for each in report.problems]

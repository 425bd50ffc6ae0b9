"""Try-out mode, where anybody signs in as anybody, never starts over people who may be real."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.store import SqlStore
from portal.adapters.sql.unit import SqlUnit
from portal.bootstrap import create_app
from portal.config import BadSettings, Settings
from tests.contract.import_bench import ann

NHS = "https://fhir.nhs.uk/Id/nhs-number"
MADE_UP, REAL = "9990000018", "9434765919"


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "portal.sqlite3"
    shutil.copy(migrated_file, path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.dispose()


def fill(database: Database, *, marked: bool, number: str | None) -> None:
    unit = SqlUnit(database)
    store = SqlStore(unit)
    with unit.change():
        if marked:
            store.mark("synthetic", "1")
        if number is not None:
            store.put(ann(identifier=[{"system": NHS, "value": number}]))
    unit.close()


def settings(database: Database, *, demo: bool) -> Settings:
    return Settings(
        secret_key="kV3xQ9pLr7TzWb2NfYc5HsDm8GjA4eUo",
        log_key="Zt6RwP1yMq8XvKd3BnLg7JfCs5HhE2aU",
        database_url=str(database.url),
        demo=demo,
    )


@pytest.mark.parametrize(("marked", "number"), [(True, MADE_UP), (True, None), (False, None)])
def test_it_starts_over_made_up_people_and_over_nobody(
    database: Database, marked: bool, number: str | None
) -> None:
    fill(database, marked=marked, number=number)
    create_app(settings(database, demo=True))


@pytest.mark.parametrize(("marked", "number"), [(True, REAL), (False, REAL), (False, MADE_UP)])
def test_it_does_not_start_over_people_who_may_be_real(database: Database, marked: bool, number: str) -> None:
    fill(database, marked=marked, number=number)
    with pytest.raises(BadSettings, match="PORTAL_DEMO must be off"):
        create_app(settings(database, demo=True))


def test_outside_try_out_mode_real_people_are_no_reason_to_stay_down(database: Database) -> None:
    fill(database, marked=False, number=REAL)
    create_app(settings(database, demo=False))

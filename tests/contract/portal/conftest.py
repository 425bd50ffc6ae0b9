"""Fixtures for the contracts of the portal's own ports: the same tests over fakes, SQLite and PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.tables_portal import PORTAL_TABLES
from tests.contract.portal.parts import Portal, fake_portal, sql_portal
from tests.fakes_portal import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@contextmanager
def _opened(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    if kind == "postgresql":
        server: Database = request.getfixturevalue("migrated_server")
        with server.connect_changes() as connection:
            names = ", ".join(table.name for table in PORTAL_TABLES)
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        yield server
        return
    path = folder / "portal.sqlite3"
    shutil.copy(request.getfixturevalue("migrated_file"), path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with empty tables, of either kind."""
    with _opened(request.param, request, tmp_path) as opened:
        yield opened


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, clock: FixedClock, tmp_path: Path) -> Iterator[Portal]:
    """The portal's own ports over fakes and over either database."""
    if request.param == "fake":
        yield fake_portal(clock)
        return
    with _opened(request.param, request, tmp_path) as opened:
        made = sql_portal(opened, clock)
        yield made
        made.unit.close()

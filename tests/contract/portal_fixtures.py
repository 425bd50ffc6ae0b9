"""Databases with all tables, made once a session: a SQLite file to copy, and one database on a server."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.schema import upgrade


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("portal") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.connect_changes() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_server(postgres_server: Path) -> Iterator[Database]:
    """A PostgreSQL database with all tables; each test finds the portal's own empty."""
    name = f"portal_{uuid.uuid4().hex}"
    with psycopg.connect(
        f"host={postgres_server} user=postgres dbname=postgres", autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        database = Database(f"postgresql+psycopg://postgres@/{name}?host={postgres_server}")
        upgrade(database)
        yield database
        database.dispose()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

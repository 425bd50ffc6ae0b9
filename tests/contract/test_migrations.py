"""What migrations promise: the tables that the code describes, once, quickly, whoever else is migrating."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from portal.adapters.sql import tables_clinical, tables_portal
from portal.adapters.sql.engine import Database
from portal.adapters.sql.metadata import metadata
from portal.adapters.sql.schema import MIGRATIONS, config, current, newest, upgrade
from portal.errors import CannotLoad

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/not/yet/there%20/empty.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = Database(url)
    yield made
    made.dispose()


def _comparable(_object: Any, name: str | None, *_: Any) -> bool:
    """The index that is another on each database is judged by the next test."""
    return name != "ix_slot_search"


def test_an_empty_database_gets_the_tables_that_the_code_describes(empty: Database) -> None:
    assert upgrade(empty)
    assert current(empty) == newest()
    with empty.connect_changes() as connection:
        options = {"compare_type": False, "include_object": _comparable}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        names = set(inspect(connection).get_table_names())
    described = {
        table.name for module in (tables_clinical, tables_portal) for table in module.metadata.sorted_tables
    }
    assert described <= names


def test_every_index_and_constraint_is_there_under_its_name(empty: Database) -> None:
    """Alembic compares neither conditions nor checks: the database itself is asked."""
    upgrade(empty)
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    if not empty.sqlite:
        query = (
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
            " SELECT conname FROM pg_constraint UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        )
    with empty.connect_traces() as connection:
        said = "\n".join(connection.execute(text(query)).scalars())
    assert "ck_slot_ends_after_start" in said
    assert "ck_appointment_ends_after_start" in said
    live = next(line for line in said.splitlines() if "uq_appointment_live_slot" in line)
    assert "UNIQUE" in live
    assert all(f"'{status}'" in live for status in ("arrived", "booked", "checked-in", "pending", "proposed"))
    search = next(line for line in said.splitlines() if "ix_slot_search" in line)
    assert "'free'" in search
    read = ("service_id", "starts_at", "site_id", "practitioner_id", "mode", "ends_at", "released_at")
    assert all(name in search for name in read)
    assert ("INCLUDE (" in search) is not empty.sqlite


def test_a_database_at_the_newest_revision_is_left_alone_quickly(empty: Database) -> None:
    upgrade(empty)
    empty.dispose()
    begins = time.process_time()  # our own work; other tests may be using the machine
    assert not upgrade(empty)
    assert time.process_time() - begins < 0.1


def test_the_newest_revision_is_alembics_head(empty: Database) -> None:
    empty.make_folder()
    with empty.connect_traces() as connection:
        script = ScriptDirectory.from_config(config(connection))
    assert script.get_heads() == [newest()]
    assert str(MIGRATIONS) == script.dir


def _migrate(address: str) -> bool:
    mine = Database(address)
    try:
        return upgrade(mine)
    finally:
        mine.dispose()


def test_several_processes_may_migrate_at_once(empty: Database) -> None:
    empty.make_folder()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(_migrate, [empty.url.render_as_string(hide_password=False)] * 4))
    assert made.count(True) >= 1
    assert current(empty) == newest()


def test_a_failing_migration_leaves_the_database_as_it_was(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Any) -> None:
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise ZeroDivisionError

    monkeypatch.setattr("portal.adapters.sql.schema._run", fail)
    with pytest.raises(ZeroDivisionError):
        upgrade(empty)
    with empty.connect_traces() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_database_that_cannot_be_reached_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(CannotLoad):
        current(Database(f"sqlite:///{tmp_path}/no/folder/x.sqlite3"))
    with pytest.raises(CannotLoad):
        current(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))


def test_migrating_needs_no_particular_folder_and_no_alembic_when_there_is_nothing_to_do(
    tmp_path: Path,
) -> None:
    script = (
        "import sys; from portal.adapters.sql.engine import Database; "
        "from portal.adapters.sql.schema import upgrade; "
        f"print(upgrade(Database('sqlite:///{tmp_path}/db.sqlite3')), 'alembic' in sys.modules)"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert answers == [["True", "True"], ["False", "False"]]


def test_a_forked_worker_makes_connections_of_its_own(tmp_path: Path) -> None:
    script = (
        "import os; from portal.adapters.sql.engine import Database; "
        f"d = Database('sqlite:///{tmp_path}/fork.sqlite3'); d.connect_changes().close()\n"
        "before = id(d.changes)\n"
        "child = os.fork()\n"
        "same = id(d.changes) == before\n"
        "os._exit(0 if same is (child != 0) else 1) if child == 0 else None\n"
        "print(same, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "0"]

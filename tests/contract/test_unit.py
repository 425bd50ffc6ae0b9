"""What the SQL unit of work promises: one transaction a change, short traces, and trouble told as ours."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.adapters.sql import engine
from portal.adapters.sql.engine import Database
from portal.adapters.sql.unit import SqlUnit
from portal.errors import CannotLoad, CannotSave

_ADD = text("INSERT INTO meta (name, value) VALUES (:name, 'x')")


@pytest.fixture
def unit(clinical: Database) -> Iterator[SqlUnit]:
    made = SqlUnit(clinical)
    yield made
    made.close()


def names(unit: SqlUnit) -> list[str]:
    return list(unit.reader.execute(text("SELECT name FROM meta ORDER BY name")).scalars())


def test_a_change_is_kept_when_it_ends_and_undone_when_it_fails(unit: SqlUnit) -> None:
    def add_and_fail() -> None:
        with unit.change():
            unit.writer.execute(_ADD, {"name": "undone"})
            assert names(unit) == ["kept", "undone"]
            raise ZeroDivisionError

    with unit.change():
        unit.writer.execute(_ADD, {"name": "kept"})
    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert names(unit) == ["kept"]


def test_nobody_else_sees_a_change_before_it_ends(unit: SqlUnit) -> None:
    other = SqlUnit(unit.database)
    with unit.change():
        unit.writer.execute(_ADD, {"name": "mine"})
        assert names(other) == []
    assert names(other) == ["mine"]
    other.close()


def test_a_change_inside_a_change_and_a_writer_outside_one_are_mistakes(unit: SqlUnit) -> None:
    def twice() -> None:
        with unit.change(), unit.change():
            pass

    with pytest.raises(RuntimeError):
        twice()
    with pytest.raises(RuntimeError):
        _ = unit.writer
    with unit.change():
        unit.writer.execute(_ADD, {"name": "fine again"})
    assert names(unit) == ["fine again"]


def test_a_trace_is_a_transaction_of_its_own_and_part_of_a_running_change(unit: SqlUnit) -> None:
    def trace_and_fail(*, inside: bool) -> None:
        with unit.trace() as connection:
            connection.execute(_ADD, {"name": "undone"})
            if not inside:
                raise ZeroDivisionError

    def change_and_fail() -> None:
        with unit.change():
            trace_and_fail(inside=True)
            raise ZeroDivisionError

    with unit.trace() as connection:
        connection.execute(_ADD, {"name": "kept"})
    with pytest.raises(ZeroDivisionError):
        trace_and_fail(inside=False)
    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert names(unit) == ["kept"]


def test_a_refused_value_is_told_as_such_and_leaves_the_unit_usable(unit: SqlUnit) -> None:
    def add_twice() -> None:
        with unit.change():
            unit.writer.execute(_ADD, [{"name": "same"}, {"name": "same"}])

    with pytest.raises(IntegrityError) as told:
        add_twice()
    assert "'name': 'same'" not in str(told.value)
    with unit.change():
        unit.writer.execute(_ADD, {"name": "same"})
    assert names(unit) == ["same"]


@pytest.mark.parametrize("clinical", ["sqlite"], indirect=True)
def test_a_database_that_may_not_be_written_cannot_save_but_can_load(unit: SqlUnit) -> None:
    for connect in (unit.database.connect_changes, unit.database.connect_traces):
        with connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")

    def change() -> None:
        with unit.change():
            unit.writer.execute(_ADD, {"name": "x"})

    def trace() -> None:
        with unit.trace() as connection:
            connection.execute(_ADD, {"name": "x"})

    for write in (change, trace):
        with pytest.raises(CannotSave):
            write()
    assert names(unit) == []


def test_a_database_that_is_not_there_cannot_load_and_cannot_save() -> None:
    unit = SqlUnit(Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    with pytest.raises(CannotLoad):
        _ = unit.reader
    with pytest.raises(CannotSave), unit.change():
        pass
    with pytest.raises(CannotSave), unit.trace():
        pass


@pytest.mark.parametrize("clinical", ["sqlite"], indirect=True)
def test_writers_of_one_process_take_turns_and_do_not_wait_for_ever(
    unit: SqlUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, done = Event(), Event()

    def hold() -> None:
        mine = SqlUnit(unit.database)
        with mine.change():
            running.set()
            done.wait(5)

    holder = Thread(target=hold)
    holder.start()
    running.wait(5)
    monkeypatch.setattr(engine, "_SQLITE_BUSY_MS", 10)
    with pytest.raises(CannotSave), unit.change():
        pass
    done.set()
    holder.join()
    with unit.change():
        unit.writer.execute(_ADD, {"name": "my turn"})
    assert names(unit) == ["my turn"]


@pytest.mark.parametrize("clinical", ["sqlite"], indirect=True)
def test_changes_are_durable_and_traces_quick(unit: SqlUnit) -> None:
    full, normal = 2, 1
    for connect, wanted in (
        (unit.database.connect_changes, full),
        (unit.database.connect_traces, normal),
    ):
        with connect() as connection:
            said = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
        assert said == {"synchronous": wanted, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


_PRAGMAS = ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")


@pytest.mark.parametrize("clinical", ["postgresql"], indirect=True)
def test_connections_to_a_server_wait_only_so_long(unit: SqlUnit) -> None:
    limits = ("lock_timeout", "statement_timeout", "TimeZone", "transaction_isolation")
    for connect in (unit.database.connect_changes, unit.database.connect_traces):
        with connect() as connection:
            said = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in limits]
        assert said == ["5s", "15s", "UTC", "read committed"]
    with unit.database.connect_traces() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"

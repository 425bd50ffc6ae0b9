"""A statement run at the driver says what SQLAlchemy says of it, and its troubles have the same names."""

import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, event, insert, select, text
from sqlalchemy.exc import IntegrityError

from portal.adapters.sql import tables_portal as tables
from portal.adapters.sql.engine import Database
from portal.adapters.sql.query import Query, command
from portal.adapters.sql.unit import SqlUnit
from portal.domain.appointments import Mode
from portal.errors import CannotLoad, CannotSave

AT = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
WATCH = {
    "id": "w1",
    "account": "a1",
    "patient": "p1",
    "organisation": "o1",
    "services": ["s1", "s2"],
    "modes": [Mode.PHONE.value],
    "wanted": "x",
    "made_at": AT,
    "until": AT,
}
BY_ID = select(tables.slot_watch).where(tables.slot_watch.c.id == bindparam("id"))
AMONG = select(tables.slot_watch.c.id).where(
    tables.slot_watch.c.id.in_(["w1", "w2"]), tables.slot_watch.c.until >= bindparam("since")
)


@pytest.fixture
def watched(database: Database) -> Database:
    with database.connect_changes() as connection:
        connection.execute(insert(tables.slot_watch), WATCH)
    return database


def test_rows_are_those_of_sqlalchemy(watched: Database) -> None:
    with watched.connect_traces() as connection:
        plain = connection.execute(BY_ID, {"id": "w1"}).one()
        quick = Query(BY_ID).first(connection, {"id": "w1"})
        assert tuple(quick) == tuple(plain)
        assert (quick.services, quick.until) == (["s1", "s2"], AT)
        assert Query(BY_ID).first(connection, {"id": "none"}) is None
        assert [row.id for row in Query(AMONG).all(connection, {"since": AT})] == ["w1"]
        assert Query(AMONG).scalar(connection, {"since": AT}) == "w1"


def test_a_value_that_is_missing_is_a_mistake(watched: Database) -> None:
    with watched.connect_traces() as connection, pytest.raises(Exception, match="id"):
        Query(BY_ID).all(connection, {})


def test_whoever_listens_to_cursors_hears_every_statement(watched: Database) -> None:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    event.listen(watched.traces, "before_cursor_execute", hear)
    try:
        with watched.connect_traces() as connection:
            assert Query(BY_ID).first(connection, {"id": "w1"}).account == "a1"
    finally:
        event.remove(watched.traces, "before_cursor_execute", hear)
    assert len(heard) == 1


@pytest.mark.parametrize("durable", [True, False])
def test_trouble_of_the_database_is_ours_to_name(database: Database, durable: bool) -> None:
    connect = database.connect_changes if durable else database.connect_traces
    failure = CannotSave if durable else CannotLoad
    slow = "SELECT 1 FROM no_such_table" if database.sqlite else "SELECT pg_sleep(5)"
    with connect() as connection:
        if (
            not database.sqlite
        ):  # there an unknown table is a mistake of ours, and a statement too slow is trouble
            command(connection, "SET statement_timeout = '1ms'")
        with pytest.raises(failure):
            Query(text(slow)).all(connection)
        if not database.sqlite:
            command(connection, "SET statement_timeout = '15s'")


def test_a_refused_value_stays_a_mistake(watched: Database) -> None:
    refused = (IntegrityError, sqlite3.IntegrityError)
    with watched.connect_changes() as connection, pytest.raises(refused, match=r"(?i)unique"):
        Query(insert(tables.slot_watch), columns=WATCH).insert(connection, WATCH)


def test_one_request_asks_once_and_a_change_asks_afresh(database: Database) -> None:
    unit = SqlUnit(database)
    asked: list[str] = []

    def read() -> int:
        asked.append("read")
        return len(asked)

    assert [unit.once(("x",), read) for _ in range(3)] == [1, 1, 1]
    with unit.change():
        assert [unit.once(("x",), read) for _ in range(2)] == [2, 3]
    assert unit.once(("x",), read) == 4
    unit.close()
    assert unit.once(("x",), read) == 5

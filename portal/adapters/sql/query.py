"""Statements compiled once and run at the driver: the same words, values and types at a tenth of the time.

Builds no statement and holds no row. Why, and when SQLAlchemy itself runs them: docs/adr/0050.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.adapters.sql.metadata import Choice
from portal.errors import PortalError

_Process = Callable[[Any], Any]
_OUR_MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
FAILURE = "failure"  # the execution option of an engine that says what its trouble is called


class Query:
    """One statement with named values. Names it is not given have the statement's own values.

    Raises what the pool of its connection raises (CannotLoad or CannotSave).
    """

    __slots__ = ("_columns", "_plan", "_sqlite", "_statement")

    def __init__(
        self, statement: Executable, columns: Iterable[str] | None = None, *, sqlite: Executable | None = None
    ) -> None:
        """`columns`: those that an insert without values is going to give. `sqlite`: spelt for it."""
        self._statement: Any = statement
        self._sqlite: Any = statement if sqlite is None else sqlite
        self._columns = None if columns is None else list(columns)
        self._plan: _Plan | None = None

    def all(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """All rows, with columns as attributes."""
        plan = self._ready(connection)
        if plan is None:
            return connection.execute(self._spelt(connection), dict(values or {})).all()
        return plan.rows(self._run(connection, plan, values).fetchall())

    def first(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any:
        """The first row or None; the rest is not read."""
        plan = self._ready(connection)
        if plan is None:
            return connection.execute(self._spelt(connection), dict(values or {})).first()
        cursor = self._run(connection, plan, values)
        row = cursor.fetchone()
        cursor.close()  # or the statement would go on reading
        return None if row is None else plan.rows((row,))[0]

    def scalar(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Run an insert of one row; its number, where the table counts."""
        plan = self._ready(connection)
        if plan is None:
            result = connection.execute(self._spelt(connection), dict(values))
            return result.inserted_primary_key[0] if result.inserted_primary_key else None
        return self._run(connection, plan, values).lastrowid

    def run(self, connection: Connection, values: Mapping[str, Any] | None = None) -> int:
        """Run a change that returns no rows; how many rows it changed."""
        plan = self._ready(connection)
        if plan is None:
            counted = {"preserve_rowcount": True}  # of inserts too
            return connection.execute(
                self._spelt(connection), dict(values or {}), execution_options=counted
            ).rowcount
        return self._run(connection, plan, values).rowcount

    def prepare(self, dialect: Dialect) -> None:
        """Work out the plan before it is asked for, where there is one: a server's children inherit it."""
        if dialect.name == "sqlite" and self._plan is None:
            self._plan = _planned(self._sqlite, dialect, self._columns)

    def _spelt(self, connection: Connection) -> Any:
        return self._sqlite if connection.dialect.name == "sqlite" else self._statement

    def _ready(self, connection: Connection) -> "_Plan | None":
        """The plan for SQLite; None where SQLAlchemy runs it: other databases, listeners to cursors."""
        if connection.dialect.name != "sqlite" or connection.engine.dispatch.before_cursor_execute:
            return None
        if self._plan is None:
            self._plan = _planned(self._sqlite, connection.dialect, self._columns)
        return self._plan

    def _run(self, connection: Connection, plan: "_Plan", values: Mapping[str, Any] | None) -> sqlite3.Cursor:
        return _driven(connection, plan.sql, plan.values(values or {}))


def command(connection: Connection, words: str) -> None:
    """BEGIN, COMMIT or ROLLBACK. Raises as Query."""
    if connection.dialect.name == "sqlite":
        _driven(connection, words, ())
    else:
        connection.exec_driver_sql(words)


def _driven(connection: Connection, words: str, values: Sequence[Any]) -> sqlite3.Cursor:
    driver: Any = connection.connection.dbapi_connection
    try:
        found: sqlite3.Cursor = driver.execute(words, values)
    except _OUR_MISTAKES:
        raise
    except sqlite3.Error as error:
        failure: type[PortalError] = connection.engine.get_execution_options()[FAILURE]
        raise failure(type(error).__name__) from error
    return found


@dataclass(frozen=True, slots=True)
class _Plan:
    """A compiled statement: its words, its values in order, and what turns them and the columns."""

    sql: str
    own: Mapping[str, Any]
    order: tuple[tuple[str, _Process | None], ...]
    row: Callable[..., Any]
    readers: tuple[tuple[int, _Process], ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        own = self.own
        found = []
        for name, process in self.order:
            value = given[name] if name in given else own[name]
            found.append(value if process is None else process(value))
        return found

    def rows(self, found: Sequence[tuple[Any, ...]]) -> list[Any]:
        make, readers = self.row, self.readers
        if not readers:
            return [make(each) for each in found]
        rows = []
        for each in found:
            columns = list(each)
            for place, process in readers:
                columns[place] = process(columns[place])
            rows.append(make(columns))
        return rows


def _planned(statement: Any, dialect: Dialect, columns: list[str] | None) -> _Plan:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
    asked = {bind.key: None for bind in compiled.bind_names if bind.required}
    processes: Any = compiled._bind_processors  # SQLAlchemy has no other way to ask
    whole = compiled.construct_expanded_state(asked)  # lists that stand in the statement become `?, ?, ?`
    found = [(column.keyname, _reader(column.type, dialect)) for column in compiled._result_columns]
    row = namedtuple("Row", [name for name, _ in found], rename=True)  # type: ignore[misc]
    return _Plan(
        sql=whole.statement,
        own={name: value for name, value in whole.parameters.items() if name not in asked},
        order=tuple(
            (name, whole.processors.get(name, processes.get(name))) for name in whole.positiontup or ()
        ),
        row=row._make,
        readers=tuple((place, process) for place, (_, process) in enumerate(found) if process is not None),
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    """What turns a column into its value: ours at once, where SQLAlchemy would ask its own type first."""
    if isinstance(kind, Choice):
        return {None: None, **{member.value: member for member in kind.members}}.__getitem__
    if isinstance(kind, TypeDecorator) and kind.impl_instance.result_processor(dialect, None) is None:
        return partial(kind.process_result_value, dialect=dialect)
    return kind.dialect_impl(dialect).result_processor(dialect, None)

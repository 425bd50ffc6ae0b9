"""The unit of work over SQL: one durable transaction for changes, short ones for traces. Knows no table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from portal.adapters.sql.engine import Database
from portal.adapters.sql.query import command
from portal.errors import CannotLoad, CannotSave, PortalError

T = TypeVar("T")


class SqlUnit:
    """Implements ports.unit_of_work.UnitOfWork for one request; not shared between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._known: dict[Any, Any] = {}

    @property
    def database(self) -> Database:
        return self._database

    @property
    def writer(self) -> Connection:
        """The connection of the running change. Raises RuntimeError outside one."""
        if self._writer is None:
            raise RuntimeError("writes belong inside UnitOfWork.change()")
        return self._writer

    @property
    def reader(self) -> Connection:
        """A connection to read with. Inside a change it is the writer's, so that one reads what one wrote.

        Raises CannotLoad.
        """
        if self._writer is not None:
            return self._writer
        if self._reader is None:
            self._reader = self._database.borrow_traces()
        return self._reader

    def once(self, key: tuple[Any, ...], read: Callable[[], T]) -> T:
        """What `read` found, asked once in this unit's life; a change begins and ends with nothing known.

        Inside a change everything is read afresh. Nothing outlives the unit, which lasts one request.
        """
        if self._writer is not None:
            return read()
        try:
            found: T = self._known[key]
        except KeyError:
            found = self._known[key] = read()
        return found

    def know(self, key: tuple[Any, ...], found: object) -> None:
        """What `once` would read, read along with something else. Nothing inside a change."""
        if self._writer is None:
            self._known[key] = found

    @contextmanager
    def change(self) -> Iterator[None]:
        """One durable transaction. Raises CannotSave, and RuntimeError when one is running already."""
        if self._writer is not None:
            raise RuntimeError("a change is running already")
        with self._database.turn(), self._database.connect_changes() as connection:
            command(connection, self._database.begin)
            self._writer = connection
            self._known.clear()
            try:
                yield
                command(connection, "COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                self._writer = None

    def trace_one(self, write: Callable[[Connection], object]) -> None:
        """As `trace`, for one statement: that is a transaction by itself. Raises CannotSave."""
        if self._writer is not None:
            write(self._writer)
            return
        with self._database.turn():
            try:
                write(self.reader)
            except CannotLoad as error:
                raise CannotSave(error.detail) from error

    @contextmanager
    def trace(self) -> Iterator[Connection]:
        """A short, quick transaction for a row that may be lost with the machine; in a change, part of it.

        Raises CannotSave.
        """
        if self._writer is not None:  # a second writer would wait for the first, that is for itself
            yield self._writer
            return
        with self._database.turn():
            connection = self._begin_trace()
            try:
                yield connection
                command(connection, "COMMIT")
            except CannotLoad as error:
                _roll_back(connection)
                raise CannotSave(error.detail) from error
            except BaseException:
                _roll_back(connection)
                raise

    def _begin_trace(self) -> Connection:
        try:
            connection = self.reader
            command(connection, self._database.begin)
        except CannotLoad as error:
            raise CannotSave(error.detail) from error
        return connection

    def close(self) -> None:
        """Give the reader back at the request's end."""
        self._known.clear()
        reader, self._reader = self._reader, None
        if reader is not None:
            self._database.give_back(reader)


def _roll_back(connection: Connection) -> None:
    """Undo; a connection that cannot even do that is thrown away."""
    try:
        command(connection, "ROLLBACK")
    except (PortalError, SQLAlchemyError):
        connection.invalidate()

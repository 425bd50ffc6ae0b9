"""Connections to one database, made per process, in two pools. Knows no table."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.adapters.sql.query import FAILURE
from portal.errors import CannotLoad, CannotSave, PortalError

_OUR_MISTAKES = (IntegrityError, ProgrammingError, DataError)
_SQLITE_BUSY_MS = 5000
_POSTGRES = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '5s'",
    "SET statement_timeout = '15s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)
# One connection for each thread of a worker, and some more in a rush; a database has few hundreds to give.
_POOL_SIZE = 5
_POSTGRES_OVERFLOW = 15
_POOL_WAIT_SECONDS = 5.0


class Database:
    """One database by its SQLAlchemy address.

    `changes` is durable: what it commits survives the machine's end. `traces` is quick: reads, and short rows
    whose last moment may be lost with the machine (views, last seen, drafts). Connections are in the driver's
    autocommit; `SqlUnit` says BEGIN and COMMIT. Safe with a preloading server: a child makes its own engines.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._process = 0
        self._engines: tuple[Engine, Engine] | None = None
        self._turns = Lock()
        self._kept = local()  # SQLite: each thread keeps one quick connection between its requests
        self.sqlite = self.url.get_backend_name() == "sqlite"

    @property
    def begin(self) -> str:
        """SQLite takes the write lock at once: a transaction that began as a reader could not wait for it."""
        return "BEGIN IMMEDIATE" if self.sqlite else "BEGIN ISOLATION LEVEL READ COMMITTED"

    @property
    def changes(self) -> Engine:
        return self._both()[0]

    @property
    def traces(self) -> Engine:
        return self._both()[1]

    def connect_changes(self) -> Connection:
        """A connection of the durable pool. Raises CannotSave."""
        return _connect(self.changes, CannotSave)

    def connect_traces(self) -> Connection:
        """A connection of the quick pool. Raises CannotLoad."""
        return _connect(self.traces, CannotLoad)

    def borrow_traces(self) -> Connection:
        """As connect_traces, for `give_back`: the one this thread kept, where it kept one. Raises CannotLoad.

        A pool's check-out and check-in cost as much as the queries of a page; a file asks for neither. A
        server's connections can break between two requests: those always go through the pool.
        """
        kept: tuple[Engine, Connection] | None = getattr(self._kept, "spare", None)
        if kept is None or kept[0] is not self.traces:
            return self.connect_traces()
        self._kept.spare = None
        return kept[1]

    def give_back(self, connection: Connection) -> None:
        """Keep for this thread's next request, or close: one is enough, and one in a transaction is none."""
        if self.sqlite and getattr(self._kept, "spare", None) is None and _at_rest(connection):
            self._kept.spare = (connection.engine, connection)
        else:
            connection.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the process's turn to write. Raises CannotSave after the time SQLite itself would wait.

        SQLite has one writer and lets others poll with growing sleeps: under load some starve for seconds.
        Threads of one process queue here instead; between processes SQLite's lock decides. PostgreSQL needs
        nothing of this.
        """
        if not self.sqlite:
            yield
            return
        self._both()  # after a fork the lock is a new one
        turns = self._turns
        if not turns.acquire(timeout=_SQLITE_BUSY_MS / 1000):
            raise CannotSave("no turn to write")
        try:
            yield
        finally:
            turns.release()

    def make_folder(self) -> None:
        """Make the folder that a SQLite file will live in."""
        if self.sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)

    def dispose(self) -> None:
        """Close what this process opened."""
        kept: tuple[Engine, Connection] | None = getattr(self._kept, "spare", None)
        self._kept = local()
        if kept is not None and self._process == os.getpid():
            kept[1].close()
        if self._engines and self._process == os.getpid():
            for engine in self._engines:
                engine.dispose()
        self._engines = None

    def _both(self) -> tuple[Engine, Engine]:
        if self._engines is None or self._process != os.getpid():
            self._kept = local()
            if self._engines:  # after a fork the parent's connections are the parent's: forget, do not close
                for engine in self._engines:
                    engine.dispose(close=False)
            self._engines = (self._make(durable=True), self._make(durable=False))
            self._process = os.getpid()
            self._turns = Lock()
        return self._engines

    def _make(self, *, durable: bool) -> Engine:
        options: dict[str, Any] = {
            "hide_parameters": True,
            "isolation_level": "AUTOCOMMIT",
            "pool_size": _POOL_SIZE,
            "pool_timeout": _POOL_WAIT_SECONDS,
            "execution_options": {FAILURE: CannotSave if durable else CannotLoad},
        }
        if self.sqlite:
            options |= {"max_overflow": -1, "connect_args": {"timeout": _SQLITE_BUSY_MS / 1000}}
        else:
            options |= {"max_overflow": _POSTGRES_OVERFLOW, "pool_pre_ping": True}
        engine = create_engine(self.url, **options)
        prepare = _prepare_sqlite if self.sqlite else _prepare_postgres
        event.listen(engine, "connect", prepare(durable))
        event.listen(engine, "handle_error", _translator(CannotSave if durable else CannotLoad))
        return engine


def _at_rest(connection: Connection) -> bool:
    """Whether a SQLite connection holds no lock and no transaction, and can be used again."""
    if connection.closed or connection.invalidated:
        return False
    if connection.in_transaction():  # SQLAlchemy's own notion of one, in the driver's autocommit
        connection.rollback()
    driver: Any = connection.connection.dbapi_connection
    return driver is not None and not driver.in_transaction


def _connect(engine: Engine, failure: type[PortalError]) -> Connection:
    try:
        return engine.connect()
    except PoolTimeout as error:
        raise failure("no connection free") from error


def _translator(failure: type[PortalError]) -> Any:
    """Turn trouble of the database (locked, full, gone) into ours; leave refused values as they are."""

    def translate(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if isinstance(error, DatabaseError) and not isinstance(error, _OUR_MISTAKES):
            raise failure(type(context.original_exception).__name__) from context.original_exception

    return translate


def _prepare_sqlite(durable: bool) -> Any:
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    return prepare


def _prepare_postgres(durable: bool) -> Any:
    def prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True  # a SET inside a transaction would go with its rollback
        with connection.cursor() as cursor:
            for statement in _POSTGRES:
                cursor.execute(statement)
            if not durable:
                cursor.execute("SET synchronous_commit = off")

    return prepare

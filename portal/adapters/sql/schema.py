"""Brings a database to the newest revision of its tables. Knows no table itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from portal.adapters.sql.engine import Database
from portal.errors import PortalError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Any number will do, so long as every process that migrates asks for the same one.
_POSTGRES_LOCK = 7_061_001


def newest() -> str:
    """The newest revision: files in migrations/versions are named by it, NNNN_what.py."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def current(database: Database) -> str | None:
    """The revision a database is at; None for an empty one."""
    with database.connect_traces() as connection:
        try:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except (PortalError, SQLAlchemyError):  # no such table: the one answer that is not trouble
            connection.execute(text("SELECT 1"))
            return None


def upgrade(database: Database) -> bool:
    """Bring the database to the newest revision; whether there was anything to do.

    One transaction, and one process at a time: the others wait and find it done. Raises CannotSave.
    """
    database.make_folder()
    if current(database) == newest():
        return False
    with database.connect_changes() as connection:
        connection.exec_driver_sql(database.begin)
        try:
            _wait_for_turn(connection, database)
            _run(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
    return True


def config(connection: Connection) -> "Config":
    """Alembic's settings for a connection; no file needed and no folder assumed."""
    from alembic.config import Config  # imported late: a server at the newest revision never needs it

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _wait_for_turn(connection: Connection, database: Database) -> None:
    """SQLite has the write lock already; PostgreSQL gets one that other migrating processes wait for."""
    if not database.sqlite:
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})")


def _run(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")

"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells per database. Knows no table."""

from collections.abc import Callable
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from portal.adapters.sql.engine import Database
from portal.adapters.sql.query import Query


def upsert(database: Database, table: Table) -> postgresql.Insert:
    """An insert with `on_conflict_do_nothing()` and `on_conflict_do_update(…)`, alike for both databases."""
    if database.sqlite:
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)


def upsert_query(table: Table, shaped: Callable[[postgresql.Insert], postgresql.Insert]) -> Query:
    """A Query of an insert of whole rows. `shaped` gives it `on_conflict_do_nothing()` or the like."""
    columns = [column.name for column in table.c]
    return Query(
        shaped(postgresql.insert(table)),
        columns,
        sqlite=shaped(cast("postgresql.Insert", sqlite.insert(table))),
    )

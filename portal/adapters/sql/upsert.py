"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells per database. Knows no table."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from portal.adapters.sql.engine import Database


def upsert(database: Database, table: Table) -> postgresql.Insert:
    """An insert with `on_conflict_do_nothing()` and `on_conflict_do_update(…)`, alike for both databases."""
    if database.sqlite:
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)

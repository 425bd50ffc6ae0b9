"""What people say about the portal: whatever keeps it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.adapters.sql import tables_portal
from portal.adapters.sql.engine import Database
from tests.contract.portal.parts import Portal, sql_portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def save(portal: Portal, key: str, words: str = "Good, diolch, شکریہ") -> None:
    with portal.unit.change():
        portal.feedback.save(key=key, page="home", rating="good", words=words, language="en", at=AT)


def test_feedback_is_saved_only_inside_a_change(portal: Portal) -> None:
    save(portal, "key-1")
    with pytest.raises(RuntimeError):
        portal.feedback.save(key="key-2", page="home", rating="good", words="", language="en", at=AT)


def test_the_same_key_is_kept_once_as_first_sent(database: Database) -> None:
    portal = sql_portal(database)
    save(portal, "key-1")
    save(portal, "key-1", "changed")
    save(portal, "key-2")
    portal.unit.close()
    table = tables_portal.feedback
    with database.connect_traces() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 2
        assert set(connection.execute(select(table.c.words)).scalars()) == {"Good, diolch, شکریہ"}


def test_feedback_keeps_nothing_that_tells_who_said_it() -> None:
    assert set(tables_portal.feedback.columns.keys()) == {"key", "page", "rating", "words", "language", "at"}

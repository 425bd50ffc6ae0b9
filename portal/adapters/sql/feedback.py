"""What people say about the portal, as rows without account, address or browser."""

from datetime import datetime

from portal.adapters.sql.tables_portal import feedback
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert


class SqlFeedback:
    """Implements ports.feedback.Feedback."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def save(self, *, key: str, page: str, rating: str, words: str, language: str, at: datetime) -> None:
        """Inside a change. The same key is kept once, as first sent."""
        values = {"key": key, "page": page, "rating": rating, "words": words, "language": language, "at": at}
        kept = upsert(self._unit.database, feedback).values(values)
        self._unit.writer.execute(kept.on_conflict_do_nothing(index_elements=["key"]))

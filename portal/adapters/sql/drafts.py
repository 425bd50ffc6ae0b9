"""Answers of unfinished journeys as rows. Nothing here outlives 24 hours without use (S35)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import NOBODY, draft
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert_query
from portal.domain.ids import AccountId, PatientId
from portal.ports.drafts import KEPT_FOR

_THIS = (
    draft.c.account == bindparam("account"),
    draft.c.patient == bindparam("patient"),
    draft.c.journey == bindparam("journey"),
)
_LOAD = Query(select(draft.c.answers).where(*_THIS, draft.c.saved_at > bindparam("since")))
_DROP = Query(delete(draft).where(*_THIS))
_SAVE = upsert_query(
    draft,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["account", "patient", "journey"],
        set_={"answers": insert.excluded.answers, "saved_at": insert.excluded.saved_at},
    ),
)


class SqlDrafts:
    """Implements ports.drafts.Drafts."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def load(
        self, account: AccountId, patient: PatientId | None, journey: str, now: datetime
    ) -> dict[str, str]:
        """The answers so far; empty when there are none or they are too old."""
        key = {"account": account, "patient": patient or NOBODY, "journey": journey}
        found: dict[str, str] | None = _LOAD.scalar(self._unit.reader, key | {"since": now - KEPT_FOR})
        return found or {}

    def save(
        self,
        account: AccountId,
        patient: PatientId | None,
        journey: str,
        answers: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Replace the answers so far."""
        key = {"account": account, "patient": patient or NOBODY, "journey": journey}
        row = key | {"answers": dict(answers), "saved_at": now}
        self._unit.trace_one(lambda connection: _SAVE.run(connection, row))

    def drop(self, account: AccountId, patient: PatientId | None, journey: str) -> None:
        key = {"account": account, "patient": patient or NOBODY, "journey": journey}
        self._unit.trace_one(lambda connection: _DROP.run(connection, key))

    def tidy(self, before: datetime) -> int:
        """Forget what was saved before then; how many."""
        with self._unit.trace() as connection:
            return connection.execute(delete(draft).where(draft.c.saved_at < before)).rowcount

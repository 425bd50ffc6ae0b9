"""Answers of unfinished journeys as rows. Nothing here outlives 24 hours without use (S35)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import NOBODY, draft
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, PatientId
from portal.ports.drafts import KEPT_FOR

_THIS = (
    draft.c.account == bindparam("account"),
    draft.c.patient == bindparam("patient"),
    draft.c.journey == bindparam("journey"),
)
_LOAD = Query(select(draft.c.answers).where(*_THIS, draft.c.saved_at > bindparam("since")))
_DROP = delete(draft).where(*_THIS)


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
        facts = {"answers": dict(answers), "saved_at": now}
        kept = upsert(self._unit.database, draft).values(key | facts)
        with self._unit.trace() as connection:
            connection.execute(kept.on_conflict_do_update(index_elements=list(key), set_=facts))

    def drop(self, account: AccountId, patient: PatientId | None, journey: str) -> None:
        with self._unit.trace() as connection:
            connection.execute(_DROP, {"account": account, "patient": patient or NOBODY, "journey": journey})

    def tidy(self, before: datetime) -> int:
        """Forget what was saved before then; how many."""
        with self._unit.trace() as connection:
            return connection.execute(delete(draft).where(draft.c.saved_at < before)).rowcount

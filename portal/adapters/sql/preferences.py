"""What people need at a visit, as they said it, as rows. Keeps the adjustment only, never a reason for it."""

from datetime import datetime

from sqlalchemy import bindparam, select

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import person_needs
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.appointments import Need, Needs
from portal.domain.ids import PatientId

_NEEDS_OF = Query(select(person_needs).where(person_needs.c.patient == bindparam("patient")))


class SqlPreferences:
    """Implements ports.preferences.Preferences."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def needs_of(self, patient: PatientId) -> Needs | None:
        """None when the person was never asked; empty Needs when they said they have none."""
        row = _NEEDS_OF.first(self._unit.reader, {"patient": patient})
        if row is None:
            return None
        return Needs(
            all=frozenset(Need(need) for need in row.needs), interpreter_language=row.interpreter_language
        )

    def save_needs(self, patient: PatientId, needs: Needs, at: datetime) -> None:
        """Replace them. Inside a change."""
        facts = {
            "needs": sorted(need.value for need in needs.all),
            "interpreter_language": needs.interpreter_language,
            "at": at,
        }
        kept = upsert(self._unit.database, person_needs).values(facts | {"patient": patient})
        self._unit.writer.execute(kept.on_conflict_do_update(index_elements=["patient"], set_=facts))

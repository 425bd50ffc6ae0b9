"""What a person at the practice must do, as rows. Nothing is ticked by a program (S28)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import staff_task
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, AppointmentId, OrganisationId, PatientId, TaskId
from portal.errors import NotFound
from portal.ports.tasks import Task

_COLUMNS = tuple(column.name for column in staff_task.columns)
_OPEN_OF = Query(
    select(staff_task)
    .where(staff_task.c.organisation == bindparam("organisation"), staff_task.c.done_at.is_(None))
    .order_by(staff_task.c.due_at, staff_task.c.id)
)


class SqlTasks:
    """Implements ports.tasks.Tasks."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def add(self, task: Task) -> None:
        """Keep a task; one that is there already (same id, or same kind and appointment) stands as it is."""
        values = {name: getattr(task, name) for name in _COLUMNS}
        self._unit.writer.execute(
            upsert(self._unit.database, staff_task).values(values).on_conflict_do_nothing()
        )

    def open_of(self, organisation: OrganisationId) -> Sequence[Task]:
        """One organisation's open tasks, the most urgent first."""
        return [_task(row) for row in _OPEN_OF.all(self._unit.reader, {"organisation": organisation})]

    def done(self, task: TaskId, organisation: OrganisationId, by: AccountId, at: datetime) -> Task | None:
        """Raises NotFound for another organisation's. The first tick stands."""
        table = staff_task
        mine = (table.c.id == task, table.c.organisation == organisation)
        ticked = update(table).where(*mine, table.c.done_at.is_(None)).values(done_at=at, done_by=by)
        first = self._unit.writer.execute(ticked).rowcount == 1
        row = self._unit.writer.execute(select(table).where(*mine)).one_or_none()
        if row is None:
            raise NotFound("task")
        return _task(row) if first else None


def _task(row: Row[Any]) -> Task:
    return Task(
        id=TaskId(row.id),
        organisation=OrganisationId(row.organisation),
        kind=row.kind,
        patient=PatientId(row.patient),
        made_at=row.made_at,
        due_at=row.due_at,
        appointment=None if row.appointment is None else AppointmentId(row.appointment),
        done_at=row.done_at,
        done_by=None if row.done_by is None else AccountId(row.done_by),
    )

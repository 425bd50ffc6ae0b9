"""The made-up people anybody may sign in as in the try-out service. Real people never stand here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from portal.access.policy import Level
from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import demo_person
from portal.adapters.sql.unit import SqlUnit
from portal.errors import NotFound
from portal.ports.identity import DemoPerson, Identity

ISSUER = "demo"
_LISTED = Query(select(demo_person).order_by(demo_person.c.position))


class SqlDemoPeople:
    """Implements ports.identity.DemoPeople."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def listed(self) -> Sequence[DemoPerson]:
        rows = _LISTED.all(self._unit.reader)
        return [
            DemoPerson(subject=row.subject, name=row.name, story=row.story, staff=row.staff) for row in rows
        ]

    def identity(self, subject: str, at: datetime) -> Identity:
        """What signing in as this person proves: level P9, as of `at`. Raises NotFound."""
        wanted = select(demo_person.c.subject).where(demo_person.c.subject == subject)
        if self._unit.reader.execute(wanted).scalar_one_or_none() is None:
            raise NotFound("demo-person")
        return Identity(issuer=ISSUER, subject=subject, level=Level.P9, authenticated_at=at)

    def save(self, people: Sequence[DemoPerson]) -> None:
        """Make this the list, in this order. Inside a change."""
        self._unit.writer.execute(delete(demo_person))
        rows = [
            {
                "subject": person.subject,
                "name": person.name,
                "story": person.story,
                "staff": person.staff,
                "position": position,
            }
            for position, person in enumerate(people)
        ]
        if rows:
            self._unit.writer.execute(insert(demo_person), rows)

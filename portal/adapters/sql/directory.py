"""Public facts in SQL: organisations, sites, services and clinicians. Names no patient."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import select

from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_places import AnyRow, organisation_of, practitioner_of, service_of, site_of
from portal.adapters.sql.tables_clinical import organisation, practitioner, service, site
from portal.adapters.sql.unit import SqlUnit
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site

T = TypeVar("T")

_ORGANISATIONS = Query(select(organisation).order_by(organisation.c.id))
_SITES = Query(select(site).order_by(site.c.id))
_SERVICES = Query(select(service).order_by(service.c.id))
_PRACTITIONERS = Query(select(practitioner).order_by(practitioner.c.id))


class SqlDirectory:
    """Implements ports.clinical.Directory. All lists are in order of id, and read once a request."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def organisations(self) -> Sequence[Organisation]:
        return self._once(_ORGANISATIONS, organisation_of)

    def sites(self) -> Sequence[Site]:
        return self._once(_SITES, site_of)

    def services(self) -> Sequence[Service]:
        return self._once(_SERVICES, service_of)

    def practitioners(self) -> Sequence[Practitioner]:
        return self._once(_PRACTITIONERS, practitioner_of)

    def _once(self, query: Query, read: Callable[[AnyRow], T]) -> Sequence[T]:
        return self._unit.once(
            ("directory", query), lambda: tuple(read(row) for row in query.all(self._unit.reader))
        )

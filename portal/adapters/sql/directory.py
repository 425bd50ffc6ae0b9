"""Public facts in SQL: organisations, sites, services and clinicians. Names no patient."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.adapters.sql.rows_places import organisation_of, practitioner_of, service_of, site_of
from portal.adapters.sql.tables_clinical import organisation, practitioner, service, site
from portal.adapters.sql.unit import SqlUnit
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site

_ORGANISATIONS = select(organisation).order_by(organisation.c.id)
_SITES = select(site).order_by(site.c.id)
_SERVICES = select(service).order_by(service.c.id)
_PRACTITIONERS = select(practitioner).order_by(practitioner.c.id)


class SqlDirectory:
    """Implements ports.clinical.Directory. All lists are in order of id."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def organisations(self) -> Sequence[Organisation]:
        return [organisation_of(row) for row in self._unit.reader.execute(_ORGANISATIONS)]

    def sites(self) -> Sequence[Site]:
        return [site_of(row) for row in self._unit.reader.execute(_SITES)]

    def services(self) -> Sequence[Service]:
        return [service_of(row) for row in self._unit.reader.execute(_SERVICES)]

    def practitioners(self) -> Sequence[Practitioner]:
        return [practitioner_of(row) for row in self._unit.reader.execute(_PRACTITIONERS)]

"""The clinical source in SQL: opens charts and desks. Whoever holds a grant has been judged already."""

from collections.abc import Callable

from portal.access.policy import AccessGrant, SiteGrant, SystemGrant
from portal.adapters.sql.chart import SqlChart
from portal.adapters.sql.desk import SqlDesk
from portal.adapters.sql.directory import SqlDirectory
from portal.adapters.sql.unit import SqlUnit
from portal.ports.clock import Clock
from portal.ports.remote_changes import Settled


class SqlSource:
    """Implements ports.clinical.ClinicalSource for one request."""

    def __init__(self, unit: SqlUnit, clock: Clock) -> None:
        self._unit = unit
        self._clock = clock

    def open(self, grant: AccessGrant) -> SqlChart:
        return SqlChart(self._unit, self._clock, grant.patient)

    def open_site(self, grant: SiteGrant) -> SqlDesk:
        return SqlDesk(self._unit, grant.organisation)

    def settle(self, grant: SystemGrant, record: Callable[[Settled], None]) -> int:
        """Nothing is ever left over: one transaction holds all of a change."""
        return 0

    def directory(self) -> SqlDirectory:
        return SqlDirectory(self._unit)

"""Public facts in SQL: organisations, sites, services and clinicians. Names no patient.

The only thing that a process keeps between requests: each request asks whether it is still the same
(docs/adr/0061).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import select

from portal.adapters.sql.engine import Database
from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_places import AnyRow, organisation_of, practitioner_of, service_of, site_of
from portal.adapters.sql.tables_clinical import organisation, practitioner, service, site
from portal.adapters.sql.tables_portal import directory_version
from portal.adapters.sql.unit import SqlUnit
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.ports.clinical import Known

T = TypeVar("T")

_ORGANISATIONS = Query(select(organisation).order_by(organisation.c.id))
_SITES = Query(select(site).order_by(site.c.id))
_SERVICES = Query(select(service).order_by(service.c.id))
_PRACTITIONERS = Query(select(practitioner).order_by(practitioner.c.id))
_VERSION = Query(select(directory_version.c.number))


class _Kept(NamedTuple):
    """The whole directory as it was at a version; None where the database does not count versions."""

    version: int | None
    organisations: Sequence[Organisation]
    sites: Sequence[Site]
    services: Sequence[Service]
    practitioners: Sequence[Practitioner]
    known: Known


_KEPT: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()


class SqlDirectory:
    """Implements ports.clinical.Directory. All lists are in order of id."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def organisations(self) -> Sequence[Organisation]:
        return self._whole().organisations

    def sites(self) -> Sequence[Site]:
        return self._whole().sites

    def services(self) -> Sequence[Service]:
        return self._whole().services

    def practitioners(self) -> Sequence[Practitioner]:
        return self._whole().practitioners

    def known(self) -> Known:
        return self._whole().known

    def _whole(self) -> _Kept:
        return self._unit.once(("directory",), self._kept_or_read)

    def _kept_or_read(self) -> _Kept:
        """What is kept, if no change was committed since; else read, and kept unless a change is running.

        The version is read first: what another commits between the two is newer than its number says, and so
        is read again the next time. Inside a change the number may be one that is never committed.
        """
        version = _VERSION.scalar(self._unit.reader)
        kept = _KEPT.get(self._unit.database)
        if kept is not None and kept.version == version:
            return kept
        read = self._read(version)
        if version is not None and not _changing(self._unit):
            _KEPT[self._unit.database] = read
        return read

    def _read(self, version: int | None) -> _Kept:
        organisations = self._all(_ORGANISATIONS, organisation_of)
        sites = self._all(_SITES, site_of)
        services = self._all(_SERVICES, service_of)
        practitioners = self._all(_PRACTITIONERS, practitioner_of)
        known = Known(
            organisations={each.id: each for each in organisations},
            sites={each.id: each for each in sites},
            services={each.id: each for each in services},
            practitioners={each.id: each for each in practitioners},
        )
        return _Kept(version, organisations, sites, services, practitioners, known)

    def _all(self, query: Query, read: Callable[[AnyRow], T]) -> tuple[T, ...]:
        return tuple(read(row) for row in query.all(self._unit.reader))


def _changing(unit: SqlUnit) -> bool:
    try:
        return unit.writer is not None
    except RuntimeError:  # no change is running
        return False

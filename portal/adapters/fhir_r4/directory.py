"""Public facts from a FHIR server: organisations, sites, services and clinicians. Names no patient."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from portal.adapters.fhir_r4.client import Resource
from portal.adapters.fhir_r4.reader import Reader
from portal.domain.ids import ServiceId, SiteId
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.fhir import healthcare_service, location, organisation, practitioner

T = TypeVar("T")
_PAGE = ("_count", "200")


class FhirDirectory:
    """Implements ports.clinical.Directory. All lists are in order of id, and read once a request."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def organisations(self) -> Sequence[Organisation]:
        return self._all("Organization", organisation.from_fhir)

    def sites(self) -> Sequence[Site]:
        return self._all("Location", location.from_fhir)

    def services(self) -> Sequence[Service]:
        return self._all("HealthcareService", healthcare_service.from_fhir)

    def practitioners(self) -> Sequence[Practitioner]:
        return self._all("Practitioner", practitioner.from_fhir)

    def service(self, wanted: ServiceId) -> Service | None:
        return self._services_by_id().get(wanted)

    def site(self, wanted: SiteId | None) -> Site | None:
        return next((each for each in self.sites() if each.id == wanted), None)

    def load(self) -> None:
        """Everything at once, where a page will need it all."""
        self._reader.conversation.together(self.services, self.sites, self.practitioners, self.organisations)

    def _services_by_id(self) -> Mapping[ServiceId, Service]:
        return self._reader.once(("services",), lambda: {each.id: each for each in self.services()})

    def _all(self, kind: str, read: Callable[[Resource], T]) -> Sequence[T]:
        return self._reader.once(("directory", kind), lambda: self._read(kind, read))

    def _read(self, kind: str, read: Callable[[Resource], T]) -> Sequence[T]:
        """Those out of use are left out; one that cannot be understood costs itself alone."""
        found = self._reader.many(kind, [_PAGE], None)
        live = sorted((each for each in found if _in_use(each)), key=lambda each: str(each.get("id")))
        return tuple(self._reader.understood(live, read))


def _in_use(resource: Resource) -> bool:
    return resource.get("active") is not False and resource.get("status") != "inactive"

"""Public facts from a FHIR server: organisations, sites, services and clinicians. Names no patient."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from portal.adapters.fhir_r4.client import Resource
from portal.adapters.fhir_r4.reader import Reader
from portal.domain.ids import ServiceId, SiteId
from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.fhir import healthcare_service, location, organisation, practitioner
from portal.ports.clinical import Known

T = TypeVar("T")
_PAGE = ("_count", "200")


class FhirDirectory:
    """Implements ports.clinical.Directory. All lists are in order of id, and read once a request."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def organisations(self) -> Sequence[Organisation]:
        return self.load()["Organization"]

    def sites(self) -> Sequence[Site]:
        return self.load()["Location"]

    def services(self) -> Sequence[Service]:
        return self.load()["HealthcareService"]

    def practitioners(self) -> Sequence[Practitioner]:
        return self.load()["Practitioner"]

    def known(self) -> Known:
        return self._reader.once(("known",), self._by_id)

    def _by_id(self) -> Known:
        return Known(
            organisations={each.id: each for each in self.organisations()},
            sites={each.id: each for each in self.sites()},
            services={each.id: each for each in self.services()},
            practitioners={each.id: each for each in self.practitioners()},
        )

    def service(self, wanted: ServiceId) -> Service | None:
        return self.known().services.get(wanted)

    def site(self, wanted: SiteId | None) -> Site | None:
        return None if wanted is None else self.known().sites.get(wanted)

    def load(self) -> Mapping[str, Sequence[Any]]:
        """All four lists, asked for at once: a page that needs one of them needs the others too."""
        return self._reader.once(("directory",), self._load)

    def _load(self) -> Mapping[str, Sequence[Any]]:
        read: dict[str, Callable[[Resource], Any]] = {
            "Organization": organisation.from_fhir,
            "Location": location.from_fhir,
            "HealthcareService": healthcare_service.from_fhir,
            "Practitioner": practitioner.from_fhir,
        }
        found = self._reader.conversation.together(
            *(partial(self._read, kind, mapping) for kind, mapping in read.items())
        )
        return dict(zip(read, found, strict=True))

    def _read(self, kind: str, read: Callable[[Resource], T]) -> Sequence[T]:
        """Those out of use are left out; one that cannot be understood costs itself alone."""
        found = self._reader.many(kind, [_PAGE], None)
        live = sorted((each for each in found if _in_use(each)), key=lambda each: str(each.get("id")))
        return tuple(self._reader.understood(live, read))


def _in_use(resource: Resource) -> bool:
    return resource.get("active") is not False and resource.get("status") != "inactive"

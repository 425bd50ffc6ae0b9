"""The public facts of an in-memory source, in order of id. No I/O; one thread."""

from collections.abc import Callable, Sequence
from typing import Any

from portal.domain.people import Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.ports.clinical import Known


class FakeDirectory:
    """Implements ports.clinical.Directory."""

    def __init__(self, every: Callable[[type[Any]], list[Any]]) -> None:
        self._every = every

    def organisations(self) -> Sequence[Organisation]:
        return self._every(Organisation)

    def sites(self) -> Sequence[Site]:
        return self._every(Site)

    def services(self) -> Sequence[Service]:
        return self._every(Service)

    def practitioners(self) -> Sequence[Practitioner]:
        return self._every(Practitioner)

    def known(self) -> Known:
        return Known(
            organisations={each.id: each for each in self.organisations()},
            sites={each.id: each for each in self.sites()},
            services={each.id: each for each in self.services()},
            practitioners={each.id: each for each in self.practitioners()},
        )

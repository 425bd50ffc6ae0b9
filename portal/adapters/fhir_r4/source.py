"""The clinical source over FHIR R4: opens charts and desks. Whoever holds a grant has been judged already."""

import logging
from collections.abc import Callable
from typing import Final

from portal.access.policy import AccessGrant, SiteGrant, SystemGrant
from portal.adapters.fhir_r4.booking import Bookings
from portal.adapters.fhir_r4.chart import FhirChart
from portal.adapters.fhir_r4.claims import Mode, always_claim
from portal.adapters.fhir_r4.client import Conversation, FhirClient
from portal.adapters.fhir_r4.desk import FhirDesk
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.settling import Settler
from portal.adapters.fhir_r4.unit import PausingUnit
from portal.errors import PortalError
from portal.ports.clock import Clock
from portal.ports.jobs import Leases
from portal.ports.remote_changes import CUT_OFF_AFTER, Act, ChangeKind, RemoteChange, RemoteChanges, Settled

LOG: Final = logging.getLogger("portal.fhir")


class FhirSource:
    """Implements ports.clinical.ClinicalSource for one request."""

    def __init__(
        self,
        client: FhirClient,
        unit: PausingUnit,
        changes: RemoteChanges,
        leases: Leases,
        clock: Clock,
        mode: Callable[[], Mode] = always_claim,
    ) -> None:
        self._client, self._unit, self._changes = client, unit, changes
        self._leases, self._clock, self._mode = leases, clock, mode
        self.reader = Reader(Conversation(client))
        self._directory = FhirDirectory(self.reader)
        self._bookings = Bookings(self.reader, self._directory, unit, changes, mode)

    def open(self, grant: AccessGrant) -> FhirChart:
        return FhirChart(
            grant.patient,
            self.reader,
            self._directory,
            self._bookings,
            self._unit,
            self._leases,
            self._clock,
        )

    def open_site(self, grant: SiteGrant) -> FhirDesk:
        return FhirDesk(grant.organisation, self.reader, self._directory, self._bookings, self._unit)

    def directory(self) -> FhirDirectory:
        return self._directory

    def settle(self, grant: SystemGrant, record: Callable[[Settled], None]) -> int:
        """Settle what was cut off two minutes ago or longer; how many. One's trouble is no other's."""
        count = 0
        for change in self._changes.left_since(self._clock.now() - CUT_OFF_AFTER):
            try:
                settled = self._settled(change)
                with self._unit.change():
                    self._record(settled)
                    record(settled)
                count += 1
            except PortalError as trouble:
                fields = {"kind": change.kind.value, "code": trouble.code, "detail": trouble.detail}
                LOG.warning("change-not-settled", extra={"fields": fields})
        return count

    def _settled(self, change: RemoteChange) -> Settled:
        reader = Reader(Conversation(self._client))
        directory = FhirDirectory(reader)
        bookings = Bookings(reader, directory, self._unit, self._changes, self._mode)
        return Settler(reader, bookings).settle(change)

    def _record(self, settled: Settled) -> None:
        change, visit = settled.change, settled.visit
        self._changes.forget(change.id)
        if visit is None or change.account is None:
            return
        if change.kind in (ChangeKind.BOOK, ChangeKind.MOVE):
            self._changes.note_act(visit.id, Act.BOOKED, change.account)
        if change.kind in (ChangeKind.CANCEL, ChangeKind.WITHDRAW):
            self._changes.note_act(visit.id, Act.CANCELLED, change.account)
        if change.kind is ChangeKind.MOVE and change.appointment is not None:
            self._changes.note_act(change.appointment, Act.CANCELLED, change.account)

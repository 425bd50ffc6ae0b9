"""Slot watches: 'tell me if a time opens'. Kept now; capability 5 delivers them (S36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.domain.appointments import Mode
from portal.domain.ids import AccountId, OrganisationId, PatientId, ServiceId, WatchId


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Somebody waits for a time. Ends by itself at `until`."""

    id: WatchId
    account: AccountId
    patient: PatientId
    organisation: OrganisationId
    services: tuple[ServiceId, ...]
    modes: frozenset[Mode]
    made_at: datetime
    until: datetime


class Watches(Protocol):
    def add(self, watch: Watch) -> None:
        """Inside a change. The same services and modes for the same patient are kept once."""
        ...

    def of_patient(self, account: AccountId, patient: PatientId, now: datetime) -> Sequence[Watch]: ...

    def remove(self, watch: WatchId, account: AccountId, patient: PatientId) -> None:
        """Inside a change. Raises NotFound when it is not this account's and patient's."""
        ...

"""What a person told the portal about themself: needs at a visit."""

from datetime import datetime
from typing import Protocol

from portal.domain.appointments import Needs
from portal.domain.ids import PatientId


class Preferences(Protocol):
    def needs_of(self, patient: PatientId) -> Needs | None:
        """None when the person was never asked; empty Needs when they said they have none."""
        ...

    def save_needs(self, patient: PatientId, needs: Needs, at: datetime) -> None:
        """Inside a change."""
        ...

"""Who may act for whom, who works where, and the random references that stand in URLs for patients."""

from collections.abc import Sequence
from typing import Protocol

from portal.access.policy import PatientRelation, StaffRelation
from portal.domain.ids import AccountId, PatientId, PatientRef


class Relations(Protocol):
    """Reads are from the database at each request; nothing is remembered between requests."""

    def patients_of(self, account: AccountId) -> Sequence[PatientRelation]: ...

    def staff_of(self, account: AccountId) -> Sequence[StaffRelation]: ...

    def patient_of(self, account: AccountId, ref: PatientRef) -> PatientId | None:
        """The patient this reference means to this account; None for any other account."""
        ...

    def ref_of(self, account: AccountId, patient: PatientId) -> PatientRef:
        """The stable random reference, made at first use."""
        ...

    def save_patient(self, relation: PatientRelation) -> None: ...

    def save_staff(self, relation: StaffRelation) -> None: ...

"""Who may act for whom, who works where, and patients' references in URLs, as rows. Decides nothing."""

import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, select

from portal.access.permissions import Permission
from portal.access.policy import PatientRelation, StaffRelation
from portal.adapters.sql.query import Query
from portal.adapters.sql.tables_portal import patient_ref, patient_relation, staff_relation
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId, OrganisationId, PatientId, PatientRef

PATIENTS_OF, PATIENT_OF = "patients-of", "patient-of"  # by what the unit remembers them for one request
_REF_BYTES = 16

_PATIENTS_OF = Query(
    select(patient_relation)
    .where(patient_relation.c.account == bindparam("account"))
    .order_by(patient_relation.c.patient, patient_relation.c.basis)
)
_STAFF_OF = Query(
    select(staff_relation)
    .where(staff_relation.c.account == bindparam("account"))
    .order_by(staff_relation.c.organisation)
)
_PATIENT_OF = Query(
    select(patient_ref.c.patient).where(
        patient_ref.c.ref == bindparam("ref"), patient_ref.c.account == bindparam("account")
    )
)
_REF_OF = Query(
    select(patient_ref.c.ref).where(
        patient_ref.c.account == bindparam("account"), patient_ref.c.patient == bindparam("patient")
    )
)


class SqlRelations:
    """Implements ports.relations.Relations. Nothing is remembered between requests."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def patients_of(self, account: AccountId) -> Sequence[PatientRelation]:
        """All relations of an account, running or not; the policy judges their dates."""
        return self._unit.once(
            (PATIENTS_OF, account),
            lambda: tuple(
                relation_of(row) for row in _PATIENTS_OF.all(self._unit.reader, {"account": account})
            ),
        )

    def staff_of(self, account: AccountId) -> Sequence[StaffRelation]:
        """All places an account works or worked at; the policy judges their dates."""
        return [_staff(row) for row in _STAFF_OF.all(self._unit.reader, {"account": account})]

    def patient_of(self, account: AccountId, ref: PatientRef) -> PatientId | None:
        """The patient a reference means to this account; None for a stranger's or an unknown one."""
        found: PatientId | None = self._unit.once(
            (PATIENT_OF, account, ref),
            lambda: _PATIENT_OF.scalar(self._unit.reader, {"account": account, "ref": ref}),
        )
        return found

    def ref_of(self, account: AccountId, patient: PatientId) -> PatientRef:
        """The stable reference: 128 random bits, made once even when several ask at the same moment."""
        wanted = {"account": account, "patient": patient}
        known = _REF_OF.scalar(self._unit.reader, wanted)
        if known is not None:
            return PatientRef(known)
        made = upsert(self._unit.database, patient_ref).on_conflict_do_nothing(
            index_elements=["account", "patient"]
        )
        with self._unit.trace() as connection:
            connection.execute(made, wanted | {"ref": secrets.token_urlsafe(_REF_BYTES)})
            return PatientRef(_REF_OF.scalar(connection, wanted))

    def save_patient(self, relation: PatientRelation) -> None:
        """Make or replace the relation of this account, patient and basis. Inside a change."""
        facts = {
            "scopes": _codes(relation.scopes),
            "starts_on": relation.starts_on,
            "ends_on": relation.ends_on,
            "suspended": relation.suspended,
        }
        key = {"account": relation.account, "patient": relation.patient, "basis": relation.basis}
        made = upsert(self._unit.database, patient_relation).values(key | facts)
        self._unit.writer.execute(made.on_conflict_do_update(index_elements=list(key), set_=facts))

    def save_staff(self, relation: StaffRelation) -> None:
        """Make or replace the relation of this account and organisation. Inside a change."""
        facts = {
            "scopes": _codes(relation.scopes),
            "starts_on": relation.starts_on,
            "ends_on": relation.ends_on,
        }
        key = {"account": relation.account, "organisation": relation.organisation}
        made = upsert(self._unit.database, staff_relation).values(key | facts)
        self._unit.writer.execute(made.on_conflict_do_update(index_elements=list(key), set_=facts))


_PERMISSIONS = {permission.value: permission for permission in Permission}


def _codes(scopes: frozenset[Permission]) -> list[str]:
    return sorted(permission.value for permission in scopes)


@lru_cache(maxsize=256)  # few sets of permissions exist, and every page asks for one
def _known(codes: tuple[str, ...]) -> frozenset[Permission]:
    return frozenset(_PERMISSIONS[code] for code in codes if code in _PERMISSIONS)


def _scopes(codes: Sequence[str]) -> frozenset[Permission]:
    """A permission this version does not know is not given."""
    return _known(tuple(codes))


def relation_of(row: Row[Any]) -> PatientRelation:
    """A relation from the columns of its table."""
    return PatientRelation(
        account=AccountId(row.account),
        patient=PatientId(row.patient),
        basis=row.basis,
        scopes=_scopes(row.scopes),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        suspended=row.suspended,
    )


def _staff(row: Row[Any]) -> StaffRelation:
    return StaffRelation(
        account=AccountId(row.account),
        organisation=OrganisationId(row.organisation),
        scopes=_scopes(row.scopes),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )

"""The one place that makes grants: pure functions of actor, subject, permission, relations and today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, IntEnum

from portal.access.permissions import Permission
from portal.domain.ids import AccountId, OrganisationId, PatientId
from portal.errors import NotAllowed, StepUpNeeded


class Level(IntEnum):
    """How sure we are who somebody is (NHS login levels).

    P0 contact details only, P5 matched, P9 photo identity.
    """

    P0 = 0
    P5 = 5
    P9 = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is signed in, how surely, and since when."""

    account: AccountId
    level: Level
    authenticated_at: datetime


class Basis(Enum):
    """Why somebody may act for a patient.

    Capability 4 adds consent, parental responsibility and others as data.
    """

    SELF = "self"
    CONSENT = "consent"
    PARENT = "parent"
    ATTORNEY = "attorney"
    DEPUTY = "deputy"
    BEST_INTERESTS = "best-interests"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRelation:
    """One account may act for one patient, within scopes and dates (both inclusive)."""

    account: AccountId
    patient: PatientId
    basis: Basis
    scopes: frozenset[Permission]
    starts_on: date
    ends_on: date | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRelation:
    """One account works at one organisation, with these permissions, until a date (inclusive)."""

    account: AccountId
    organisation: OrganisationId
    scopes: frozenset[Permission]
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant:
    """The key to one patient's chart for one request. Made only here."""

    actor: AccountId
    patient: PatientId
    permission: Permission
    basis: Basis

    @property
    def acting_for_other(self) -> bool:
        return self.basis is not Basis.SELF


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteGrant:
    """The key to one organisation's desk for one request. Made only here."""

    actor: AccountId
    organisation: OrganisationId
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemGrant:
    """What a worker or an operator's command may do: its one named job. Made only here."""

    job: str


OWN_SCOPES = frozenset(permission for permission in Permission if not permission.of_practice)
RECEPTIONIST_SCOPES = frozenset(permission for permission in Permission if permission.of_practice)

# NHS login: P5 may book; reading the record asks for P9 (capability 3 adds those rows).
_LEVEL_NEEDED = dict.fromkeys(Permission, Level.P5)


def _running(starts_on: date, ends_on: date | None, today: date) -> bool:
    return starts_on <= today and (ends_on is None or today <= ends_on)


def decide_for_patient(
    actor: Actor,
    *,
    wanted: PatientId,
    permission: Permission,
    relations: Iterable[PatientRelation],
    today: date,
) -> AccessGrant:
    """A grant for one patient, or NotAllowed (never saying why), or StepUpNeeded where only the level is
    short."""
    for relation in relations:
        if (
            relation.account == actor.account
            and relation.patient == wanted
            and permission in relation.scopes
            and not permission.of_practice
            and not relation.suspended
            and _running(relation.starts_on, relation.ends_on, today)
        ):
            if actor.level < _LEVEL_NEEDED[permission]:
                raise StepUpNeeded(permission.value)
            return AccessGrant(
                actor=actor.account, patient=wanted, permission=permission, basis=relation.basis
            )
    raise NotAllowed(permission.value)


def decide_for_site(
    actor: Actor,
    *,
    wanted: OrganisationId,
    permission: Permission,
    relations: Iterable[StaffRelation],
    today: date,
) -> SiteGrant:
    """A grant for one organisation's desk, or NotAllowed.

    Staff of practice A get the same answer as strangers (S20).
    """
    for relation in relations:
        if (
            relation.account == actor.account
            and relation.organisation == wanted
            and permission.of_practice
            and permission in relation.scopes
            and _running(relation.starts_on, relation.ends_on, today)
        ):
            if actor.level < _LEVEL_NEEDED[permission]:
                raise StepUpNeeded(permission.value)
            return SiteGrant(actor=actor.account, organisation=wanted, permission=permission)
    raise NotAllowed(permission.value)


def decide_for_job(job: str) -> SystemGrant:
    """The grant of a named job; ValueError for a job nobody declared."""
    if job not in JOBS:
        raise ValueError(f"no such job: {job}")
    return SystemGrant(job=job)


JOBS = frozenset(
    {"seal-access-log", "tidy-sessions", "tidy-drafts", "settle-changes", "top-up-slots", "import", "export"}
)

"""Home's two questions: what needs this person now, and for whom may this account act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Actor, Basis, decide_for_patient
from portal.domain.attention import Attention, AttentionKind
from portal.domain.ids import PatientRef
from portal.domain.people import Patient, shown_name
from portal.errors import BadUpstreamData, CannotLoad, PortalError
from portal.ports.access_log import Action, Entry
from portal.ports.bundle import Ports
from portal.ports.clinical import PatientChart
from portal.ports.sessions import Session

OfferAttention = Callable[[PatientChart, AccessGrant, Ports], Sequence[Attention]]
_ORDER = {kind: place for place, kind in enumerate(AttentionKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """Who it is about and what needs them, most pressing first. `missing`: some of it could not be loaded."""

    patient: Patient
    attention: tuple[Attention, ...]
    missing: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody the account may act for."""

    ref: PatientRef
    name: str
    myself: bool


def home(grant: AccessGrant, offers: Sequence[OfferAttention], *, use: Ports) -> HomePage:
    """One ordered list over all features.

    A feature that cannot answer is said to be missing, never left out silently.
    """
    chart = use.source.open(grant)
    patient = chart.patient()
    now = use.clock.now()
    found: list[Attention] = []
    missing = False
    for offer in offers:
        try:
            found.extend(offer(chart, grant, use))
        except (CannotLoad, BadUpstreamData):
            missing = True
    missing = missing or chart.unshown() > 0
    use.access_log.view(Entry.of(grant, Action.HOME_VIEWED, now))
    ordered = tuple(sorted(found, key=lambda item: (_ORDER[item.kind], item.at)))
    return HomePage(patient=patient, attention=ordered, missing=missing, now=now)


def people(session: Session, *, use: Ports) -> tuple[Person, ...]:
    """Everybody this account may open a home page for, the account's own person first, then by name."""
    actor = Actor(account=session.account, level=session.level, authenticated_at=session.authenticated_at)
    today = use.clock.today()
    relations = use.relations.patients_of(session.account)
    found: list[Person] = []
    for relation in relations:
        try:
            grant = decide_for_patient(
                actor,
                wanted=relation.patient,
                permission=Permission.HOME_VIEW,
                relations=relations,
                today=today,
            )
        except PortalError:
            continue
        name = shown_name(use.source.open(grant).patient().names, today)
        use.access_log.view(Entry.of(grant, Action.HOME_VIEWED, use.clock.now(), object="people"))
        ref = use.relations.ref_of(session.account, relation.patient)
        found.append(Person(ref=ref, name=name, myself=grant.basis is Basis.SELF))
    return tuple(sorted(found, key=lambda person: (not person.myself, person.name)))

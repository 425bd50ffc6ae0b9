"""Signing in, out, and ending sessions.

Each one transaction with its row in the access log. Knows no page.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal.domain.ids import PatientRef, SessionId
from portal.errors import NotFound
from portal.identity.rules import Landing, destination
from portal.ports.access_log import Action, Entry, Outcome
from portal.ports.bundle import Ports
from portal.ports.identity import Identity
from portal.ports.rate_limits import Limit, check_limit
from portal.ports.sessions import Session

# For one made-up person from one address; the whole address has a wide limit of its own (web/limits.py).
SIGN_IN = Limit(name="sign-in", count=10, seconds=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session just begun, and the secret only the browser keeps."""

    session: Session
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage:
    """Where to go after signing in: a person's home, a practice's day, or the choice of people."""

    landing: Landing
    patient_ref: PatientRef | None = None
    organisation_code: str | None = None


def sign_in_as(
    subject: str, *, secret: str, address: str, device: str, previous: Session | None, use: Ports
) -> SignedIn:
    """Sign in as a synthetic person.

    Raises NotFound and TooManyRequests. `address` is '' where it says nothing.
    """
    if address:
        check_limit(use.rate_limits, SIGN_IN, f"{address} {subject[:64]}")
    identity = use.demo_people.identity(subject, use.clock.now())
    return begin(identity, secret=secret, device=device, previous=previous, use=use)


def begin(identity: Identity, *, secret: str, device: str, previous: Session | None, use: Ports) -> SignedIn:
    """A new session with a new secret; the browser's earlier one ends, whoever's it was."""
    now = use.clock.now()
    with use.unit.change():
        session = Session(
            id=SessionId(secrets.token_urlsafe(12)),
            account=use.accounts.find_or_make(identity),
            level=identity.level,
            created_at=now,
            last_seen_at=now,
            authenticated_at=identity.authenticated_at,
            csrf_secret=secrets.token_urlsafe(16),
            device=device,
        )
        use.sessions.begin(session, secret)
        if previous is not None:
            use.sessions.end(previous.id, now)
        _log(session, Action.SIGN_IN, use)
    return SignedIn(session=session, secret=secret)


def sign_out(session: Session, *, use: Ports) -> None:
    with use.unit.change():
        use.sessions.end(session.id, use.clock.now())
        _log(session, Action.SIGN_OUT, use)


def first_page(session: Session, *, use: Ports) -> FirstPage:
    """Where this account belongs. Raises NotFound for staff of a practice the source does not know."""
    wanted = destination(
        use.relations.patients_of(session.account),
        use.relations.staff_of(session.account),
        use.clock.today(),
    )
    if wanted.patient is not None:
        return FirstPage(
            landing=wanted.landing, patient_ref=use.relations.ref_of(session.account, wanted.patient)
        )
    if wanted.organisation is None:
        return FirstPage(landing=wanted.landing)
    for organisation in use.source.directory().organisations():
        if organisation.id == wanted.organisation:
            return FirstPage(landing=wanted.landing, organisation_code=organisation.code)
    raise NotFound("no-such-organisation")


def sessions_of(session: Session, *, idle: timedelta, absolute: timedelta, use: Ports) -> Sequence[Session]:
    """The account's sessions that still work, latest use first."""
    now = use.clock.now()
    kept = use.sessions.of_account(session.account, now - idle)
    return [each for each in kept if each.created_at > now - absolute]


def end_others(session: Session, *, use: Ports) -> int:
    """End all but this one; how many ended."""
    with use.unit.change():
        count = use.sessions.end_others(session.account, session.id, use.clock.now())
        _log(session, Action.SESSIONS_ENDED, use)
    return count


def _log(session: Session, action: Action, use: Ports) -> None:
    use.access_log.change(
        Entry(
            at=use.clock.now(),
            action=action,
            outcome=Outcome.DONE,
            actor=session.account,
            object=session.id,
        )
    )

"""Access stands on the route.

A view without a mark keeps the application from starting; refusals are logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from flask import Flask, current_app, g
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Actor, SiteGrant, decide_for_patient, decide_for_site
from portal.domain.ids import OrganisationId, PatientId, PatientRef
from portal.errors import NotAllowed, NotFound, PortalError
from portal.ports.access_log import Action, Entry, Outcome
from portal.ports.sessions import Session
from portal.web.services import current_session, ports

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)
ACCESS_MARK = "__access__"
_here = g._get_current_object  # asked on every page: no proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a route is guarded: 'public', 'signed-in', 'patient' or 'site', and by which permission."""

    kind: str
    permission: Permission | None = None


class UndeclaredRoutes(Exception):
    """Raised at start-up, naming each endpoint without an access mark."""


def _mark(view: Callable[..., Any], access: Access) -> None:
    setattr(view, ACCESS_MARK, access)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may see it; it has no session and nothing personal."""
    _mark(view, Access(kind="public"))
    return view


def signed_in(view: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Anybody signed in.

    The session is handed in. For pages about the account itself, never about a patient.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        return view(current_session(), *args, **kwargs)

    _mark(guarded, Access(kind="signed-in"))
    return guarded


def requires(permission: Permission) -> Callable[[Callable[Concatenate[AccessGrant, P], R]], Callable[P, R]]:
    """Needs this permission for the patient in the URL; the grant is handed in as the first argument."""

    def decorate(view: Callable[Concatenate[AccessGrant, P], R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            grant = _here().grant = patient_grant(permission)
            return view(grant, *args, **kwargs)

        _mark(guarded, Access(kind="patient", permission=permission))
        return guarded

    return decorate


def requires_site(
    permission: Permission,
) -> Callable[[Callable[Concatenate[SiteGrant, P], R]], Callable[P, R]]:
    """Needs this permission for the organisation in the URL; the grant is handed in as the first argument."""

    def decorate(view: Callable[Concatenate[SiteGrant, P], R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            grant = _here().site_grant = site_grant(permission)
            return view(grant, *args, **kwargs)

        _mark(guarded, Access(kind="site", permission=permission))
        return guarded

    return decorate


def _actor(session: Session) -> Actor:
    return Actor(account=session.account, level=session.level, authenticated_at=session.authenticated_at)


def patient_grant(permission: Permission) -> AccessGrant:
    """Collect the facts of this request and ask the policy. Raises NotSignedIn, NotAllowed, StepUpNeeded."""
    session = current_session()
    use = ports()
    patient = use.relations.patient_of(session.account, PatientRef(_here().get("carried_patient_ref", "")))
    if patient is None:
        _refuse(session, permission, NotAllowed("unknown-ref"))
    try:
        return decide_for_patient(
            _actor(session),
            wanted=patient,
            permission=permission,
            relations=use.relations.patients_of(session.account),
            today=use.clock.today(),
        )
    except PortalError as refusal:
        _refuse(session, permission, refusal, patient=patient)


def site_grant(permission: Permission) -> SiteGrant:
    """As patient_grant, for the organisation whose code stands in the URL."""
    session = current_session()
    use = ports()
    code = g.get("carried_organisation_code", "")
    found = [
        organisation.id
        for organisation in use.source.directory().organisations()
        if organisation.code == code
    ]
    if not found:
        raise NotFound("no-such-organisation")
    try:
        return decide_for_site(
            _actor(session),
            wanted=found[0],
            permission=permission,
            relations=use.relations.staff_of(session.account),
            today=use.clock.today(),
        )
    except PortalError as refusal:
        _refuse(session, permission, refusal, organisation=found[0])


def _refuse(
    session: Session,
    permission: Permission,
    refusal: PortalError,
    *,
    patient: PatientId | None = None,
    organisation: OrganisationId | None = None,
) -> NoReturn:
    use = ports()
    use.access_log.view(
        Entry(
            at=use.clock.now(),
            action=Action.REFUSED,
            outcome=Outcome.REFUSED,
            actor=session.account,
            patients=() if patient is None else (patient,),
            organisation=organisation,
            object=permission.value,
            reason=refusal.code,
        )
    )
    raise refusal


def is_public(endpoint: str | None) -> bool:
    """Whether this endpoint has no session.

    False for one that does not exist: its error page may know who asks.
    """
    view = current_app.view_functions.get(endpoint or "")
    access: Access | None = getattr(view, ACCESS_MARK, None)
    return access is not None and access.kind == "public"


def refuse_undeclared_routes(app: Flask) -> None:
    """Raise UndeclaredRoutes when any view has no access mark."""
    undeclared = sorted(name for name, view in app.view_functions.items() if not hasattr(view, ACCESS_MARK))
    if undeclared:
        raise UndeclaredRoutes("These routes say nothing about access: " + ", ".join(undeclared))

"""The parts a view may ask for: ports, session, settings of this request. Holds no rule."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, has_request_context

from portal.access.policy import SystemGrant
from portal.config import Settings
from portal.errors import NotSignedIn, SessionEnded
from portal.ports.bundle import Ports
from portal.ports.clinical import ClinicalStore
from portal.ports.sessions import Session

EXTENSION = "porth"
_here = g._get_current_object  # asked many times a page: no proxy
_app: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What bootstrap hands to the application and to its commands.

    `make_ports` is called once a request with the request's id. `open_store` and `database` are for
    commands only.
    """

    settings: Settings
    make_ports: Callable[[str], Ports]
    open_store: Callable[[SystemGrant, Ports], ClinicalStore]
    database: Any = None  # the Database of adapters.sql; None over fakes
    fhir: Any = None  # the FhirClient of adapters.fhir_r4, where care lives on a FHIR server

    @contextmanager
    def ports(self, request_id: str = "") -> Iterator[Ports]:
        """Ports for a command or a job; the unit of work is closed at the end."""
        made = self.make_ports(request_id)
        try:
            yield made
        finally:
            made.unit.close()


def install(app: Flask, parts: Parts) -> None:
    """Give the application its parts and close each request's unit of work."""
    app.extensions[EXTENSION] = parts
    app.ensure_sync = _as_it_is  # type: ignore[method-assign,assignment]

    @app.teardown_request
    def close_unit(error: BaseException | None) -> None:
        made = g.pop("ports", None)
        if made is not None:
            made.unit.close()


def _as_it_is(view: Callable[..., Any]) -> Callable[..., Any]:
    """No view or hook of ours is a coroutine: Flask need not look at each, twenty times a page."""
    return view


def parts() -> Parts:
    found: Parts = _app().extensions[EXTENSION]
    return found


def settings() -> Settings:
    return parts().settings


def ports() -> Ports:
    """All ports of this request, made at first use."""
    here = _here()
    made: Ports | None = here.get("ports")
    if made is None:
        request_id = here.get("request_id", "") if has_request_context() else ""
        made = here.ports = parts().make_ports(request_id)
    return made


def session_or_none() -> Session | None:
    """The live session of this request; web/sessions.py puts it there."""
    found: Session | None = _here().get("session")
    return found


def current_session() -> Session:
    """Raises NotSignedIn, or SessionEnded where the browser brought a session that is over."""
    found = session_or_none()
    if found is None:
        raise SessionEnded if g.get("session_over") else NotSignedIn
    return found

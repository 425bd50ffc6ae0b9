"""How often a browser may ask: whole site by session, or by address without one.

Counts through a port, decides here.

Strict limits hang on an account or a session; those on an address are wide, for one address can be a whole
town behind a mobile carrier. A request from this machine itself has no address that says anything: it is a
proxy nobody declared, or the person at the keyboard, and one address for all would shut out everybody.
"""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Final, ParamSpec, TypeVar

from flask import Flask, request

from portal.errors import TooManyRequests
from portal.ports.rate_limits import Limit, check_limit
from portal.web.logs import log, route
from portal.web.services import current_session, ports, session_or_none

P = ParamSpec("P")
R = TypeVar("R")

SITE: Final = Limit(name="site", count=300, seconds=60)
ADDRESS: Final = Limit(name="address", count=300, seconds=300)


def address() -> str:
    """The address limits count by: IPv4 whole, IPv6 by its /64; '' where it says nothing."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if found.is_loopback:
        return ""
    if found.version == 6:
        return str(ip_address(int(found) >> 64 << 64))
    return str(found)


def by_account() -> str:
    """The usual key of a strict limit."""
    return current_session().account


def limit(
    name: str, count: int, seconds: int, key: Callable[[], str] = by_account
) -> Callable[..., Callable[P, R]]:
    """Decorate a view: at most `count` unsafe requests in `seconds` for one key.

    Stands below the access mark.

    Where the same idempotency key must get its answer first, call `check_limit` in the service instead.
    """
    wanted = Limit(name=name, count=count, seconds=seconds)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def limited(*args: P.args, **kwargs: P.kwargs) -> R:
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                check(wanted, key())
            return view(*args, **kwargs)

        return limited

    return decorate


def check(wanted: Limit, key: str) -> None:
    """Count one; raises TooManyRequests. An empty key is not counted."""
    if not key:
        return
    try:
        check_limit(ports().rate_limits, wanted, key)
    except TooManyRequests as refusal:
        log("limited", limit=wanted.name, wait=refusal.retry_after, route=route())
        raise


def install(app: Flask) -> None:
    """Install after sessions and after constant pages, which cost nothing and are not counted."""

    @app.before_request
    def count() -> None:
        session = session_or_none()
        if session is not None:
            check(SITE, session.id)
        elif request.endpoint != "static":
            check(ADDRESS, address())

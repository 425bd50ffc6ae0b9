"""Who is signed in: a cookie's secret, a row on the server, two clocks.

Never adopts an id it did not make.

30 minutes without use, 12 hours whatever the use (NHS login; NIST 800-63B AAL2). The ends work without
scripts: pages on which nothing can be typed carry `Refresh` to a page that warns; what is typed on the
others is kept when it is sent.
"""

import logging
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.errors import CannotSave, PortalError
from portal.ports.sessions import HELD_FOR, HeldAnswers, Session
from portal.web.cookies import cookie
from portal.web.csrf import FIELD
from portal.web.guards import is_public
from portal.web.logs import log, route
from portal.web.returns import match, quoted, sign
from portal.web.services import ports, session_or_none

COOKIE: Final = "__Host-session"
PAST_COOKIE: Final = (
    "__Host-past"  # a secret whose session timed out; opens nothing, but says whose answers to keep
)
IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
WARNING: Final = timedelta(minutes=2)
ENDING: Final = b"ending"  # ends the address by which a page leads to the warning
_LONGEST: Final = 300  # characters of a query that comes along
_TOUCH_EVERY: Final = timedelta(minutes=1)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_NOT_USE: Final = frozenset({"identity.session_ending"})  # looking at the warning is no use of the session
_TYPED: Final = re.compile(rb"<(?:textarea|select)\b|<input\b(?![^>]*\btype=\"?(?:hidden|submit)\b)")
_INPUT, _HIDDEN = b"<input", b'<input type="hidden"'
_SETTINGS: Final = "; Secure; HttpOnly; Path=/; SameSite=Lax"
_here = g._get_current_object
_request: Any = request._get_current_object  # type: ignore[attr-defined]  # asked on every page: no proxy
_GONE: Final = "=; Max-Age=0; Secure; Path=/"  # what a __Host- cookie needs to be taken away


def new_secret() -> str:
    """What a cookie holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def ends_at(session: Session) -> datetime:
    """When it ends if nothing more is done."""
    return min(session.last_seen_at + IDLE, session.created_at + ABSOLUTE)


def can_stay(session: Session, now: datetime) -> bool:
    """Whether using it would move its end."""
    return session.created_at + ABSOLUTE - now > WARNING


def cookie_session() -> Session | None:
    """The live session of the browser's cookie, also on public pages (sign-in ends the old one)."""
    secret = cookie(COOKIE)
    if not _SECRET.match(secret):
        return None
    found = ports().sessions.find(secret)
    return found if found is not None and ports().clock.now() < ends_at(found) else None


def begin(secret: str) -> None:
    """Send the browser the secret of a session just made; an older one is thrown away by the same name."""
    g.session_cookie = secret


def forget() -> None:
    """Take the cookie away: signed out."""
    g.session_cookie = ""
    g.session_over = False


def renew(session: Session) -> None:
    """Note use now, whatever was noted last: the person asked to stay signed in."""
    now = ports().clock.now()
    ports().sessions.touch(session.id, now)
    g.session = replace(session, last_seen_at=now)


def hold_answers() -> str:
    """Keep the posted form for whoever's session it was.

    The handle to ask for it by, or '' when it cannot be kept.
    """
    found = match(request.path)
    secret = cookie(COOKIE) or cookie(PAST_COOKIE)
    body = tuple((name, value) for name, value in request.form.items(multi=True) if name != FIELD)
    if found is None or not body or not _SECRET.match(secret):
        return ""
    account = ports().sessions.last_account(secret)
    if account is None:
        return ""
    handle = secrets.token_urlsafe(16)
    arguments = {**request.args.to_dict(), **{name: str(value) for name, value in found[1].items()}}
    held = HeldAnswers(
        account=account,
        endpoint=found[0],
        arguments=arguments,
        body=body,
        kept_until=ports().clock.now() + HELD_FOR,
    )
    ports().sessions.hold(handle, held)
    g.session_over = g.session_timed_out = False  # the dead cookie still says whose answers other tabs hold
    log("answers-held", route=route())
    return handle


def held_form() -> MultiDict[str, str] | None:
    """What was typed before the session ended, for the form on this page; None when there is nothing.

    Forms read it on GET as if it had been sent (portal/web/forms.py), without checking it. A reload
    shows it again, until it has been sent; the view's own guard has the last word.
    """
    return g.get("held_form")


def install(app: Flask) -> None:
    """Install after logs, services and locale, before csrf."""

    @app.before_request
    def load() -> WerkzeugResponse | None:
        asked = _request()
        if asked.query_string.endswith(ENDING) and _is_at_the_end(asked):
            return _to_the_warning()
        secret = cookie(COOKIE)
        if secret and asked.endpoint != "static" and not is_public(asked.endpoint):
            _load_on_error_pages_too(secret)
            _give_held_answers()
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        _forget_held_answers(response)
        _write_cookie(response)
        _warn_in_time(response)
        return response


def _load_on_error_pages_too(secret: str) -> None:
    if request.endpoint is not None:
        _load(secret)
        return
    try:
        _load(secret)
    except PortalError:  # the page that is not there can be said to be so without knowing who asks
        g.session = None


def _load(secret: str) -> None:
    use = ports()
    found = use.sessions.find(secret, g.get("carried_patient_ref")) if _SECRET.match(secret) else None
    now = use.clock.now()
    if found is None or now >= ends_at(found):
        g.session_over = True
        g.session_timed_out = found is not None
        return
    if now - found.last_seen_at >= _TOUCH_EVERY and request.endpoint not in _NOT_USE:
        found = _touched(found, now)
    g.session = found


def _touched(session: Session, now: datetime) -> Session:
    """A database that cannot write must not keep people from reading."""
    try:
        ports().sessions.touch(session.id, now)
    except CannotSave as error:
        log("touch-failed", logging.WARNING, kind=error.detail)
        return session
    return replace(session, last_seen_at=now)


def _handle() -> str:
    """What the address says of answers held; most addresses have no query that would need reading."""
    asked = _request()
    return asked.args.get("held", "") if b"held=" in asked.query_string else ""


def _give_held_answers() -> None:
    handle = _handle()
    session = session_or_none()
    if request.method != "GET" or not handle or session is None or request.endpoint is None:
        return
    held = ports().sessions.read_held(handle, session.account, ports().clock.now())
    found = match(request.path)
    if held is not None and found is not None and _same_form(held, *found):
        g.held_form = MultiDict(held.body)


def _forget_held_answers(response: Response) -> None:
    """What was sent again has served; until then a reload shows it again (S35)."""
    handle, session = _handle(), session_or_none()
    if handle and request.method == "POST" and session is not None and 300 <= response.status_code < 400:
        ports().sessions.take_held(handle, session.account, ports().clock.now())


def _same_form(held: HeldAnswers, endpoint: str, arguments: dict[str, object]) -> bool:
    """The same page about the same person; the language may have changed."""
    return held.endpoint == endpoint and all(
        held.arguments.get(name) == str(value) for name, value in arguments.items() if name != "language"
    )


def _write_cookie(response: Response) -> None:
    here = _here()
    secret = here.get("session_cookie")
    if secret:
        response.headers.add("Set-Cookie", f"{COOKIE}={secret}{_SETTINGS}")
    elif secret == "" or here.get("session_over"):
        response.headers.add("Set-Cookie", COOKIE + _GONE)
    if here.get("session_timed_out") and not secret:
        age = int(HELD_FOR.total_seconds())
        past = cookie(COOKIE)
        response.headers.add("Set-Cookie", f"{PAST_COOKIE}={past}; Max-Age={age}{_SETTINGS}")
    elif secret is not None and cookie(PAST_COOKIE):
        response.headers.add("Set-Cookie", PAST_COOKIE + _GONE)


def _warn_in_time(response: Response) -> None:
    """Lead to the warning two minutes before the end, where nobody can be typing."""
    session, asked = session_or_none(), _request()
    if (
        session is None
        or response.status_code != 200
        or asked.method not in ("GET", "HEAD")
        or response.mimetype != "text/html"
        or "Refresh" in response.headers
        or _can_be_typed_on(response.get_data())
    ):
        return
    seconds = int((ends_at(session) - ports().clock.now() - WARNING).total_seconds())
    query = asked.query_string
    mark = b"?%b&%b" % (query, ENDING) if query.isascii() and 0 < len(query) < _LONGEST else b"?" + ENDING
    response.headers["Refresh"] = f"{max(seconds, 1)};url={mark.decode('ascii')}"


def _is_at_the_end(asked: Any) -> bool:
    own = asked.query_string == ENDING or asked.query_string.endswith(b"&" + ENDING)
    return own and asked.method in ("GET", "HEAD") and asked.endpoint is not None


def _to_the_warning() -> WerkzeugResponse:
    """From a page whose time is nearly over, with a way back to it. Is no use of the session."""
    rest = _request().query_string.removesuffix(ENDING).removesuffix(b"&").decode("ascii", "replace")
    back = sign(quote(request.path, safe="/") + (f"?{rest}" if rest else ""))
    return redirect(url_for("identity.session_ending") + (f"?back={quoted(back)}" if back else ""))


def _can_be_typed_on(page: bytes) -> bool:
    """Whether anything can be typed or chosen. Most pages have only hidden inputs and need no long look."""
    if b"<textarea" not in page and b"<select" not in page and page.count(_INPUT) == page.count(_HIDDEN):
        return False
    return _TYPED.search(page) is not None

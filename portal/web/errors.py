"""What people see when something is wrong: a page in their language that says what to do and what still
works.

Every error keeps its status. Pages hold the words: `errors/<code>.html`, else `errors/<status>.html`. When
even that cannot be made, a page made at start-up is sent, which asks nothing of anybody.
"""

import logging
from typing import Final

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from jinja2 import Template, TemplateNotFound
from werkzeug.exceptions import HTTPException, SecurityError

from portal.domain.ids import PatientRef
from portal.errors import (
    BadRequest,
    FormExpired,
    NotAllowed,
    NotSignedIn,
    PortalError,
    SessionEnded,
    TooManyRequests,
)
from portal.languages import BY_TAG, PSEUDO
from portal.web.csrf import FIELD, SAFE_METHODS
from portal.web.locale import language
from portal.web.logs import frames_of, log, reference, route
from portal.web.returns import here, quoted, this_page
from portal.web.services import ports, session_or_none
from portal.web.sessions import hold_answers

SIGN_IN: Final = "identity.sign_in"
SIGNED_OUT: Final = "identity.signed_out"
# Whoever comes here too late is signed out already, and that is what they wanted or were told.
_ENDS_SIGNED_OUT: Final = frozenset({"identity.sign_out", "identity.session_ending"})
_RETRY_SECONDS: Final = 30
_FAIL_SAFE: Final = "porth-fail-safe"
_BY_STATUS: Final = {
    400: "bad-request",
    404: "not-found",
    405: "wrong-method",
    413: "too-big",
    414: "bad-request",
}


def install(app: Flask) -> None:
    """Install last: it judges what all others raise. Makes the fail-safe pages now."""
    app.extensions[_FAIL_SAFE] = _fail_safe_pages(app)
    app.register_error_handler(NotSignedIn, to_sign_in)
    app.register_error_handler(PortalError, portal_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, fault)


def refuse_unknown_hosts() -> None:
    """For the very first `before_request`.

    Raise BadRequest for a Host header that is not ours, before anything is made from it (TRUSTED_HOSTS).
    """
    if isinstance(request.routing_exception, SecurityError):
        raise BadRequest("host")


def refuse_broken_bodies() -> None:
    """Early, before anything asks what was sent. Raise BadRequest for a body that breaks off or lies.

    Each server has an exception of its own for that (gunicorn a ParseException); what another side sent
    wrongly is no fault of ours.
    """
    if request.method in SAFE_METHODS:
        return
    try:
        request.form  # noqa: B018 - reading it is what counts
    except HTTPException:
        raise
    except Exception as broken:
        raise BadRequest("body") from broken


def to_sign_in(error: NotSignedIn) -> ResponseReturnValue:
    """Lead to sign-in and back again. What was typed in a session that is over is kept 24 hours (S35)."""
    if request.endpoint in _ENDS_SIGNED_OUT:
        return redirect(_with_query(url_for(SIGNED_OUT), back=quoted(request.args.get("back", ""))), 303)
    over = isinstance(error, SessionEnded)
    if request.method in SAFE_METHODS:
        return redirect(
            _with_query(url_for(SIGN_IN), back=quoted(this_page()), over="1" if over else ""), 303
        )
    handle = hold_answers()
    back = quoted(here()) if handle else ""
    return redirect(_with_query(url_for(SIGN_IN), back=back, held=handle, over="1"), 303)


def _with_query(address: str, **values: str) -> str:
    given = "&".join(f"{name}={value}" for name, value in values.items() if value)
    return f"{address}?{given}" if given else address


def portal_error(error: PortalError) -> ResponseReturnValue:
    """The page of one of our errors."""
    if isinstance(error, FormExpired) and not _about_own_patient():
        error = NotAllowed("form-of-another")  # another person's answers are not shown again (S35)
    level = logging.ERROR if error.status >= 500 else logging.INFO
    log(
        "error",
        level,
        code=error.code,
        status=error.status,
        route=route(),
        detail=error.detail,
        language=language().tag,
    )
    response = error_page(error.code, error.status, **_extras(error))
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    elif error.status == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def _about_own_patient() -> bool:
    """Whether the address is about nobody, or about somebody this account has a reference to."""
    ref, session = g.get("carried_patient_ref"), session_or_none()
    if ref is None or session is None:
        return True
    try:
        return ports().relations.patient_of(session.account, PatientRef(ref)) is not None
    except PortalError:
        return False


def _extras(error: PortalError) -> dict[str, object]:
    if isinstance(error, FormExpired):
        typed = [(name, value) for name, value in request.form.items(multi=True) if name != FIELD]
        return {"typed": typed}
    if isinstance(error, TooManyRequests):
        return {"minutes": -(-error.retry_after // 60)}
    return {}


def http_error(error: HTTPException) -> ResponseReturnValue:
    """The page of an error Werkzeug raised.

    No such page, wrong method, too big, no such host, not readable.
    """
    status = error.code or 500
    if status < 400:
        return error
    code = _BY_STATUS.get(status, "bad-request" if status < 500 else "internal")
    log("error", code=code, status=status, route=route(), language=language().tag)
    response = error_page(code, status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def fault(error: Exception) -> ResponseReturnValue:
    """A mistake of ours. The page has a reference and nothing else of it."""
    log("fault", logging.ERROR, kind=type(error).__name__, frames=frames_of(error), route=route(), status=500)
    return error_page("internal", 500)


def error_page(code: str, status: int, **values: object) -> Response:
    """Make the page, or send the fail-safe one. Never raises."""
    _bind_addresses()
    if status >= 500:
        g.pop("grant", None)  # whoever it is about cannot be asked for again
    wanted: list[str | Template] = [
        f"errors/{code}.html",
        f"errors/{status}.html",
        f"errors/{status // 100}xx.html",
    ]
    try:
        return make_response(
            render_template(wanted, code=code, status=status, reference=reference(), **values), status
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets a page
        log("page-failed", logging.ERROR, kind=type(error).__name__, frames=frames_of(error))
    g.fail_safe_page = True
    pages: dict[str, str] = current_app.extensions[_FAIL_SAFE]
    return make_response(pages.get(language().tag, pages["en"]), status)


def _bind_addresses() -> None:
    """Links can be made even when the request's own host was refused: they are all relative."""
    if request_ctx.url_adapter is None:
        request_ctx.url_adapter = current_app.url_map.bind("localhost")


def _fail_safe_pages(app: Flask) -> dict[str, str]:
    """One page a language, with no layout, no style and nothing to look up when it is needed."""
    pages = {}
    for known in (*BY_TAG.values(), PSEUDO):
        with app.test_request_context(f"/{known.tag}/"):
            g.language = known
            try:
                pages[known.tag] = render_template("errors/fail-safe.html", start_url=f"/{known.tag}/")
            except TemplateNotFound as missing:
                raise RuntimeError("templates/errors/fail-safe.html is missing") from missing
    return pages

"""The pages of signing in and out.

The try-out sign-in is a blueprint of its own, plugged in only in demo mode.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import AccountId
from portal.identity import present, service
from portal.identity.rules import Landing, device_of
from portal.ports.sessions import Session
from portal.web import limits, returns, sessions
from portal.web.compression import constant
from portal.web.guards import public, signed_in
from portal.web.services import ports, settings

blueprint = Blueprint("identity", __name__)
demo = Blueprint("demo", __name__)


@blueprint.get("/sign-in")
@constant
@public
def sign_in() -> ResponseReturnValue:
    """Ways to sign in. With `back` and `held` the way back, both worthless to anybody else."""
    listed = ports().demo_people.listed() if settings().demo else ()
    patients, staff = present.people(listed)
    return render_template(
        "identity/sign_in.html",
        patients=patients,
        staff=staff,
        return_to=request.args.get("back", ""),
        held=request.args.get("held", ""),
        over="over" in request.args,
    )


@demo.post("/sign-in/try-out")
@public
def try_out() -> ResponseReturnValue:
    """Guarded by Origin and Sec-Fetch-Site: there is no session yet that could hold a token."""
    signed = service.sign_in_as(
        request.form.get("person", ""),
        secret=sessions.new_secret(),
        address=limits.address(),
        device=device_of(request.user_agent.string),
        previous=sessions.cookie_session(),
        use=ports(),
    )
    sessions.begin(signed.secret)
    return redirect(_way_back(signed.session) or first_page(signed.session), 303)


def _way_back(session: Session) -> str | None:
    """The page they came from, if it is theirs; answers held for somebody else are destroyed (S35)."""
    address = returns.follow(request.form.get("back", ""), AccountId(session.account), ports())
    held = request.form.get("held", "")
    if not held:
        return address
    if address is None:
        ports().sessions.take_held(held, session.account, ports().clock.now())
        return None
    return f"{address}{'&' if '?' in address else '?'}held={returns.quoted(held)}"


def first_page(session: Session) -> str:
    """The address of the first page after signing in."""
    found = service.first_page(session, use=ports())
    match found.landing:
        case Landing.HOME:
            return url_for("home.home", patient_ref=found.patient_ref)
        case Landing.PRACTICE:
            return url_for("practice.day", organisation_code=found.organisation_code)
        case Landing.PEOPLE:
            return url_for("home.people")


@blueprint.get("/account")
@signed_in
def landing(session: Session) -> ResponseReturnValue:
    """Wherever this account belongs; the service's name in the header leads here."""
    return redirect(first_page(session), 303)


@blueprint.post("/sign-out")
@signed_in
def sign_out(session: Session) -> ResponseReturnValue:
    service.sign_out(session, use=ports())
    sessions.forget()
    response = redirect(url_for(".signed_out"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@blueprint.get("/signed-out")
@constant
@public
def signed_out() -> ResponseReturnValue:
    return render_template("identity/signed_out.html", return_to=request.args.get("back", ""))


@blueprint.route("/session/ending", methods=["GET", "POST"])
@signed_in
def session_ending(session: Session) -> ResponseReturnValue:
    """Two minutes before the end. Looking at it is no use of the session; the button is."""
    now = ports().clock.now()
    token = request.args.get("back", "")
    back = returns.follow(token, session.account, ports()) or url_for(".landing")
    left = sessions.ends_at(session) - now
    if request.method == "POST":
        sessions.renew(session)
        return redirect(back, 303)
    if left > 2 * sessions.WARNING:  # used meanwhile in another tab
        return redirect(back, 303)
    minutes = max(1, round(left.total_seconds() / 60))
    page: Response = make_response(
        render_template("identity/ending.html", minutes=minutes, can_stay=sessions.can_stay(session, now))
    )
    again = url_for(".session_ending") + (f"?back={returns.quoted(token)}" if token else "")
    page.headers["Refresh"] = f"{int(left.total_seconds()) + 1}; url={again}"
    return page


@blueprint.route("/account/sessions", methods=["GET", "POST"])
@signed_in
def own_sessions(session: Session) -> ResponseReturnValue:
    """Where this account is signed in; ends all others."""
    if request.method == "POST":
        service.end_others(session, use=ports())
        return redirect(url_for(".own_sessions", done="1"), 303)
    kept = service.sessions_of(session, idle=sessions.IDLE, absolute=sessions.ABSOLUTE, use=ports())
    return render_template(
        "identity/own_sessions.html", rows=present.sessions(kept, session), done="done" in request.args
    )

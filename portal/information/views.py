"""The start page and the footer's pages. Public: no session, no token, nothing personal."""

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.information import present, service
from portal.information.forms import FeedbackForm
from portal.languages import OFFERED, find
from portal.web.compression import constant, fresh_key
from portal.web.guards import public
from portal.web.locale import language, preferred
from portal.web.services import ports, settings

_YEAR = 31_536_000  # seconds
blueprint = Blueprint("information", __name__)
root = Blueprint("root", __name__)  # the one address without a language


@root.get("/")
@public
def choose_language() -> ResponseReturnValue:
    """To the start page, in the language of `?lang=` (kept in a cookie), of that cookie or of the browser."""
    wished = find(request.args.get("lang", ""))
    asked_for = wished is not None and wished in OFFERED
    chosen = wished if wished is not None and asked_for else preferred()
    answer = make_response(redirect(url_for("information.start", language=chosen.tag)))
    if asked_for:
        answer.set_cookie(
            "lang", chosen.tag, max_age=_YEAR, secure=settings().https, httponly=True, samesite="Lax"
        )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


@blueprint.get("/")
@constant
@public
def start() -> ResponseReturnValue:
    return render_template("information/start.html")


@blueprint.get("/privacy")
@constant
@public
def privacy() -> ResponseReturnValue:
    return render_template("information/privacy.html", facts=present)


@blueprint.get("/cookies")
@constant
@public
def cookies() -> ResponseReturnValue:
    return render_template("information/cookies.html", facts=present)


@blueprint.get("/accessibility")
@constant
@public
def accessibility() -> ResponseReturnValue:
    return render_template("information/accessibility.html", statement=present.Statement())


@blueprint.get("/contact")
@constant
@public
def contact() -> ResponseReturnValue:
    return render_template("information/contact.html")


@blueprint.get("/help")
@constant
@public
def offline() -> ResponseReturnValue:
    return render_template("information/offline.html")


@blueprint.get("/languages")
@constant
@public
def languages() -> ResponseReturnValue:
    return render_template("information/languages.html")


@blueprint.route("/feedback", methods=["GET", "POST"])
@constant
@public
def feedback() -> ResponseReturnValue:
    """Posts from other sites are refused by web/csrf.py; there is no session to forge."""
    form = FeedbackForm()
    if form.validate_on_submit():
        service.keep(
            service.Opinion(
                key=form.key.data or secrets.token_urlsafe(16),
                about=form.about.data or "",
                rating=form.rating.data or "",
                words=form.words.data,
                language=language().tag,
            ),
            use=ports(),
        )
        return redirect(url_for(".feedback_kept"), 303)
    form.key.data = form.key.data or fresh_key()
    return render_template("information/feedback.html", form=form)


@blueprint.get("/feedback/thank-you")
@constant
@public
def feedback_kept() -> ResponseReturnValue:
    return render_template("information/feedback_kept.html")

"""Home and the choice of whom to act for."""

from collections.abc import Sequence
from typing import cast

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.home import present, service
from portal.home.service import OfferAttention
from portal.ports.sessions import Session
from portal.web.acting import person_of
from portal.web.guards import requires, signed_in
from portal.web.services import ports

blueprint = Blueprint("home", __name__)
OFFERS = "porth-attention"  # bootstrap puts the features' offers into app.extensions under this name


@blueprint.get("/for/<ref:patient_ref>/")
@requires(Permission.HOME_VIEW)
def home(grant: AccessGrant) -> ResponseReturnValue:
    offers = cast("Sequence[OfferAttention]", current_app.extensions[OFFERS])
    page = service.home(grant, offers, use=ports())
    lines = present.lines(page, name=person_of(grant), other=grant.acting_for_other)
    return render_template("home/home.html", lines=lines, missing=page.missing)


@blueprint.get("/people")
@signed_in
def people(session: Session) -> ResponseReturnValue:
    return render_template("home/people.html", people=service.people(session, use=ports()))

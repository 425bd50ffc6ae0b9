"""Changing to another time, cancelling, and "I cannot come"."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments import forms, present, rules, service
from portal.appointments.views import routes, steps
from portal.appointments.views.steps import Subject
from portal.domain.appointments import CancelReason
from portal.domain.ids import AppointmentId, AttemptKey
from portal.errors import (
    AlreadyCancelled,
    ChangedMeanwhile,
    NotEligible,
    PortalError,
    RingUs,
    SlotNotBookable,
    SlotTaken,
    TooLate,
)
from portal.web.guards import requires
from portal.web.journeys import Visit
from portal.web.services import ports

blueprint = routes.blueprint
REFUSALS = (AlreadyCancelled, ChangedMeanwhile, RingUs, TooLate, service.AppointmentPast)
Outcome = Callable[[], ResponseReturnValue]


@blueprint.route("/for/<ref:patient_ref>/change/<id:appointment>/<code:step>", methods=["GET", "POST"])
@requires(Permission.APPOINTMENTS_CHANGE)
def change(grant: AccessGrant, appointment: AppointmentId, step: str) -> ResponseReturnValue:
    """Same care and place first; the old time is kept until the new one is certain."""
    visit = routes.CHANGE.visit(step, grant.actor, grant.patient, appointment=appointment)
    made = steps.made(grant, visit)
    if made is not None:  # sent twice, or come back to
        return redirect(url_for(".changed", appointment=made), 303)
    shown = service.shown(grant, appointment, use=ports())
    if shown.obstacle is not None:
        return obstacle(grant, shown, shown.obstacle.value)
    if visit.must_go_to is not None:
        return redirect(visit.must_go_to, 303)
    elsewhere = steps.switched(visit)
    if elsewhere is not None:
        return elsewhere
    try:
        return _step(grant, visit, shown)
    except NotEligible as refusal:
        return _not_eligible(grant, shown, rules.Hindrance(refusal.detail))


def _step(grant: AccessGrant, visit: Visit, shown: service.Shown) -> ResponseReturnValue:
    subject = _subject(visit, shown)
    match visit.step:
        case "when":
            return steps.when(grant, visit, subject)
        case "date":
            return steps.on_date(grant, visit, subject)
        case "times":
            return steps.times(
                grant, visit, subject, old=present.card(shown, grant), wide="site" in visit.answers
            )
        case _:
            return _check(grant, visit, shown)


def _subject(visit: Visit, shown: service.Shown) -> Subject:
    """The visit's own care and place, unless the person asked for every place."""
    old = shown.appointment
    base = {
        "care": shown.service.kind if shown.service else "",
        "site": old.site or routes.ANY,
        "needs": ",".join(sorted(need.value for need in old.needs.all)) or present.NONE,
        "interpreter": old.needs.interpreter_language or "",
        "reason": old.reason.value,
        "words": old.words,
        "company": "yes" if old.with_someone else "no",
    }
    return Subject(answers={**base, **visit.answers}, moving=old.id)


def _check(grant: AccessGrant, visit: Visit, shown: service.Shown) -> ResponseReturnValue:
    """Old and new side by side, then both in one transaction."""
    if "key" not in visit.answers:
        visit.save(key=secrets.token_urlsafe(16), version=str(shown.appointment.version))
    answers = _subject(visit, shown).answers
    seen = service.preview(
        grant, routes.plan_of(answers, both_wanted=False).slot, use=ports(), moving=visit_id(shown)
    )
    form = steps.form_of(visit, forms.CheckForm)
    if not seen.clashes:
        del form.both
    outdated = form.is_submitted() and form.key.data != visit.answers["key"]
    if not outdated and form.validate_on_submit():
        if seen.clashes and form.both.data == "no":
            steps.choose_again(visit)
            return redirect(_times(visit), 303)
        return _commit(grant, visit, shown, seen)
    if seen.problem is not None:
        return steps.gone(grant, visit, seen.slot)
    form.key.data = visit.answers["key"]
    plan = routes.plan_of(answers, both_wanted=False)
    return render_template(
        "appointments/change_check.html",
        form=form,
        old=present.card(shown, grant),
        page=present.check_page(seen, plan, answers, grant.actor),
        outdated=outdated,
        keeps_answers=bool(seen.clashes),
        back_href=visit.back_address,
    ), 409 if outdated else 200


def visit_id(shown: service.Shown) -> AppointmentId:
    return shown.appointment.id


def _times(visit: Visit) -> str:
    return routes.CHANGE.address("times", **visit.values)


def _commit(
    grant: AccessGrant, visit: Visit, shown: service.Shown, seen: service.Preview
) -> ResponseReturnValue:
    plan = routes.plan_of(_subject(visit, shown).answers, both_wanted=bool(seen.clashes))
    key, version = AttemptKey(visit.answers["key"]), int(visit.answers["version"])
    try:
        made = service.move(grant, visit_id(shown), version, plan, key, use=ports())
    except (SlotTaken, SlotNotBookable):
        return steps.gone(grant, visit, seen.slot)
    except service.SameDay:
        return redirect(routes.CHANGE.address("check", **visit.values), 303)
    except REFUSALS as refusal:
        visit.save(key=None, version=None)
        return _refused(grant, visit_id(shown), refusal)
    steps.note(visit, done=made.id)
    return redirect(url_for(".changed", appointment=made.id), 303)


@blueprint.get("/for/<ref:patient_ref>/changed/<id:appointment>")
@requires(Permission.APPOINTMENTS_CHANGE)
def changed(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    """The confirmation of a change."""
    shown = service.confirmed(grant, appointment, use=ports())
    return render_template(
        "appointments/booked.html", shown=shown, card=present.card(shown, grant), moved=True
    )


@blueprint.route("/for/<ref:patient_ref>/cancel/<id:appointment>", methods=["GET", "POST"])
@requires(Permission.APPOINTMENTS_CANCEL)
def cancel(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    visit = routes.CANCEL.visit("cancel", grant.actor, grant.patient, appointment=appointment)
    elsewhere = steps.switched(visit)
    if elsewhere is not None:
        return elsewhere
    form = steps.form_of(visit, forms.CancelForm)
    if form.validate_on_submit():
        ending = service.Ending(
            version=form.version_read(), reason=CancelReason(form.reason.data), words=form.words.data or ""
        )
        key = AttemptKey(form.key.data or secrets.token_urlsafe(16))
        try:
            service.cancel(grant, appointment, ending, key, use=ports())
        except REFUSALS as refusal:
            return _refused(grant, appointment, refusal)
        if visit.kept:
            steps.note(visit)
        return redirect(url_for(".cancelled", appointment=appointment), 303)
    shown = service.shown(grant, appointment, use=ports())
    if shown.obstacle is not None:
        return obstacle(grant, shown, shown.obstacle.value)
    return _ask(grant, shown, form, "cancel", keeps_answers=True)


@blueprint.get("/for/<ref:patient_ref>/cancelled/<id:appointment>")
@requires(Permission.APPOINTMENTS_CANCEL)
def cancelled(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    """The confirmation of a cancellation."""
    shown = service.shown(grant, appointment, use=ports())
    if shown.stage is not rules.Stage.CANCELLED:
        return redirect(url_for(".show", appointment=appointment), 303)
    return render_template("appointments/cancelled.html", shown=shown, card=present.card(shown, grant))


@blueprint.route("/for/<ref:patient_ref>/cannot-come/<id:appointment>", methods=["GET", "POST"])
@requires(Permission.APPOINTMENTS_CANCEL)
def cannot_come(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    """After the cut-off: told to the surgery, with the number to ring."""
    form = forms.CannotComeForm()
    if form.validate_on_submit():
        key = AttemptKey(form.key.data or secrets.token_urlsafe(16))
        try:
            service.cannot_come(grant, appointment, form.version_read(), key, use=ports())
        except REFUSALS as refusal:
            return _refused(grant, appointment, refusal)
        return redirect(url_for(".cannot_come", appointment=appointment), 303)
    shown = service.shown(grant, appointment, use=ports())
    if shown.appointment.cannot_come_at is not None:
        return render_template("appointments/cannot_come_said.html", card=present.card(shown, grant))
    if not shown.may_say_cannot_come:
        return obstacle(grant, shown, shown.obstacle.value if shown.obstacle else "open")
    return _ask(grant, shown, form, "cannot_come")


def _ask(
    grant: AccessGrant,
    shown: service.Shown,
    form: forms.CancelForm | forms.CannotComeForm,
    template: str,
    *,
    keeps_answers: bool = False,
) -> ResponseReturnValue:
    """The question, with the key made now (kept when the form comes back with mistakes) and the version read
    now.
    """
    if request.method == "GET" or not form.key.data:
        form.key.data = secrets.token_urlsafe(16)
        form.version.data = str(shown.appointment.version)
    return render_template(
        f"appointments/{template}.html",
        form=form,
        shown=shown,
        card=present.card(shown, grant),
        keeps_answers=keeps_answers,
        back_href=url_for(".show", appointment=shown.appointment.id),
    )


def _refused(grant: AccessGrant, wanted: AppointmentId, refusal: PortalError) -> ResponseReturnValue:
    """The page that says why not, by what is true now."""
    shown = service.shown(grant, wanted, use=ports())
    if isinstance(refusal, ChangedMeanwhile) or shown.obstacle is None:
        return obstacle(grant, shown, ChangedMeanwhile.code)
    return obstacle(grant, shown, shown.obstacle.value)


def _not_eligible(
    grant: AccessGrant, shown: service.Shown, hindrance: rules.Hindrance
) -> ResponseReturnValue:
    """Why this person cannot be given another time here, in the words that booking has for it."""
    if shown.service is None or shown.site is None or shown.organisation is None:
        return obstacle(grant, shown, rules.Obstacle.RING_US.value)
    place = service.Place(
        service=shown.service, site=shown.site, organisation=shown.organisation, hindrance=hindrance
    )
    return obstacle(grant, shown, NotEligible.code, option=present.place_option(place))


def obstacle(grant: AccessGrant, shown: service.Shown, code: str, **more: Any) -> ResponseReturnValue:
    page = render_template(
        "appointments/obstacle.html", shown=shown, card=present.card(shown, grant), code=code, **more
    )
    return page, 409

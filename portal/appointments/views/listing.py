"""The one list, one appointment, its calendar file, and slot watches."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments import forms, present, service
from portal.appointments.views import routes, steps
from portal.domain.ids import AppointmentId, WatchId
from portal.errors import NotEligible, NotFound
from portal.web.guards import requires
from portal.web.services import ports

blueprint = routes.blueprint


@blueprint.get("/for/<ref:patient_ref>/appointments")
@requires(Permission.APPOINTMENTS_VIEW)
def listed(grant: AccessGrant) -> ResponseReturnValue:
    found = service.listed(grant, use=ports())
    page = present.list_page(found, grant.actor, everything="all" in request.args)
    return render_template(
        "appointments/listed.html", page=page, may_book=found.may_book, incomplete=found.incomplete
    )


@blueprint.get("/for/<ref:patient_ref>/appointments/<id:appointment>")
@requires(Permission.APPOINTMENTS_VIEW)
def show(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    shown = service.shown(grant, appointment, use=ports())
    return render_template("appointments/show.html", shown=shown, card=present.card(shown, grant))


@blueprint.get("/for/<ref:patient_ref>/appointments/<id:appointment>/calendar.ics")
@requires(Permission.APPOINTMENTS_VIEW)
def calendar(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    """The file of a visit that was moved is the file of the visit it became: both have the same UID."""
    shown = service.calendar(grant, appointment, use=ports())
    moved_to = shown.appointment.replaced_by
    if moved_to is not None:
        return redirect(url_for(".calendar", appointment=moved_to), 303)
    response = Response(present.calendar_of(shown), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@blueprint.route("/for/<ref:patient_ref>/watch", methods=["GET", "POST"])
@requires(Permission.WATCH_CHANGE)
def watch(grant: AccessGrant) -> ResponseReturnValue:
    """Wait for a time like the one looked for; what that was stands in the draft of booking."""
    visit = routes.BOOK.visit("times", grant.actor, grant.patient)
    if visit.must_go_to is not None:
        return redirect(visit.must_go_to, 303)
    form = forms.WatchForm()
    if form.validate_on_submit():
        try:
            service.watch(grant, routes.wishes_of(visit.answers), use=ports())
        except NotEligible:
            return steps.refused(visit)
        return redirect(url_for(".listed", _anchor="waiting"), 303)
    place = steps.place_of(grant, steps.Subject(answers=visit.answers))
    if place.hindrance is not None:
        return steps.refused(visit)
    return render_template(
        "appointments/watch.html",
        form=form,
        place=present.place_option(place),
        back_href=url_for(".book", step="times"),
    )


@blueprint.post("/for/<ref:patient_ref>/watch/<id:wanted>/stop")
@requires(Permission.WATCH_CHANGE)
def stop_watching(grant: AccessGrant, wanted: WatchId) -> ResponseReturnValue:
    """Stopping twice is stopping once."""
    try:
        service.stop_watching(grant, wanted, use=ports())
    except NotFound:
        return redirect(url_for(".listed"), 303)
    return redirect(url_for(".listed", _anchor="waiting"), 303)

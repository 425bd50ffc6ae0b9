"""Plain pages for practice staff: the day, new slots, a slot out of use, and people to tell."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import SiteGrant
from portal.domain.appointments import Mode
from portal.domain.ids import PractitionerId, ServiceId, SiteId, SlotId, TaskId
from portal.domain.people import Practitioner, shown_name
from portal.practice import present, service
from portal.practice.forms import PublishForm, SessionForm, WithdrawForm
from portal.practice.rules import BadPlan, SessionPlan
from portal.web.guards import requires_site
from portal.web.services import ports

blueprint = Blueprint("practice", __name__)
AT = "/practice/<code:organisation_code>"
JOURNEY = "publish-slots"


@blueprint.get(f"{AT}/")
@requires_site(Permission.PRACTICE_VIEW)
def day(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    sites = service.sites_of(grant, use)
    found = service.day(grant, SiteId(request.args.get("site") or sites[0].id), _asked_day(), use=use)
    services = service.services_of(grant, use)
    return render_template(
        "practice/day.html",
        organisation=service.organisation_of(grant, use),
        sites=sites,
        found=found,
        visits=present.visits(found, services),
        slots=present.slots(found, services),
        before=found.on - timedelta(days=1),
        after=found.on + timedelta(days=1),
    )


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None


@blueprint.route(f"{AT}/slots/new", methods=["GET", "POST"])
@requires_site(Permission.PRACTICE_PUBLISH)
def new_slots(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    form = _session_form(grant)
    if form.validate_on_submit():
        plan = _plan(form)
        try:
            service.planned(grant, plan, use=use)
        except BadPlan as bad:
            form.refuse(*present.trouble_at(bad.trouble))
        else:
            use.drafts.save(grant.actor, None, JOURNEY, _as_answers(plan), use.clock.now())
            return redirect(url_for(".check_slots"))
    return render_template("practice/new_slots.html", form=form)


def _clinicians(grant: SiteGrant) -> list[Practitioner]:
    return [
        one
        for one in ports().source.directory().practitioners()
        if one.organisation in (None, grant.organisation)
    ]


def _site_names(grant: SiteGrant) -> dict[Any, str]:
    return {site.id: site.name for site in service.sites_of(grant, ports())}


def _session_form(grant: SiteGrant) -> SessionForm:
    use = ports()
    form = SessionForm()
    form.service.choices = present.service_choices(service.services_of(grant, use), _site_names(grant))
    form.practitioner.choices = present.clinician_choices(_clinicians(grant), use.clock.now().date())
    form.mode.choices = present.mode_choices()
    return form


def _plan(form: SessionForm) -> SessionPlan:
    """The plan of a form that has been judged: what it requires is there."""
    starts, ends, minutes, weeks = (
        form.starts.moment,
        form.ends.moment,
        form.minutes.number,
        form.weeks.number,
    )
    assert starts is not None and ends is not None and minutes is not None and weeks is not None  # noqa: PT018
    return SessionPlan(
        service=ServiceId(str(form.service.data)),
        practitioner=PractitionerId(form.practitioner.data) if form.practitioner.data else None,
        mode=Mode(form.mode.data),
        first_day=form.day.data,
        starts=starts,
        ends=ends,
        minutes=minutes,
        weeks=weeks,
        opens_before=timedelta(hours=form.opens.number) if form.opens.number else None,
    )


def _as_answers(plan: SessionPlan) -> dict[str, str]:
    """The plan as a line of the same CSV that `flask slots publish` reads: one format, one reader."""
    hours = "" if plan.opens_before is None else str(int(plan.opens_before.total_seconds() // 3600))
    return {
        "service": plan.service,
        "clinician": plan.practitioner or "",
        "mode": plan.mode.value,
        "day": plan.first_day.isoformat(),
        "from": plan.starts.isoformat(),
        "to": plan.ends.isoformat(),
        "minutes": str(plan.minutes),
        "weeks": str(plan.weeks),
        "opens_hours_before": hours,
    }


@blueprint.route(f"{AT}/slots/check", methods=["GET", "POST"])
@requires_site(Permission.PRACTICE_PUBLISH)
def check_slots(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    plan = service.drafted_plan(use.drafts.load(grant.actor, None, JOURNEY, use.clock.now()))
    if plan is None:
        return redirect(url_for(".new_slots"))
    form = PublishForm()
    try:
        if form.validate_on_submit():
            made, there = service.publish(grant, plan, use=use)
            return redirect(url_for(".published", made=made, there=there, day=plan.first_day.isoformat()))
        count = service.planned(grant, plan, use=use)
    except BadPlan:
        return redirect(url_for(".new_slots"))
    services, names = service.services_of(grant, use), _site_names(grant)
    clinician = next(
        (
            shown_name(one.names, use.clock.now().date())
            for one in _clinicians(grant)
            if one.id == plan.practitioner
        ),
        "",
    )
    rows = present.plan_rows(plan, services, names, clinician, count)
    return render_template("practice/check_slots.html", form=form, rows=rows)


@blueprint.get(f"{AT}/slots/published/<int:made>/<int:there>/<code:day>")
@requires_site(Permission.PRACTICE_PUBLISH)
def published(grant: SiteGrant, made: int, there: int, day: str) -> ResponseReturnValue:
    return render_template("practice/published.html", made=made, there=there, day=day)


@blueprint.route(f"{AT}/slots/<id:slot>/out-of-use", methods=["GET", "POST"])
@requires_site(Permission.PRACTICE_CANCEL)
def withdraw(grant: SiteGrant, slot: str) -> ResponseReturnValue:
    use = ports()
    form = WithdrawForm()
    if form.validate_on_submit():
        told = service.withdraw(grant, SlotId(slot), use=use)
        return redirect(url_for(".tell" if told else ".day"))
    found, row = service.slot_with_visit(grant, SlotId(slot), use=use)
    services = service.services_of(grant, use)
    zone = next(site.time_zone for site in service.sites_of(grant, use) if site.id == found.site)
    return render_template(
        "practice/withdraw.html",
        form=form,
        slot=found,
        zone=zone,
        what=present.care_name(services, found.service),
        visit=None if row is None else present.visit(row, services, zone),
    )


@blueprint.get(f"{AT}/tell")
@requires_site(Permission.PRACTICE_TASKS)
def tell(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    zones = {site.id: site.time_zone for site in service.sites_of(grant, use)}
    rows = present.to_tell(service.to_tell(grant, use=use), service.services_of(grant, use), zones)
    return render_template("practice/tell.html", rows=rows)


@blueprint.post(f"{AT}/tell/<id:task>")
@requires_site(Permission.PRACTICE_TASKS)
def told(grant: SiteGrant, task: str) -> ResponseReturnValue:
    service.told(grant, TaskId(task), use=ports())
    return redirect(url_for(".tell"))

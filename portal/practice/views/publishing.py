"""New slots: what and who, when, and a check. Nothing is published before the check page's own button."""

import json
from datetime import date
from hashlib import blake2b
from typing import Any, Final, TypeVar, cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.access.policy import SiteGrant
from portal.domain.appointments import Mode
from portal.domain.people import shown_name
from portal.errors import NotFound
from portal.practice import present, service
from portal.practice.forms import CareForm, PublishForm, TimesForm
from portal.practice.rules import CSV_COLUMNS, BadPlan, SessionPlan
from portal.practice.views.routes import AT, blueprint
from portal.web.forms import PortalForm
from portal.web.guards import requires_site
from portal.web.journeys import SWITCH_FIELD, Journey, Step, Visit
from portal.web.services import ports
from portal.web.words import gettext as _

# The draft's answers have the names of the columns that `flask slots publish` reads: one reader for both.
STEPS: Final = (
    Step("care", needs=("service", "mode")),
    Step("times", needs=("day", "from", "to", "minutes", "weeks")),
    Step("check"),
)
_NOT_TYPED: Final = ("csrf_token", SWITCH_FIELD)
_DONE: Final = "done"  # published: the next visit to the first page begins anew
_Form = TypeVar("_Form", bound=PortalForm)


@blueprint.route(f"{AT}/slots/new/<code:step>", methods=["GET", "POST"])
@requires_site(Permission.PRACTICE_PUBLISH)
def new_slots(grant: SiteGrant, step: str) -> ResponseReturnValue:
    visit = _visit(grant, step)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    if (elsewhere := visit.language_switch({_typed_name(visit): json.dumps(typed)})) is not None:
        return redirect(elsewhere, 303)
    if step == "care":
        return _care(grant, visit)
    return _times(grant, visit) if step == "times" else _check(grant, visit)


@blueprint.get(f"{AT}/slots/published/<int:made>/<int:there>/<code:day>")
@requires_site(Permission.PRACTICE_PUBLISH)
def published(grant: SiteGrant, made: int, there: int, day: str) -> ResponseReturnValue:
    plan = service.drafted_plan(_visit(grant, "check").answers)
    site = None if plan is None else service.site_of(grant, plan, ports())
    return render_template("practice/published.html", made=made, there=there, day=day, site=site)


def _visit(grant: SiteGrant, step: str) -> Visit:
    """One draft for each organisation: a plan of one is nothing in another. Raises NotFound."""
    journey = Journey(f"publish-slots:{grant.organisation}", STEPS, endpoint="practice.new_slots")
    return journey.visit(step, grant.actor, None)


def _care(grant: SiteGrant, visit: Visit) -> ResponseReturnValue:
    use = ports()
    over = _DONE in visit.answers
    kept = {} if over else visit.answers
    form = _form_of(
        visit,
        CareForm,
        service=kept.get("service"),
        practitioner=kept.get("clinician"),
        mode=kept.get("mode"),
    )
    services = service.services_of(grant, use)
    form.service.choices = present.service_choices(services, _site_names(grant))
    form.practitioner.choices = present.clinician_choices(
        service.clinicians_of(grant, use), use.clock.today()
    )
    form.mode.choices = present.mode_choices()
    if form.validate_on_submit():
        chosen = next(each for each in services if each.id == form.service.data)
        if Mode(form.mode.data) in chosen.modes:
            gone = dict.fromkeys(visit.answers) if over else {}
            answers = {
                "service": form.service.data,
                "clinician": form.practitioner.data or "",
                "mode": form.mode.data,
            }
            visit.save(**{**gone, _typed_name(visit): None, **answers})
            return redirect(visit.next_address, 303)
        form.refuse("mode", _("This kind of care is not given in that way. Select another way"))
    return _question(form, url_for(".day"))


def _times(grant: SiteGrant, visit: Visit) -> ResponseReturnValue:
    form = _form_of(visit, TimesForm, **_times_kept({} if _DONE in visit.answers else visit.answers))
    if form.validate_on_submit():
        answers = _times_answers(form)
        plan = service.drafted_plan({**visit.answers, **answers})
        if _bears(grant, plan, form):
            visit.save(**{_typed_name(visit): None, **answers})
            return redirect(visit.next_address, 303)
    elif request.method == "GET" and _typed_name(visit) not in visit.answers:
        _bears(grant, service.drafted_plan(visit.answers), form)  # it was good once, and led back here
    return _question(form, visit.back_address)


def _bears(grant: SiteGrant, plan: SessionPlan | None, form: TimesForm) -> bool:
    """Whether a plan can be published; if not, the form says why. One that is not whole is judged later."""
    if plan is None:
        return True
    try:
        service.planned(grant, plan, use=ports())
    except BadPlan as bad:
        form.refuse(*present.trouble_at(bad.trouble))
        return False
    except NotFound:  # the kind of care or the clinician is gone: the first page asks again
        return True
    return True


def _check(grant: SiteGrant, visit: Visit) -> ResponseReturnValue:
    if visit.must_go_to is not None:
        return redirect(visit.must_go_to, 303)
    use, form, plan = ports(), PublishForm(), service.drafted_plan(visit.answers)
    if plan is None:
        return redirect(url_for(".new_slots", step="care"), 303)
    key, sent = _key_of(visit), form.validate_on_submit()
    try:
        if sent and form.key.data == key:
            made, there = service.publish(grant, plan, use=use)
            visit.save(**{_DONE: key})
            return redirect(url_for(".published", made=made, there=there, day=plan.first_day.isoformat()))
        count = service.planned(grant, plan, use=use)
    except BadPlan:
        return redirect(url_for(".new_slots", step="times"), 303)
    except NotFound:
        return redirect(url_for(".new_slots", step="care"), 303)
    form.key.data = key
    page = render_template(
        "practice/check_slots.html",
        form=form,
        rows=_plan_rows(grant, plan, count),
        back_href=visit.back_address,
        changed=sent,
    )
    return page, 409 if sent else 200


def _plan_rows(grant: SiteGrant, plan: SessionPlan, count: int) -> list[dict[str, Any]]:
    use = ports()
    today = use.clock.today()
    names = {one.id: shown_name(one.names, today) for one in service.clinicians_of(grant, use)}
    clinician = names.get(plan.practitioner, "") if plan.practitioner else ""
    return present.plan_rows(plan, service.services_of(grant, use), _site_names(grant), clinician, count)


def _site_names(grant: SiteGrant) -> dict[Any, str]:
    return {site.id: site.name for site in service.sites_of(grant, ports())}


def _question(form: PortalForm, back: str | None) -> str:
    page: str = render_template("practice/new_slots.html", form=form, back_href=back, keeps_answers=True)
    return page


# --- what is kept


def _typed_name(visit: Visit) -> str:
    """Where what was typed stands as it was, before a switch of language: no answer, and never published."""
    return f"typed.{visit.step}"


def _form_of(visit: Visit, kind: type[_Form], **data: Any) -> _Form:
    """The form as sent, else as typed before a switch of language, else as answered before."""
    typed = _typed(visit) if request.method == "GET" else None
    return kind(data=data) if typed is None else kind(typed, data=data)


def _typed(visit: Visit) -> MultiDict[str, str] | None:
    try:
        kept = json.loads(visit.answers.get(_typed_name(visit), ""))
    except ValueError:  # nothing was typed, or more than a draft holds
        return None
    return MultiDict(cast("list[tuple[str, str]]", [tuple(pair) for pair in kept]))


def _times_kept(answers: dict[str, str]) -> dict[str, Any]:
    names = {
        "starts": "from",
        "ends": "to",
        "minutes": "minutes",
        "weeks": "weeks",
        "opens": "opens_hours_before",
    }
    kept: dict[str, Any] = {field: answers.get(column) for field, column in names.items()}
    if "day" in answers:
        kept["day"] = date.fromisoformat(answers["day"])
    return kept


def _times_answers(form: TimesForm) -> dict[str, str]:
    """The answers of a form that has been judged: what it requires is there."""
    return {
        "day": form.day.data.isoformat(),
        "from": f"{form.starts.moment:%H:%M}",
        "to": f"{form.ends.moment:%H:%M}",
        "minutes": str(form.minutes.number),
        "weeks": str(form.weeks.number),
        "opens_hours_before": str(form.opens.number or ""),
    }


def _key_of(visit: Visit) -> str:
    """Which plan a check page shows: another tab may have put another one into the draft since."""
    shown = json.dumps([visit.answers.get(name, "") for name in CSV_COLUMNS])
    return blake2b(shown.encode(), digest_size=12).hexdigest()

"""Booking, one question a page. Each is a GET and a POST that redirects; answers are in the draft."""

import secrets
from collections.abc import Callable
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments import forms, present, service
from portal.appointments.views import routes, steps
from portal.appointments.views.steps import Subject, form_of, keep, onward, question
from portal.domain.ids import AppointmentId, AttemptKey
from portal.errors import NotEligible, SlotNotBookable, SlotTaken
from portal.web.forms import Choice
from portal.web.guards import requires
from portal.web.journeys import Visit
from portal.web.services import ports
from portal.web.words import gettext as _
from portal.web.words import lazy_pgettext as _lp

blueprint = routes.blueprint
Page = Callable[[AccessGrant, Visit], ResponseReturnValue]


@blueprint.route("/for/<ref:patient_ref>/book/start", methods=["GET", "POST"])
@requires(Permission.APPOINTMENTS_BOOK)
def start(grant: AccessGrant) -> ResponseReturnValue:
    """Before you start: emergencies first, going on second. Going on begins afresh."""
    form = forms.StartForm()
    if form.validate_on_submit():
        visit = routes.BOOK.visit("start", grant.actor, grant.patient)
        visit.drop()
        visit.save(started="yes")
        return redirect(routes.BOOK.address("care"), 303)
    service.looked(grant, "start", use=ports())
    several = len(ports().relations.patients_of(grant.actor)) > 1
    return render_template("appointments/start.html", form=form, several=several)


@blueprint.route("/for/<ref:patient_ref>/book/<code:step>", methods=["GET", "POST"])
@requires(Permission.APPOINTMENTS_BOOK)
def book(grant: AccessGrant, step: str) -> ResponseReturnValue:
    """One step. Whoever skips one is led to the first without an answer."""
    visit = routes.BOOK.visit(step, grant.actor, grant.patient)
    if visit.must_go_to is not None:
        return redirect(visit.must_go_to, 303)
    elsewhere = steps.switched(visit)
    if elsewhere is not None:
        return elsewhere
    if step in _ASK_NO_DIARY:
        service.looked(grant, step, use=ports())
    try:
        return _PAGES[step](grant, visit)
    except NotEligible:
        return steps.refused(visit)


def _care(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    form = form_of(visit, forms.CareForm, care=visit.answers.get("care"))
    offered = service.kinds(grant, use=ports())
    form.care.choices = [Choice(each.kind, present.care_name(each)) for each in offered]
    if form.validate_on_submit():
        hanging = ("site", "sole_site", "clinician", "sole_clinician", "how", "when", "date", *steps.TIME)
        keep(visit, care=form.care.data, drop=hanging)
        found = service.places(grant, form.care.data, use=ports())
        if len(found) == 1 and found[0].hindrance is None:
            _keep_site(grant, visit, found[0], sole="yes")
        return onward(visit)
    return question(visit, "question", form, back_href=url_for(".start"))


def _site(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    found = service.places(grant, visit.answers.get("care", ""), use=ports())
    options = [present.place_option(place) for place in found]
    form = form_of(visit, forms.SiteForm, site=visit.answers.get("site"))
    form.site.choices = [
        Choice(option.value, option.name, _first_free(option)) for option in options if not option.hindrance
    ]
    if form.validate_on_submit():
        _keep_site(grant, visit, next(place for place in found if place.site.id == form.site.data), sole="no")
        return onward(visit)
    return question(visit, "site", form, refused=[option for option in options if option.hindrance])


def _first_free(option: present.PlaceOption) -> str:
    return str(_("First free time: %(time)s", time=option.first) if option.first else _("No free times now"))


def _keep_site(grant: AccessGrant, visit: Visit, place: service.Place, *, sole: str) -> None:
    """Keep the site. Where there is nobody to choose between, nobody is asked about the clinician."""
    keep(visit, site=place.site.id, sole_site=sole, drop=("clinician", "sole_clinician", *steps.TIME))
    if "clinician" not in visit.answers and len(service.clinicians(grant, place.service, use=ports())) < 2:
        keep(visit, clinician=routes.ANY, sole_clinician="yes")


def _clinician(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    place = steps.place_of(grant, _subject(visit))
    form = form_of(visit, forms.ClinicianForm, clinician=visit.answers.get("clinician"))
    now = ports().clock.now()
    woman, man = routes.GENDERS
    form.clinician.choices = [
        Choice(routes.ANY, _lp("clinician", "No preference")),
        Choice(woman, _lp("clinician", "A woman")),
        Choice(man, _lp("clinician", "A man")),
        *(
            Choice(f"id-{each.id}", present.clinician(each, now))
            for each in service.clinicians(grant, place.service, use=ports())
        ),
    ]
    if form.validate_on_submit():
        keep(visit, clinician=form.clinician.data, drop=steps.TIME)
        return onward(visit)
    return question(visit, "question", form)


def _needs(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    """Played back when they were told before; the answer is always given anew."""
    told = None if "needs" in visit.answers else service.needs_told(grant, use=ports())
    given = visit.answers["needs"].split(",") if "needs" in visit.answers else present.needs_values(told)
    form = form_of(visit, forms.NeedsForm, needs=given)
    if form.validate_on_submit():
        spoken = visit.answers.get("spoken", "") or (told.interpreter_language if told else None) or ""
        keep(visit, needs=",".join(form.needs.data), spoken=spoken, drop=("interpreter", *steps.TIME))
        if "interpreter" not in form.needs.data:
            service.tell_needs(grant, routes.needs_of(visit.answers), use=ports())
        return onward(visit)
    return question(
        visit, "question", form, lead=_("You told us this before. Change it if it is wrong.") if told else ""
    )


def _interpreter(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    known = visit.answers.get("interpreter") or visit.answers.get("spoken")
    form = form_of(visit, forms.InterpreterForm, interpreter=known)
    choices = [Choice(tag, name) for tag, name in present.INTERPRETER_LANGUAGES.items()]
    if known and known not in present.INTERPRETER_LANGUAGES:  # the record's own, which our list does not hold
        choices.insert(0, Choice(known, present.interpreter_language(known)))
    form.interpreter.choices = [Choice("", _("Choose a language")), *choices]
    if form.validate_on_submit():
        keep(visit, interpreter=form.interpreter.data)
        service.tell_needs(grant, routes.needs_of(visit.answers), use=ports())
        return onward(visit)
    return question(visit, "question", form)


def _reason(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    company = ["yes"] if visit.answers.get("company") == "yes" else []
    kept = {"reason": visit.answers.get("reason"), "words": visit.answers.get("words")}
    form = form_of(visit, forms.ReasonForm, **kept, company=company)
    if form.validate_on_submit():
        company_now = "yes" if form.company.data else "no"
        keep(visit, reason=form.reason.data, words=form.words.data, company=company_now)
        return onward(visit)
    return question(visit, "reason", form)


def _check(grant: AccessGrant, visit: Visit) -> ResponseReturnValue:
    """Read back, then book once. The key stands in the draft: another tab with other answers cannot book
    these.
    """
    made = steps.made(grant, visit)
    if made is not None:
        return redirect(url_for(".booked", appointment=made), 303)
    if "key" not in visit.answers:
        visit.save(key=secrets.token_urlsafe(16))
    plan = routes.plan_of(visit.answers, both_wanted=False)
    seen = service.preview(grant, plan.slot, use=ports())
    form = form_of(visit, forms.CheckForm)
    if not seen.clashes:
        del form.both
    outdated = form.is_submitted() and form.key.data != visit.answers["key"]
    if not outdated and form.validate_on_submit():
        if seen.clashes and form.both.data == "no":
            steps.choose_again(visit)
            return redirect(routes.BOOK.address("times"), 303)
        return _commit(grant, visit, routes.plan_of(visit.answers, both_wanted=bool(seen.clashes)), seen)
    if seen.problem is not None:
        return steps.gone(grant, visit, seen.slot)
    form.key.data = visit.answers["key"]
    service.looked(grant, seen.slot.id, use=ports())
    checked = present.check_page(seen, plan, visit.answers, grant.actor)
    return render_template(
        "appointments/check.html",
        form=form,
        page=checked,
        asked=_asked(visit),
        outdated=outdated,
        keeps_answers=bool(seen.clashes),
        back_href=visit.back_address,
    ), 409 if outdated else 200


def _commit(
    grant: AccessGrant, visit: Visit, plan: service.Plan, seen: service.Preview
) -> ResponseReturnValue:
    try:
        made = service.book(grant, plan, AttemptKey(visit.answers["key"]), use=ports())
    except (SlotTaken, SlotNotBookable):
        return steps.gone(grant, visit, seen.slot)
    except service.SameDay:  # booked in another tab a moment ago: ask
        return redirect(routes.BOOK.address("check"), 303)
    steps.note(visit, done=made.id)
    return redirect(url_for(".booked", appointment=made.id), 303)


def _asked(visit: Visit) -> dict[str, str]:
    """The addresses of the steps that were shown, and so can be changed from the check page."""
    shown = [step.name for step in routes.BOOK.steps if step.shown(visit.answers)]
    return {name: routes.BOOK.address(name, check=1) for name in shown}


def _subject(visit: Visit) -> Subject:
    return Subject(answers=visit.answers)


_ASK_NO_DIARY: Final = frozenset({"care", "needs", "interpreter", "reason"})  # no other row names the person
_PAGES: Final[dict[str, Page]] = {
    "care": _care,
    "site": _site,
    "clinician": _clinician,
    "needs": _needs,
    "interpreter": _interpreter,
    "when": lambda grant, visit: steps.when(grant, visit, _subject(visit)),
    "date": lambda grant, visit: steps.on_date(grant, visit, _subject(visit)),
    "times": lambda grant, visit: steps.times(grant, visit, _subject(visit)),
    "reason": _reason,
    "check": _check,
}


@blueprint.get("/for/<ref:patient_ref>/booked/<id:appointment>")
@requires(Permission.APPOINTMENTS_BOOK)
def booked(grant: AccessGrant, appointment: AppointmentId) -> ResponseReturnValue:
    """The confirmation of a booking; with `again` in the query, of one that was there before."""
    shown = service.confirmed(grant, appointment, use=ports())
    again = "again" in request.args
    return render_template(
        "appointments/booked.html", shown=shown, card=present.card(shown, grant), again=again
    )

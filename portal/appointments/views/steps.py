"""The steps that booking and changing share: what is kept of a step, when, from which date, which time."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.policy import AccessGrant
from portal.appointments import forms, present, rules, service
from portal.appointments.views import routes
from portal.domain.appointments import Mode, Slot
from portal.domain.ids import AppointmentId, AttemptKey, SiteId, SlotId
from portal.errors import CannotLoad, CannotSave
from portal.web import dates
from portal.web.forms import Choice, PortalForm
from portal.web.journeys import LONGEST, SWITCH_FIELD, Visit
from portal.web.logs import log
from portal.web.services import ports
from portal.web.typed import UNREADABLE
from portal.web.words import gettext as _
from portal.web.words import lazy_pgettext as _lp

TIME: Final = ("slot", "lost")  # what hangs on every wish about times
_STALE: Final = ("key", "done", "typed.check")  # another plan is another booking
_NOT_TYPED: Final = ("csrf_token", SWITCH_FIELD, "key", "version")
_MOST_TYPED: Final = 40  # fields kept over a switch of language; no page of ours has as many
_LONGEST_TYPED: Final = 1200  # characters of each; a box gives back twice its own limit at most
_IS_NAME: Final = re.compile("[a-z-]{1,40}").fullmatch


def keep(visit: Visit, *, drop: tuple[str, ...] = (), **answers: str) -> None:
    """Save answers. Those in `drop` hang on them, and go when any of them is new."""
    changes: dict[str, str | None] = dict(answers)
    if any(visit.answers.get(name) != value for name, value in answers.items()):
        changes = {**dict.fromkeys((*drop, *_STALE)), **answers}
    visit.save(**{f"typed.{visit.step}": None}, **changes)


def switched(visit: Visit) -> ResponseReturnValue | None:
    """The same step in another language with what was typed, when a language button was pressed."""
    if request.method != "POST" or SWITCH_FIELD not in request.form:
        return None
    elsewhere = visit.language_switch({f"typed.{visit.step}": _as_typed()})
    return redirect(elsewhere, 303) if elsewhere is not None else None


def _as_typed() -> str:
    """The fields as sent, each cut so that what a draft holds can be read again."""
    sent = [
        (name, UNREADABLE.sub("", value))
        for name, value in request.form.items(multi=True)
        if name not in _NOT_TYPED and _IS_NAME(name)
    ][:_MOST_TYPED]
    most = _LONGEST_TYPED
    while len(kept := _written(sent, most)) > LONGEST:
        most //= 2
    return kept


def _written(sent: list[tuple[str, str]], most: int) -> str:
    return json.dumps([(name, value[:most]) for name, value in sent], ensure_ascii=False)


def form_of(visit: Visit, kind: type[PortalForm], **data: Any) -> Any:
    """The form of this step: as sent, else as typed before a switch of language, else as answered before."""
    typed = _typed(visit) if request.method == "GET" else None
    return kind(typed, data=data) if typed is not None else kind(data=data)


def _typed(visit: Visit) -> MultiDict[str, str] | None:
    try:
        kept = json.loads(visit.answers.get(f"typed.{visit.step}", ""))
    except ValueError:  # nothing was typed, or more than a draft holds
        return None
    return MultiDict(cast("list[tuple[str, str]]", [tuple(pair) for pair in kept]))


def question(visit: Visit, template: str, form: PortalForm, **more: Any) -> str:
    page: str = render_template(
        f"appointments/{template}.html",
        form=form,
        back_href=more.pop("back_href", visit.back_address),
        keeps_answers=True,
        **more,
    )
    return page


def onward(visit: Visit) -> ResponseReturnValue:
    return redirect(visit.next_address, 303)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the times are looked for: the answers in force and, when changing, the visit to be moved."""

    answers: dict[str, str]
    moving: AppointmentId | None = None

    def wishes(self) -> service.Wishes:
        return routes.wishes_of(self.answers, moving=self.moving)


def place_of(grant: AccessGrant, subject: Subject) -> service.Place:
    """The chosen place, or of several the first that can be booked. Raises NotFound."""
    wanted = subject.answers.get("site", routes.ANY)
    site = None if wanted == routes.ANY else SiteId(wanted)
    return service.place(grant, subject.answers.get("care", ""), site, use=ports(), moving=subject.moving)


def when(grant: AccessGrant, visit: Visit, subject: Subject) -> ResponseReturnValue:
    place = place_of(grant, subject)
    form = form_of(visit, forms.WhenForm, when=visit.answers.get("when"), how=visit.answers.get("how"))
    form.how.choices = [
        Choice(routes.ANY, _lp("how a visit takes place", "I do not mind")),
        *(Choice(mode.value, present.mode_words(mode)) for mode in Mode if mode in place.service.modes),
    ]
    if form.validate_on_submit():
        keep(visit, when=form.when.data, how=form.how.data, drop=("date", *TIME))
        return onward(visit)
    return question(visit, "when", form, changing=subject.moving is not None)


def on_date(grant: AccessGrant, visit: Visit, subject: Subject) -> ResponseReturnValue:
    place = place_of(grant, subject)
    kept = visit.answers.get("date", "")
    form = form_of(visit, forms.NewDateForm if subject.moving else forms.DateForm, date=_day(kept))
    now = ports().clock.now()
    first, last = rules.bookable_days(place.service.policy, now, place.site.time_zone)
    if form.validate_on_submit():
        if first <= form.date.data <= last:
            keep(visit, date=form.date.data.isoformat(), drop=TIME)
            return onward(visit)
        between = {"first": dates.day(first), "last": dates.day(last)}
        form.refuse("date", _("The date must be between %(first)s and %(last)s", **between))
    return question(visit, "question", form, lead=_("You can book up to %(day)s.", day=dates.day(last)))


# --- times


def asked() -> dict[str, str]:
    """Answers that a filter or another way put into the address; they are kept when a time is chosen."""
    names = ("how", "clinician", "site", "need")
    return {name: request.args[name] for name in names if request.args.get(name)}


def times(grant: AccessGrant, visit: Visit, subject: Subject, **more: Any) -> ResponseReturnValue:
    """Free times by day. Raises NotEligible when the person may not book this any more."""
    filters = asked()
    lost = "" if "all" in request.args else visit.answers.get("lost", "")
    wishes = _filtered(subject, filters)
    form = form_of(visit, forms.TimesForm, slot=visit.answers.get("slot"))
    found = _found(grant, wishes, lost)
    asked_for = _asked_for(grant, found, wishes) if form.is_submitted() else None
    if asked_for is not None and asked_for.gone:
        return gone(grant, visit, asked_for.slot, **filters)
    form.slot.choices = [(slot.id, "") for slot in (*found.page.slots, *_beside(found, asked_for))]
    if form.validate_on_submit():
        filters.pop("need", None)
        keep(visit, slot=form.slot.data, drop=("lost",), **filters)
        return onward(visit)
    if form.is_submitted() and routes.IS_ID(request.form.get("slot", "")):
        form.slot.errors = [_("The time you chose is not on this list any more. Select another time")]
    earlier, later = present.edges(found)
    return question(
        visit,
        "times",
        form,
        found=found,
        days=present.days(found, headed=not lost),
        others=present.others(found, visit.journey.endpoint, visit.values),
        lost=bool(lost),
        earlier=earlier,
        later=later,
        filters=present.filters(found, filters, wishes),
        carried="&" + urlencode(filters) if filters else "",
        zone=found.zone,
        since=dates.day(wishes.wish.on) if wishes.wish.on else "",
        **more,
    )


def _filtered(subject: Subject, filters: dict[str, str]) -> service.Wishes:
    if not filters:
        return subject.wishes()
    wishes = replace(subject, answers={**subject.answers, **filters}).wishes()
    return replace(wishes, needs=present.filtered_needs(wishes.needs, filters.get("need", "")))


def _found(grant: AccessGrant, wishes: service.Wishes, lost: str) -> service.Found:
    use = ports()
    now = use.clock.now()
    wished = _instant(lost)
    if wished is not None:
        return service.near(grant, wishes, wished, use=use)
    after, before = (present.read_key(request.args.get(name, ""), now) for name in ("after", "before"))
    return service.find_times(grant, wishes, use=use, after=after, before=before)


def _asked_for(grant: AccessGrant, found: service.Found, wishes: service.Wishes) -> service.Chosen | None:
    """The time that was chosen, where this page of times does not hold it any more."""
    wanted = request.form.get("slot", "")
    if wanted in {slot.id for slot in found.page.slots} or not routes.IS_ID(wanted):
        return None
    return service.chosen(grant, found, wishes, SlotId(wanted), use=ports())


def _beside(found: service.Found, chosen: service.Chosen | None) -> tuple[Slot, ...]:
    """A time that can be had although the page has moved on since it was shown."""
    return (chosen.slot,) if chosen is not None else ()


def gone(grant: AccessGrant, visit: Visit, slot: Slot, **filters: str) -> ResponseReturnValue:
    """A time that cannot be had: the person's own visit in it, else the times near it, all answers kept."""
    mine = service.own_visit(grant, slot.id, use=ports())
    if mine is not None:
        return redirect(url_for(".booked", appointment=mine.id, again=1), 303)
    lose(visit, slot.starts_at)
    return redirect(visit.journey.address("times", **visit.values, **filters), 303)


def lose(visit: Visit, starts_at: datetime) -> None:
    """The chosen time is gone: keep every other answer and look near it."""
    visit.save(**dict.fromkeys(("slot", *_STALE)), lost=starts_at.isoformat())


def refused(visit: Visit) -> ResponseReturnValue:
    """Not for this person: the page of places says why, what mends it, and whom to ask."""
    visit.save(site=None, sole_site=None)  # where there is one place, its page is passed over
    return redirect(routes.BOOK.address("site"), 303)


def choose_again(visit: Visit) -> None:
    """The person gives the chosen time up for another."""
    visit.save(**dict.fromkeys(("slot", *_STALE)))


# --- what was made


def made(grant: AccessGrant, visit: Visit) -> str | None:
    """The visit that these answers made, also when it could not be noted in the draft; None if none yet."""
    if "done" in visit.answers or "key" not in visit.answers:
        return visit.answers.get("done")
    return service.made_with(AttemptKey(visit.answers["key"]), grant, use=ports())


def note(visit: Visit, **answers: str) -> None:
    """Note in the draft what is done: saved, whatever becomes of this note. Without answers: drop it."""
    try:
        if answers:
            visit.save(**answers)
        else:
            visit.drop()
    except (CannotSave, CannotLoad) as error:
        log("note-lost", code=error.code, journey=visit.journey.name)


def _instant(kept: str) -> datetime | None:
    """An instant this draft kept; None when there is none, or none that this version can read."""
    try:
        found = datetime.fromisoformat(kept)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _day(kept: str) -> date | None:
    try:
        return date.fromisoformat(kept)
    except ValueError:
        return None

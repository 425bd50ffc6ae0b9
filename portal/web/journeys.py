"""The frame of a journey of several pages: where its answers are kept, which page is next. Knows no question.

A feature says once what the steps are, then asks in each view:

    STEPS = (Step("care", needs=("service",)), Step("site", needs=("site",)), Step("check"))
    BOOKING = Journey("book", STEPS, endpoint="appointments.book")

    @blueprint.route("/book/<code:step>", methods=["GET", "POST"])
    @requires(Permission.APPOINTMENTS_BOOK)
    def book(grant: AccessGrant, step: str) -> ResponseReturnValue:
        visit = BOOKING.visit(step, grant.actor, grant.patient)   # NotFound for a step there is not
        if visit.must_go_to:                                      # a step before this one has no answer yet
            return redirect(visit.must_go_to, 303)
        form = ...Form(data=visit.answers)
        if (elsewhere := visit.language_switch(form_answers(form))) is not None:
            return redirect(elsewhere, 303)                       # answers as typed are kept, none is checked
        if form.validate_on_submit():
            visit.save(service=form.service.data)
            return redirect(visit.next_address, 303)
        return render_template(..., form=form, keeps_answers=True, back_href=visit.back_address)

Answers live in the draft of (account, patient, journey) for 24 hours (S35), never in the browser.
`?check=1` on a step's address, from the check page's Change links, leads back to the check page as soon as
all is answered again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import g, request, url_for

from portal.domain.ids import AccountId, PatientId
from portal.errors import NotFound
from portal.languages import OFFERED, find
from portal.web.services import ports

SWITCH_FIELD: Final = "switch_language"  # the buttons of layouts/form.html
RETURN: Final = "check"
LONGEST: Final = 8000  # characters of one answer: what is typed comes back whole, or cut, never broken
Answers = Mapping[str, str]


def _always(answers: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One page.

    It is answered when all of `needs` are in the draft. `shown` says whether it applies at all.
    """

    name: str
    needs: tuple[str, ...] = ()
    shown: Callable[[Answers], bool] = _always

    def answered(self, answers: Answers) -> bool:
        return all(name in answers for name in self.needs)


@dataclass(frozen=True, slots=True)
class Journey:
    """Steps in order; the last is the check page.

    `endpoint` takes the step's name as `argument`; '' for a journey of one page, whose address names none.
    """

    name: str
    steps: tuple[Step, ...]
    endpoint: str
    argument: str = "step"

    def visit(self, step: str, account: AccountId, patient: PatientId | None, **values: Any) -> "Visit":
        """One request for one step. `values` are other arguments of the endpoint. Raises NotFound."""
        if step not in (each.name for each in self.steps):
            raise NotFound("no-such-step")
        answers = ports().drafts.load(account, patient, self._key(values), ports().clock.now())
        return Visit(self, step, account, patient, dict(answers), values)

    def address(self, step: str, **values: Any) -> str:
        if self.argument:
            values[self.argument] = step
        return url_for(self.endpoint, **values)

    def _key(self, values: Mapping[str, Any]) -> str:
        """Two changes of two appointments are two journeys."""
        return ":".join((self.name, *(str(values[name]) for name in sorted(values))))


@dataclass(slots=True)
class Visit:
    """What a view asks about the step it is on. `answers` are those kept so far, of all steps."""

    journey: Journey
    step: str
    account: AccountId
    patient: PatientId | None
    answers: dict[str, str]
    values: dict[str, Any]
    _applying: list[Step] | None = None  # until an answer changes

    @property
    def kept(self) -> bool:
        """Whether there are answers of before, so that the page says that they are kept."""
        return bool(self.answers)

    @property
    def must_go_to(self) -> str | None:
        """The first step before this one that has no answer; None when this one may be shown."""
        for each in self._shown():
            if each.name == self.step:
                return None
            if not each.answered(self.answers):
                return self._address(each.name)
        return self._address(self._shown()[-1].name)  # this step does not apply with these answers

    @property
    def next_address(self) -> str:
        """The next step; with `check` in the query, the first that is unanswered, at last the check page."""
        shown = self._shown()
        here = (
            [each.name for each in shown].index(self.step)
            if self.step in {each.name for each in shown}
            else -1
        )
        if RETURN in request.args:
            waiting = [each.name for each in shown if not each.answered(self.answers)]
            return self._address(waiting[0] if waiting else shown[-1].name)
        return self._address(shown[min(here + 1, len(shown) - 1)].name)

    @property
    def back_address(self) -> str | None:
        """The step before this one; None on the first."""
        names = [each.name for each in self._shown()]
        here = names.index(self.step) if self.step in names else 0
        if RETURN in request.args:
            return self.journey.address(names[-1], **self.values)
        return self._address(names[here - 1]) if here else None

    def save(self, **answers: str | None) -> None:
        """Add to the draft; None takes an answer away."""
        self._applying = None
        for name, value in answers.items():
            if value is None:
                self.answers.pop(name, None)
            else:
                self.answers[name] = value[:LONGEST]
        key = self.journey._key(self.values)
        ports().drafts.save(self.account, self.patient, key, self.answers, ports().clock.now())

    def drop(self) -> None:
        """Forget all answers: it is done, or given up."""
        self._applying = None
        self.answers.clear()
        ports().drafts.drop(self.account, self.patient, self.journey._key(self.values))

    def language_switch(self, typed: Mapping[str, str | None]) -> str | None:
        """The same step in the language whose button was pressed, what was typed saved; None if none was.

        The text typed may be no valid answer: keep it under names of its own where a rule reads the draft.
        """
        wanted = find(request.form.get(SWITCH_FIELD, "")) if request.method == "POST" else None
        if wanted is None or wanted not in OFFERED:
            return None
        self.save(**typed)
        g.carried_language = wanted.tag
        return self._address(self.step)

    def _shown(self) -> list[Step]:
        if self._applying is None:
            self._applying = [
                each for each in self.journey.steps if each.shown is _always or each.shown(self.answers)
            ]
        return self._applying

    def _address(self, step: str) -> str:
        last = self.journey.steps[-1].name
        keep = {RETURN: "1"} if RETURN in request.args and step != last else {}
        return self.journey.address(step, **self.values, **keep)

"""What the pages share: the blueprint, the journeys, and answers turned into wishes and plans."""

import re
from collections.abc import Mapping
from datetime import date

from flask import Blueprint

from portal.appointments import rules, service
from portal.domain.appointments import Mode, Need, Needs, Reason
from portal.domain.ids import AppointmentId, PractitionerId, SiteId, SlotId
from portal.domain.people import ClinicianGender
from portal.errors import NotFound
from portal.web.journeys import Journey, Step

blueprint = Blueprint("appointments", __name__)
Answers = Mapping[str, str]

ANY = "any"
IS_ID = re.compile("[A-Za-z0-9.-]{1,64}").fullmatch  # FHIR R4 datatypes, id; no database sees anything else
GENDERS = {gender.value: gender for gender in (ClinicianGender.WOMAN, ClinicianGender.MAN)}


def _needs_interpreter(answers: Answers) -> bool:
    return Need.INTERPRETER.value in answers.get("needs", "").split(",")


def _on_a_date(answers: Answers) -> bool:
    return answers.get("when") == rules.When.DATE.value


_WHEN = Step("when", needs=("when", "how"))
_DATE = Step("date", needs=("date",), shown=_on_a_date)
_TIMES = Step("times", needs=("slot",))
BOOK = Journey(
    "book",
    (
        Step("start", needs=("started",)),
        Step("care", needs=("care",)),
        Step("site", needs=("site",), shown=lambda answers: answers.get("sole_site") != "yes"),
        Step("clinician", needs=("clinician",), shown=lambda answers: answers.get("sole_clinician") != "yes"),
        Step("needs", needs=("needs",)),
        Step("interpreter", needs=("interpreter",), shown=_needs_interpreter),
        _WHEN,
        _DATE,
        _TIMES,
        Step("reason", needs=("reason",)),
        Step("check"),
    ),
    endpoint="appointments.book",
)
# One page: its draft only carries what is typed from one language to another.
CANCEL = Journey("cancel", (Step("cancel"),), endpoint="appointments.cancel", argument="")
CHANGE = Journey("change", (_WHEN, _DATE, _TIMES, Step("check")), endpoint="appointments.change")


def wishes_of(answers: Answers, *, moving: AppointmentId | None = None) -> service.Wishes:
    """What is looked for. Raises NotFound for answers that no page of ours gave."""
    clinician = answers.get("clinician", ANY)
    named = clinician[3:] if clinician.startswith("id-") else ""
    if not (clinician == ANY or clinician in GENDERS or IS_ID(named)):
        raise NotFound("clinician")
    try:
        on = date.fromisoformat(answers["date"]) if _on_a_date(answers) and "date" in answers else None
        return service.Wishes(
            kind=answers.get("care", ""),
            site=SiteId(answers["site"]) if answers.get("site", ANY) != ANY else None,
            wish=rules.Wish(when=rules.When(answers.get("when", rules.When.SOON.value)), on=on),
            mode=Mode(answers["how"]) if answers.get("how", ANY) != ANY else None,
            clinician=PractitionerId(named) if named else None,
            gender=GENDERS.get(clinician),
            needs=needs_of(answers),
            moving=moving,
        )
    except ValueError as error:
        raise NotFound("wish") from error


def needs_of(answers: Answers) -> Needs:
    told = answers.get("needs", "").split(",")
    chosen = frozenset(need for need in Need if need.value in told)
    spoken = answers.get("interpreter") if Need.INTERPRETER in chosen else None
    return Needs(all=chosen, interpreter_language=spoken or None)


def plan_of(answers: Answers, *, both_wanted: bool) -> service.Plan:
    return service.Plan(
        slot=SlotId(answers["slot"]),
        reason=_reason_of(answers),
        words=answers.get("words", ""),
        needs=needs_of(answers),
        with_someone=answers.get("company") == "yes",
        both_wanted=both_wanted,
    )


def _reason_of(answers: Answers) -> Reason:
    """The reason kept; a word that another version kept counts as not said."""
    try:
        return Reason(answers.get("reason", Reason.NOT_SAID.value))
    except ValueError:
        return Reason.NOT_SAID

"""Codes into words for people, whole sentences each. Sentences with a link in them stand in templates."""

from datetime import datetime

from markupsafe import Markup

from portal.domain.appointments import (
    Appointment,
    AuthorKind,
    CancelReason,
    Mode,
    Need,
    Needs,
    Reason,
    Status,
)
from portal.domain.ids import AccountId
from portal.web.language_names import language_name
from portal.web.locale import language
from portal.web.words import gettext as _
from portal.web.words import lazy_gettext as _l
from portal.web.words import lazy_pgettext as _lp
from portal.web.words import ngettext

MODES = {
    Mode.IN_PERSON: _lp("how a visit takes place", "In person"),
    Mode.PHONE: _lp("how a visit takes place", "By phone"),
    Mode.VIDEO: _lp("how a visit takes place", "By video"),
}
STATUSES = {
    Status.PROPOSED: _lp("appointment status", "Asked for"),
    Status.PENDING: _lp("appointment status", "Asked for"),
    Status.WAITLIST: _lp("appointment status", "Waiting list"),
    Status.BOOKED: _lp("appointment status", "Booked"),
    Status.ARRIVED: _lp("appointment status", "Arrived"),
    Status.CHECKED_IN: _lp("appointment status", "Arrived"),
    Status.FULFILLED: _lp("appointment status", "Took place"),
    Status.CANCELLED: _lp("appointment status", "Cancelled"),
    Status.NO_SHOW: _lp("appointment status", "Missed"),
    Status.ERROR: _lp("appointment status", "Entered by mistake"),
}
CHANGED = _lp("appointment status", "Changed")
MOVED = _lp("appointment status", "Moved to another time")
CANNOT_COME = _lp("appointment status", "You cannot come")
NEEDS = {
    Need.STEP_FREE: _l("A way in without steps"),
    Need.LONGER: _l("A longer appointment"),
    Need.BSL: _l("A British Sign Language (BSL) interpreter"),
    Need.INTERPRETER: _l("An interpreter"),
}
# Languages of interpreters, BCP 47. "und": another one; the practice asks which.
INTERPRETER_LANGUAGES = {
    "ar": _lp("language", "Arabic"),
    "bn": _lp("language", "Bengali or Sylheti"),
    "yue": _lp("language", "Cantonese"),
    "fa": _lp("language", "Farsi or Dari"),
    "gu": _lp("language", "Gujarati"),
    "ku": _lp("language", "Kurdish"),
    "cmn": _lp("language", "Mandarin"),
    "pa": _lp("language", "Panjabi"),
    "pl": _lp("language", "Polish"),
    "pt": _lp("language", "Portuguese"),
    "ro": _lp("language", "Romanian"),
    "so": _lp("language", "Somali"),
    "es": _lp("language", "Spanish"),
    "ta": _lp("language", "Tamil"),
    "tr": _lp("language", "Turkish"),
    "uk": _lp("language", "Ukrainian"),
    "ur": _lp("language", "Urdu"),
    "cy": _lp("language", "Welsh"),
    "und": _lp("language", "Another language"),
}
REASONS = {
    Reason.NEW_PROBLEM: _l("A new problem"),
    Reason.ONGOING_PROBLEM: _l("A problem I have had before"),
    Reason.TEST_OR_CHECK: _l("A test or a check"),
    Reason.MEDICINES: _l("My medicines"),
    Reason.FORM_OR_LETTER: _l("A form or a letter"),
    Reason.OTHER: _l("Something else"),
    Reason.NOT_SAID: _l("I would rather not say"),
}
CANCEL_REASONS = {
    CancelReason.BETTER: _l("Reason: feeling better."),
    CancelReason.TIME: _l("Reason: the time did not suit."),
    CancelReason.WAIT: _l("Reason: the wait was too long."),
    CancelReason.MODE: _l("Reason: wanted to be seen another way."),
    CancelReason.MISTAKE: _l("Reason: booked by mistake."),
    CancelReason.OTHER: _l("Reason: another reason."),
    CancelReason.PRACTICE: _l("The practice had to cancel it."),
    CancelReason.CHANGED: _l("It was moved to another time."),
    CancelReason.NOT_SAID: "",
}


# Labels of ours for the usual kinds of care and roles. The source's term stays beside the label; a term that
# is not here is shown as it is, marked with its language.
LABELS = {
    "Doctor (GP)": _lp("kind of care or role", "Doctor (GP)"),
    "Doctor (GP), in the next 2 days": _lp("kind of care", "Doctor (GP), in the next 2 days"),
    "Nurse": _lp("kind of care or role", "Nurse"),
    "Blood test": _lp("kind of care", "Blood test"),
    "Pharmacist": _lp("kind of care or role", "Pharmacist"),
    "Physiotherapist": _lp("kind of care or role", "Physiotherapist"),
    "Child vaccination": _lp("kind of care", "Child vaccination"),
    "Minor surgery": _lp("kind of care", "Minor surgery"),
}


def labelled(text: str, tag: str) -> Markup | str:
    """A kind of care or a role: our label in the page's language and the source's own term after it."""
    own = in_source_words(text, tag)
    label = LABELS.get(text) if own is not text else None
    return own if label is None else Markup("{} ({})").format(label, own)


def in_source_words(text: str, tag: str) -> Markup | str:
    """The source's own words, marked with their language where the page speaks another."""
    if not text or language().tag.split("-")[0] == tag.split("-")[0]:
        return text
    return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, _direction(tag), text)


def _direction(tag: str) -> str:
    return "rtl" if tag.split("-")[0] in ("ar", "fa", "he", "ku", "ps", "sd", "ur") else "ltr"


def named(name: str) -> Markup:
    """A person's name, kept apart from the direction around it."""
    return Markup("<bdi>%s</bdi>") % name


def minutes(length: int) -> str:
    return ngettext("%(num)d minute", "%(num)d minutes", length)


def need(wanted: Need, told: Needs) -> str:
    """One need, with the language of the interpreter: our name for it, else CLDR's, else its tag."""
    if wanted is not Need.INTERPRETER or not told.interpreter_language:
        return str(NEEDS[wanted])
    tag = told.interpreter_language
    if tag == "und":
        return _("An interpreter for another language")
    return _("An interpreter: %(language)s", language=interpreter_language(tag))


def interpreter_language(tag: str) -> str:
    ours = INTERPRETER_LANGUAGES.get(tag)
    return language_name(tag) if ours is None else str(ours)


def status(appointment: Appointment, now: datetime) -> str:
    """The word on the tag. A visit that is over and was never closed says only that it was booked."""
    if appointment.status is Status.CANCELLED and appointment.replaced_by:
        return str(MOVED)
    if appointment.cannot_come_at is not None and appointment.live and appointment.starts_at > now:
        return str(CANNOT_COME)
    if appointment.replaces and appointment.status is Status.BOOKED:
        return str(CHANGED)
    return str(STATUSES[appointment.status])


def status_colour(appointment: Appointment) -> str:
    """The class of the tag; the word alone carries the meaning."""
    match appointment.status:
        case Status.CANCELLED | Status.NO_SHOW | Status.ERROR:
            return "govuk-tag--red"
        case Status.FULFILLED | Status.PROPOSED | Status.PENDING | Status.WAITLIST:
            return "govuk-tag--grey"
        case Status.BOOKED | Status.ARRIVED | Status.CHECKED_IN:
            return "govuk-tag--yellow" if appointment.cannot_come_at else ""


def booked_by(appointment: Appointment, viewer: AccountId) -> str:
    author = appointment.booked_by
    if author.account == viewer and viewer:
        return _("Moved here by you.") if appointment.replaces else _("Booked by you.")
    if appointment.replaces:
        return {
            AuthorKind.PATIENT: _("Moved here by the person it is for."),
            AuthorKind.CARER: _("Moved here by someone who helps."),
            AuthorKind.STAFF: _("Moved here by the practice."),
            AuthorKind.SOURCE: _("Moved here, but not with this service."),
        }[author.kind]
    return {
        AuthorKind.PATIENT: _("Booked by the person it is for."),
        AuthorKind.CARER: _("Booked by someone who helps."),
        AuthorKind.STAFF: _("Booked by the practice."),
        AuthorKind.SOURCE: _("Booked, but not with this service."),
    }[author.kind]


def ended_by(appointment: Appointment, viewer: AccountId, when: str) -> str:
    """Who cancelled or moved it, and when."""
    end = appointment.cancellation
    if end is None:
        return _("It was cancelled. We do not know by whom.")
    moved = end.reason is CancelReason.CHANGED
    if end.by.account == viewer and viewer:
        return (
            _("You moved it on %(day)s.", day=when) if moved else _("You cancelled it on %(day)s.", day=when)
        )
    if moved:
        return _("It was moved on %(day)s.", day=when)
    match end.by.kind:
        case AuthorKind.PATIENT:
            return _("The person it was for cancelled it on %(day)s.", day=when)
        case AuthorKind.CARER:
            return _("Someone who helps cancelled it on %(day)s.", day=when)
        case AuthorKind.STAFF:
            return _("The practice cancelled it on %(day)s.", day=when)
        case AuthorKind.SOURCE:
            return _("It was cancelled on %(day)s, but not with this service.", day=when)

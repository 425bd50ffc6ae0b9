"""Words and rows for the sign-in page and the list of sessions. Asks nothing of a database."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.ports.identity import DemoPerson
from portal.ports.sessions import Session
from portal.web.dates import day_and_time
from portal.web.words import gettext as _
from portal.web.words import lazy_gettext as _l

ZONE = "Europe/London"  # sessions are at no place of care

# What each story lets somebody try. A story without words here is left without any.
STORY_WORDS = {
    "patient": _l("A patient with appointments to come. Reads English."),
    "patient-urdu": _l("A patient who reads Urdu and needs an interpreter."),
    "patient-welsh": _l("A patient who reads Welsh."),
    "parent": _l("A parent who can book for two children."),
    "carer": _l("A carer who helps an older person."),
    "many-appointments": _l("A patient who has as many appointments as can be."),
    "moved": _l("A patient who has left the practice."),
    "long-name": _l("A patient with a very long name."),
    "receptionist": _l("A receptionist at a practice."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    subject: str
    name: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    device: str
    since: str
    used: str
    this_one: bool


def people(listed: Sequence[DemoPerson]) -> tuple[list[PersonRow], list[PersonRow]]:
    """Patients and carers, and practice staff."""
    rows = [
        (
            PersonRow(subject=person.subject, name=person.name, story=str(STORY_WORDS.get(person.story, ""))),
            person,
        )
        for person in listed
    ]
    return [row for row, person in rows if not person.staff], [row for row, person in rows if person.staff]


def sessions(kept: Sequence[Session], current: Session) -> list[SessionRow]:
    """This browser's first."""
    ordered = sorted(kept, key=lambda each: each.id != current.id)
    return [
        SessionRow(
            device=device(each),
            since=day_and_time(each.created_at, ZONE),
            used=day_and_time(each.last_seen_at, ZONE),
            this_one=each.id == current.id,
        )
        for each in ordered
    ]


def device(session: Session) -> str:
    browser, _on, system = session.device.partition(" on ")
    if system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or _("A device we do not know")

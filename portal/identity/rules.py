"""Where somebody belongs after signing in, and what to call their device.

Answers from values; no lookup, no words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from portal.access.policy import PatientRelation, StaffRelation
from portal.domain.ids import OrganisationId, PatientId


class Landing(Enum):
    """The first page after signing in."""

    PRACTICE = "practice"  # staff: the day of their practice
    HOME = "home"  # one person's home
    PEOPLE = "people"  # "Who is this for?", also where there is nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    landing: Landing
    patient: PatientId | None = None
    organisation: OrganisationId | None = None


def destination(
    patients: Sequence[PatientRelation], staff: Sequence[StaffRelation], today: date
) -> Destination:
    """Staff go to their practice, a person with one patient to that home, everybody else chooses."""
    works_at = [relation.organisation for relation in staff if _running(relation, today)]
    if works_at:
        return Destination(landing=Landing.PRACTICE, organisation=works_at[0])
    acts_for = {
        relation.patient for relation in patients if _running(relation, today) and not relation.suspended
    }
    if len(acts_for) == 1:
        return Destination(landing=Landing.HOME, patient=acts_for.pop())
    return Destination(landing=Landing.PEOPLE)


def _running(relation: PatientRelation | StaffRelation, today: date) -> bool:
    return relation.starts_on <= today and (relation.ends_on is None or today <= relation.ends_on)


# First match wins: most browsers also name those they descend from.
_BROWSERS = (
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)


def device_of(user_agent: str) -> str:
    """Two family names such as 'Chrome on Android', one, or ''. Nothing else of the user agent is kept."""
    found = [
        next((name for name, pattern in kinds if re.search(pattern, user_agent)), "")
        for kinds in (_BROWSERS, _SYSTEMS)
    ]
    return " on ".join(name for name in found if name)

"""People: names, numbers, dates of birth. Decides which name may be shown; never guesses one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from portal.domain.ids import OrganisationId, PatientId, PractitionerId

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
_NHS_WEIGHTS = range(10, 1, -1)


def is_nhs_number(text: str) -> bool:
    """Whether ten digits carry the right modulus 11 check digit (NHS data dictionary, NHS NUMBER)."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_NHS_WEIGHTS, text[:9], strict=True))
    return (11 - total % 11) % 11 == int(text[9])


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """Ten digits with a true check digit. Raises ValueError otherwise. Grouped 3-3-4 when shown."""

    digits: str

    def __post_init__(self) -> None:
        if not is_nhs_number(self.digits):
            raise ValueError("not an NHS number")

    def grouped(self) -> str:
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"


class NameUse(Enum):
    """FHIR R4 name-use."""

    USUAL = "usual"
    OFFICIAL = "official"
    TEMP = "temp"
    NICKNAME = "nickname"
    ANONYMOUS = "anonymous"
    OLD = "old"
    MAIDEN = "maiden"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanName:
    """One FHIR HumanName.

    `use` is None where the source gives none; titles are not kept (safety rule S34).
    """

    use: NameUse | None = None
    text: str | None = None
    given: tuple[str, ...] = ()
    family: str | None = None
    ended_on: date | None = None

    def written(self) -> str:
        """The name as one line: given names then family name, else the source's own text."""
        parts = [part for part in (*self.given, self.family or "") if part]
        return " ".join(parts) or (self.text or "")


def shown_name(names: Sequence[HumanName], today: date) -> str:
    """The name people may see: usual, else official, else one without a use; '' when there is none.

    Names marked old, maiden, temporary, nickname or anonymous, and names that have ended, are never shown
    (S34).
    """
    live = [name for name in names if name.written() and (name.ended_on is None or name.ended_on >= today)]
    for use in (NameUse.USUAL, NameUse.OFFICIAL, None):
        for name in live:
            if name.use is use:
                return name.written()
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A FHIR date: a year, a year and month, or a whole day."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        date(self.year, self.month or 1, self.day or 1)  # raises ValueError for no such day

    def earliest(self) -> date:
        """The first day it can mean. Endings of access count from here (S16)."""
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        """The last day it can mean."""
        if self.day is not None and self.month is not None:
            return date(self.year, self.month, self.day)
        if self.month is None:
            return date(self.year, 12, 31)
        following = date(self.year + self.month // 12, self.month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)


def whole_years(born: date, on: date) -> int:
    """Age in completed years. Somebody born on 29 February turns a year older on 1 March in common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The parts of a FHIR Patient that the portal acts on.

    `gender` is left out on purpose: it decides nothing (S34).
    """

    id: PatientId
    names: tuple[HumanName, ...] = ()
    nhs_number: NhsNumber | None = None
    birth_date: PartialDate | None = None
    died: bool = False
    active: bool = True
    organisation: OrganisationId | None = None
    language: str | None = None  # BCP 47, as the source gives it
    interpreter_required: bool = False
    phone: str | None = None

    def youngest_age(self, on: date) -> int | None:
        """Completed years at least, on a day; None without a date of birth."""
        return None if self.birth_date is None else whole_years(self.birth_date.latest(), on)

    def oldest_age(self, on: date) -> int | None:
        """Completed years at most, on a day; None without a date of birth."""
        return None if self.birth_date is None else whole_years(self.birth_date.earliest(), on)


class ClinicianGender(Enum):
    """What a person may ask for in a clinician (S34). UNKNOWN where the source does not say."""

    WOMAN = "female"
    MAN = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """A clinician as people choose one.

    A name, a role in the source's words, and whether a woman or a man.
    """

    id: PractitionerId
    names: tuple[HumanName, ...] = ()
    role: str = ""
    gender: ClinicianGender = ClinicianGender.UNKNOWN
    organisation: OrganisationId | None = None

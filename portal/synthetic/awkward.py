"""People who are hard to get right, at fixed low numbers, each with a story code. Data only."""

from dataclasses import dataclass
from typing import Literal

Name = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awkward:
    """`story` says why this person is here. `age` in years on the anchor day."""

    story: str
    names: tuple[Name, ...]
    woman: bool = True
    age: int = 40
    practice: str = "harbour"
    language: str = "en"
    birth: Literal["day", "month", "year", "none"] = "day"
    died_days_ago: int | None = None
    interpreter: bool = False


def _name(given: str, family: str | None, use: str = "official") -> Name:
    name: Name = {"use": use, "given": given.split(" ")}
    if family is not None:
        name["family"] = family
    return name


PATIENT, URDU, WELSH, PARENT, CHILD_A, CHILD_B, CARER, FATHER, MANY, MOVED, LONG_NAME = range(11)

_OAK, _ELSE = "oakfield", "elsewhere"
_LONG = _name(
    "Wilhelmina Anastasia Bartholomea Maximiliana Theodora Featherstonehaugh-Cholmondeley",
    "Wolfeschlegelsteinhausenbergerdorff-Ramasubramanianpillai-Thistlethwaite-Llanfairpwllgwyngyll",
)
_URDU_NAME, _PUNJABI_NAME = _name("نسرین", "قریشی", "usual"), _name("ਗੁਰਲੀਨ ਕੌਰ", "ਸੰਧੂ", "usual")

_PEOPLE = (
    Awkward(story="patient", names=(_name("Maya", "Thompson"),), age=34),
    Awkward(
        story="patient-urdu", names=(_name("Nasreen", "Qureshi"), _URDU_NAME),
        age=58, language="ur", interpreter=True,
    ),
    Awkward(story="patient-welsh", names=(_name("Siân", "Llywelyn"),), age=45, language="cy", practice=_OAK),
    Awkward(story="parent", names=(_name("Daniel", "Mensah"),), woman=False, age=37),
    Awkward(story="child", names=(_name("Abena", "Mensah"),), age=4),
    Awkward(story="child", names=(_name("Kofi", "Mensah"),), woman=False, age=9),
    Awkward(story="carer", names=(_name("Hetal", "Patel"),), age=49, practice=_OAK),
    Awkward(
        story="cared-for", names=(_name("Kirit", "Patel"), _name("કિરીટ", "પટેલ", "usual")),
        woman=False, age=84, language="gu", practice=_OAK,
    ),
    Awkward(story="many-appointments", names=(_name("Robert", "Ashworth"),), woman=False, age=71),
    Awkward(story="moved", names=(_name("Zofia", "Wiśniewska"),), age=29, language="pl", practice=_ELSE),
    Awkward(story="long-name", names=(_LONG,), age=52),
    Awkward(story="one-word-name", names=({"use": "official", "text": "Suharto"},), woman=False, age=66),
    Awkward(story="apostrophe", names=(_name("Niamh", "O'Neill"),), age=31, practice=_OAK),
    Awkward(story="curly-apostrophe", names=(_name("Ivo", "D’Souza"),), woman=False, age=43, language="pt"),
    Awkward(
        story="arabic-name", names=(_name("Yousef", "Al-Khatib"), _name("يوسف", "الخطيب", "usual")),
        woman=False, age=39, language="ar",
    ),
    Awkward(
        story="gurmukhi-name", names=(_name("Gurleen Kaur", "Sandhu"), _PUNJABI_NAME),
        age=27, language="pa", practice=_OAK,
    ),
    Awkward(story="old-name", names=(_name("Mark", "Formerly", "old"), _name("Rowan", "Ellis")), age=24),
    Awkward(story="no-birth-date", names=(_name("Samira", "Rostami"),), age=35, language="fa", birth="none"),
    Awkward(story="birth-year-only", names=(_name("Selam", "Haile"),), age=16, language="ti", birth="year"),
    Awkward(story="birth-month-only", names=(_name("Ayaan", "Cali"),), age=13, language="so", birth="month"),
    Awkward(story="died", names=(_name("Edith", "Marlowe"),), age=88, died_days_ago=20),
    Awkward(
        story="bsl", names=(_name("Callum", "Fraser"),), woman=False, age=33, language="bfi",
        interpreter=True, practice=_OAK,
    ),
    Awkward(story="no-records", names=(_name("Ines", "Araújo"),), age=22, language="pt"),
    Awkward(story="many-results", names=(_name("Leonard", "Whitcombe"),), woman=False, age=76),
)  # fmt: skip
AWKWARD = dict(enumerate(_PEOPLE))
FIRST_ORDINARY = len(_PEOPLE)

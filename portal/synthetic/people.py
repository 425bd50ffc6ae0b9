"""Patients: person k is a function of (seed, k); the anchor day sets ages. The awkward ones come first."""

from dataclasses import dataclass
from datetime import date
from random import Random

from portal.domain.people import NHS_NUMBER_SYSTEM
from portal.fhir import names
from portal.synthetic.awkward import AWKWARD, Awkward
from portal.synthetic.identifiers import IdMaker, mobile, nhs_number
from portal.synthetic.name_lists import TRADITIONS, Names, Tradition
from portal.synthetic.places import POSTCODE, SYNTHETIC_TAG, organisation_id

BCP_47 = "urn:ietf:bcp:47"
_WEIGHTS = tuple(tradition.weight for tradition in TRADITIONS)
_HOMES = ("harbour", "harbour", "oakfield")
_STREETS = ("Test Street", "Sample Road", "Example Lane", "Pretend Avenue", "Model Way")


@dataclass(frozen=True, slots=True)
class Person:
    """One patient with what their records are made from."""

    number: int
    id: str
    practice: str  # key of the practice
    age: int
    woman: bool
    resource: dict[str, object]
    ids: IdMaker
    chance: Random
    awkward: Awkward | None


def person(seed: int, number: int, anchor: date) -> Person:
    """Person `number` of this seed."""
    chance = Random(f"{seed}|{number}")
    ids = IdMaker(seed, number)
    awkward = AWKWARD.get(number)
    woman = chance.random() < 0.5
    age = _age(chance)
    tradition = chance.choices(TRADITIONS, _WEIGHTS)[0]
    practice = _HOMES[number % 3]
    if awkward is not None:
        woman, age, practice = awkward.woman, awkward.age, awkward.practice
    found = ids.next()
    resource: dict[str, object] = {
        "resourceType": "Patient",
        "id": found,
        "meta": {"tag": [SYNTHETIC_TAG]},
        "active": True,
        "name": _names(chance, tradition, woman),
        "telecom": [{"system": "phone", "value": mobile(number), "use": "mobile"}],
        "gender": "female" if woman else "male",
        "birthDate": _birthday(chance, age, anchor),
        "address": [_address(chance)],
        "communication": [_spoken(tradition.language if chance.random() < 0.6 else "en")],
        "managingOrganization": {"reference": f"Organization/{organisation_id(seed, practice)}"},
    }
    number_of = nhs_number(number)
    if number_of is not None:
        resource["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": number_of}]
    if awkward is not None:
        _bend(resource, awkward, anchor)
    return Person(number, found, practice, age, woman, resource, ids, chance, awkward)


def _age(chance: Random) -> int:
    """Roughly the ages of a practice list: many of all, fewer of the oldest."""
    low, high = chance.choices(((0, 15), (16, 39), (40, 64), (65, 79), (80, 99)), (18, 31, 31, 14, 6))[0]
    return chance.randint(low, high)


def _birthday(chance: Random, age: int, anchor: date) -> str:
    """A day that makes the person this old on the anchor day."""
    day = date(anchor.year - age, anchor.month, min(anchor.day, 28))
    return date.fromordinal(day.toordinal() - chance.randint(0, 360)).isoformat()


def _names(chance: Random, tradition: Tradition, woman: bool) -> list[dict[str, object]]:
    """Latin letters on the record; about half of those with a script of their own use it every day."""
    given, family = _picked(chance, tradition.latin, woman)
    latin: dict[str, object] = {"use": "official", "given": [given], "family": family}
    if tradition.own is None or chance.random() < 0.5:
        return [latin]
    given, family = _picked(chance, tradition.own, woman)
    if tradition.language in ("zh-Hans", "ko"):  # family name first, no space
        return [latin, {"use": "usual", "text": family + given}]
    return [latin, {"use": "usual", "given": [given], "family": family}]


def _picked(chance: Random, lists: Names, woman: bool) -> tuple[str, str]:
    return chance.choice(lists.women if woman else lists.men), chance.choice(lists.families)


def _address(chance: Random) -> dict[str, object]:
    line = f"{chance.randint(1, 240)} {chance.choice(_STREETS)}"
    return {"use": "home", "line": [line], "city": "Testtown", "postalCode": POSTCODE}


def _spoken(language: str) -> dict[str, object]:
    return {"language": {"coding": [{"system": BCP_47, "code": language}]}, "preferred": True}


def _bend(resource: dict[str, object], awkward: Awkward, anchor: date) -> None:
    """What is unusual about this one, over what chance gave."""
    resource["name"] = list(awkward.names)
    resource["communication"] = [_spoken(awkward.language)]
    if awkward.birth == "none":
        del resource["birthDate"]
    elif awkward.birth in ("year", "month"):
        resource["birthDate"] = str(resource["birthDate"])[: 4 if awkward.birth == "year" else 7]
    if awkward.died_days_ago is not None:
        died = date.fromordinal(anchor.toordinal() - awkward.died_days_ago)
        resource["deceasedDateTime"] = died.isoformat()
    if awkward.interpreter:
        resource["extension"] = [
            {"url": names.INTERPRETER_REQUIRED, "valueBoolean": True},
            {
                "url": names.NHS_COMMUNICATION,
                "extension": [
                    {"url": "language", "valueCodeableConcept": _spoken(awkward.language)["language"]},
                    {"url": "interpreterRequired", "valueBoolean": True},
                ],
            },
        ]

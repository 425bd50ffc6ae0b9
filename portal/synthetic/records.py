"""A person's record as FHIR R4 resources: problems, medicines, results, letters. Pure."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from portal.synthetic import archetypes
from portal.synthetic.archetypes import ARCHETYPES, Archetype, Concept, Measure
from portal.synthetic.people import Person

Resource = dict[str, object]
_HL7 = "http://terminology.hl7.org/CodeSystem"
_MANY_RESULTS = 500


def _coding(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}]}


_ACTIVE, _CONFIRMED = _coding("condition-clinical", "active"), _coding("condition-ver-status", "confirmed")
_ALLERGY_ACTIVE = _coding("allergyintolerance-clinical", "active")
_ALLERGY_CONFIRMED = _coding("allergyintolerance-verification", "confirmed")
_PROBLEM, _LAB, _VITAL = (
    _coding("condition-category", "problem-list-item"),
    _coding("observation-category", "laboratory"),
    _coding("observation-category", "vital-signs"),
)
_AMBULATORY = {"system": f"{_HL7}/v3-ActCode", "code": "AMB"}
_LETTERS = tuple(
    (title, b64encode(body.encode()).decode(), len(body.encode())) for title, body in archetypes.LETTERS
)


def of_person(person: Person, anchor: date) -> Iterator[Resource]:
    """About 20 to 35 resources; none for the one without records, over 500 for the one with many results."""
    if person.awkward is not None and person.awkward.story == "no-records":
        return
    maker = _Maker(person, anchor.toordinal())
    kind = _archetype(person)
    yield from maker.problems(kind)
    yield from maker.vaccines()
    yield from maker.vitals()
    many = person.awkward is not None and person.awkward.story == "many-results"
    yield from maker.results(kind, _MANY_RESULTS if many else 0)
    yield from maker.papers(kind)


def _archetype(person: Person) -> Archetype:
    fitting = [
        kind
        for kind in ARCHETYPES
        if kind.youngest <= person.age <= kind.oldest and (person.woman or not kind.women_only)
    ]
    return person.chance.choices(fitting, [kind.weight for kind in fitting])[0]


class _Maker:
    """Makes one person's resources. Days are counted back from the anchor, never before birth."""

    __slots__ = ("_chance", "_ids", "_lived", "_person", "_subject", "_today")

    def __init__(self, person: Person, today: int) -> None:
        self._person = person
        self._ids = person.ids
        self._chance: Random = person.chance
        self._subject = {"reference": f"Patient/{person.id}"}
        self._today = today
        self._lived = max(1, person.age * 365)

    def _new(self, kind: str) -> Resource:
        return {"resourceType": kind, "id": self._ids.next()}

    def _ago(self, most: int) -> str:
        """A day of the last `most` days of life."""
        days = 1 + int(self._chance.random() * min(most, self._lived))
        return date.fromordinal(self._today - days).isoformat()

    def problems(self, kind: Archetype) -> Iterator[Resource]:
        """Conditions with their medicines, and an allergy for one in five."""
        for name in kind.conditions:
            onset = self._ago(300 if name == "pregnant" else 4000)
            condition = archetypes.CONDITIONS[name]
            yield self._new("Condition") | {
                "clinicalStatus": _ACTIVE, "verificationStatus": _CONFIRMED, "category": [_PROBLEM],
                "code": condition, "subject": self._subject, "onsetDateTime": onset, "recordedDate": onset,
            }  # fmt: skip
            if name in archetypes.MEDICINES:
                yield self._medicine(name, condition)
        if self._chance.random() < 0.2:
            yield self._new("AllergyIntolerance") | {
                "clinicalStatus": _ALLERGY_ACTIVE, "verificationStatus": _ALLERGY_CONFIRMED,
                "code": self._chance.choice(archetypes.ALLERGIES), "patient": self._subject,
                "recordedDate": self._ago(4000),
            }  # fmt: skip

    def _medicine(self, name: str, condition: Concept) -> Resource:
        text, dosage = archetypes.MEDICINES[name]
        return self._new("MedicationRequest") | {
            "status": "active", "intent": "order", "medicationCodeableConcept": {"text": text},
            "subject": self._subject, "authoredOn": self._ago(90), "reasonCode": [condition],
            "dosageInstruction": [{"text": dosage}],
            "dispenseRequest": {"numberOfRepeatsAllowed": self._chance.randrange(1, 7)},
        }  # fmt: skip

    def vaccines(self) -> Iterator[Resource]:
        age = self._person.age
        given: tuple[str, ...] = archetypes.ADULT_VACCINES
        if age < 16:
            given = archetypes.CHILD_VACCINES
        elif age >= 65:
            given = archetypes.OLDER_VACCINES
        for vaccine in given:
            yield self._new("Immunization") | {
                "status": "completed", "vaccineCode": {"text": vaccine}, "patient": self._subject,
                "occurrenceDateTime": self._ago(1500), "primarySource": True,
            }  # fmt: skip

    def vitals(self) -> Iterator[Resource]:
        for measure in (archetypes.WEIGHT, archetypes.HEIGHT):
            scale = min(1.0, 0.3 + self._person.age / 25)
            yield self._observation(measure, _VITAL, self._ago(700), scale)
        if self._person.age < 16:
            return
        parts = [
            {"code": each.concept, "valueQuantity": _quantity(each, self._value(each))}
            for each in (archetypes.SYSTOLIC, archetypes.DIASTOLIC)
        ]
        yield self._new("Observation") | {
            "status": "final", "category": [_VITAL], "code": archetypes.BLOOD_PRESSURE,
            "subject": self._subject, "effectiveDateTime": self._ago(500), "component": parts,
        }  # fmt: skip

    def _value(self, measure: Measure, scale: float = 1.0) -> Decimal:
        """Mostly within the usual range, now and then a little outside."""
        spread = measure.high - measure.low
        value = (measure.low + spread * (self._chance.random() * 1.2 - 0.1)) * scale
        return Decimal(f"{max(value, 0):.{measure.places}f}")

    def _observation(self, measure: Measure, category: Resource, day: str, scale: float = 1.0) -> Resource:
        return self._new("Observation") | {
            "status": "final", "category": [category], "code": measure.concept, "subject": self._subject,
            "effectiveDateTime": day, "valueQuantity": _quantity(measure, self._value(measure, scale)),
        }  # fmt: skip

    def results(self, kind: Archetype, at_least: int) -> Iterator[Resource]:
        """Reports with the tests they hold: those of the person's conditions first, then others."""
        wanted = [archetypes.PANEL_OF[name] for name in kind.conditions if name in archetypes.PANEL_OF]
        others = ("Full blood count", "Kidney function", "Cholesterol")
        panels = (*dict.fromkeys(wanted), *(each for each in others if each not in wanted))[: kind.reports]
        made = 0
        while panels:
            for panel in panels:
                for resource in self._report(panel, 6000 if at_least else 900):
                    made += 1
                    yield resource
            if made >= at_least:
                return

    def _report(self, panel: str, most: int) -> Iterator[Resource]:
        day = self._ago(most)
        found = []
        for measure in archetypes.PANELS[panel]:
            observation = self._observation(measure, _LAB, day)
            limits = {
                "low": _quantity(measure, _whole(measure.low)),
                "high": _quantity(measure, _whole(measure.high)),
            }
            observation["referenceRange"] = [limits]
            found.append({"reference": f"Observation/{observation['id']}"})
            yield observation
        yield self._new("DiagnosticReport") | {
            "status": "final", "code": {"text": panel}, "subject": self._subject, "effectiveDateTime": day,
            "result": found,
        }  # fmt: skip

    def papers(self, kind: Archetype) -> Iterator[Resource]:
        """Consultations, letters and, for those with a condition, a referral."""
        for _ in range(2 + self._chance.randrange(4)):
            yield self._new("Encounter") | {
                "status": "finished", "class": _AMBULATORY,
                "type": [{"text": self._chance.choice(archetypes.ENCOUNTERS)}],
                "subject": self._subject, "period": {"start": self._ago(1200)},
            }  # fmt: skip
        for _ in range(1 + self._chance.randrange(3)):
            title, data, size = self._chance.choice(_LETTERS)
            attachment = {"contentType": "text/plain", "data": data, "size": size, "title": title}
            yield self._new("DocumentReference") | {
                "status": "current", "type": {"text": title}, "subject": self._subject,
                "date": f"{self._ago(1000)}T09:00:00Z", "content": [{"attachment": attachment}],
            }  # fmt: skip
        if kind.conditions:
            yield self._new("ServiceRequest") | {
                "status": "active", "intent": "order",
                "code": {"text": self._chance.choice(archetypes.REFERRALS)},
                "subject": self._subject, "authoredOn": self._ago(200),
            }  # fmt: skip


def _quantity(measure: Measure, value: Decimal) -> Resource:
    unit = measure.unit
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _whole(limit: float) -> Decimal:
    return Decimal(f"{limit:g}")

"""The made-up world: pure, consistent, readable by the portal, and nobody real in it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from portal.domain.appointments import LIVE, Appointment, Mode, SlotStatus, Status
from portal.domain.ids import OrganisationId
from portal.domain.people import Patient, shown_name
from portal.domain.places import CancelConsequence, OnlineBooking
from portal.fhir import (
    appointment,
    healthcare_service,
    location,
    organisation,
    patient,
    practitioner,
    reading,
    slot,
)
from portal.fhir import schedule as fhir_schedule
from portal.fhir.types import R4_TYPES
from portal.synthetic import awkward, visits, world
from portal.synthetic.people import person

Resource = dict[str, Any]
SPRING, AUTUMN, PLAIN = date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)
SEED, PEOPLE = 1, 60


@pytest.fixture(scope="module", params=[SPRING, AUTUMN, date(2026, 12, 20)], ids=str)
def anchor(request: pytest.FixtureRequest) -> date:
    found: date = request.param
    return found


@pytest.fixture(scope="module")
def made(anchor: date) -> list[Resource]:
    return list(world.resources(SEED, PEOPLE, anchor))


def of_kind(made: list[Resource], kind: str) -> Iterator[Resource]:
    return (each for each in made if each["resourceType"] == kind)


def appointments(made: list[Resource]) -> list[Appointment]:
    return [appointment.from_fhir(each) for each in of_kind(made, "Appointment")]


def people(made: list[Resource]) -> list[Patient]:
    return [patient.from_fhir(each) for each in of_kind(made, "Patient")]


def test_the_same_arguments_give_the_same_world(made: list[Resource], anchor: date) -> None:
    assert list(world.resources(SEED, PEOPLE, anchor)) == made


def test_more_people_leave_the_first_ones_as_they_were(made: list[Resource], anchor: date) -> None:
    def but_slots(found: list[Resource]) -> list[Resource]:
        return [each for each in found if each["resourceType"] != "Slot"]

    few = but_slots(list(world.resources(SEED, 40, anchor)))
    assert but_slots(made)[: len(few)] == few


def test_another_seed_gives_other_people() -> None:
    names = [[person(seed, number, PLAIN).resource["name"] for number in range(40, 80)] for seed in (1, 2)]
    assert names[0] != names[1]


def test_every_id_is_one_of_its_own_and_allowed(made: list[Resource]) -> None:
    keys = Counter((each["resourceType"], each["id"]) for each in made)
    assert max(keys.values()) == 1
    assert {kind for kind, _ in keys} <= R4_TYPES
    assert all(reading.ID.fullmatch(wanted) for _, wanted in keys)


def test_everything_referred_to_came_before(made: list[Resource]) -> None:
    known: set[str] = set()
    for each in made:
        missing = set(reading.references(each)) - known
        assert not missing, each["resourceType"]
        known.add(f"{each['resourceType']}/{each['id']}")


def test_the_portal_can_read_every_resource_it_shows(made: list[Resource]) -> None:
    for kind, read in (
        ("Organization", organisation.from_fhir), ("Location", location.from_fhir),
        ("HealthcareService", healthcare_service.from_fhir), ("Practitioner", practitioner.from_fhir),
        ("Patient", patient.from_fhir), ("Appointment", appointment.from_fhir),
    ):  # fmt: skip
        assert [read(each) for each in of_kind(made, kind)]
    schedules = {each["id"]: fhir_schedule.from_fhir(each) for each in of_kind(made, "Schedule")}
    for each in of_kind(made, "Slot"):
        slot.from_fhir(each, schedules[fhir_schedule.of_slot(each)], OrganisationId("x"))


def test_appointments_and_their_slots_agree(made: list[Resource]) -> None:
    slots = {each["id"]: each for each in of_kind(made, "Slot")}
    holders: Counter[str] = Counter()
    for each in appointments(made):
        if each.slot is None:
            assert each.status not in LIVE
            continue
        time = slots[each.slot]
        assert reading.instant(time["start"], "x") == each.starts_at
        assert reading.instant(time["end"], "x") == each.ends_at
        if each.status is not Status.CANCELLED:
            holders[each.slot] += 1
            assert time["status"] == SlotStatus.BUSY.value
    assert max(holders.values()) == 1
    busy = {wanted for wanted, time in slots.items() if time["status"] == "busy"}
    assert busy == set(holders)


def test_booked_appointments_are_to_come_and_kept_ones_are_past(made: list[Resource], anchor: date) -> None:
    midnight = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    for each in appointments(made):
        if each.status is Status.BOOKED:
            assert each.starts_at > midnight + timedelta(hours=20)
        elif each.status is not Status.CANCELLED:
            assert each.starts_at < midnight
        else:
            assert each.cancellation is not None
            assert each.cancellation.at < midnight
        assert each.created_at is not None
        assert each.created_at < midnight


def test_r4_invariants_of_appointments_hold(made: list[Resource]) -> None:
    for each in of_kind(made, "Appointment"):
        assert ("start" in each) == ("end" in each)  # app-2
        assert "start" in each or each["status"] in ("proposed", "cancelled", "waitlist")  # app-3
        assert "cancelationReason" not in each or each["status"] in ("cancelled", "noshow")  # app-4
        assert all("actor" in part and part["status"] == "accepted" for part in each["participant"])  # app-1


# Required bindings of FHIR R4, and elements that must be there.
BOUND = {
    "Condition": {}, "AllergyIntolerance": {},
    "Observation": {"status": {"final"}}, "DiagnosticReport": {"status": {"final"}},
    "Immunization": {"status": {"completed"}}, "DocumentReference": {"status": {"current"}},
    "Encounter": {"status": {"finished"}}, "MedicationRequest": {"status": {"active"}, "intent": {"order"}},
    "ServiceRequest": {"status": {"active"}, "intent": {"order"}},
    "Slot": {"status": {"free", "busy", "busy-unavailable"}},
    "Patient": {"gender": {"male", "female"}},
}  # fmt: skip
NEEDED = {
    "Condition": ("clinicalStatus", "code", "subject"),
    "AllergyIntolerance": ("clinicalStatus", "code", "patient"),
    "Observation": ("code", "subject", "effectiveDateTime"),
    "DiagnosticReport": ("code", "subject", "result"),
    "Immunization": ("vaccineCode", "patient", "occurrenceDateTime"),
    "DocumentReference": ("content", "subject"),
    "Encounter": ("class", "subject"), "MedicationRequest": ("medicationCodeableConcept", "subject"),
    "ServiceRequest": ("code", "subject"), "Slot": ("schedule", "start", "end"),
}  # fmt: skip


def test_record_resources_have_what_r4_asks_for(made: list[Resource]) -> None:
    for each in made:
        for element, allowed in BOUND.get(each["resourceType"], {}).items():
            assert each[element] in allowed, each["resourceType"]
        assert all(element in each for element in NEEDED.get(each["resourceType"], ()))
        for concept in ("code", "vaccineCode", "medicationCodeableConcept"):
            if isinstance(each.get(concept), dict):
                assert reading.words(each[concept])
        if "valueQuantity" in each:
            assert isinstance(each["valueQuantity"]["value"], Decimal)


def test_nothing_in_a_record_lies_before_birth_or_ahead(made: list[Resource], anchor: date) -> None:
    born = {each.id: each.birth_date.earliest() for each in people(made) if each.birth_date}
    records = set(BOUND) - {"Slot", "Patient"}
    for each in made:
        if each["resourceType"] in records:
            at, whose = reading.date_of(each), reading.subject_of(each)
            assert whose is not None
            if at is not None:
                assert at.date() < anchor
                assert at.date() >= born.get(whose, date.min), each["resourceType"]


def test_people_have_20_to_35_resources_as_a_rule(made: list[Resource]) -> None:
    whose = Counter(reading.subject_of(each) for each in made)
    counts = [whose[each.id] for each in people(made)[awkward.FIRST_ORDINARY :]]
    assert 18 <= sum(counts) / len(counts) <= 35
    assert max(whose[each.id] for each in people(made)[: awkward.FIRST_ORDINARY]) >= 500


def test_names_are_in_at_least_ten_scripts() -> None:
    scripts: set[str] = set()
    for number in range(400):
        for name in patient.from_fhir(person(SEED, number, PLAIN).resource).names:
            scripts |= {unicodedata.name(letter).split()[0] for letter in name.written() if letter.isalpha()}
    assert {"LATIN", "ARABIC", "GURMUKHI", "BENGALI", "GUJARATI", "TAMIL", "CJK", "CYRILLIC"} <= scripts
    assert len(scripts) >= 10
    assert all(
        unicodedata.is_normalized("NFC", name.written())
        for number in range(400)
        for name in patient.from_fhir(person(SEED, number, PLAIN).resource).names
    )


def test_no_number_could_be_anybodys(made: list[Resource]) -> None:
    for each in people(made):
        assert each.nhs_number is None or each.nhs_number.digits.startswith("999")
        assert each.phone is None or re.fullmatch(r"07700 900\d{3}", each.phone)
    text = repr(made)
    for found in re.findall(r"'(0\d[\d ]{6,})'", text):
        assert re.fullmatch(r"07700 900\d{3}|01632 960\d{3}", found)
    postcodes = {line["postalCode"] for each in of_kind(made, "Patient") for line in each["address"]}
    assert postcodes == {"ZZ99 3WZ"}


def story(made: list[Resource], wanted: str) -> Patient:
    number = next(number for number, each in awkward.AWKWARD.items() if each.story == wanted)
    return people(made)[number]


def held_by(made: list[Resource], wanted: str) -> list[Appointment]:
    holder = story(made, wanted).id
    return [each for each in appointments(made) if each.patient == holder]


def test_the_awkward_people_are_there(made: list[Resource], anchor: date) -> None:
    names = {
        each.story: shown_name(story(made, each.story).names, anchor) for each in awkward.AWKWARD.values()
    }
    assert len(names["long-name"]) > 150
    assert " " not in names["one-word-name"]
    assert "'" in names["apostrophe"]
    assert "’" in names["curly-apostrophe"]
    assert "ARABIC" in unicodedata.name(names["arabic-name"][0])
    assert "GURMUKHI" in unicodedata.name(names["gurmukhi-name"][0])
    assert names["old-name"] == "Rowan Ellis"
    assert story(made, "no-birth-date").birth_date is None
    year, month = story(made, "birth-year-only").birth_date, story(made, "birth-month-only").birth_date
    assert year is not None
    assert month is not None
    assert (year.month, month.day) == (None, None)
    assert month.month is not None
    assert story(made, "died").died
    assert (story(made, "patient-urdu").language, story(made, "patient-urdu").interpreter_required) == (
        "ur",
        True,
    )
    assert (story(made, "bsl").language, story(made, "bsl").interpreter_required) == ("bfi", True)
    assert story(made, "patient-welsh").language == "cy"


def test_the_one_who_moved_belongs_where_nobody_can_book(made: list[Resource]) -> None:
    offered = {healthcare_service.from_fhir(each).organisation for each in of_kind(made, "HealthcareService")}
    assert story(made, "moved").organisation not in offered
    assert story(made, "patient").organisation in offered


def test_the_one_with_many_has_twelve_to_come(made: list[Resource]) -> None:
    held = held_by(made, "many-appointments")
    assert [each.status for each in held] == [Status.BOOKED] * 12


def test_the_plain_patient_has_two_to_come_one_past_and_one_cancelled(made: list[Resource]) -> None:
    held = held_by(made, "patient")
    assert Counter(each.status for each in held) == {
        Status.BOOKED: 2, Status.FULFILLED: 1, Status.CANCELLED: 1,
    }  # fmt: skip
    assert {each.mode for each in held if each.status is Status.BOOKED} == {Mode.PHONE, Mode.IN_PERSON}


def test_practices_offer_every_rule_there_is(made: list[Resource]) -> None:
    services = [healthcare_service.from_fhir(each) for each in of_kind(made, "HealthcareService")]
    assert {each.policy.online for each in services} == set(OnlineBooking)
    assert {each.policy.consequence for each in services} == set(CancelConsequence)
    assert {mode for each in services for mode in each.modes} == set(Mode)
    assert {each.minutes for each in services} >= {10, 15, 20, 30}
    assert any(each.policy.minimum_age for each in services)
    assert any(each.policy.maximum_age for each in services)
    assert any(each.policy.released_before == timedelta(hours=48) for each in services)
    sites = [location.from_fhir(each) for each in of_kind(made, "Location")]
    assert {each.step_free for each in sites} == {True, False}
    assert all(each.late_phone and each.late_phone != each.phone and each.directions for each in sites)
    assert len(sites) == 3


def test_every_bookable_service_has_free_times(made: list[Resource]) -> None:
    schedules = {each["id"]: fhir_schedule.from_fhir(each) for each in of_kind(made, "Schedule")}
    free = {
        schedules[fhir_schedule.of_slot(each)].service
        for each in of_kind(made, "Slot")
        if each["status"] == "free"
    }
    for each in of_kind(made, "HealthcareService"):
        service = healthcare_service.from_fhir(each)
        assert (service.id in free) is (service.policy.online is OnlineBooking.BOOKABLE)


def test_people_late_in_a_long_list_are_made_without_the_ones_before() -> None:
    found = visits.diary(SEED, PLAIN)
    made = list(islice(world.of_person(found, 950_000), 100))
    assert made[0]["resourceType"] == "Patient"
    assert "identifier" not in made[0]
    assert not [each for each in appointments(made) if each.status is Status.BOOKED]

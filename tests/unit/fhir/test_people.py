"""Patients and clinicians as the portal reads them."""

from datetime import date

import pytest

from portal.domain.people import ClinicianGender, PartialDate, shown_name
from portal.errors import BadUpstreamData
from portal.fhir import names, patient, practitioner

TODAY = date(2026, 6, 1)


def a_patient(**changes: object) -> dict[str, object]:
    return {"resourceType": "Patient", "id": "p1", **changes}


def test_a_patient_with_nothing_but_an_id_can_be_read() -> None:
    found = patient.from_fhir(a_patient())
    assert (found.id, found.names, found.birth_date, found.nhs_number, found.active) == (
        "p1",
        (),
        None,
        None,
        True,
    )


def test_extras_and_wrong_shapes_of_what_is_not_shown_do_no_harm() -> None:
    odd = a_patient(
        gender="other-word",
        photo=[1],
        telecom="no",
        communication=[3],
        contact={"name": 5},
        maritalStatus=[],
        name={},
    )
    assert patient.from_fhir(odd).phone is None


@pytest.mark.parametrize("use", ["old", "maiden", "temp", "nickname", "anonymous", "former", 5, "OLD"])
def test_a_name_that_may_be_an_old_one_is_never_shown(use: object) -> None:
    found = patient.from_fhir(a_patient(name=[{"use": use, "given": ["Mark"], "family": "Formerly"}]))
    assert shown_name(found.names, TODAY) == ""


def test_a_name_that_has_ended_gives_way_to_the_one_in_use() -> None:
    ended = {"use": "usual", "given": ["Ann"], "family": "Before", "period": {"end": "2020"}}
    live = {"use": "official", "given": ["Ann"], "family": "Now", "prefix": ["Dr"]}
    assert shown_name(patient.from_fhir(a_patient(name=[ended, live])).names, TODAY) == "Ann Now"


def test_a_name_as_plain_text_is_kept_as_it_is() -> None:
    assert shown_name(patient.from_fhir(a_patient(name=[{"text": "Suharto"}])).names, TODAY) == "Suharto"


def test_an_nhs_number_with_a_wrong_check_digit_is_not_taken() -> None:
    system = "https://fhir.nhs.uk/Id/nhs-number"
    good = {"system": system, "value": "999 000 0018"}
    wrong = {"system": system, "value": "9990000019"}
    other = {"system": "https://hospital.example", "value": "9990000026"}
    found = patient.from_fhir(a_patient(identifier=[wrong, other, good])).nhs_number
    assert found is not None
    assert found.digits == "9990000018"
    assert patient.from_fhir(a_patient(identifier=[wrong, other])).nhs_number is None


def test_a_birth_date_may_be_partial_and_a_wrong_one_is_refused() -> None:
    assert patient.from_fhir(a_patient(birthDate="2010")).birth_date == PartialDate(year=2010)
    with pytest.raises(BadUpstreamData) as caught:
        patient.from_fhir(a_patient(birthDate="01/02/2010"))
    assert caught.value.detail == "Patient.birthDate"


@pytest.mark.parametrize(
    ("said", "died"),
    [({}, False), ({"deceasedBoolean": False}, False), ({"deceasedBoolean": True}, True),
     ({"deceasedDateTime": "2026"}, True)],
)  # fmt: skip
def test_a_death_is_noticed_however_it_is_said(said: dict[str, object], died: bool) -> None:
    assert patient.from_fhir(a_patient(**said)).died is died


def test_the_preferred_language_and_the_interpreter_are_read() -> None:
    def spoken(code: str, **more: object) -> dict[str, object]:
        return {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}, **more}

    both = a_patient(
        communication=[spoken("en"), spoken("ur", preferred=True)],
        extension=[{"url": names.INTERPRETER_REQUIRED, "valueBoolean": True}],
    )
    found = patient.from_fhir(both)
    assert (found.language, found.interpreter_required) == ("ur", True)


def test_uk_core_says_language_and_interpreter_in_one_extension() -> None:
    parts = [
        {"url": "language", "valueCodeableConcept": {"coding": [{"code": "bfi"}]}},
        {"url": "interpreterRequired", "valueBoolean": True},
    ]
    found = patient.from_fhir(a_patient(extension=[{"url": names.NHS_COMMUNICATION, "extension": parts}]))
    assert (found.language, found.interpreter_required) == ("bfi", True)


def test_the_phone_is_a_current_one_mobile_first() -> None:
    numbers = [
        {"system": "email", "value": "a@b.example"},
        {"system": "phone", "use": "old", "value": "07700 900001", "rank": 1},
        {"system": "phone", "use": "mobile", "value": "07700 900002", "period": {"end": "2020"}},
        {"system": "phone", "use": "home", "value": "01632 960001"},
        {"system": "phone", "use": "mobile", "value": "07700 900003"},
    ]
    assert patient.from_fhir(a_patient(telecom=numbers)).phone == "07700 900003"


@pytest.mark.parametrize(
    ("gender", "expected"),
    [("female", ClinicianGender.WOMAN), ("male", ClinicianGender.MAN), ("other", ClinicianGender.UNKNOWN),
     (None, ClinicianGender.UNKNOWN), ([], ClinicianGender.UNKNOWN)],
)  # fmt: skip
def test_a_clinician_is_a_woman_a_man_or_unsaid(gender: object, expected: ClinicianGender) -> None:
    resource = {
        "resourceType": "Practitioner",
        "id": "c1",
        "gender": gender,
        "name": [{"text": "Priya Nair"}],
    }
    assert practitioner.from_fhir(resource).gender is expected


def test_a_clinicians_role_is_in_the_sources_words() -> None:
    resource = {
        "resourceType": "Practitioner",
        "id": "c1",
        "qualification": [{"code": {"coding": [{"code": "x"}]}}, {"code": {"text": "Nurse"}}],
    }
    assert practitioner.from_fhir(resource).role == "Nurse"

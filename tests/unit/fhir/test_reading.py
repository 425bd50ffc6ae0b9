"""Accessors over FHIR JSON: tolerant of extras, never guessing."""

from datetime import UTC, date, datetime

import pytest

from portal.domain.people import PartialDate
from portal.errors import BadUpstreamData
from portal.fhir import reading


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-29T09:00:00+01:00", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("2026-03-29T08:00:00Z", datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("2026-03-29T08:00:00.250Z", datetime(2026, 3, 29, 8, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-29T08:00Z", datetime(2026, 3, 29, 8, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc(value: str, expected: datetime) -> None:
    assert reading.instant(value, "Slot.start") == expected


@pytest.mark.parametrize(
    "value",
    ["2026-03-29T09:00:00", "2026-03-29", "29/03/2026 09:00",
     "2026-02-30T09:00:00Z", "0001-01-01T00:00:00+14:00",
     "2026-03-29T09:00:60Z", "", None, 5, ["2026-03-29T09:00:00Z"]],
)  # fmt: skip
def test_an_instant_without_a_zone_or_of_no_such_day_is_refused_by_its_path(value: object) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        reading.instant(value, "Slot.start")
    assert caught.value.detail == "Slot.start"


def test_an_instant_survives_being_written_and_read() -> None:
    moment = datetime(2026, 10, 25, 0, 30, 15, 123_456, tzinfo=UTC)
    assert reading.instant(reading.written(moment), "x") == moment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1961", PartialDate(year=1961)),
        ("1961-04", PartialDate(year=1961, month=4)),
        ("1961-04-02", PartialDate(year=1961, month=4, day=2)),
        (None, None),
    ],
)
def test_a_date_may_be_partial(value: object, expected: PartialDate | None) -> None:
    assert reading.partial_date(value, "Patient.birthDate") == expected


@pytest.mark.parametrize("value", ["1961-13", "0000", "61", "1961-04-31", 1961, "2 April 1961", ""])
def test_a_date_of_no_such_day_is_refused(value: object) -> None:
    with pytest.raises(BadUpstreamData):
        reading.partial_date(value, "Patient.birthDate")


def test_words_are_the_text_then_a_display_and_never_a_bare_code() -> None:
    assert reading.words({"text": " Asthma ", "coding": [{"display": "x"}]}) == "Asthma"
    assert reading.words({"coding": [{"code": "1"}, {"display": "Asthma"}]}) == "Asthma"
    assert reading.words({"coding": [{"code": "195967001"}]}) is None
    assert reading.words("Asthma") is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Patient/p1", "p1"),
        ("Patient/p1/_history/3", "p1"),
        ("Group/p1", None),
        ("https://other.example/Patient/p1", None),
        ("#p1", None),
        ("Patient?identifier=1", None),
        ("Patient/p1/extra", None),
    ],
)
def test_only_local_references_of_the_type_count(target: str, expected: str | None) -> None:
    assert reading.reference_id({"reference": target}, "Patient") == expected


def test_a_urn_counts_only_where_its_type_is_certain() -> None:
    urn = {"reference": "urn:uuid:6f0c6a5e-3c6b-5d0e-9a52-0d9f3f0f7a11"}
    assert reading.reference_id(urn, "Patient") is None
    assert reading.reference_id(urn, "Patient", only=True) == "6f0c6a5e-3c6b-5d0e-9a52-0d9f3f0f7a11"
    assert reading.reference_id(urn | {"type": "Location"}, "Patient", only=True) is None
    assert reading.reference_id(urn | {"type": "Patient"}, "Patient") is not None


def test_every_reference_is_found_however_deep() -> None:
    resource = {
        "subject": {"reference": "Patient/a"},
        "contained": [{"x": [{"reference": "#b"}]}],
        "extension": [{"valueReference": {"reference": "Location/c"}}],
        "note": [{"text": "reference"}],
    }
    assert set(reading.references(resource)) == {"Patient/a", "#b", "Location/c"}


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "id": "p1"},
        {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p1"}},
        {"resourceType": "Immunization", "id": "i", "patient": {"reference": "Patient/p1"}},
        {"resourceType": "Task", "id": "t", "for": {"reference": "Patient/p1"}},
        {
            "resourceType": "Appointment",
            "id": "a",
            "participant": [{"actor": {"reference": "Location/l"}}, {"actor": {"reference": "Patient/p1"}}],
        },
    ],
)
def test_the_subject_is_found_where_each_type_keeps_it(resource: dict[str, object]) -> None:
    assert reading.subject_of(resource) == "p1"


def test_a_group_or_a_device_is_nobody() -> None:
    assert reading.subject_of({"resourceType": "Observation", "subject": {"reference": "Group/p1"}}) is None


def test_the_date_of_a_resource_is_the_earliest_moment_it_can_mean() -> None:
    assert reading.date_of({"effectiveDateTime": "2024-05"}) == datetime(2024, 5, 1, tzinfo=UTC)
    assert reading.date_of({"period": {"start": "2024-05-06"}}) == datetime(2024, 5, 6, tzinfo=UTC)
    assert reading.date_of({"issued": "2024-05-06T00:30:00+01:00"}) == datetime(
        2024, 5, 5, 23, 30, tzinfo=UTC
    )
    assert reading.date_of({"effectiveDateTime": "soon"}) is None
    assert reading.date_of({}) is None


def test_the_end_of_a_period_is_its_last_day_and_an_unreadable_one_is_long_past() -> None:
    assert reading.end_of_period({"end": "2020-02"}) == date(2020, 2, 29)
    assert reading.end_of_period({"end": "2020-02-03T10:00:00Z"}) == date(2020, 2, 3)
    assert reading.end_of_period({"start": "2019"}) is None
    assert reading.end_of_period({"end": "yesterday"}) == date.min


@pytest.mark.parametrize("value", ["a b", "", "x" * 65, "ä", None, 3, "a/b"])
def test_an_id_that_fhir_does_not_allow_is_refused(value: object) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        reading.id_of({"resourceType": "Slot", "id": value}, "Slot")
    assert caught.value.detail == "Slot.id"


def test_what_a_resource_is_about_is_system_and_code() -> None:
    loinc = {"coding": [{"code": "x"}, {"system": "http://loinc.org", "code": "718-7"}]}
    assert reading.code_of({"code": loinc}) == "http://loinc.org|718-7"
    assert reading.code_of({"code": {"text": "Haemoglobin"}}) is None

"""Organisations, sites, services, schedules and slots as the portal reads them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.appointments import Mode, SlotStatus
from portal.domain.ids import OrganisationId, ServiceId, SiteId
from portal.domain.places import BookingPolicy, CancelConsequence, OnlineBooking, Service
from portal.errors import BadUpstreamData
from portal.fhir import channel, healthcare_service, location, names, organisation, policy, schedule, slot

ORG = OrganisationId("o1")


def test_an_organisation_is_known_by_its_ods_code_before_others() -> None:
    identifiers = [{"system": "x", "value": "other"}, {"system": names.ODS_SYSTEM, "value": "TESTA1"}]
    resource = {"resourceType": "Organization", "id": "o1", "name": "Harbour", "identifier": identifiers}
    assert organisation.from_fhir(resource).code == "TESTA1"
    assert (
        organisation.from_fhir({"resourceType": "Organization", "id": "o1", "name": "Harbour"}).code == "o1"
    )


def test_an_organisation_without_a_name_is_refused() -> None:
    with pytest.raises(BadUpstreamData) as caught:
        organisation.from_fhir({"resourceType": "Organization", "id": "o1"})
    assert caught.value.detail == "Organization.name"


def a_location(**changes: object) -> dict[str, object]:
    return {
        "resourceType": "Location", "id": "l1", "name": "Mill Lane",
        "managingOrganization": {"reference": "Organization/o1"}, **changes,
    }  # fmt: skip


def test_a_site_has_its_address_as_on_a_letter_and_the_practices_notes() -> None:
    found = location.from_fhir(
        a_location(
            address={
                "line": ["1 Test Street", ""],
                "city": "Testtown",
                "postalCode": "ZZ99 3WZ",
                "text": "no",
            },
            extension=[
                {"url": names.STEP_FREE, "valueBoolean": True},
                {"url": names.LATE_PHONE, "valueString": "01632 960022"},
            ],
        )
    )
    assert found.address == ("1 Test Street", "Testtown", "ZZ99 3WZ")
    assert (found.step_free, found.late_phone, found.time_zone) == (True, "01632 960022", "Europe/London")


def test_a_site_is_not_step_free_unless_somebody_says_so() -> None:
    said = a_location(extension=[{"url": names.STEP_FREE, "valueBoolean": "true"}])
    assert not location.from_fhir(said).step_free


def test_a_time_zone_nobody_knows_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(BadUpstreamData):
            location.from_fhir(a_location(extension=[{"url": names.TIME_ZONE, "valueCode": zone}]))


_minutes = st.integers(0, 200_000).map(lambda minutes: timedelta(minutes=minutes))
_ages = st.none() | st.integers(0, 120)
policies = st.builds(
    BookingPolicy,
    online=st.sampled_from(OnlineBooking),
    max_open=st.integers(0, 50),
    notice=_minutes,
    window=_minutes,
    released_before=st.none() | _minutes,
    cancel_cutoff=_minutes,
    call_late=_minutes,
    consequence=st.sampled_from(CancelConsequence),
    minimum_age=_ages,
    maximum_age=_ages,
    same_day_twice=st.booleans(),
)
_words = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
    .map(str.strip)
    .filter(bool)
)
services = st.builds(
    Service,
    id=st.just(ServiceId("s1")),
    organisation=st.just(ORG),
    site=st.just(SiteId("l1")),
    kind=st.sampled_from(["gp", "blood-test"]),
    name=_words,
    minutes=st.integers(1, 240),
    modes=st.lists(st.sampled_from(Mode), min_size=1, unique=True).map(tuple),
    policy=policies,
    bring=st.just("") | _words,
)


@settings(deadline=None)
@given(services)
def test_a_service_survives_being_written_and_read(service: Service) -> None:
    assert healthcare_service.from_fhir(healthcare_service.to_fhir(service)) == service


@settings(deadline=None)
@given(services)
def test_writing_a_service_keeps_what_the_portal_does_not_know(service: Service) -> None:
    base = {
        "comment": "kept",
        "extension": [{"url": "x", "valueString": "kept"}, policy.to_fhir(BookingPolicy())],
    }
    made = healthcare_service.to_fhir(service, base)
    assert made["comment"] == "kept"
    assert {"url": "x", "valueString": "kept"} in made["extension"]  # type: ignore[operator]
    assert healthcare_service.from_fhir(made) == service


def test_a_service_of_another_system_gets_the_shipped_rules() -> None:
    found = healthcare_service.from_fhir(
        {
            "resourceType": "HealthcareService", "id": "s1",
            "providedBy": {"reference": "Organization/o1"}, "location": [{"reference": "Location/l1"}],
            "type": [{"coding": [{"code": "124", "display": "General"}]}],
        }
    )  # fmt: skip
    assert (found.name, found.kind, found.policy, found.modes) == (
        "General",
        "124",
        BookingPolicy(),
        (Mode.IN_PERSON,),
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [("online", {"valueCode": "perhaps"}), ("max-open", {"valueString": "3"}),
     ("max-open", {"valueUnsignedInt": -1}),
     ("consequence", {"valueCode": "none at all"}), ("minimum-age", {"valueBoolean": True})],
)  # fmt: skip
def test_a_rule_nobody_knows_is_refused_not_guessed(part: str, value: dict[str, object]) -> None:
    said = {"url": names.BOOKING_POLICY, "extension": [{"url": part, **value}]}
    with pytest.raises(BadUpstreamData) as caught:
        policy.from_fhir({"extension": [said]})
    assert caught.value.detail.endswith(part)


def a_schedule(*actors: str, **changes: object) -> dict[str, object]:
    return {
        "resourceType": "Schedule",
        "id": "d1",
        "actor": [{"reference": each} for each in actors],
        **changes,
    }


def a_slot(**changes: object) -> dict[str, object]:
    return {
        "resourceType": "Slot", "id": "t1", "schedule": {"reference": "Schedule/d1"}, "status": "free",
        "start": "2026-06-01T09:00:00+01:00", "end": "2026-06-01T09:10:00+01:00", **changes,
    }  # fmt: skip


KNOWN = schedule.from_fhir(a_schedule("HealthcareService/s1", "Location/l1", "Practitioner/c1"))


def test_a_schedule_says_whose_times_they_are() -> None:
    assert (KNOWN.service, KNOWN.site, KNOWN.practitioner) == ("s1", "l1", "c1")


def test_a_schedule_of_no_service_is_refused() -> None:
    with pytest.raises(BadUpstreamData) as caught:
        schedule.from_fhir(a_schedule("Practitioner/c1"))
    assert caught.value.detail == "Schedule.actor:HealthcareService"


def test_a_slot_is_read_with_its_schedule() -> None:
    found = slot.from_fhir(a_slot(), KNOWN, ORG)
    assert found.starts_at == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert (found.service, found.site, found.practitioner, found.organisation) == ("s1", "l1", "c1", "o1")
    assert (found.status, found.mode, found.length) == (
        SlotStatus.FREE,
        Mode.IN_PERSON,
        timedelta(minutes=10),
    )


def test_the_channel_is_the_slots_then_the_schedules_then_the_services() -> None:
    said = a_slot(extension=[channel.extension(Mode.PHONE)])
    on_schedule = schedule.from_fhir(
        a_schedule("HealthcareService/s1", extension=[channel.extension(Mode.VIDEO)])
    )
    site = SiteId("l9")
    assert slot.from_fhir(said, on_schedule, ORG, site=site).mode is Mode.PHONE
    assert slot.from_fhir(a_slot(), on_schedule, ORG, site=site).mode is Mode.VIDEO
    assert slot.from_fhir(a_slot(), KNOWN, ORG, mode=Mode.PHONE).mode is Mode.PHONE


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"status": "available"}, "Slot.status"), ({"status": None}, "Slot.status"),
     ({"start": "2026-06-01T09:00:00"}, "Slot.start"), ({"end": "2026-06-01T09:00:00+01:00"}, "Slot.end"),
     ({"extension": [{"url": names.DELIVERY_CHANNEL, "valueCode": "Carrier pigeon"}]},
      "Slot.extension:delivery-channel"),
     ({"extension": [{"url": names.RELEASED_AT, "valueInstant": "soon"}]}, "Slot.extension:released-at")],
)  # fmt: skip
def test_what_is_shown_of_a_slot_is_read_strictly(changes: dict[str, object], path: str) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        slot.from_fhir(a_slot(**changes), KNOWN, ORG)
    assert caught.value.detail == path


def test_changing_a_status_leaves_the_rest_as_read() -> None:
    before = a_slot(comment="kept", meta={"versionId": "3"})
    after = slot.with_status(before, SlotStatus.BUSY)
    assert after == {**before, "status": "busy"}
    assert before["status"] == "free"

"""Appointments both ways: nothing the portal knows is lost, nothing it does not know is touched."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.appointments import (
    Appointment,
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    Mode,
    Need,
    Needs,
    Reason,
    Status,
)
from portal.domain.ids import AppointmentId, AttemptKey, PatientId
from portal.errors import BadUpstreamData
from portal.fhir import appointment, cancellation, names


def received(**changes: object) -> dict[str, object]:
    return {
        "resourceType": "Appointment", "id": "a1", "status": "booked",
        "start": "2026-06-01T09:00:00+01:00", "end": "2026-06-01T09:10:00+01:00",
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}], **changes,
    }  # fmt: skip


def test_another_systems_appointment_needs_only_a_patient_and_a_time() -> None:
    found = appointment.from_fhir(received())
    assert (found.patient, found.status, found.service, found.mode) == ("p1", Status.BOOKED, None, None)
    assert found.booked_by.kind is AuthorKind.SOURCE
    assert found.starts_at == datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"status": "confirmed"}, "Appointment.status"), ({"status": None}, "Appointment.status"),
     ({"status": ["booked"]}, "Appointment.status"), ({"participant": []}, "Appointment.participant:Patient"),
     ({"participant": [{"actor": {"reference": "Practitioner/c1"}}]}, "Appointment.participant:Patient"),
     ({"start": None}, "Appointment.start"), ({"start": "2026-06-01"}, "Appointment.start"),
     ({"end": None}, "Appointment.end"), ({"end": "2026-06-01T08:00:00+01:00"}, "Appointment.end"),
     ({"id": "no good"}, "Appointment.id"),
     ({"extension": [{"url": names.NEED, "valueCode": "a pony"}]}, "Appointment.extension:need"),
     ({"extension": [{"url": names.BOOKED_BY, "valueCode": "me"}]}, "Appointment.extension:booked-by")],
)  # fmt: skip
def test_what_is_shown_is_read_strictly_and_named_by_its_path(changes: dict[str, object], path: str) -> None:
    with pytest.raises(BadUpstreamData) as caught:
        appointment.from_fhir(received(**changes))
    assert caught.value.detail == path


def test_a_length_stands_in_for_a_missing_end() -> None:
    found = appointment.from_fhir(received(end=None, minutesDuration=20))
    assert found.ends_at - found.starts_at == timedelta(minutes=20)


def test_an_untyped_urn_is_never_taken_for_the_patient() -> None:
    urns = [{"actor": {"reference": "urn:uuid:11111111-1111-5111-a111-111111111111"}}]
    with pytest.raises(BadUpstreamData):
        appointment.from_fhir(received(participant=urns))


@pytest.mark.parametrize(
    ("code", "reason"),
    [("pat-fb", CancelReason.BETTER), ("prov", CancelReason.PRACTICE), ("prov-hosp", CancelReason.PRACTICE),
     ("maint", CancelReason.PRACTICE), ("oth-err", CancelReason.MISTAKE), ("oth-weath", CancelReason.OTHER),
     ("pat", CancelReason.NOT_SAID), ("pat-mv", CancelReason.OTHER)],
)  # fmt: skip
def test_hl7_cancel_reasons_are_understood(code: str, reason: CancelReason) -> None:
    concept = {"coding": [{"system": names.HL7_CANCEL_SYSTEM, "code": code}], "text": "Words"}
    assert cancellation.from_fhir(concept) == (reason, "Words")


@pytest.mark.parametrize("reason", CancelReason)
def test_our_cancel_reasons_survive_and_carry_an_hl7_code(reason: CancelReason) -> None:
    concept = cancellation.to_fhir(reason, "Words")
    assert cancellation.from_fhir(concept) == (reason, "Words")
    assert concept["coding"][0]["system"] == names.HL7_CANCEL_SYSTEM  # type: ignore[index]


def test_when_a_cancellation_happened_is_never_made_up() -> None:
    gone = received(status="cancelled", cancelationReason={"text": "Ill"})
    assert appointment.from_fhir(gone).cancellation is None
    dated = appointment.from_fhir({**gone, "meta": {"lastUpdated": "2026-05-01T10:00:00Z"}}).cancellation
    assert dated is not None
    assert (dated.at, dated.words) == (datetime(2026, 5, 1, 10, tzinfo=UTC), "Ill")


def test_the_booking_key_stands_among_other_identifiers() -> None:
    found = appointment.from_fhir(received())
    made = appointment.to_fhir(found, {"identifier": [{"system": "x", "value": "1"}]}, key=AttemptKey("k1"))
    assert appointment.booking_key(made) == "k1"
    assert {"system": "x", "value": "1"} in made["identifier"]  # type: ignore[operator]
    assert appointment.booking_key(received()) is None


def test_what_the_portal_does_not_know_stays_as_it_was() -> None:
    base = received(
        priority=4, supportingInformation=[{"reference": "Observation/o1"}], meta={"versionId": "7"},
        extension=[{"url": "x", "valueString": "kept"}], reasonCode=[{"text": "kept"}],
        participant=[
            {"actor": {"reference": "Patient/p1"}, "status": "accepted", "required": "required"},
            {"actor": {"reference": "RelatedPerson/r1"}, "status": "tentative"},
        ],
    )  # fmt: skip
    made = appointment.to_fhir(appointment.from_fhir(base), base)
    for name in ("priority", "supportingInformation", "meta", "participant", "reasonCode"):
        assert made[name] == base[name]
    assert {"url": "x", "valueString": "kept"} in made["extension"]  # type: ignore[operator]


_ids = st.none() | st.from_regex(r"[A-Za-z0-9\-.]{1,20}", fullmatch=True)
_words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60).map(str.strip)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_instants = st.timedeltas(timedelta(0), timedelta(days=36_500)).map(_EPOCH.__add__)
_authors = st.builds(Author, kind=st.sampled_from(AuthorKind))


@st.composite
def appointments(draw: st.DrawFn) -> Appointment:
    starts_at = draw(_instants)
    status = draw(st.sampled_from(Status))
    gone = st.builds(
        Cancellation, at=_instants, by=_authors, reason=st.sampled_from(CancelReason), words=_words
    )
    needs = draw(st.frozensets(st.sampled_from(Need)))
    language = draw(st.sampled_from(["ur", "cy", "pa"])) if Need.INTERPRETER in needs else None
    ids = {
        name: draw(_ids)
        for name in ("service", "site", "organisation", "practitioner", "slot", "replaces", "replaced_by")
    }
    return Appointment(
        id=AppointmentId("a1"),
        patient=PatientId("p1"),
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=draw(st.integers(0, 9000))),
        mode=draw(st.none() | st.sampled_from(Mode)),
        description=draw(_words),
        reason=draw(st.sampled_from(Reason)),
        words=draw(_words),
        needs=Needs(all=needs, interpreter_language=language),
        with_someone=draw(st.booleans()),
        created_at=draw(st.none() | _instants),
        booked_by=draw(_authors),
        cancellation=draw(gone) if status is Status.CANCELLED else None,
        cannot_come_at=draw(st.none() | _instants),
        sequence=draw(st.integers(0, 9)),
        **ids,  # type: ignore[arg-type]
    )


@settings(deadline=None)
@given(appointments())
def test_an_appointment_survives_being_written_and_read(value: Appointment) -> None:
    assert appointment.from_fhir(appointment.to_fhir(value)) == value


@settings(deadline=None)
@given(appointments(), appointments())
def test_a_base_leaves_no_trace_of_what_was_there_before(before: Appointment, after: Appointment) -> None:
    base = appointment.to_fhir(before)
    made = appointment.from_fhir(appointment.to_fhir(after, base))
    # A base may know who takes part, or when it was made, where the portal does not; it never overrules it.
    for name in (
        "status",
        "starts_at",
        "ends_at",
        "mode",
        "words",
        "needs",
        "cancellation",
        "sequence",
        "booked_by",
    ):
        assert getattr(made, name) == getattr(after, name)

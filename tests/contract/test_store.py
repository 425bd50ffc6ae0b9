"""What the store promises: resources come back as received; an import never undoes what people did."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.adapters.sql.engine import Database
from portal.adapters.sql.store import SqlStore
from portal.domain.appointments import AuthorKind, CancelReason, Mode, SlotStatus, Status
from portal.domain.ids import AppointmentId, AttemptKey, PatientId, SlotId
from portal.errors import BadUpstreamData, SlotTaken
from portal.ports.clinical import Judgement
from tests.builders import (
    AMINA,
    BRYN,
    HILL,
    NOW,
    PATIENT_AUTHOR,
    STAFF_AUTHOR,
    TOMORROW,
    make_booking,
    make_new_slot,
)
from tests.contract.conftest import World, sql_world
from tests.fakes_unit import FixedClock

NEW, CHANGED, SAME = Judgement.NEW, Judgement.CHANGED, Judgement.SAME
CHANNEL = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"
Resource = dict[str, Any]

ORGANISATION: Resource = {"resourceType": "Organization", "id": "north", "name": "North Practice"}
LOCATION: Resource = {
    "resourceType": "Location",
    "id": "hill",
    "name": "Hill Surgery",
    "managingOrganization": {"reference": "Organization/north"},
}
SERVICE: Resource = {
    "resourceType": "HealthcareService",
    "id": "hill-gp",
    "name": "See a GP",
    "providedBy": {"reference": "Organization/north"},
    "location": [{"reference": "Location/hill"}],
    "extension": [{"url": CHANNEL, "valueCode": "Telephone"}],
}
PRACTITIONER: Resource = {"resourceType": "Practitioner", "id": "okafor", "name": [{"text": "Dr Okafor"}]}
SCHEDULE: Resource = {
    "resourceType": "Schedule",
    "id": "okafor-hill",
    "actor": [{"reference": "HealthcareService/hill-gp"}, {"reference": "Practitioner/okafor"}],
}
PLACES = [ORGANISATION, LOCATION, SERVICE, PRACTITIONER, SCHEDULE]
PATIENT: Resource = {
    "resourceType": "Patient",
    "id": AMINA,
    "name": [{"text": "آمنہ", "use": "official"}],
    "birthDate": "1980-02",
}
WEIGHT: Resource = {
    "resourceType": "Observation",
    "id": "weight",
    "status": "final",
    "subject": {"reference": f"Patient/{AMINA}"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Weight"},
    "effectiveDateTime": "2026-05-01",
    "valueQuantity": {"value": Decimal("70.10"), "unit": "kg"},
    "unknown": [None, True, {"nested": Decimal("1E-7")}],
}


def slot(wanted: str = "s1", starts_at: datetime = TOMORROW, **changes: Any) -> Resource:
    return {
        "resourceType": "Slot",
        "id": wanted,
        "schedule": {"reference": "Schedule/okafor-hill"},
        "status": "free",
        "start": starts_at.isoformat(),
        "end": (starts_at + timedelta(minutes=10)).isoformat(),
        "comment": "kept",
    } | changes


def visit(wanted: str = "a1", patient: str = AMINA, on: str | None = "s1", **changes: Any) -> Resource:
    found: Resource = {
        "resourceType": "Appointment",
        "id": wanted,
        "status": "booked",
        "start": TOMORROW.isoformat(),
        "end": (TOMORROW + timedelta(minutes=10)).isoformat(),
        "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
    }
    if on:
        found["slot"] = [{"reference": f"Slot/{on}"}]
    return found | changes


@pytest.fixture
def store(clinical: Database, still: FixedClock) -> Iterator["Kept"]:
    made = Kept(sql_world(clinical, still))
    yield made
    made.world.close()


class Kept:
    """A store, and the same data as people's charts see it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = SqlStore(world.unit)  # type: ignore[arg-type]

    def put(self, *resources: Mapping[str, Any]) -> Sequence[Judgement | BadUpstreamData]:
        with self.world.unit.change():
            return self.store.put_many(resources)

    def settle(self) -> int:
        with self.world.unit.change():
            return self.store.settle()

    def everything(self, *kinds: str) -> list[dict[str, Any]]:
        return list(self.store.all(kinds))

    def one(self, kind: str, wanted: str) -> dict[str, Any]:
        return next(each for each in self.everything(kind) if each["id"] == wanted)

    def book(self, wanted: str = "s1") -> AppointmentId:
        with self.world.unit.change():
            return self.world.chart().book(make_booking(slot=SlotId(wanted))).id

    def cancel(self, wanted: str) -> None:
        chart = self.world.chart()
        version = chart.appointment(AppointmentId(wanted)).version
        with self.world.unit.change():
            chart.cancel(
                AppointmentId(wanted),
                version=version,
                author=PATIENT_AUTHOR,
                at=NOW,
                reason=CancelReason.BETTER,
                words="Felt better",
            )


def test_everything_comes_back_as_received_in_order_of_type_and_id(store: Kept) -> None:
    received = [*PLACES, PATIENT, WEIGHT, slot("s2"), slot("s1"), visit(on=None)]
    assert store.put(*received) == [NEW] * len(received)
    found = store.everything()
    assert found == sorted(received, key=lambda each: (each["resourceType"], each["id"]))
    assert str(store.one("Observation", "weight")["valueQuantity"]["value"]) == "70.10"
    assert [each["id"] for each in store.everything("Slot", "Patient")] == [AMINA, "s1", "s2"]
    assert (store.store.count(), store.store.count("Slot"), store.store.count("Flag")) == (10, 2, 0)
    assert store.store.has("Slot", "s1")
    assert not store.store.has("Slot", "a1")
    assert store.store.latest_slot_start() == TOMORROW


def test_the_same_again_changes_nothing_whatever_the_order_of_names(store: Kept) -> None:
    store.put(*PLACES, PATIENT, WEIGHT, slot(), visit())
    turned = [dict(reversed(each.items())) for each in (*PLACES, PATIENT, WEIGHT, slot(), visit())]
    assert store.put(*turned) == [SAME] * len(turned)


def test_a_decimal_with_another_precision_is_a_change(store: Kept) -> None:
    store.put(WEIGHT)
    assert store.put(WEIGHT | {"valueQuantity": {"value": Decimal("70.1"), "unit": "kg"}}) == [CHANGED]
    assert store.store.count("Observation") == 1


def test_the_same_id_twice_in_one_list_is_judged_in_order(store: Kept) -> None:
    other = PATIENT | {"active": False}
    assert store.put(PATIENT, PATIENT, other, WEIGHT) == [NEW, SAME, CHANGED, NEW]
    assert store.one("Patient", AMINA) == other


def test_what_the_portal_reads_is_there_for_people(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot(), visit())
    chart, directory = store.world.chart(), store.world.source.directory()
    assert chart.patient().names[0].text == "آمنہ"
    assert [each.name for each in directory.organisations()] == ["North Practice"]
    assert [each.name for each in directory.sites()] == ["Hill Surgery"]
    assert [each.modes for each in directory.services()] == [(Mode.PHONE,)]
    assert [each.id for each in directory.practitioners()] == ["okafor"]
    found = chart.slot(SlotId("s1"))
    assert (found.service, found.site, found.organisation) == ("hill-gp", HILL, "north")
    assert (found.practitioner, found.mode, found.starts_at) == ("okafor", Mode.PHONE, TOMORROW)
    (mine,) = chart.appointments()
    assert (mine.slot, mine.organisation, mine.site, mine.mode) == ("s1", "north", HILL, Mode.PHONE)


def test_order_does_not_matter_within_a_list(store: Kept) -> None:
    store.put(visit(), slot(), *reversed(PLACES), PATIENT)
    assert store.world.chart().appointments()[0].organisation == "north"
    assert store.settle() == 0


def test_a_slot_before_its_schedule_waits_and_is_read_when_it_comes(store: Kept) -> None:
    assert store.put(slot(), visit()) == [NEW, NEW]
    assert store.settle() == 0
    store.put(SCHEDULE)
    assert store.settle() == 0
    store.put(*PLACES)
    assert store.settle() == 2
    assert store.world.chart().slot(SlotId("s1")).site == HILL
    assert store.world.chart().appointments()[0].organisation == "north"
    assert store.settle() == 0
    assert store.put(slot(), visit()) == [SAME, SAME]


def test_a_changed_schedule_moves_its_slots(store: Kept) -> None:
    store.put(*PLACES, slot())
    nobody = SCHEDULE | {"actor": [{"reference": "HealthcareService/hill-gp"}]}
    assert store.put(nobody) == [CHANGED]
    assert store.world.chart().slot(SlotId("s1")).practitioner is None
    video = SERVICE | {"extension": [{"url": CHANNEL, "valueCode": "Video"}]}
    assert store.put(video) == [CHANGED]
    assert store.world.chart().slot(SlotId("s1")).mode is Mode.VIDEO


@pytest.mark.parametrize(
    "bad",
    [
        {"resourceType": "Patient"},
        {"id": "x"},
        {"resourceType": "Observation", "id": "no spaces"},
        {"resourceType": "Patient", "id": "p", "birthDate": "yesterday"},
        {"resourceType": "Observation", "id": "nul", "note": "a\0b"},
        {"resourceType": "Observation", "id": "half", "note": "\ud800"},
        {"resourceType": "Observation", "id": "nan", "value": float("nan")},
        {"resourceType": "Schedule", "id": "empty"},
        visit(status="maybe"),
        visit(participant=[]),
        slot(status="perhaps"),
        slot(start="2026-06-02"),
        slot(schedule={}),
    ],
)
def test_what_cannot_be_read_is_refused_alone_and_not_kept(store: Kept, bad: Resource) -> None:
    answers = store.put(ORGANISATION, bad, WEIGHT)
    assert [isinstance(each, BadUpstreamData) for each in answers] == [False, True, False]
    assert store.store.count() == 2
    with store.world.unit.change(), pytest.raises(BadUpstreamData):
        store.store.put(bad)


def test_a_booking_made_here_survives_the_import_that_brought_the_slot(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot())
    booked = store.book()
    assert store.put(slot()) == [SAME]
    assert store.put(slot(comment="changed")) == [CHANGED]
    assert store.world.chart().slot(SlotId("s1")).status is SlotStatus.BUSY
    assert store.world.chart().appointment(booked).live
    with store.world.unit.change(), pytest.raises(SlotTaken):
        store.world.chart(BRYN).book(make_booking(slot=SlotId("s1"), key=AttemptKey("key-2")))


def test_export_gives_what_was_done_here_and_taking_it_back_changes_nothing(store: Kept) -> None:
    received = [*PLACES, PATIENT, slot(), slot("s2"), visit("a2", on="s2")]
    store.put(*received)
    booked = store.book()
    store.cancel("a2")
    given = store.everything()
    busy = store.one("Slot", "s1")
    assert (busy["status"], busy["comment"]) == ("busy", "kept")
    assert store.one("Appointment", "a2")["status"] == "cancelled"
    made = store.one("Appointment", booked)
    assert (made["status"], made["slot"]) == ("booked", [{"reference": "Slot/s1"}])
    assert made["identifier"][0]["value"] == "key-1"
    assert (store.store.count("Appointment"), store.store.has("Appointment", booked)) == (2, True)
    assert store.put(*given) == [SAME] * len(given)
    assert store.everything() == given


def test_a_cancellation_made_here_is_not_undone_by_what_another_system_still_says(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot(), visit())
    store.cancel("a1")
    assert store.put(visit(description="Review")) == [CHANGED]
    (mine,) = store.world.chart().appointments()
    assert (mine.status, mine.description) == (Status.CANCELLED, "Review")
    assert mine.cancellation is not None
    assert (mine.cancellation.words, mine.cancellation.by) == ("Felt better", PATIENT_AUTHOR)
    assert mine.version == 3


def test_a_booking_made_here_keeps_its_author_when_its_copy_comes_back_changed(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot())
    booked = store.book()
    copy = store.one("Appointment", booked)
    assert store.put(copy | {"description": "Changed elsewhere"}) == [CHANGED]
    mine = store.world.chart().appointment(booked)
    assert (mine.booked_by, mine.description) == (PATIENT_AUTHOR, "Changed elsewhere")
    assert store.one("Appointment", booked)["identifier"] == copy["identifier"]


def test_another_systems_cancellation_of_a_visit_is_taken_over(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot(), visit())
    assert store.put(visit(status="cancelled", meta={"lastUpdated": NOW.isoformat()})) == [CHANGED]
    (mine,) = store.world.chart().appointments()
    assert mine.status is Status.CANCELLED
    assert mine.cancellation is not None
    assert mine.cancellation.by.kind is AuthorKind.SOURCE


def test_two_live_visits_on_one_slot_are_both_kept_and_one_holds_it(store: Kept) -> None:
    assert store.put(*PLACES, slot(), visit(), visit("a2", patient=BRYN)) == [NEW] * 8
    assert store.put(visit("a2", patient=BRYN)) == [SAME]
    slots = [store.world.chart(who).appointments()[0].slot for who in (AMINA, BRYN)]
    assert slots == ["s1", None]


def test_two_visits_may_trade_their_slots(store: Kept) -> None:
    store.put(*PLACES, slot(), slot("s2"), visit("a1", on="s1"), visit("a2", on="s2"))
    store.put(visit("a1", on="s2"), visit("a2", on="s1"))
    assert [each.slot for each in store.world.chart().appointments()] == ["s2", "s1"]


def test_slots_published_here_are_given_away_and_taken_back(store: Kept) -> None:
    store.put(*PLACES)
    with store.world.unit.change():
        assert store.world.desk().publish([make_new_slot(released_at=NOW)]) == (1, 0)
    given = store.everything()
    (published,) = store.everything("Slot")
    schedule = published["schedule"]["reference"].removeprefix("Schedule/")
    assert store.store.has("Schedule", schedule)
    assert store.put(*given) == [SAME] * len(given)
    with store.world.unit.change():
        store.world.desk().withdraw(SlotId(published["id"]), seen=None, author=STAFF_AUTHOR, at=NOW)
    assert store.one("Slot", published["id"])["status"] == "busy-unavailable"


def test_a_published_slot_reads_the_same_from_its_resource(store: Kept) -> None:
    store.put(*PLACES)
    with store.world.unit.change():
        store.world.desk().publish([make_new_slot(released_at=NOW)])
    (mine,) = store.world.desk().slots(HILL, TOMORROW.date())
    store.put(*(each | {"meta": {"source": "#copy"}} for each in store.everything()))
    assert list(store.world.desk().slots(HILL, TOMORROW.date())) == [mine]


def test_facts_about_the_store_are_noted_and_changed(store: Kept) -> None:
    assert store.store.marked("synthetic") is None
    for value in ("seed 1", "seed 2"):
        with store.world.unit.change():
            store.store.mark("synthetic", value)
        assert store.store.marked("synthetic") == value


def test_writing_outside_a_change_is_refused(store: Kept) -> None:
    with pytest.raises(RuntimeError):
        store.store.put(WEIGHT)


def test_a_failed_change_keeps_nothing(store: Kept) -> None:
    def put_and_fail() -> None:
        with store.world.unit.change():
            store.store.put_many([*PLACES, PATIENT])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert store.store.count() == 0


def test_thousands_are_paged_without_loss(store: Kept) -> None:
    count = 2500
    slots = [slot(f"s{n:05}", datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=n)) for n in range(count)]
    with store.world.unit.change():
        store.store.put_many(slots)  # all wait for their schedule
        store.store.put_many(PLACES)
        assert store.store.settle() == count
    assert [each["id"] for each in store.everything("Slot")] == [each["id"] for each in slots]
    assert store.store.count() == count + len(PLACES)


def test_another_patients_chart_sees_nothing_of_an_import(store: Kept) -> None:
    store.put(*PLACES, PATIENT, slot(), visit())
    assert list(store.world.chart(PatientId("somebody")).appointments()) == []

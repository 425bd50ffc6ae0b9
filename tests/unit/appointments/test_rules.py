"""Rules of booking, changing and cancelling, as sentences."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access.permissions import Permission
from portal.access.policy import Basis, PatientRelation
from portal.appointments import rules
from portal.appointments.rules import Alternative, Hindrance, Obstacle, SlotProblem, Stage, Way, When, Wish
from portal.domain.appointments import (
    Author,
    AuthorKind,
    Cancellation,
    CancelReason,
    SlotStatus,
    Status,
)
from portal.domain.ids import AccountId, AppointmentId, SiteId
from portal.domain.people import PartialDate
from portal.domain.places import BookingPolicy, OnlineBooking
from tests import builders
from tests.builders import NOW, TOMORROW

LONDON = "Europe/London"
TODAY = NOW.date()
BORN = PartialDate(year=2010, month=6, day=1)  # 16 today


def hindrance(*, open_now: int = 0, born: PartialDate | None = BORN, **policy: object) -> Hindrance | None:
    service = builders.make_service(policy=BookingPolicy(**policy))  # type: ignore[arg-type]
    return rules.hindrance(service, builders.make_patient(birth_date=born), open_now=open_now, today=TODAY)


# --- who may book


def test_somebody_registered_here_may_book() -> None:
    assert hindrance() is None


def test_a_death_stands_before_every_other_reason() -> None:
    patient = builders.make_patient(died=True, organisation=None)
    assert rules.hindrance(builders.make_service(), patient, open_now=9, today=TODAY) is Hindrance.DIED


@pytest.mark.parametrize("organisation", [None, builders.SOUTH])
def test_somebody_registered_elsewhere_may_not(organisation: object) -> None:
    patient = builders.make_patient(organisation=organisation)
    found = rules.hindrance(builders.make_service(), patient, open_now=0, today=TODAY)
    assert found is Hindrance.NOT_REGISTERED


def test_care_that_is_booked_by_phone_or_not_offered_says_so() -> None:
    assert hindrance(online=OnlineBooking.RING_US) is Hindrance.RING_US
    assert hindrance(online=OnlineBooking.NOT_OFFERED) is Hindrance.NOT_OFFERED


def test_age_limits_are_inclusive() -> None:
    assert hindrance(minimum_age=16, maximum_age=16) is None
    assert hindrance(minimum_age=17) is Hindrance.TOO_YOUNG
    assert hindrance(maximum_age=15) is Hindrance.TOO_OLD


@pytest.mark.parametrize("born", [None, PartialDate(year=2010), PartialDate(year=2010, month=6)])
def test_an_age_that_could_be_either_is_unknown(born: PartialDate | None) -> None:
    assert hindrance(minimum_age=16, born=born) is Hindrance.AGE_UNKNOWN
    assert hindrance(born=born) is None


def test_an_incomplete_birth_date_that_can_only_be_too_young_is_too_young() -> None:
    assert hindrance(minimum_age=18, born=PartialDate(year=2010)) is Hindrance.TOO_YOUNG


def test_the_limit_of_open_bookings_counts_up_to_its_number() -> None:
    assert hindrance(open_now=2, max_open=3) is None
    assert hindrance(open_now=3, max_open=3) is Hindrance.TOO_MANY_OPEN


def test_only_live_visits_of_the_same_kind_still_to_come_count_as_open() -> None:
    services = {
        service.id: service
        for service in (builders.make_service(), builders.make_service(id="n", kind="nurse"))
    }
    visits = [
        builders.make_appointment(),
        builders.make_appointment(id="other kind", service="n"),
        builders.make_appointment(id="cancelled", status=Status.CANCELLED),
        builders.make_appointment(id="past", starts_at=NOW - timedelta(days=1)),
        builders.make_appointment(id="foreign", service=None),
    ]
    assert rules.open_of_kind(visits, "gp", services, NOW) == 1


def relation(*scopes: Permission, **changes: object) -> PatientRelation:
    values: dict[str, object] = {
        "account": AccountId("account-patient-amina"),
        "patient": builders.AMINA,
        "basis": Basis.CONSENT,
        "scopes": frozenset(scopes),
        "starts_on": date(2020, 1, 1),
    }
    return PatientRelation(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "seen"),
    [
        (relation(Permission.APPOINTMENTS_VIEW), 1),
        (relation(Permission.APPOINTMENTS_BOOK), 0),
        (relation(Permission.APPOINTMENTS_VIEW, suspended=True), 0),
        (relation(Permission.APPOINTMENTS_VIEW, ends_on=TODAY - timedelta(days=1)), 0),
        (relation(Permission.APPOINTMENTS_VIEW, ends_on=TODAY), 1),
        (relation(Permission.APPOINTMENTS_VIEW, patient=builders.BRYN), 0),
    ],
)
def test_somebody_acting_for_another_counts_only_what_they_may_see(held: PatientRelation, seen: int) -> None:
    grant = builders.make_grant(basis=Basis.CONSENT)
    assert len(rules.visible_to(grant, [builders.make_appointment()], [held], TODAY)) == seen


# --- times


def test_a_time_can_be_booked_from_the_notice_to_the_window() -> None:
    policy = BookingPolicy(notice=timedelta(hours=1), window=timedelta(days=56))

    def problem(starts_at: datetime) -> SlotProblem | None:
        return rules.slot_problem(builders.make_slot(starts_at=starts_at), policy, NOW)

    assert problem(NOW + timedelta(hours=1)) is None
    assert problem(NOW + timedelta(minutes=59)) is SlotProblem.TOO_SOON
    assert problem(NOW - timedelta(days=1)) is SlotProblem.TOO_SOON
    assert problem(NOW + timedelta(days=56)) is SlotProblem.TOO_FAR
    assert problem(NOW + timedelta(days=56) - timedelta(seconds=1)) is None


@pytest.mark.parametrize("status", [status for status in SlotStatus if status is not SlotStatus.FREE])
def test_a_time_that_is_not_free_is_taken(status: SlotStatus) -> None:
    slot = builders.make_slot(status=status)
    assert rules.slot_problem(slot, BookingPolicy(), NOW) is SlotProblem.TAKEN


def test_an_embargoed_time_opens_at_its_moment() -> None:
    assert rules.slot_problem(builders.make_slot(released_at=NOW), BookingPolicy(), NOW) is None
    later = builders.make_slot(released_at=NOW + timedelta(seconds=1))
    assert rules.slot_problem(later, BookingPolicy(), NOW) is SlotProblem.EMBARGOED


def test_a_wished_day_begins_at_the_sites_own_midnight() -> None:
    bounds = rules.window(BookingPolicy(), NOW)
    summer = rules.wish_start(Wish(when=When.DATE, on=date(2026, 6, 3)), bounds, LONDON)
    assert summer == datetime(2026, 6, 2, 23, 0, tzinfo=UTC)
    today = rules.wish_start(Wish(when=When.DATE, on=TODAY), bounds, LONDON)
    assert today == bounds.starts_from


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_of_23_or_25_hours_is_one_day(day: date) -> None:
    first = datetime(day.year, day.month, day.day, 0, 0, tzinfo=UTC)
    assert rules.local_day(first + timedelta(hours=1, minutes=30), LONDON) == day
    assert rules.local_day(first + timedelta(hours=22, minutes=30), LONDON) == day
    midnight = rules.wish_start(
        Wish(when=When.DATE, on=day), rules.window(BookingPolicy(), first - timedelta(days=9)), LONDON
    )
    assert rules.local_day(midnight, LONDON) == day
    assert rules.local_day(midnight - timedelta(seconds=1), LONDON) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("wish", "days", "far"),
    [
        (Wish(when=When.SOON), 13, False),
        (Wish(when=When.SOON), 14, True),
        (Wish(when=When.WEEK), 6, False),
        (Wish(when=When.WEEK), 7, True),
        (Wish(when=When.DATE, on=TODAY + timedelta(days=10)), 16, False),
        (Wish(when=When.DATE, on=TODAY + timedelta(days=10)), 17, True),
    ],
)
def test_a_first_time_far_from_the_wish_is_told(wish: Wish, days: int, far: bool) -> None:
    assert rules.far_from_wish(wish, NOW + timedelta(days=days), NOW, LONDON) is far


def test_times_near_a_lost_one_stand_nearest_first() -> None:
    slots = builders.make_slots(4, apart=timedelta(hours=1))
    found = rules.nearest_first(slots, TOMORROW + timedelta(hours=2, minutes=10))
    assert [slot.id for slot in found] == ["slot-002", "slot-003", "slot-001", "slot-000"]


SERVICES = {
    service.id: service for service in (builders.make_service(), builders.make_service(id="n", kind="nurse"))
}


def clashes(*visits: object, **policy: object) -> list[str]:
    services = {**SERVICES, builders.GP: builders.make_service(policy=BookingPolicy(**policy))}  # type: ignore[arg-type]
    found = rules.same_day(builders.make_slot(), visits, services, LONDON, leave_out=AppointmentId("moved"))  # type: ignore[arg-type]
    return [visit.id for visit in found]


def test_the_same_care_on_the_same_local_day_is_asked_about() -> None:
    at_eve = datetime(2026, 6, 1, 22, 59, tzinfo=UTC)  # 23:59 on the day before in London
    assert clashes(builders.make_appointment(id="a", starts_at=TOMORROW + timedelta(hours=5))) == ["a"]
    assert clashes(builders.make_appointment(id="eve", starts_at=at_eve)) == []
    assert clashes(builders.make_appointment(id="in", starts_at=at_eve + timedelta(minutes=1))) == ["in"]


def test_other_care_is_asked_about_only_when_the_times_overlap() -> None:
    assert clashes(
        builders.make_appointment(id="n", service="n", starts_at=TOMORROW + timedelta(minutes=5))
    ) == ["n"]
    assert (
        clashes(builders.make_appointment(id="n", service="n", starts_at=TOMORROW + timedelta(minutes=10)))
        == []
    )


def test_what_ended_what_is_moved_and_this_very_booking_are_no_clash() -> None:
    assert clashes(builders.make_appointment(status=Status.CANCELLED)) == []
    assert clashes(builders.make_appointment(id="moved")) == []
    assert clashes(builders.make_appointment(slot="slot")) == []


def test_a_practice_may_need_no_question() -> None:
    later = builders.make_appointment(id="a", starts_at=TOMORROW + timedelta(hours=5))
    assert clashes(later, same_day_twice=True) == []
    assert clashes(builders.make_appointment(id="b"), same_day_twice=True) == ["b"]


# --- changing and cancelling


def obstacle(
    at: datetime, *, status: Status = Status.BOOKED, service: bool = True, **policy: object
) -> Obstacle | None:
    offered = builders.make_service(policy=BookingPolicy(**policy)) if service else None  # type: ignore[arg-type]
    return rules.obstacle(builders.make_appointment(status=status), offered, at)


def test_a_visit_can_be_cancelled_up_to_and_at_the_cut_off() -> None:
    cutoff = timedelta(hours=24)
    at = TOMORROW - cutoff
    assert obstacle(at, cancel_cutoff=cutoff) is None
    assert obstacle(at + timedelta(seconds=1), cancel_cutoff=cutoff) is Obstacle.TOO_LATE
    assert obstacle(TOMORROW, cancel_cutoff=cutoff) is Obstacle.PAST


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.CANCELLED, Obstacle.ALREADY_CANCELLED),
        (Status.ARRIVED, Obstacle.STARTED),
        (Status.CHECKED_IN, Obstacle.STARTED),
        (Status.FULFILLED, Obstacle.PAST),
        (Status.NO_SHOW, Obstacle.PAST),
        (Status.PENDING, None),
    ],
)
def test_what_a_status_allows(status: Status, why: Obstacle | None) -> None:
    assert obstacle(NOW, status=status) is why


def test_ring_us_care_and_visits_of_other_systems_are_for_the_phone() -> None:
    assert obstacle(NOW, online=OnlineBooking.RING_US) is Obstacle.RING_US
    assert obstacle(NOW, service=False) is Obstacle.RING_US


def test_i_cannot_come_is_taken_once_between_the_cut_off_and_the_start() -> None:
    service, visit = builders.make_service(), builders.make_appointment()
    late = TOMORROW - timedelta(minutes=30)
    assert rules.may_say_cannot_come(visit, service, late)
    assert not rules.may_say_cannot_come(visit, service, NOW)
    assert not rules.may_say_cannot_come(visit, service, TOMORROW)
    assert not rules.may_say_cannot_come(replace(visit, cannot_come_at=NOW), service, late)


def test_the_stage_of_a_visit() -> None:
    visit = builders.make_appointment()
    assert rules.stage(visit, TOMORROW) is Stage.UPCOMING
    assert rules.stage(visit, visit.ends_at) is Stage.PAST
    assert rules.stage(replace(visit, status=Status.CANCELLED), NOW) is Stage.CANCELLED
    assert rules.stage(replace(visit, status=Status.FULFILLED), NOW) is Stage.PAST


CARER = Author(kind=AuthorKind.CARER, account=AccountId("carer"))


@pytest.mark.parametrize(
    ("ends", "often"),
    [
        ([(CARER, 0, CancelReason.TIME)], False),
        ([(CARER, 0, CancelReason.TIME), (CARER, 89, CancelReason.TIME)], True),
        ([(CARER, 0, CancelReason.TIME), (CARER, 90, CancelReason.TIME)], False),
        ([(CARER, 0, CancelReason.TIME), (CARER, 1, CancelReason.CHANGED)], False),
        (
            [(CARER, 0, CancelReason.TIME), (replace(CARER, account=AccountId("b")), 1, CancelReason.TIME)],
            False,
        ),
        (
            [(CARER, 0, CancelReason.TIME), (replace(CARER, kind=AuthorKind.PATIENT), 1, CancelReason.TIME)],
            False,
        ),
    ],
)
def test_two_cancellations_by_one_carer_in_90_days_are_too_many(
    ends: list[tuple[Author, int, CancelReason]], often: bool
) -> None:
    visits = [
        builders.make_appointment(
            id=str(number),
            status=Status.CANCELLED,
            cancellation=Cancellation(at=NOW - timedelta(days=days), by=by, reason=reason),
        )
        for number, (by, days, reason) in enumerate(ends)
    ]
    assert rules.cancelled_too_often(visits, AccountId("carer"), NOW) is often


# --- other ways


def test_other_ways_stand_in_order_of_speed_with_the_phone_at_a_day() -> None:
    soon = Alternative(way=Way.ANY_MODE, site=SiteId("a"), starts_at=NOW + timedelta(hours=3))
    late = Alternative(way=Way.OTHER_SITE, site=SiteId("b"), starts_at=NOW + timedelta(days=4))
    ring = Alternative(way=Way.RING, site=SiteId("a"))
    assert rules.in_order_of_speed([late, ring, soon], NOW) == (soon, ring, late)

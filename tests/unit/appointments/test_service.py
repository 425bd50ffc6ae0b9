"""What services do over fakes: one transaction an act, one answer to one key, nothing half done."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Basis
from portal.appointments import service
from portal.appointments.rules import Way
from portal.appointments.service import Ending, Plan, SameDay, Wishes
from portal.domain.appointments import Mode, Need, Needs, SlotStatus, Status
from portal.domain.attention import AttentionKind
from portal.domain.ids import AppointmentId, AttemptKey, SlotId
from portal.domain.people import ClinicianGender, PartialDate
from portal.domain.places import BookingPolicy
from portal.errors import (
    ChangedMeanwhile,
    KeyReused,
    NotEligible,
    NotFound,
    SlotNotBookable,
    SlotTaken,
    TooLate,
    TooManyRequests,
)
from portal.ports.access_log import Action
from portal.ports.bundle import Ports
from tests import builders
from tests.builders import NOW, TOMORROW
from tests.pages.world import World, furnished

KEY = AttemptKey("key-1")
PLAN = Plan(slot=SlotId("slot-000"))
WISHES = Wishes(kind="gp", site=builders.HILL)


@dataclass
class Scene:
    world: World
    use: Ports
    grant: AccessGrant

    def visits(self) -> list[tuple[str | None, Status]]:
        return [(visit.slot, visit.status) for visit in self.use.source.open(self.grant).appointments()]

    def logged(self) -> list[Action]:
        return [entry.action for entry in self.world.portal.access_log.entries]


@pytest.fixture
def scene() -> Scene:
    world = furnished(World())
    world.add(*builders.make_slots(4))
    account = world.account("amina")
    world.lets_act(account, builders.AMINA)
    return Scene(world=world, use=world.ports(), grant=builders.make_grant(actor=account))


def acting(scene: Scene, *scopes: Permission) -> AccessGrant:
    account = scene.world.account("carer", story="carer")
    scene.world.lets_act(account, builders.AMINA, basis=Basis.CONSENT, scopes=frozenset(scopes))
    return builders.make_grant(actor=account, basis=Basis.CONSENT)


# --- booking


def test_booking_writes_the_visit_the_attempt_and_the_log_together(scene: Scene) -> None:
    made = service.book(scene.grant, PLAN, KEY, use=scene.use)
    assert scene.visits() == [("slot-000", Status.BOOKED)]
    assert made.booked_by.account == scene.grant.actor
    assert scene.logged() == [Action.BOOKED]


def test_the_same_key_and_plan_give_the_same_visit_before_any_limit(scene: Scene) -> None:
    scene.world.add(builders.make_service(policy=BookingPolicy(max_open=1)))
    first = service.book(scene.grant, PLAN, KEY, use=scene.use)
    for _ in range(15):
        assert service.book(scene.grant, PLAN, KEY, use=scene.use) == first
    assert len(scene.visits()) == 1


def test_the_same_key_with_another_plan_is_refused(scene: Scene) -> None:
    service.book(scene.grant, PLAN, KEY, use=scene.use)
    with pytest.raises(KeyReused):
        service.book(scene.grant, replace(PLAN, words="more"), KEY, use=scene.use)


def test_a_taken_time_leaves_nothing_behind_and_the_key_can_be_used_again(scene: Scene) -> None:
    scene.world.add(builders.make_slot(id="slot-000", status=SlotStatus.BUSY))
    with pytest.raises(SlotTaken):
        service.book(scene.grant, PLAN, KEY, use=scene.use)
    assert scene.visits() == []
    assert scene.logged() == []
    made = service.book(scene.grant, replace(PLAN, slot=SlotId("slot-001")), KEY, use=scene.use)
    assert made.slot == "slot-001"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"starts_at": NOW + timedelta(minutes=5)}, "too-soon"),
        ({"starts_at": NOW + timedelta(days=90)}, "too-far"),
        ({"released_at": NOW + timedelta(days=1)}, "embargoed"),
    ],
)
def test_times_outside_the_practices_limits_are_refused(
    scene: Scene, changes: dict[str, object], why: str
) -> None:
    scene.world.add(builders.make_slot(id="slot-000", **changes))
    with pytest.raises(SlotNotBookable, match=why):
        service.book(scene.grant, PLAN, KEY, use=scene.use)


def test_a_limit_on_open_visits_holds_when_the_page_was_older(scene: Scene) -> None:
    scene.world.add(builders.make_service(policy=BookingPolicy(max_open=1, same_day_twice=True)))
    service.book(scene.grant, PLAN, KEY, use=scene.use)
    with pytest.raises(NotEligible, match="too-many-open"):
        service.book(scene.grant, replace(PLAN, slot=SlotId("slot-001")), AttemptKey("key-2"), use=scene.use)


def test_two_on_one_day_need_a_yes(scene: Scene) -> None:
    service.book(scene.grant, PLAN, KEY, use=scene.use)
    second = replace(PLAN, slot=SlotId("slot-001"))
    with pytest.raises(SameDay):
        service.book(scene.grant, second, AttemptKey("key-2"), use=scene.use)
    service.book(scene.grant, replace(second, both_wanted=True), AttemptKey("key-2"), use=scene.use)
    assert len(scene.visits()) == 2


def test_limits_and_clashes_of_a_carer_count_only_what_they_may_see(scene: Scene) -> None:
    scene.world.add(builders.make_service(policy=BookingPolicy(max_open=1)))
    service.book(scene.grant, PLAN, KEY, use=scene.use)
    blind = acting(scene, Permission.APPOINTMENTS_BOOK)
    made = service.book(blind, replace(PLAN, slot=SlotId("slot-001")), AttemptKey("key-2"), use=scene.use)
    assert made.slot == "slot-001"


def test_an_eleventh_booking_in_a_minute_waits(scene: Scene) -> None:
    scene.world.add(builders.make_service(policy=BookingPolicy(max_open=99, same_day_twice=True)))
    scene.world.add(*builders.make_slots(11))
    for number in range(10):
        plan = replace(PLAN, slot=SlotId(f"slot-{number:03}"))
        service.book(scene.grant, plan, AttemptKey(f"key-{number}"), use=scene.use)
    with pytest.raises(TooManyRequests):
        service.book(scene.grant, replace(PLAN, slot=SlotId("slot-010")), AttemptKey("key-10"), use=scene.use)


# --- moving


def moved(
    scene: Scene, old: AppointmentId, version: int, slot: str = "slot-001", key: str = "move"
) -> object:
    plan = Plan(slot=SlotId(slot))
    return service.move(scene.grant, old, version, plan, AttemptKey(key), use=scene.use)


def test_a_move_takes_the_new_time_and_lets_the_old_one_go(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    assert moved(scene, old.id, old.version) == moved(scene, old.id, old.version)
    assert (
        sorted(scene.visits()) == [("slot-000", Status.CANCELLED), ("slot-001", Status.BOOKED)]
        or len(scene.visits()) == 2
    )
    assert scene.use.source.open(scene.grant).slot(SlotId("slot-000")).status is SlotStatus.FREE


def test_a_move_to_a_taken_time_keeps_the_old_one(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    scene.world.add(builders.make_slot(id="slot-001", status=SlotStatus.BUSY))
    with pytest.raises(SlotTaken):
        moved(scene, old.id, old.version)
    assert scene.visits() == [("slot-000", Status.BOOKED)]


def test_a_move_is_no_further_open_visit_and_no_clash_with_itself(scene: Scene) -> None:
    scene.world.add(builders.make_service(policy=BookingPolicy(max_open=1)))
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    assert moved(scene, old.id, old.version)


def test_a_move_to_another_kind_of_care_is_refused(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    scene.world.add(
        builders.make_slot(id="nurse", service=builders.NURSE, starts_at=TOMORROW + timedelta(days=1))
    )
    with pytest.raises(SlotNotBookable, match="other-kind"):
        moved(scene, old.id, old.version, "nurse")


def test_a_stale_version_moves_and_cancels_nothing(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    with pytest.raises(ChangedMeanwhile):
        moved(scene, old.id, old.version + 1)
    with pytest.raises(ChangedMeanwhile):
        service.cancel(scene.grant, old.id, Ending(version=old.version + 1), AttemptKey("c"), use=scene.use)
    assert scene.visits() == [("slot-000", Status.BOOKED)]


# --- cancelling


def test_a_cancellation_sent_twice_is_one(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    ending = Ending(version=old.version)
    first = service.cancel(scene.grant, old.id, ending, AttemptKey("c"), use=scene.use)
    assert service.cancel(scene.grant, old.id, ending, AttemptKey("c"), use=scene.use) == first
    assert scene.logged().count(Action.CANCELLED) == 1


def test_cannot_come_after_the_cut_off_makes_one_task_and_cancelling_is_refused(scene: Scene) -> None:
    old = service.book(scene.grant, PLAN, KEY, use=scene.use)
    scene.world.clock.set(TOMORROW - timedelta(minutes=30))
    with pytest.raises(TooLate):
        service.cancel(scene.grant, old.id, Ending(version=old.version), AttemptKey("c"), use=scene.use)
    service.cannot_come(scene.grant, old.id, old.version, AttemptKey("n1"), use=scene.use)
    service.cannot_come(scene.grant, old.id, old.version, AttemptKey("n2"), use=scene.use)
    assert len(scene.world.portal.tasks.open_of(builders.NORTH)) == 1


# --- finding


def test_times_are_found_from_the_wished_day_with_earlier_ones_a_page_away(scene: Scene) -> None:
    scene.world.add(builders.make_slot(id="later", starts_at=TOMORROW + timedelta(days=9)))
    wish = service.Wishes(
        kind="gp",
        site=builders.HILL,
        wish=replace(WISHES.wish, when=type(WISHES.wish.when).DATE, on=(TOMORROW + timedelta(days=8)).date()),
    )
    found = service.find_times(scene.grant, wish, use=scene.use)
    assert [slot.id for slot in found.page.slots] == ["later"]
    assert found.page.earlier
    key = (found.page.slots[0].starts_at, found.page.slots[0].id)
    earlier = service.find_times(scene.grant, wish, use=scene.use, before=key)
    assert [slot.id for slot in earlier.page.slots] == ["slot-000", "slot-001", "slot-002", "slot-003"]


def test_without_times_the_ways_that_have_some_are_offered_and_the_phone_always(scene: Scene) -> None:
    wishes = replace(WISHES, mode=Mode.VIDEO, gender=ClinicianGender.WOMAN)
    found = service.find_times(scene.grant, wishes, use=scene.use)
    assert not found.page.slots
    assert {other.way for other in found.others} == {Way.ANY_MODE, Way.RING}


def test_longer_times_are_sought_first_and_given_up_aloud(scene: Scene) -> None:
    wishes = replace(WISHES, needs=Needs(all=frozenset({Need.LONGER})))
    assert service.find_times(scene.grant, wishes, use=scene.use).longer_given_up
    scene.world.add(
        builders.make_slot(id="long", starts_at=TOMORROW, ends_at=TOMORROW + timedelta(minutes=20))
    )
    found = service.find_times(scene.grant, wishes, use=scene.use)
    assert [slot.id for slot in found.page.slots] == ["long"]
    assert not found.longer_given_up


def test_step_free_times_are_only_at_step_free_places_or_away_from_any(scene: Scene) -> None:
    scene.world.add(builders.make_site(step_free=False), builders.make_slot(id="call", mode=Mode.PHONE))
    wishes = replace(WISHES, needs=Needs(all=frozenset({Need.STEP_FREE})))
    found = service.find_times(scene.grant, wishes, use=scene.use)
    assert [slot.id for slot in found.page.slots] == ["call"]


def test_an_unknown_kind_or_site_is_not_found(scene: Scene) -> None:
    for wishes in (replace(WISHES, kind="none"), replace(WISHES, site=builders.DALE)):
        with pytest.raises(NotFound):
            service.find_times(scene.grant, wishes, use=scene.use)


# --- needs


def test_needs_are_kept_and_played_back(scene: Scene) -> None:
    assert service.needs_told(scene.grant, use=scene.use) is None
    service.tell_needs(scene.grant, Needs(all=frozenset({Need.BSL})), use=scene.use)
    assert service.needs_told(scene.grant, use=scene.use) == Needs(all=frozenset({Need.BSL}))


def test_an_interpreter_in_the_record_is_played_back_to_somebody_never_asked(scene: Scene) -> None:
    scene.world.add(builders.make_patient(interpreter_required=True, language="ur"))
    told = service.needs_told(scene.grant, use=scene.use)
    assert told == Needs(all=frozenset({Need.INTERPRETER}), interpreter_language="ur")


def test_a_carer_without_that_scope_neither_sees_nor_changes_needs(scene: Scene) -> None:
    service.tell_needs(scene.grant, Needs(all=frozenset({Need.BSL})), use=scene.use)
    blind = acting(scene, Permission.APPOINTMENTS_BOOK)
    assert service.needs_told(blind, use=scene.use) is None
    service.tell_needs(blind, Needs(), use=scene.use)
    assert scene.world.portal.preferences.needs_of(builders.AMINA) == Needs(all=frozenset({Need.BSL}))


# --- home


def test_home_hears_of_the_next_visit_and_of_what_others_cancelled(scene: Scene) -> None:
    service.book(scene.grant, PLAN, KEY, use=scene.use)
    cancelled = scene.use.source.open(scene.grant).appointments()[0]
    carer = acting(scene, Permission.APPOINTMENTS_CANCEL)
    service.cancel(carer, cancelled.id, Ending(version=cancelled.version), AttemptKey("c"), use=scene.use)
    service.book(scene.grant, replace(PLAN, slot=SlotId("slot-002")), AttemptKey("k2"), use=scene.use)
    chart = scene.use.source.open(scene.grant)
    kinds = [item.kind for item in service.attention(chart, scene.grant, scene.use)]
    assert kinds == [AttentionKind.CANCELLED_BY_CARER, AttentionKind.NEXT_APPOINTMENT]
    assert service.attention(chart, carer, scene.use) == ()


def test_a_carers_cancellation_is_told_for_14_days_also_when_the_visits_time_has_passed(scene: Scene) -> None:
    made = service.book(scene.grant, PLAN, KEY, use=scene.use)
    carer = acting(scene, Permission.APPOINTMENTS_CANCEL)
    service.cancel(carer, made.id, Ending(version=made.version), AttemptKey("c"), use=scene.use)
    cancelled_at = scene.world.clock.now()
    for later, kinds in ((timedelta(days=13), [AttentionKind.CANCELLED_BY_CARER]), (timedelta(days=14), [])):
        scene.world.clock.set(cancelled_at + later)
        found = service.attention(scene.use.source.open(scene.grant), scene.grant, scene.use)
        assert [item.kind for item in found] == kinds


# --- days are those of the place


def test_a_birthday_begins_at_midnight_of_the_place(scene: Scene) -> None:
    scene.world.add(
        builders.make_service(policy=BookingPolicy(minimum_age=18)),
        builders.make_patient(birth_date=PartialDate(year=2008, month=6, day=2)),
        *builders.make_slots(4, starts_at=TOMORROW + timedelta(days=1)),
    )
    scene.world.clock.set(datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    with pytest.raises(NotEligible, match="too-young"):
        service.find_times(scene.grant, WISHES, use=scene.use)
    with pytest.raises(NotEligible, match="too-young"):
        service.book(scene.grant, PLAN, KEY, use=scene.use)
    scene.world.clock.set(
        datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    )  # half past midnight of 2 June, in summer time
    assert service.find_times(scene.grant, WISHES, use=scene.use).page.slots
    assert service.book(scene.grant, PLAN, KEY, use=scene.use).slot == PLAN.slot


# --- one's own visit


def test_a_slot_is_ones_own_only_while_the_visit_in_it_is_live_and_may_be_seen(scene: Scene) -> None:
    made = service.book(scene.grant, PLAN, KEY, use=scene.use)
    blind = acting(scene, Permission.APPOINTMENTS_BOOK)
    assert service.own_visit(scene.grant, PLAN.slot, use=scene.use) == made
    assert service.own_visit(scene.grant, SlotId("slot-001"), use=scene.use) is None
    assert service.own_visit(blind, PLAN.slot, use=scene.use) is None
    service.cancel(scene.grant, made.id, Ending(version=made.version), AttemptKey("c"), use=scene.use)
    assert service.own_visit(scene.grant, PLAN.slot, use=scene.use) is None


def test_a_key_tells_what_it_made_to_whoever_sent_it_and_to_nobody_else(scene: Scene) -> None:
    assert service.made_with(KEY, scene.grant, use=scene.use) is None
    made = service.book(scene.grant, PLAN, KEY, use=scene.use)
    assert service.made_with(KEY, scene.grant, use=scene.use) == made.id
    assert service.made_with(KEY, acting(scene, Permission.APPOINTMENTS_BOOK), use=scene.use) is None

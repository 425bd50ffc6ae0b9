"""Made-up people in the real store: once, whole, beside nobody real; further days only add times."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from portal.access.permissions import Permission
from portal.access.policy import Actor, Basis, Level, decide_for_patient, decide_for_site
from portal.adapters.sql.accounts import SqlAccounts
from portal.adapters.sql.demo_people import SqlDemoPeople
from portal.adapters.sql.engine import Database
from portal.adapters.sql.relations import SqlRelations
from portal.adapters.sql.source import SqlSource
from portal.adapters.sql.store import SqlStore
from portal.adapters.sql.unit import SqlUnit
from portal.cli.people import RealData, load_people, top_up
from portal.domain.appointments import Status
from portal.domain.ids import AccountId
from portal.errors import NotAllowed
from portal.ports.bundle import Ports
from portal.synthetic import world
from tests.fakes_unit import FixedClock

pytestmark = pytest.mark.slow  # each loads some 8,000 resources
ANCHOR = date(2026, 6, 1)


@dataclass(slots=True)
class Loaded:
    store: SqlStore
    use: Ports
    unit: SqlUnit
    clock: FixedClock

    def account(self, subject: str) -> AccountId:
        return self.use.accounts.find_or_make(self.use.demo_people.identity(subject, self.clock.now()))

    def subject(self, story: str) -> str:
        return next(each.subject for each in self.use.demo_people.listed() if each.story == story)

    def actor(self, story: str) -> Actor:
        return Actor(
            account=self.account(self.subject(story)), level=Level.P9, authenticated_at=self.clock.now()
        )


@pytest.fixture
def empty(clinical: Database, still: FixedClock) -> Iterator[Loaded]:
    unit = SqlUnit(clinical)
    use = SimpleNamespace(
        unit=unit, demo_people=SqlDemoPeople(unit), accounts=SqlAccounts(unit), relations=SqlRelations(unit),
        clock=still, source=SqlSource(unit, still),
    )  # fmt: skip
    still.set(still.now().replace(year=2026, month=6, day=1))
    yield Loaded(SqlStore(unit), cast(Ports, use), unit, still)
    unit.close()


@pytest.fixture
def loaded(empty: Loaded) -> Loaded:
    load_people(empty.store, empty.use, 30, 1, ANCHOR)
    return empty


def slots(store: SqlStore) -> dict[str, Any]:
    return {str(each["id"]): each for each in store.all(["Slot"])}


def test_everything_made_is_kept_and_the_store_knows_it_is_made_up(empty: Loaded) -> None:
    made = load_people(empty.store, empty.use, 30, 1, ANCHOR)
    assert (made.people, made.new) == (30, True)
    assert empty.store.count() == sum(1 for _ in world.resources(1, 30, ANCHOR))
    assert empty.store.marked("synthetic") == "1"
    assert empty.store.settle() == 0


def test_loading_again_the_same_day_changes_nothing(loaded: Loaded) -> None:
    before = list(loaded.store.all())
    again = load_people(loaded.store, loaded.use, 5_000, 9, ANCHOR)
    assert (again.people, again.new, again.slots) == (30, False, 0)
    assert list(loaded.store.all()) == before


def test_further_days_only_add_times(loaded: Loaded) -> None:
    before = slots(loaded.store)
    made = top_up(loaded.store, loaded.use, ANCHOR + timedelta(days=3))
    after = slots(loaded.store)
    assert made == len(after) - len(before) > 0
    assert {wanted: after[wanted] for wanted in before} == before
    assert top_up(loaded.store, loaded.use, ANCHOR + timedelta(days=3)) == 0
    assert {each["status"] for wanted, each in after.items() if wanted not in before} <= {
        "free",
        "busy-unavailable",
    }


def test_a_long_holiday_leaves_no_times_in_the_past(loaded: Loaded) -> None:
    before, today = slots(loaded.store), ANCHOR + timedelta(days=100)
    assert top_up(loaded.store, loaded.use, today) > 0
    starts = [each["start"] for wanted, each in slots(loaded.store).items() if wanted not in before]
    assert min(starts) >= today.isoformat()


def test_a_load_that_was_cut_short_goes_on_as_it_began(empty: Loaded) -> None:
    def cut(resources: Any) -> Any:
        for count, each in enumerate(resources):
            if count == 5_000:
                raise KeyboardInterrupt
            yield each

    with pytest.raises(KeyboardInterrupt):
        load_people(empty.store, empty.use, 30, 1, ANCHOR, cut)
    assert 0 < empty.store.count() < 5_000
    made = load_people(empty.store, empty.use, 99, 7, ANCHOR + timedelta(days=1))
    assert made.people == 30
    assert empty.store.count() == sum(1 for _ in world.resources(1, 30, ANCHOR))


def test_made_up_people_never_go_beside_real_ones(empty: Loaded) -> None:
    with empty.unit.change():
        empty.store.put({"resourceType": "Patient", "id": "real"})
    with pytest.raises(RealData):
        load_people(empty.store, empty.use, 30, 1, ANCHOR)
    assert empty.store.count() == 1


def test_everybody_listed_can_open_their_own_chart(loaded: Loaded) -> None:
    for each in loaded.use.demo_people.listed():
        if each.staff:
            continue
        account = loaded.account(each.subject)
        (own,) = [rel for rel in loaded.use.relations.patients_of(account) if rel.basis is Basis.SELF]
        grant = decide_for_patient(
            Actor(account=account, level=Level.P5, authenticated_at=loaded.clock.now()),
            wanted=own.patient, permission=Permission.APPOINTMENTS_BOOK, relations=[own], today=ANCHOR,
        )  # fmt: skip
        assert loaded.use.source.open(grant).patient().id == own.patient


def test_the_plain_patient_has_the_appointments_of_the_story(loaded: Loaded) -> None:
    actor = loaded.actor("patient")
    relations = loaded.use.relations.patients_of(actor.account)
    grant = decide_for_patient(
        actor,
        wanted=relations[0].patient,
        permission=Permission.APPOINTMENTS_VIEW,
        relations=relations,
        today=ANCHOR,
    )
    held = loaded.use.source.open(grant).appointments()
    assert Counter(each.status for each in held) == {
        Status.BOOKED: 2,
        Status.FULFILLED: 1,
        Status.CANCELLED: 1,
    }


@pytest.mark.parametrize(
    ("story", "basis", "count"), [("parent", Basis.PARENT, 2), ("carer", Basis.CONSENT, 1)]
)
def test_helpers_may_book_for_those_they_help(loaded: Loaded, story: str, basis: Basis, count: int) -> None:
    relations = loaded.use.relations.patients_of(loaded.actor(story).account)
    helped = [each for each in relations if each.basis is basis]
    assert len(helped) == count
    for each in helped:
        decide_for_patient(
            loaded.actor(story), wanted=each.patient, permission=Permission.APPOINTMENTS_BOOK,
            relations=relations, today=ANCHOR,
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            decide_for_patient(
                loaded.actor(story), wanted=each.patient, permission=Permission.NEEDS_CHANGE,
                relations=relations, today=ANCHOR,
            )  # fmt: skip


def test_each_receptionist_opens_one_practice_only(loaded: Loaded) -> None:
    staff = [each.subject for each in loaded.use.demo_people.listed() if each.staff]
    found = [loaded.use.relations.staff_of(loaded.account(subject)) for subject in staff]
    assert [len(each) for each in found] == [1, 1]
    ours, theirs = found[0][0].organisation, found[1][0].organisation
    actor = Actor(account=loaded.account(staff[0]), level=Level.P9, authenticated_at=loaded.clock.now())
    decide_for_site(actor, wanted=ours, permission=Permission.PRACTICE_VIEW, relations=found[0], today=ANCHOR)
    with pytest.raises(NotAllowed):
        decide_for_site(
            actor, wanted=theirs, permission=Permission.PRACTICE_VIEW, relations=found[0], today=ANCHOR
        )

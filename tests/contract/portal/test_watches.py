"""Slot watches: whatever keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.appointments import Mode
from portal.domain.ids import AccountId, OrganisationId, PatientId, ServiceId, WatchId
from portal.errors import NotFound
from portal.ports.watches import Watch
from tests.contract.portal.parts import Portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
WATCH = Watch(
    id=WatchId("watch-1"),
    account=AccountId("account-ada"),
    patient=PatientId("patient-ada"),
    organisation=OrganisationId("org-1"),
    services=(ServiceId("service-2"), ServiceId("service-1")),
    modes=frozenset({Mode.PHONE, Mode.IN_PERSON}),
    made_at=AT,
    until=AT + WEEK,
)


def add(portal: Portal, *watches: Watch) -> None:
    with portal.unit.change():
        for watch in watches:
            portal.watches.add(watch)


def listed(portal: Portal, now: datetime = AT) -> list[Watch]:
    return list(portal.watches.of_patient(WATCH.account, WATCH.patient, now))


def test_a_watch_comes_back_as_made(portal: Portal) -> None:
    add(portal, WATCH)
    assert listed(portal) == [WATCH]


def test_watches_are_listed_oldest_first(portal: Portal) -> None:
    younger = replace(
        WATCH, id=WatchId("watch-0"), modes=frozenset({Mode.VIDEO}), made_at=AT + timedelta(hours=1)
    )
    add(portal, younger, WATCH)
    assert [watch.id for watch in listed(portal)] == ["watch-1", "watch-0"]


def test_the_same_services_and_modes_are_kept_once_and_end_later(portal: Portal) -> None:
    again = replace(
        WATCH,
        id=WatchId("watch-2"),
        services=WATCH.services[::-1],
        made_at=AT + timedelta(days=1),
        until=AT + 2 * WEEK,
    )
    add(portal, WATCH, again)
    assert listed(portal) == [replace(WATCH, until=again.until, services=WATCH.services)]
    add(portal, replace(again, until=AT + WEEK))
    assert listed(portal)[0].until == again.until


def test_other_services_or_modes_are_another_watch(portal: Portal) -> None:
    add(
        portal,
        WATCH,
        replace(WATCH, id=WatchId("watch-2"), modes=frozenset({Mode.VIDEO})),
        replace(WATCH, id=WatchId("watch-3"), services=(ServiceId("service-1"),)),
    )
    assert len(listed(portal)) == 3


def test_an_ended_watch_is_not_listed_and_gives_no_place_to_a_new_one(portal: Portal) -> None:
    add(portal, WATCH)
    assert listed(portal, WATCH.until) == []
    new = replace(WATCH, id=WatchId("watch-2"), made_at=WATCH.until, until=WATCH.until + WEEK)
    add(portal, new)
    assert listed(portal, WATCH.until) == [new]


def test_watches_are_those_of_one_account_and_patient(portal: Portal) -> None:
    carer = replace(WATCH, id=WatchId("watch-2"), account=AccountId("account-ben"))
    add(portal, WATCH, carer)
    assert listed(portal) == [WATCH]
    assert list(portal.watches.of_patient(carer.account, WATCH.patient, AT)) == [carer]
    assert list(portal.watches.of_patient(WATCH.account, PatientId("patient-ben"), AT)) == []


def test_a_watch_can_be_removed_by_its_own_person_only(portal: Portal) -> None:
    add(portal, WATCH)
    with portal.unit.change():
        with pytest.raises(NotFound):
            portal.watches.remove(WATCH.id, AccountId("account-ben"), WATCH.patient)
        with pytest.raises(NotFound):
            portal.watches.remove(WATCH.id, WATCH.account, PatientId("patient-ben"))
    assert listed(portal) == [WATCH]
    with portal.unit.change():
        portal.watches.remove(WATCH.id, WATCH.account, WATCH.patient)
    assert listed(portal) == []


def test_watches_are_written_only_inside_a_change(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.watches.add(WATCH)
    with pytest.raises(RuntimeError):
        portal.watches.remove(WATCH.id, WATCH.account, WATCH.patient)

"""Accounts and the made-up people of the try-out service: whatever keeps them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.access.policy import Level
from portal.adapters.sql.engine import Database
from portal.domain.ids import AccountId
from portal.errors import NotFound
from portal.ports.identity import DemoPerson, Identity
from tests.contract.portal.parts import Portal, at_once, failed_change, sql_portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ADA = Identity(issuer="demo", subject="ada", level=Level.P9, authenticated_at=AT)
PEOPLE = (
    DemoPerson(subject="zoe", name="Zoë Fiction", story="patient"),
    DemoPerson(subject="ada", name="Ada Example", story="receptionist", staff=True),
)


def test_the_same_issuer_and_subject_are_the_same_account(portal: Portal) -> None:
    account = portal.accounts.find_or_make(ADA)
    assert portal.accounts.find_or_make(replace(ADA, level=Level.P5)) == account


def test_another_issuer_or_subject_is_another_account(portal: Portal) -> None:
    accounts = {
        portal.accounts.find_or_make(ADA),
        portal.accounts.find_or_make(replace(ADA, issuer="https://login.example")),
        portal.accounts.find_or_make(replace(ADA, subject="Ada")),
    }
    assert len(accounts) == 3


def test_an_account_id_is_random_and_not_made_from_the_subject(portal: Portal) -> None:
    account = portal.accounts.find_or_make(ADA)
    assert len(account) == 22  # 16 bytes, base 64 for URLs
    assert len({portal.accounts.find_or_make(replace(ADA, subject=f"ada{n}"))[:6] for n in range(8)}) == 8


def test_an_account_made_in_a_change_that_fails_is_not_there(portal: Portal) -> None:
    with failed_change(portal.unit):
        lost = portal.accounts.find_or_make(ADA)
    assert portal.accounts.find_or_make(ADA) != lost


def test_a_language_is_remembered(portal: Portal) -> None:
    account = portal.accounts.find_or_make(ADA)
    assert portal.accounts.language_of(account) is None
    portal.accounts.save_language(account, "cy")
    portal.accounts.save_language(account, "ur")
    assert portal.accounts.language_of(account) == "ur"


def test_a_stranger_has_no_language(portal: Portal) -> None:
    portal.accounts.save_language(AccountId("nobody"), "cy")
    assert portal.accounts.language_of(AccountId("nobody")) is None


def test_many_who_sign_in_at_once_get_one_account(database: Database) -> None:
    found: list[AccountId] = []

    def sign_in() -> None:
        portal = sql_portal(database)
        found.append(portal.accounts.find_or_make(ADA))
        portal.unit.close()

    at_once(12, sign_in)
    assert len(found) == 12
    assert len(set(found)) == 1


def test_the_made_up_people_are_listed_in_the_order_saved(portal: Portal) -> None:
    with portal.unit.change():
        portal.demo_people.save(PEOPLE)
    assert tuple(portal.demo_people.listed()) == PEOPLE


def test_saving_made_up_people_again_replaces_the_list(portal: Portal) -> None:
    with portal.unit.change():
        portal.demo_people.save(PEOPLE)
        portal.demo_people.save(PEOPLE[1:])
    assert tuple(portal.demo_people.listed()) == PEOPLE[1:]
    with portal.unit.change():
        portal.demo_people.save(())
    assert tuple(portal.demo_people.listed()) == ()


def test_signing_in_as_a_made_up_person_proves_the_highest_level(portal: Portal) -> None:
    with portal.unit.change():
        portal.demo_people.save(PEOPLE)
    assert portal.demo_people.identity("ada", AT) == ADA


def test_nobody_signs_in_as_somebody_not_listed(portal: Portal) -> None:
    with pytest.raises(NotFound):
        portal.demo_people.identity("ada", AT)

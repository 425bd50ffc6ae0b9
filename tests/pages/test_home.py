"""Home and the choice of whom to act for, in every language."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask

from portal.access.policy import AccessGrant
from portal.domain.attention import Attention, AttentionKind
from portal.domain.ids import AccountId, PatientId
from portal.domain.people import HumanName, NameUse
from portal.errors import CannotLoad
from portal.home.views import OFFERS
from portal.ports.access_log import Action
from portal.ports.bundle import Ports
from portal.ports.clinical import PatientChart
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, Visit
from tests.pages.world import Person, World

Offers = Callable[..., None]


@pytest.fixture
def offers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Offers:
    """Let home ask these instead of the features."""
    return lambda *given: monkeypatch.setitem(app.extensions, OFFERS, given)


def offering(*items: Attention):  # type: ignore[no-untyped-def]
    def offer(chart: PatientChart, grant: AccessGrant, use: Ports) -> Sequence[Attention]:
        return items

    return offer


def failing(chart: PatientChart, grant: AccessGrant, use: Ports) -> Sequence[Attention]:
    raise CannotLoad("clinical")


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_home_with_nothing_to_do_says_so(offers: Offers, visit: Visit, amina: Person, language: str) -> None:
    offers(offering())
    page = visit("home.home", as_person=amina.account, patient_ref=amina.ref, language=language)
    assert len(page.all("h2")) == 3


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_home_never_says_nothing_needs_you_when_it_could_not_look(
    offers: Offers, visit: Visit, amina: Person, language: str
) -> None:
    offers(failing)
    page = visit("home.home", as_person=amina.account, patient_ref=amina.ref, language=language)
    if language == "en":
        assert "We could not load everything" in page.main
        assert "Nothing needs you" not in page.main


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
@pytest.mark.parametrize("kind", list(AttentionKind))
def test_each_thing_that_needs_somebody_has_its_sentence(
    offers: Offers, visit: Visit, amina: Person, carer: Person, language: str, kind: AttentionKind
) -> None:
    offers(offering(Attention(kind=kind, at=builders.TOMORROW)))
    own = visit("home.home", as_person=amina.account, patient_ref=amina.ref, language=language)
    other = visit("home.home", as_person=carer.account, patient_ref=carer.ref, language=language)
    assert own.text != other.text


def test_what_presses_most_stands_first(offers: Offers, visit: Visit, amina: Person) -> None:
    soon = Attention(kind=AttentionKind.NEXT_APPOINTMENT, at=builders.NOW + timedelta(hours=1))
    lost = Attention(kind=AttentionKind.CANCELLED_BY_PRACTICE, at=builders.NOW + timedelta(days=9))
    offers(offering(soon), offering(lost))
    page = visit("home.home", as_person=amina.account, patient_ref=amina.ref)
    assert page.main.index("cancelled your appointment") < page.main.index("next appointment")


def test_every_view_of_home_stands_in_the_access_log(visit: Visit, world: World, amina: Person) -> None:
    visit("home.home", as_person=amina.account, patient_ref=amina.ref)
    entries = world.portal.access_log.about(amina.patient)
    assert [entry.action for entry in entries] == [Action.HOME_VIEWED]
    assert entries[0].actor == amina.account


def test_acting_for_somebody_is_said_on_the_page_and_never_in_the_title(visit: Visit, carer: Person) -> None:
    page = visit("home.home", as_person=carer.account, patient_ref=carer.ref)
    assert "You are acting for Amina" in page.text.replace("<bdi>", "")
    assert "Amina" not in page.title


def test_a_reference_of_another_account_opens_nothing_and_is_logged(
    visit: Visit, world: World, amina: Person, bryn: Person
) -> None:
    visit("home.home", as_person=bryn.account, patient_ref=amina.ref, status=404)
    assert world.portal.access_log.about(amina.patient) == []


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_people_lists_oneself_first_and_nobody_else_s_people(
    visit: Visit, world: World, amina: Person, carer: Person, language: str
) -> None:
    world.lets_act(carer.account, builders.BRYN)
    page = visit("home.people", as_person=carer.account, language=language)
    assert page.main.index("Bryn") < page.main.index("Amina")
    if language == "en":
        alone = visit("home.people", as_person=amina.account)
        assert "Bryn" not in alone.main


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_an_account_without_a_record_is_told_whom_to_ring(visit: Visit, world: World, language: str) -> None:
    page = visit("home.people", as_person=world.account("nobody"), language=language)
    assert page.text.count("tel:") >= 1


def test_a_name_marked_old_is_shown_nowhere(visit: Visit, world: World) -> None:
    patient = PatientId("patient-renamed")
    world.add(
        builders.make_patient(
            id=patient,
            names=(
                HumanName(use=NameUse.OLD, given=("Former",), family="Name"),
                HumanName(use=NameUse.OFFICIAL, given=("Rowan",), family="Test"),
            ),
        )
    )
    account = AccountId(world.account("renamed"))
    ref = world.lets_act(account, patient)
    page = visit("home.home", as_person=account, patient_ref=ref)
    assert "Rowan Test" in page.text
    assert "Former" not in page.text

"""How sessions end, and what happens to what was being typed."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from portal.domain.ids import AccountId
from portal.web.sessions import COOKIE, PAST_COOKIE
from tests import builders
from tests.pages.client import HOST, Visit
from tests.pages.world import Person, World

TYPED = {"starts": "09:00", "ends": 'half <b> & "more'}


def signed_in_status(visit: Visit) -> int:
    return visit.send("/en/account/sessions", None, None).status_code


@pytest.mark.parametrize(
    ("idle", "status"), [(timedelta(minutes=29, seconds=59), 200), (timedelta(minutes=30), 303)]
)
def test_a_session_ends_after_thirty_minutes_without_use(
    visit: Visit, world: World, amina: Person, idle: timedelta, status: int
) -> None:
    visit.sign_in(amina.account)
    world.clock.advance(idle)
    assert signed_in_status(visit) == status


@pytest.mark.parametrize(("last", "status"), [(timedelta(minutes=19), 200), (timedelta(minutes=20), 303)])
def test_a_session_ends_after_twelve_hours_of_steady_use(
    visit: Visit, world: World, amina: Person, last: timedelta, status: int
) -> None:
    visit.sign_in(amina.account)
    for _ in range(35):  # 11 hours and 40 minutes
        world.clock.advance(timedelta(minutes=20))
        assert signed_in_status(visit) == 200
    world.clock.advance(last)
    assert signed_in_status(visit) == status


def test_use_is_noted_at_most_once_a_minute(visit: Visit, world: World, amina: Person) -> None:
    visit.sign_in(amina.account)
    (session,) = world.portal.sessions.of_account(amina.account, world.clock.now())
    began = session.last_seen_at
    for seconds, noted in ((59, 0), (1, 60), (30, 60)):
        world.clock.advance(timedelta(seconds=seconds))
        signed_in_status(visit)
        (session,) = world.portal.sessions.of_account(amina.account, began)
        assert session.last_seen_at == began + timedelta(seconds=noted)


def refresh_of(visit: Visit, address: str) -> tuple[int, str]:
    """After how many seconds a page leads where; the address made whole as browsers do (RFC 3986 5.2)."""
    seconds, target = re.fullmatch(
        r"(\d+);url=(\S+)", visit.send(address, None, None).headers["Refresh"]
    ).groups()  # type: ignore[union-attr]
    return int(seconds), urljoin(address, target)


def test_pages_without_typing_lead_to_the_warning_two_minutes_before_the_end(
    visit: Visit, world: World, amina: Person
) -> None:
    visit.sign_in(amina.account)
    address = "/en/people"
    seconds, target = refresh_of(visit, address)
    assert seconds == 28 * 60
    warning = visit.send(target, None, None).headers["Location"]
    assert warning.startswith("/en/session/ending?back=")
    assert warning.endswith(address)
    world.clock.advance(timedelta(seconds=59))  # not noted as use, so the warning must come the sooner
    assert refresh_of(visit, address)[0] == 28 * 60 - 59


def test_pages_with_something_to_type_have_no_refresh(visit: Visit, receptionist: AccountId) -> None:
    visit.sign_in(receptionist)
    response = visit.send("/en/practice/ZZ001/slots/new/times", None, None)
    assert response.status_code == 200
    assert "Refresh" not in response.headers


def test_the_warning_is_no_use_and_ends_at_signed_out(visit: Visit, world: World, amina: Person) -> None:
    visit.sign_in(amina.account)
    _, target = refresh_of(visit, "/en/people")
    world.clock.advance(timedelta(minutes=28))
    page = visit(target)
    assert page.heading == "You will be signed out in 2 minutes"
    seconds, again = re.fullmatch(r"(\d+); url=(\S+)", page.headers["Refresh"]).groups()  # type: ignore[union-attr]
    assert (int(seconds), again.partition("?")[0]) == (121, "/en/session/ending")
    world.clock.advance(timedelta(seconds=121))
    response = visit.send(again, None, None)
    assert response.headers["Location"].startswith("/en/signed-out?back=")
    assert f"{COOKIE}=; Max-Age=0" in response.headers.getlist("Set-Cookie")[0]


def test_stay_signed_in_leads_back_to_the_same_page_and_place(
    visit: Visit, world: World, amina: Person
) -> None:
    visit.sign_in(amina.account)
    address = "/en/people?page=2&sort=a"
    _, target = refresh_of(visit, address)
    world.clock.advance(timedelta(minutes=29))
    page = visit(target)
    response = visit.send(page.path, page.form_values(), None)
    assert response.headers["Location"] == address
    world.clock.advance(timedelta(minutes=29))
    assert signed_in_status(visit) == 200


def test_the_warning_goes_back_by_itself_when_another_tab_was_used(
    visit: Visit, world: World, amina: Person
) -> None:
    visit.sign_in(amina.account)
    address = "/en/people"
    _, target = refresh_of(visit, address)
    world.clock.advance(timedelta(minutes=20))
    signed_in_status(visit)
    world.clock.advance(timedelta(minutes=8))
    warning = visit.send(target, None, None).headers["Location"]
    assert visit.send(warning, None, None).headers["Location"] == address


def test_only_the_mark_itself_leads_to_the_warning(visit: Visit, amina: Person) -> None:
    visit.sign_in(amina.account)
    for query in ("sort=ending", "ending=1", "ending&page=2"):
        assert visit.send(f"/en/people?{query}", None, None).status_code == 200
    asked = visit.send("/en/people?a=%0d%0aX:1&ending", None, None)
    assert asked.status_code == 302
    assert "X" not in asked.headers


def test_whoever_signed_out_meanwhile_is_told_so(visit: Visit) -> None:
    assert visit("/en/people?ending").heading == "You are signed out"


def test_near_twelve_hours_the_warning_offers_no_staying(visit: Visit, world: World, amina: Person) -> None:
    visit.sign_in(amina.account)
    for _ in range(35):
        world.clock.advance(timedelta(minutes=20))
        signed_in_status(visit)
    world.clock.advance(timedelta(minutes=18))
    page = visit("/en/session/ending")
    assert page.heading == "You will be signed out in 2 minutes"
    assert not list(page.one("main").iter("form"))


def typed_too_late(visit: Visit, world: World, receptionist: AccountId) -> str:
    """A form sent after its session ended; the address of the sign-in page it leads to."""
    visit.sign_in(receptionist)
    world.clock.advance(timedelta(minutes=31))
    response = visit.send("/en/practice/ZZ001/slots/new/times", {"csrf_token": "x", **TYPED}, None)
    assert response.status_code == 303
    location: str = response.headers["Location"]
    return location


def test_what_was_typed_is_kept_for_the_same_person(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    page = visit(typed_too_late(visit, world, receptionist))
    assert "We kept what you typed" in page.text
    back = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "receptionist"}, None)
    form = visit(back.headers["Location"])
    assert form.path.startswith("/en/practice/ZZ001/slots/new/times")
    assert (form.form_values()["starts"], form.form_values()["ends"]) == (["09:00"], [TYPED["ends"]])
    assert form.errors == {}


def test_kept_answers_survive_a_reload_until_they_are_sent(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    page = visit(typed_too_late(visit, world, receptionist))
    back = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "receptionist"}, None)
    visit(back.headers["Location"])
    form = visit(back.headers["Location"])
    assert form.form_values()["starts"] == ["09:00"]
    day: dict[str, Any] = {"day__day": "4", "day__month": "6", "day__year": "2026"}
    whole: dict[str, Any] = {
        "service": builders.GP,
        "mode": "in-person",
        "ends": "12:00",
        "minutes": "15",
        "weeks": "1",
    }
    visit.submit(form, **day, **whole)
    assert not [key for key in world.portal.sessions.rows if key[0] == "held"]


def test_kept_answers_are_destroyed_when_somebody_else_signs_in(
    visit: Visit, world: World, receptionist: AccountId, amina: Person
) -> None:
    page = visit(typed_too_late(visit, world, receptionist))
    back = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "amina"}, None)
    visit.send(back.headers["Location"], None, None)
    assert not [key for key in world.portal.sessions.rows if key[0] == "held"]


def test_kept_answers_are_gone_after_a_day(visit: Visit, world: World, receptionist: AccountId) -> None:
    page = visit(typed_too_late(visit, world, receptionist))
    world.clock.advance(timedelta(hours=24))
    back = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "receptionist"}, None)
    assert visit(back.headers["Location"]).form_values().get("ends") != [TYPED["ends"]]


def test_a_second_tab_keeps_its_answers_after_the_first_took_the_cookie_away(
    visit: Visit, world: World, receptionist: AccountId
) -> None:
    visit.sign_in(receptionist)
    world.clock.advance(timedelta(minutes=31))
    visit.send("/en/account", None, None)
    assert visit.client.get_cookie(COOKIE, domain=HOST) is None
    assert visit.client.get_cookie(PAST_COOKIE, domain=HOST) is not None
    response = visit.send("/en/practice/ZZ001/slots/new/times", TYPED, None)
    assert "held=" in response.headers["Location"]


def test_a_past_secret_opens_nothing(visit: Visit, world: World, receptionist: AccountId) -> None:
    visit.sign_in(receptionist)
    world.clock.advance(timedelta(minutes=31))
    visit.send("/en/account", None, None)
    past = visit.client.get_cookie(PAST_COOKIE, domain=HOST)
    assert past is not None
    visit.client.set_cookie(COOKIE, past.value, domain=HOST)
    assert visit.send("/en/account", None, None).headers["Location"].startswith("/en/sign-in")


def test_no_answer_ever_sets_flasks_own_cookie(visit: Visit, amina: Person) -> None:
    visit.sign_in(amina.account)
    for address in ("/en/", "/en/sign-in", "/en/account/sessions", f"/en/for/{amina.ref}/", "/en/nope"):
        names = [line.split("=")[0] for line in visit.send(address, None, None).headers.getlist("Set-Cookie")]
        assert set(names) <= {COOKIE, PAST_COOKIE, "css"}

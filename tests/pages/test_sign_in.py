"""Signing in and out, from the pages' side."""

import pytest

from portal.domain.ids import AccountId
from portal.languages import BY_TAG
from portal.ports.access_log import Action
from portal.web.sessions import COOKIE
from tests.pages.client import HOST, Visit
from tests.pages.html import Page
from tests.pages.world import Person, World


def token_of(page: Page) -> str:
    return next(field.get("value", "") for field in page.all("input") if field.get("name") == "csrf_token")


def form_sender(visit: Visit, address: str, **headers: str) -> int:
    return visit.send(address, {"person": "amina"}, headers).status_code


@pytest.mark.parametrize("language", BY_TAG)
def test_the_sign_in_page_lists_made_up_people_and_says_so(
    visit: Visit, amina: Person, receptionist: AccountId, language: str
) -> None:
    page = visit("identity.sign_in", language=language)
    people = [button.get("value") for button in page.all("button") if button.get("name") == "person"]
    assert people == ["amina", "receptionist"]


def test_every_answer_of_signing_in_sets_one_cookie_that_scripts_and_other_sites_cannot_use(
    visit: Visit, amina: Person
) -> None:
    response = visit.send("/en/sign-in/try-out", {"person": "amina"}, None)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Lax")
    assert "expires" not in cookie.lower()


def test_a_patient_lands_at_home_and_the_access_log_says_so(
    visit: Visit, world: World, amina: Person
) -> None:
    response = visit.send("/en/sign-in/try-out", {"person": "amina"}, None)
    assert (response.status_code, response.headers["Location"]) == (303, f"/en/for/{amina.ref}/")
    assert [entry.action for entry in world.portal.access_log.entries] == [Action.SIGN_IN]


def test_somebody_who_acts_for_several_chooses_first(
    visit: Visit, world: World, amina: Person, bryn: Person
) -> None:
    world.lets_act(amina.account, bryn.patient)
    assert visit.send("/ur/sign-in/try-out", {"person": "amina"}, None).headers["Location"] == "/ur/people"


def test_staff_land_at_their_practice(visit: Visit, receptionist: AccountId) -> None:
    location = visit.send("/cy/sign-in/try-out", {"person": "receptionist"}, None).headers["Location"]
    assert location == "/cy/practice/ZZ001/"


def test_a_person_who_is_not_listed_cannot_sign_in(visit: Visit) -> None:
    visit("/en/sign-in/try-out", data={"person": "mallory"}, status=404)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}],
)
def test_another_site_cannot_sign_anybody_in(visit: Visit, amina: Person, headers: dict[str, str]) -> None:
    assert form_sender(visit, "/en/sign-in/try-out", **headers) == 403


def test_a_browser_that_sends_neither_header_can_sign_in(visit: Visit, amina: Person) -> None:
    assert visit.client.post("/en/sign-in/try-out", data={"person": "amina"}).status_code == 303


def test_signing_in_changes_the_secret_and_ends_the_session_before(
    visit: Visit, world: World, amina: Person
) -> None:
    visit.send("/en/sign-in/try-out", {"person": "amina"}, None)
    first = visit.client.get_cookie(COOKIE, domain=HOST)
    visit.send("/en/sign-in/try-out", {"person": "amina"}, None)
    second = visit.client.get_cookie(COOKIE, domain=HOST)
    assert first is not None
    assert second is not None
    assert first.value != second.value
    assert world.portal.sessions.find(first.value) is None


def test_a_secret_of_the_browsers_own_making_is_never_adopted(visit: Visit, amina: Person) -> None:
    visit.client.set_cookie(COOKIE, "A" * 43, domain=HOST)
    response = visit.send("/en/account", None, None)
    assert response.headers["Location"].startswith("/en/sign-in?")
    assert f"{COOKIE}=; Max-Age=0" in response.headers["Set-Cookie"]


def test_whoever_asks_for_a_page_first_comes_back_to_it_after_signing_in(visit: Visit, amina: Person) -> None:
    wanted = f"/en/for/{amina.ref}/"
    page = visit(f"{wanted}?a=b&c=d")
    assert page.heading == "Sign in"
    response = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "amina"}, None)
    assert response.headers["Location"] == f"{wanted}?a=b&c=d"


def test_the_way_back_follows_the_language_of_the_sign_in_page(visit: Visit, amina: Person) -> None:
    page = visit(f"/en/for/{amina.ref}/")
    response = visit.send("/cy/sign-in/try-out", {**page.form_values(), "person": "amina"}, None)
    assert response.headers["Location"] == f"/cy/for/{amina.ref}/"


def test_the_way_back_is_not_followed_for_somebody_else(visit: Visit, amina: Person, bryn: Person) -> None:
    page = visit(f"/en/for/{amina.ref}/")
    response = visit.send("/en/sign-in/try-out", {**page.form_values(), "person": "bryn"}, None)
    assert response.headers["Location"] == f"/en/for/{bryn.ref}/"


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "A" * 16 + "/en/account", "x", "\x00"]
)
def test_a_way_back_we_did_not_sign_is_ignored(visit: Visit, amina: Person, back: str) -> None:
    response = visit.send("/en/sign-in/try-out", {"person": "amina", "back": back}, None)
    assert response.headers["Location"] == f"/en/for/{amina.ref}/"


def test_ten_tries_in_five_minutes_from_one_address_are_enough(visit: Visit, amina: Person) -> None:
    far = {"REMOTE_ADDR": "203.0.113.9"}
    answers = [
        visit.client.post("/en/sign-in/try-out", data={"person": "amina"}, environ_overrides=far)
        for _ in range(11)
    ]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) <= 300


def test_signing_out_ends_the_session_and_empties_the_browser(
    visit: Visit, world: World, amina: Person
) -> None:
    page = visit("identity.own_sessions", as_person=amina.account)
    cookie = visit.client.get_cookie(COOKIE, domain=HOST)
    token = token_of(page)
    response = visit.send("/en/sign-out", {"csrf_token": token}, None)
    assert (response.status_code, response.headers["Location"]) == (303, "/en/signed-out")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert f"{COOKIE}=; Max-Age=0" in response.headers["Set-Cookie"]
    assert cookie is not None
    assert world.portal.sessions.find(cookie.value) is None
    assert world.portal.access_log.entries[-1].action is Action.SIGN_OUT


def test_signing_out_twice_says_signed_out_and_nothing_else(visit: Visit) -> None:
    response = visit.send("/en/sign-out", {"csrf_token": "old"}, None)
    assert response.headers["Location"] == "/en/signed-out"
    assert visit("/en/signed-out").heading == "You are signed out"


def test_the_list_of_sessions_ends_all_others(visit: Visit, world: World, amina: Person) -> None:
    other = Visit(visit.app, world.portal.sessions, world.clock)
    other.sign_in(amina.account)
    page = visit("identity.own_sessions", as_person=amina.account)
    assert page.text.count("Signed in:") == 2
    after = visit("/en/account/sessions", data={"csrf_token": token_of(page)})
    assert after.text.count("Signed in:") == 1
    assert other.send("/en/account", None, None).headers["Location"].startswith("/en/sign-in")
    assert world.portal.access_log.entries[-1].action is Action.SESSIONS_ENDED

"""What people see when something is wrong.

Right status, own language, help, a way on; nothing of theirs lost.
"""

import pytest
from flask import Flask

from portal import errors
from portal.languages import BY_TAG
from portal.web import guards
from tests import builders
from tests.pages.client import EVERY_LANGUAGE, HOST, Visit
from tests.pages.world import Person, World

ALL_ERRORS = sorted(
    {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PortalError)
    }
    - {errors.NotSignedIn, errors.SessionEnded},
    key=lambda kind: kind.__name__,
)


@pytest.fixture
def raising(own_app: None, app: Flask) -> dict[str, BaseException]:
    """A public page, /<language>/raise, that raises what stands under "error"."""
    box: dict[str, BaseException] = {}

    @guards.public
    def view() -> str:
        raise box["error"]

    app.add_url_rule("/<language:language>/raise", "raise", view, methods=["GET", "POST"])
    return box


@pytest.mark.parametrize("language", BY_TAG)
@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_error_has_a_page_with_its_status_and_whom_to_ring(
    visit: Visit, raising: dict[str, BaseException], kind: type[errors.PortalError], language: str
) -> None:
    raising["error"] = kind("code-7")
    page = visit("raise", language=language, status=kind.status)
    assert "tel:999" in page.text
    assert "tel:01632960100" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "code-7" not in page.text


def test_a_mistake_of_ours_shows_a_reference_and_nothing_of_itself(
    visit: Visit, raising: dict[str, BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    raising["error"] = ValueError("Amina Khan 9990000018")
    page = visit("raise", status=500)
    assert "Amina" not in page.text + caplog.text
    request_id = page.headers["X-Request-ID"]
    assert f"{request_id[:4]}-{request_id[4:8]}".upper() in page.text
    assert {record.msg for record in caplog.records} == {"fault"}


def test_when_even_the_error_page_fails_a_page_made_at_start_is_sent(
    visit: Visit, app: Flask, raising: dict[str, BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    raising["error"] = ValueError("x")

    def broken(*args: object, **values: object) -> str:
        raise RuntimeError("no template today")

    monkeypatch.setattr("portal.web.errors.render_template", broken)
    for language, start in (("en", '<html lang="en-GB"'), ("ur", '<html lang="ur" dir="rtl"')):
        response = visit.client.get(f"/{language}/raise")
        assert response.status_code == 500
        assert start in response.text
        assert "tel:999" in response.text


def test_limits_and_outages_say_when_to_come_back(visit: Visit, raising: dict[str, BaseException]) -> None:
    raising["error"] = errors.TooManyRequests("x", retry_after=90)
    page = visit("raise", status=429)
    assert page.headers["Retry-After"] == "90"
    assert "Wait 2 minutes" in page.text
    raising["error"] = errors.CannotLoad("x")
    assert visit("raise", status=503).headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    "address", ["/en/nowhere", "/en/for/short/", "/fr/", "/nothing", "/en/%00", "/en/..%2f..%2fetc"]
)
def test_addresses_that_are_not_there_are_not_found(visit: Visit, address: str) -> None:
    assert visit(address, status=404).heading == "Page not found"


def test_an_unknown_language_answers_in_the_browsers_own(visit: Visit) -> None:
    response = visit.client.get("/xx/sign-in", headers={"Accept-Language": "ur-PK,en;q=0.5"})
    assert response.status_code == 404
    assert '<html lang="ur" dir="rtl">' in response.text


def test_the_wrong_method_says_which_are_right(visit: Visit) -> None:
    response = visit.client.get("/en/sign-out", headers={"Accept-Encoding": "br"})
    assert (response.status_code, set(response.headers["Allow"].split(", "))) == (405, {"POST", "OPTIONS"})
    assert visit.client.delete("/cy/sign-in").status_code == 405


def test_head_is_get_without_its_body_and_options_names_methods(visit: Visit) -> None:
    head = visit.client.head("/en/sign-in")
    assert (head.status_code, head.data) == (200, b"")
    options = visit.client.options("/en/sign-in")
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", ""])
def test_a_host_that_is_not_ours_gets_a_page_without_its_name(visit: Visit, host: str) -> None:
    response = visit.client.get("/cy/", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.text
    assert 'lang="cy"' in response.text


def test_a_body_of_more_than_64_kib_is_refused(visit: Visit, amina: Person) -> None:
    visit.sign_in(amina.account)
    response = visit.send("/en/sign-out", {"csrf_token": "x" * 70_000}, None)
    assert response.status_code == 413


def test_a_form_of_very_many_fields_is_refused(visit: Visit, amina: Person) -> None:
    visit.sign_in(amina.account)
    parts = {f"f{number}": "x" for number in range(300)}
    response = visit.client.post("/en/sign-out", data=parts, content_type="multipart/form-data")
    assert response.status_code == 413


HOSTILE = {"a": ['<script>"', "two\nlines"], "b": "\u202ereversed"}


def test_a_stale_form_keeps_what_was_typed_and_needs_one_button(
    visit: Visit, world: World, receptionist: str
) -> None:
    visit.sign_in(receptionist)  # type: ignore[arg-type]
    page = visit("/ur/practice/ZZ001/slots/new/times", data={"csrf_token": "stale", **HOSTILE}, status=400)
    values = page.form_values()
    assert values["a"] == HOSTILE["a"]
    assert values["b"] == [HOSTILE["b"]]
    assert len(list(page.one("main").iter("button"))) == 1
    again = visit.send("/ur/practice/ZZ001/slots/new/times", values, None)
    assert again.status_code == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\u0661" * 43, "A" * 10_000])
def test_a_forged_token_changes_nothing(visit: Visit, world: World, amina: Person, token: str) -> None:
    visit.sign_in(amina.account)
    assert visit.send("/en/sign-out", {"csrf_token": token}, None).status_code == 400
    assert visit.send("/en/account/sessions", None, None).status_code == 200


def test_another_sessions_token_is_forged_too(
    visit: Visit, world: World, amina: Person, bryn: Person
) -> None:
    other = Visit(visit.app, world.portal.sessions, world.clock)
    page = other("/en/account/sessions", as_person=bryn.account)
    token = page.all("input")[0].get("value")
    visit.sign_in(amina.account)
    assert visit.send("/en/sign-out", {"csrf_token": token}, None).status_code == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://localhost.evil.example", "null", "http://localhost:81"]
)
def test_another_origin_is_refused_even_with_a_good_token(visit: Visit, amina: Person, origin: str) -> None:
    page = visit("/en/account/sessions", as_person=amina.account)
    token = page.all("input")[0].get("value")
    response = visit.client.post(
        "/en/sign-out", data={"csrf_token": token}, headers={"Origin": origin}, base_url=f"http://{HOST}"
    )
    assert response.status_code == 403


def test_a_database_that_is_away_gives_a_page_not_a_trace(
    visit: Visit, world: World, amina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.sign_in(amina.account)

    def away(secret: str, ref: str | None = None) -> None:
        raise errors.CannotLoad("OperationalError")

    monkeypatch.setattr(world.portal.sessions, "find", away)
    assert visit.send("/en/account", None, None).status_code == 503
    assert visit.send("/en/", None, None).status_code == 200  # public pages go on
    assert visit.send("/en/nowhere", None, None).status_code == 404


def test_a_database_that_cannot_write_lets_people_read(
    visit: Visit, world: World, amina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    visit.sign_in(amina.account)
    world.clock.advance(timedelta(minutes=5))

    def full(session: str, at: object) -> None:
        raise errors.CannotSave("disk full")

    monkeypatch.setattr(world.portal.sessions, "touch", full)
    assert visit.send("/en/account/sessions", None, None).status_code == 200


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_a_page_whose_view_cannot_be_recorded_is_not_shown_and_says_what_failed_and_what_works(
    visit: Visit, world: World, amina: Person, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """docs/adr/0060: no look at a record that nobody could find again."""
    world.add(builders.make_appointment(description="Secret care"))

    def full(entry: object) -> None:
        raise errors.CannotSave("disk full")

    visit.sign_in(amina.account)
    monkeypatch.setattr(world.portal.access_log, "view", full)
    page = visit("appointments.listed", patient_ref=amina.ref, language=language, status=503)
    assert "Secret care" not in page.text
    assert "Hill Surgery" not in page.text
    assert page.by_id("emergency") is not None
    assert [href for href in page.links.values() if href.startswith("tel:01632")]
    if language == "en":
        assert "We cannot note who opens it. Help pages work. Try later." in page.main
        assert "If you ring, give this code:" in page.main
    for endpoint in ("information.offline", "information.contact", "identity.sign_in"):
        assert visit(endpoint, language=language).status == 200


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_method=POST", "_external=1&_scheme=https", "values=1&language=zz"]
)
@pytest.mark.parametrize("path", ["/en/", "/ur/privacy", "/cy/sign-in"])
def test_no_word_in_a_query_breaks_the_links_to_other_languages(visit: Visit, path: str, query: str) -> None:
    page = visit(f"{path}?{query}")
    assert not [link for link in page.all("a") if link.get("href", "").startswith("https://localhost")]


def test_a_page_sent_for_another_person_is_not_shown_again(visit: Visit, amina: Person, bryn: Person) -> None:
    address = visit.address("appointments.start", patient_ref=amina.ref)
    visit.sign_in(bryn.account)
    page = visit(address, data={"csrf_token": "stale", "words": "mine alone"}, status=404)
    assert "mine alone" not in page.text

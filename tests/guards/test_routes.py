"""Every route is guarded, typed and reachable only as it says. Walks the whole URL map."""

from pathlib import Path

import pytest
from flask import Flask

from portal.access.permissions import Permission
from portal.bootstrap import create_app
from portal.config import Settings
from portal.web.guards import ACCESS_MARK, Access
from portal.web.returns import match
from tests.pages.world import World, furnished

# Everything anybody may see. A route belongs here only if it holds nothing personal.
PUBLIC = {
    "static",
    "root.choose_language",
    "information.start",
    "information.privacy",
    "information.cookies",
    "information.accessibility",
    "information.contact",
    "information.offline",
    "information.languages",
    "information.feedback",
    "information.feedback_kept",
    "identity.sign_in",
    "identity.signed_out",
    "demo.try_out",
}
# Pages about the account itself.
OWN = {
    "identity.landing",
    "identity.sign_out",
    "identity.session_ending",
    "identity.own_sessions",
    "home.people",
}
WITHOUT_LANGUAGE = {"static", "root.choose_language"}


@pytest.fixture(scope="module")
def app() -> Flask:
    settings = Settings(
        secret_key="kV3xQ9pLr7TzWb2NfYc5HsDm8GjA4eUo", log_key="Zt6RwP1yMq8XvKd3BnLg7JfCs5HhE2aU", demo=True
    )
    return create_app(settings, furnished(World()).ports)


def marks(app: Flask) -> dict[str, Access]:
    return {name: getattr(view, ACCESS_MARK) for name, view in app.view_functions.items()}


def test_only_the_listed_routes_are_public(app: Flask) -> None:
    assert {name for name, mark in marks(app).items() if mark.kind == "public"} == PUBLIC


def test_only_the_listed_routes_need_no_more_than_a_session(app: Flask) -> None:
    assert {name for name, mark in marks(app).items() if mark.kind == "signed-in"} == OWN


def test_patient_routes_name_the_patient_by_reference_and_site_routes_the_organisation(app: Flask) -> None:
    needed = {"patient": "patient_ref", "site": "organisation_code"}
    for rule in app.url_map.iter_rules():
        wanted = needed.get(marks(app)[rule.endpoint].kind)
        for name in needed.values():
            assert (name in rule.arguments) == (name == wanted), rule.rule


def test_permissions_are_of_the_kind_of_their_route(app: Flask) -> None:
    for name, mark in marks(app).items():
        if isinstance(mark.permission, Permission):
            assert mark.permission.of_practice == (mark.kind == "site"), name


def test_every_argument_of_a_route_has_a_type_of_ours(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            kinds = {name: type(converter).__module__ for name, converter in rule._converters.items()}
            assert set(kinds.values()) <= {"portal.web.urls", "werkzeug.routing.converters"}, rule.rule
            plain = {type(converter).__name__ for converter in rule._converters.values()}
            assert not plain & {"UnicodeConverter", "PathConverter", "AnyConverter"}, rule.rule


def test_every_page_has_its_language_in_its_address(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert ("language" in rule.arguments) == (rule.endpoint not in WITHOUT_LANGUAGE), rule.rule


def test_only_get_and_post_are_used(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS", "POST"}, rule.rule


def test_no_page_is_reached_without_signing_in_unless_it_is_public(app: Flask) -> None:
    client = app.test_client()
    samples = {"language": "en", "patient_ref": "A" * 22, "organisation_code": "ZZ001"}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        values: dict[str, str | int] = {name: samples.get(name, "1") for name in rule.arguments}
        values |= {name: 1 for name in rule.arguments if "Integer" in type(rule._converters[name]).__name__}
        address = adapter.build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            response = client.open(address, method=method)
            place = response.headers.get("Location", "")
            assert response.status_code == 303, f"{method} {rule.rule}: {response.status_code}"
            assert place.startswith(("/en/sign-in", "/en/signed-out")), rule.rule


def test_the_way_back_matches_no_address_of_another_kind(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert match("/en/sign-out") is None  # only POST
        assert match("//evil.example/en/account") is None
        assert match("/en/account/") is None
        assert match("/en/account") == ("identity.landing", {"language": "en"})


def test_flasks_session_is_touched_nowhere() -> None:
    for path in (Path(__file__).parents[2] / "portal").rglob("*.py"):
        text = path.read_text("utf-8")
        assert "from flask import session" not in text, path
        assert not any(
            line.startswith("from flask import") and " session" in line.replace("session_", "")
            for line in text.splitlines()
        ), path

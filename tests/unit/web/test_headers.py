"""What every answer says about itself, on every kind of answer, within its budget."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bootstrap import create_app
from portal.config import Settings
from tests.pages.world import World

KINDS = [
    "/en/",
    "/en/sign-in?x=1",
    "/en/nowhere",
    "/en/account",
    "/en/account/sessions",
    "/en/session/ending",
]


def header_bytes(response: TestResponse) -> int:
    """As our gunicorn sends it: with a status line, Date and the empty line."""
    line = f"HTTP/1.1 {response.status}\r\nDate: Sun, 22 Nov 2026 14:00:00 GMT\r\n"
    own = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    return len(line + own + "\r\n")


@pytest.mark.parametrize("address", KINDS)
def test_every_answer_has_a_policy_and_says_what_it_is(signed_in: FlaskClient, address: str) -> None:
    headers = signed_in.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert headers["Cache-Control"] == ("private, max-age=300" if address == "/en/" else "no-store")


def test_a_page_of_ours_can_be_framed_nowhere_and_sends_forms_only_to_us(signed_in: FlaskClient) -> None:
    policy = signed_in.get("/en/account/sessions").headers["Content-Security-Policy"].split(";")
    assert {
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
    } <= set(policy)


def test_a_first_visit_allows_exactly_what_stands_inline_and_the_next_none(client: FlaskClient) -> None:
    first = client.get("/ur/sign-in?x=1")
    (style,) = re.findall(r"<style>(.*?)</style>", first.text, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", first.text, re.DOTALL)
    for kind, text in (("style-src", style), ("script-src", script)):
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in first.headers["Content-Security-Policy"]
    second = client.get("/ur/sign-in?x=1")
    assert "sha256" not in second.headers["Content-Security-Policy"]
    assert "<style>" not in second.text
    assert "Set-Cookie" not in second.headers


def test_a_css_cookie_of_an_older_build_is_a_first_visit_again(client: FlaskClient) -> None:
    client.set_cookie("css", "older")
    assert "<style>" in client.get("/en/").text


@pytest.mark.parametrize("address", [*KINDS, "/", "/ur/"])
def test_header_blocks_stay_within_their_budget(signed_in: FlaskClient, address: str) -> None:
    for first in (True, False):
        if first:
            signed_in.delete_cookie("css")
        response = signed_in.get(address, headers={"Accept-Encoding": "br", "Sec-CH-UA": '"Chromium"'})
        assert header_bytes(response) <= (
            512 if response.status_code < 400 and response.status_code >= 300 else 768
        )


def test_hsts_is_for_https_only(settings: Settings, world: World) -> None:
    client = create_app(replace(settings, https=True), world.ports).test_client()
    headers = client.get("/en/").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["Set-Cookie"].endswith("; Secure")


def test_forwarded_headers_count_only_from_declared_proxies(settings: Settings, world: World) -> None:
    sent = {
        "X-Forwarded-For": "203.0.113.5",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    assert create_app(settings, world.ports).test_client().get("/en/", headers=sent).status_code == 200
    behind = create_app(replace(settings, proxies=1), world.ports).test_client()
    assert behind.get("/en/", headers=sent).status_code == 400  # the proxy says a host that is not ours

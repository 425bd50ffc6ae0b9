"""Bytes on the wire: what is compressed, how, and that padding is invisible to whoever decodes."""

import gzip

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.web.compression import Constants, accepted, compressed

BR = {"Accept-Encoding": "br"}


@given(body=st.binary(max_size=3000), padding=st.integers(0, 64))
def test_padded_streams_decode_to_the_same_bytes(body: bytes, padding: int) -> None:
    assert brotli.decompress(compressed(body, "br", padding=padding)) == body
    assert gzip.decompress(compressed(body, "gzip", padding=padding)) == body


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_each_byte_of_padding_is_one_byte_on_the_wire(encoding: str) -> None:
    body = b"<p>Appointments and more appointments</p>" * 60
    sizes = [len(compressed(body, encoding, padding=padding)) for padding in range(1, 65)]
    assert [size - sizes[0] for size in sizes] == list(range(64))
    assert sizes[0] - len(compressed(body, encoding)) <= 8


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("BR", "br"),
        ("identity", ""),
        ("", ""),
        ("br;q=nonsense, gzip", "gzip"),
        ("*", ""),
    ],
)
def test_the_encoding_is_one_the_browser_takes(header: str, encoding: str) -> None:
    assert accepted(header) == encoding


def test_public_constant_pages_are_rendered_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/cy/sign-in", headers=BR)

    def never(*args: object, **values: object) -> str:
        raise AssertionError("rendered again")

    monkeypatch.setattr("portal.identity.views.render_template", never)
    second = client.get("/cy/sign-in", headers=BR)
    client.delete_cookie("css")
    third = client.get("/cy/sign-in", headers=BR)
    assert second.status_code == 500  # the browser has the css cookie now: another variant
    assert (third.data, third.headers) == (first.data, first.headers)


def test_a_constant_page_with_a_query_is_an_ordinary_page(client: FlaskClient) -> None:
    assert client.get("/en/sign-in").headers["Cache-Control"] == "private, max-age=300"
    assert client.get("/en/sign-in?over=1").headers["Cache-Control"] == "no-store"


def test_encodings_are_kept_apart(client: FlaskClient) -> None:
    bodies = []
    for encoding in ("br", "gzip", ""):
        client.delete_cookie("css")
        response = client.get("/en/signed-out", headers={"Accept-Encoding": encoding})
        assert response.headers.get("Content-Encoding", "") == encoding
        bodies.append(response.data)
    assert brotli.decompress(bodies[0]) == gzip.decompress(bodies[1]) == bodies[2]


def test_the_memory_of_constant_pages_is_bounded() -> None:
    kept = Constants(most=3)
    for number in range(5):
        kept.keep((str(number),), b"", [])
    assert len(kept) == 3
    assert kept.get(("1",)) is None
    assert kept.get(("4",)) is not None


def test_personal_pages_have_a_random_length_and_public_ones_none(
    signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def chance(below: int) -> int:
        asked.append(below)
        return 7

    monkeypatch.setattr("portal.web.compression.secrets.randbelow", chance)
    signed_in.get("/en/sign-in?x", headers=BR)
    assert asked == []
    page = signed_in.get("/en/account/sessions", headers=BR)
    assert asked == [65]
    assert b"Where you are signed in" in brotli.decompress(page.data)


def test_an_answer_compressed_already_is_left_alone(app: Flask, client: FlaskClient) -> None:
    client.get("/en/")
    name = next(rule for rule in client.get("/en/").text.split('"') if rule.startswith("/static/build/"))
    response = client.get(name, headers=BR)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(brotli.decompress(response.data)) > len(response.data)
    assert client.get("/static/build/manifest.json").status_code == 404
    assert client.get("/static/build/..%2fsrc%2fportal.scss").status_code == 404

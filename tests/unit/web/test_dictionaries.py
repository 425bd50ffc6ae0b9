"""Answers as the difference from what a browser holds: right for any body, only when asked, naming nobody."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import brotli
import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal.cli import dictionaries as building
from portal.languages import OFFERED
from portal.web.dictionaries import MANIFEST, Dictionaries, Dictionary, dictionaries, file_name, read
from tests.pages.world import World

TAGS = [language.tag for language in OFFERED]
CONTENT = b"<p>What every page has alike, in one language and for everybody</p>" * 9
HELD = Dictionary(CONTENT)
ALL = "gzip, deflate, br, zstd, dcb, dcz"
CHROMIUM = {"Sec-CH-UA": '"Chromium";v="153"', "Accept-Encoding": "gzip, deflate, br, zstd"}
WORDS = st.text(st.sampled_from("What every page has <p>&;ایک"), max_size=600)


def decoded(data: bytes, content: bytes) -> bytes:
    """As RFC 9842 section 5 has it: a header with the hash of the dictionary, then frames of Zstandard."""
    assert data[:8] == bytes.fromhex("5e2a4d1820000000")
    assert data[8:40] == sha256(content).digest()
    held = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    body = b""
    rest = data[40:]
    while rest:
        if rest[:4] == bytes.fromhex("502a4d18"):
            rest = rest[8 + int.from_bytes(rest[4:8], "little") :]
            continue
        reader = zstandard.ZstdDecompressor(dict_data=held).decompressobj()
        body += reader.decompress(rest)
        rest = reader.unused_data
    return body


@given(body=WORDS, padding=st.none() | st.integers(0, 64))
def test_every_body_is_read_back(body: str, padding: int | None) -> None:
    assert decoded(HELD.compressed(body.encode(), padding), CONTENT) == body.encode()
    assert decoded(HELD.compressed_once(body.encode()), CONTENT) == body.encode()


def test_each_byte_of_padding_is_one_byte_on_the_wire() -> None:
    sizes = [len(HELD.compressed(CONTENT, padding)) for padding in range(65)]
    assert [size - sizes[0] for size in sizes] == list(range(65))


def test_what_is_held_costs_next_to_nothing() -> None:
    assert len(HELD.compressed(CONTENT)) < 70


def test_threads_do_not_mix_their_pages() -> None:
    bodies = [f"<p>{number}</p>".encode() * 500 + CONTENT for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            answers = list(pool.map(HELD.compressed, bodies))
            assert [decoded(answer, CONTENT) for answer in answers] == bodies


def of(app: Flask, tag: str) -> Dictionary:
    return dictionaries(app).of_language[tag]


@pytest.fixture
def later(signed_in: FlaskClient) -> FlaskClient:
    """Somebody signed in whose browser has the files."""
    signed_in.get("/en/account/sessions")
    return signed_in


def asked(client: FlaskClient, address: str, held: str = "", encodings: str = ALL) -> TestResponse:
    more = {"Available-Dictionary": held} if held else {}
    return client.get(address, headers={**CHROMIUM, "Accept-Encoding": encodings, **more})


@pytest.mark.parametrize("tag", TAGS)
def test_a_page_is_the_difference_from_the_dictionary_of_its_language(
    app: Flask, later: FlaskClient, tag: str
) -> None:
    address, held = f"/{tag}/account/sessions", of(app, tag)
    plain = asked(later, address, encodings="br")
    page = asked(later, address, held.name)
    assert page.headers["Content-Encoding"] == "dcz"
    assert "Link" not in page.headers
    assert "connect-src" not in page.headers["Content-Security-Policy"]
    whole, other = decoded(page.data, held.content).decode(), brotli.decompress(plain.data).decode()
    assert whole.count("<") == other.count("<")
    assert len(page.data) < 0.7 * len(plain.data)


@pytest.mark.parametrize(
    ("held", "encodings"),
    [
        ("of en", "gzip, br"),
        ("of en", "gzip, br, dcz;q=0"),
        ("", ALL),
        (f":{b64encode(bytes(32)).decode()}:", ALL),
        (":nonsense:", ALL),
        ("x" * 4000, ALL),
    ],
)
def test_without_a_dictionary_of_ours_a_page_is_as_ever(
    app: Flask, later: FlaskClient, held: str, encodings: str
) -> None:
    name = of(app, "en").name if held == "of en" else held
    page = asked(later, "/en/account/sessions", name, encodings)
    assert page.headers["Content-Encoding"] == "br"
    assert b"Where you are signed in" in brotli.decompress(page.data)


def test_a_dictionary_is_offered_once_and_only_where_it_would_be_used(app: Flask, later: FlaskClient) -> None:
    offered = asked(later, "/ur/account/sessions")
    assert offered.headers["Link"] == f"</static/build/{of(app, 'ur').file}>;rel=compression-dictionary"
    assert "connect-src 'self'" in offered.headers["Content-Security-Policy"]
    assert "Link" in asked(later, "/ur/account/sessions", of(app, "en").name).headers  # of another language
    other = later.get("/ur/account/sessions", headers={"Accept-Encoding": "gzip, br, zstd"})  # another engine
    public = asked(later, "/ur/sign-in?x")
    later.delete_cookie("css")
    first = asked(later, "/ur/account/sessions")
    for response in (other, public, first):
        assert "Link" not in response.headers
        assert "connect-src" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("tag", TAGS)
def test_the_file_is_for_its_language_and_may_be_kept(app: Flask, client: FlaskClient, tag: str) -> None:
    made = of(app, tag)
    file = client.get(f"/static/build/{made.file}", headers={"Accept-Encoding": "br"})
    assert brotli.decompress(file.data) == made.content
    assert file.headers["Use-As-Dictionary"] == f'match="/{tag}/*"'
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Vary"] == "Accept-Encoding, Available-Dictionary"


@pytest.mark.parametrize("tag", TAGS)
def test_a_first_page_saves_the_stylesheet_and_the_next_page(client: FlaskClient, tag: str) -> None:
    first = client.get(f"/{tag}/", headers={"Accept-Encoding": "br"})
    assert first.headers["Use-As-Dictionary"] == 'match="/*"'
    page = brotli.decompress(first.data)
    held = Dictionary(page).name
    for address in (f"/{tag}/sign-in", f"/{tag}/privacy"):
        for _ in range(2):  # made, and kept
            second = asked(client, address, held)
            assert second.headers["Content-Encoding"] == "dcz"
            assert "Available-Dictionary" in second.headers["Vary"]
            assert "Use-As-Dictionary" not in second.headers
        text = decoded(second.data, page).decode()
        assert text.startswith("<!doctype html>")
    sheet = next(part for part in text.split('"') if part.endswith(".css"))
    style = asked(client, sheet, held)
    assert style.headers["Content-Encoding"] == "dcz"
    assert len(style.data) < 100
    assert decoded(style.data, page) == client.get(sheet, headers={"Accept-Encoding": ""}).data


def test_what_is_kept_for_one_browser_is_not_given_to_another(client: FlaskClient) -> None:
    page = brotli.decompress(client.get("/en/", headers={"Accept-Encoding": "br"}).data)
    assert asked(client, "/en/contact", Dictionary(page).name).headers["Content-Encoding"] == "dcz"
    assert asked(client, "/en/contact").headers["Content-Encoding"] == "br"


def test_no_page_with_a_secret_or_a_key_becomes_a_dictionary(app: Flask, signed_in: FlaskClient) -> None:
    for address in ("/en/account/sessions", "/en/feedback", "/en/sign-in?x"):
        signed_in.delete_cookie("css")
        assert "Use-As-Dictionary" not in asked(signed_in, address).headers
    signed_in.delete_cookie("css")
    feedback = brotli.decompress(signed_in.get("/en/feedback", headers={"Accept-Encoding": "br"}).data)
    assert dictionaries(app).find(Dictionary(feedback).name) is None


def test_padding_holds_for_differences_too(
    app: Flask, later: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for padding in (0, 1, 64):
        monkeypatch.setattr("portal.web.compression.secrets.randbelow", lambda below, n=padding: n)
        page = asked(later, "/en/account/sessions", of(app, "en").name)
        assert b"Where you are signed in" in decoded(page.data, of(app, "en").content)
        at = page.data.index(bytes.fromhex("502a4d18"))
        sizes.append(int.from_bytes(page.data[at + 4 : at + 8], "little"))
    assert sizes == [0, 1, 64]


def test_the_pages_remembered_are_bounded() -> None:
    known = Dictionaries({})
    names = []
    for number in range(40):
        page = b"page %d" % number
        known.add_page(page)
        known.add_page(page)
        names.append(Dictionary(page).name)
    assert [known.find(name) is not None for name in names] == [False] * 8 + [True] * 32


def test_a_file_that_is_not_what_its_name_says_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path) == {}
    right, changed = file_name("en", CONTENT), file_name("cy", CONTENT)
    (tmp_path / right).write_bytes(CONTENT)
    (tmp_path / changed).write_bytes(CONTENT + b"more")
    files = {"en": right, "cy": changed, "ur": "ur-0123456789.dict"}
    (tmp_path / MANIFEST).write_text(json.dumps({"files": files}))
    assert list(read(tmp_path)) == ["en"]


def test_the_build_holds_nothing_of_anybody(app: Flask, world: World) -> None:
    """It is drawn without ports: whatever asked for somebody's data would have failed."""
    made = building.made()
    assert list(made) == TAGS
    for tag, content in made.items():
        text = content.decode()
        assert f'lang="{BY_LANG[tag]}"' in text
        assert 'name="csrf_token" value=""' in text
        assert all(not value for value in hidden_values(text))
        assert "patient" not in text
        assert building.made()[tag] == content  # the same each time, or browsers would fetch it again


BY_LANG = {language.tag: language.lang for language in OFFERED}


def hidden_values(text: str) -> list[str]:
    return [part.partition('value="')[2].partition('"')[0] for part in text.split('type="hidden"')[1:]]

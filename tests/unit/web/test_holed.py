"""A page kept finished, with a fresh key in every answer: what a decoder reads is the page and the key."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.web.holed import HOLE, Holed, punched

KEY = st.text("abcxyzABCXYZ0189-_", min_size=len(HOLE), max_size=len(HOLE))
WORDS = st.text(st.sampled_from('<input type="hidden" name="key"> value appointments ایک'), max_size=300)


def decoded(body: bytes, encoding: str) -> bytes:
    match encoding:
        case "br":
            return bytes(brotli.decompress(body))
        case "gzip":
            return gzip.decompress(body)
        case _:
            return body


@given(before=WORDS, after=WORDS, key=KEY, encoding=st.sampled_from(["br", "gzip", ""]))
def test_every_key_is_read_in_its_place(before: str, after: str, key: str, encoding: str) -> None:
    found = punched((before + HOLE + after).encode(), encoding, 11)
    assert found is not None
    assert decoded(found.filled(key), encoding) == (before + key + after).encode()


def test_a_page_without_a_hole_has_none() -> None:
    assert punched(b"<p>The same for all</p>", "br", 11) is None


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_a_piece_that_cannot_be_cut_is_compressed_each_time(encoding: str) -> None:
    whole = Holed(before=b"<p>", after=b"</p>", packed=encoding)
    assert decoded(whole.filled("k" * len(HOLE)), encoding) == b"<p>" + b"k" * len(HOLE) + b"</p>"


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_the_feedback_form_is_kept_and_gives_each_browser_its_own_key(
    client: FlaskClient, encoding: str
) -> None:
    pages = []
    for _ in range(4):
        client.delete_cookie("css")
        answer = client.get("/en/feedback", headers={"Accept-Encoding": encoding})
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        pages.append(decoded(answer.data, encoding))
    assert len(set(pages)) == 4
    assert all(HOLE.encode() not in page for page in pages)
    assert len({len(page) for page in pages}) == 1

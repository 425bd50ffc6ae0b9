"""The token of forms: bound to one session, never the same twice."""

import string
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from portal.access.policy import Level
from portal.domain.ids import AccountId, SessionId
from portal.ports.sessions import Session
from portal.web.csrf import csrf_token, is_token_of, masked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SESSION = Session(
    id=SessionId("s"),
    account=AccountId("a"),
    level=Level.P9,
    created_at=NOW,
    last_seen_at=NOW,
    authenticated_at=NOW,
    csrf_secret="first",
)


def token_in_one_answer(app: Flask, session: Session | None) -> str:
    with app.test_request_context("/en/"):
        g.session = session
        first = csrf_token()
        assert csrf_token() == first
        return first


def test_a_token_is_the_same_within_an_answer_and_another_in_the_next(app: Flask) -> None:
    tokens = {token_in_one_answer(app, SESSION) for _ in range(50)}
    assert len(tokens) == 50
    assert all(is_token_of(SESSION, token) for token in tokens)
    starts = {token[:8] for token in tokens}
    assert len(starts) == 50  # no leading part stays the same (BREACH)


def test_a_token_belongs_to_one_session(app: Flask) -> None:
    token = token_in_one_answer(app, SESSION)
    assert not is_token_of(replace(SESSION, csrf_secret="second"), token)


def test_without_a_session_there_is_no_token(app: Flask) -> None:
    assert token_in_one_answer(app, None) == ""


def test_a_token_is_43_url_safe_characters(app: Flask) -> None:
    token = token_in_one_answer(app, SESSION)
    assert len(token) == 43
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")


@given(text=st.text(max_size=100))
def test_no_text_is_a_token_by_chance_or_breaks_the_check(text: str) -> None:
    assert not is_token_of(SESSION, text)


@given(digest=st.binary(min_size=16, max_size=16), pad=st.binary(min_size=16, max_size=16))
def test_a_wrong_digest_is_refused_whatever_its_pad(digest: bytes, pad: bytes) -> None:
    assert not is_token_of(SESSION, masked(digest, pad))

"""`visit`: fetch a page in a language, as a person, and fail on anything that must hold of every page."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import brotli
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access.policy import Level
from portal.domain.ids import AccountId, SessionId
from portal.languages import BY_TAG, ENGLISH, PSEUDO, Language
from portal.ports.sessions import Session, Sessions
from portal.web.sessions import COOKIE
from portal.web.templating import all_assets
from tests.pages import checks
from tests.pages.html import Page, parsed

EVERY_LANGUAGE = (*BY_TAG, PSEUDO.tag)
HOST = "localhost"
# What a server adds to each answer: the status line, Date, Connection, Server, the empty line.
_SERVER_BYTES = len(
    "HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: Sun, 22 Nov 2026 14:00:00 GMT\r\n"
    "Connection: keep-alive\r\n\r\n"
)


class Visit:
    """A browser of one person. It keeps cookies, follows redirects by asking, and has the stylesheet already.

        page = visit("home.home", as_person=amina.account, language="ur", patient_ref=amina.ref)
        page = visit.submit(page, why="better")  # fills in the page's form, sends it, follows the redirect
        page = visit("/en/feedback", data={"rating": "x"}, status=200)

    `page` is a tests.pages.html.Page: heading, title, main, links, buttons, errors, one(tag), by_id(id).
    """

    def __init__(self, app: Flask, sessions: Sessions | None = None, clock: Any = None) -> None:
        self.app = app
        self._sessions = sessions
        self._clock = clock
        self.client: FlaskClient = app.test_client()
        self._signed_in_as: AccountId | None = None
        with app.app_context():
            self._css = all_assets().version
        self.client.set_cookie("css", self._css, domain=HOST)

    def __call__(
        self,
        target: str,
        *,
        language: str = ENGLISH.tag,
        as_person: AccountId | None = None,
        data: Mapping[str, Any] | None = None,
        status: int = 200,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Page:
        """Fetch an endpoint ("feature.view", with its values) or an address ("/en/…"); with `data`, POST it.

        The last answer must have `status`. Every page on the way is checked.
        """
        if as_person is not None:
            self.sign_in(as_person)
        address = target if target.startswith("/") else self.address(target, language, **values)
        response = self.send(address, data, headers)
        for _ in range(5):
            if not (follow and 300 <= response.status_code < 400):
                break
            response = self.send(response.headers["Location"], None, headers)
        assert response.status_code == status, f"{address}: {response.status_code}, not {status}"
        return self.page(response)

    def submit(self, page: Page, *, status: int = 200, follow: bool = True, **answers: Any) -> Page:
        """Send the form of a page: what stands in it, changed by `answers`.

        A list sends several, None leaves out; `day__year` stands for the name `day-year`.
        """
        values: dict[str, Any] = {**page.form_values(), **answers}
        sent = {name.replace("__", "-"): value for name, value in values.items() if value is not None}
        return self(page.path, data=sent, status=status, follow=follow)

    def first(self, target: str, *, language: str = ENGLISH.tag, **values: Any) -> Page:
        """The page as a browser gets it that was never here: stylesheet and script inside."""
        address = target if target.startswith("/") else self.address(target, language, **values)
        stranger = Visit(self.app)
        stranger.client.delete_cookie("css", domain=HOST)
        return stranger.page(stranger.send(address, None, None))

    def sign_in(self, account: AccountId) -> None:
        """Begin a session of this account, as a real sign-in would leave it."""
        if account == self._signed_in_as:
            return
        assert self._sessions is not None
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        session = Session(
            id=SessionId(secrets.token_urlsafe(8)),
            account=account,
            level=Level.P9,
            created_at=now,
            last_seen_at=now,
            authenticated_at=now,
            csrf_secret=secrets.token_urlsafe(16),
        )
        self._sessions.begin(session, secret)
        self.client.set_cookie(COOKIE, secret, domain=HOST)
        self._signed_in_as = account

    def sign_out(self) -> None:
        """Forget the cookie; the session on the server goes on."""
        self.client.delete_cookie(COOKIE, domain=HOST)
        self._signed_in_as = None

    def address(self, endpoint: str, language: str = ENGLISH.tag, **values: Any) -> str:
        adapter = self.app.url_map.bind(HOST)
        if self.app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = language
        return adapter.build(endpoint, values)

    def send(
        self, address: str, data: Mapping[str, Any] | None, headers: Mapping[str, str] | None
    ) -> TestResponse:
        """One request and its raw answer. Redirects are held to their header budget here."""
        sent = {"Accept-Encoding": "br", **(headers or {})}
        if data is None:
            response = self.client.get(address, headers=sent)
        else:
            sent |= {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
            response = self.client.post(address, data=_flat(data), headers=sent | dict(headers or {}))
        if 300 <= response.status_code < 400:
            size = header_bytes(response)
            assert size <= checks.MOST_REDIRECT_HEADER_BYTES, f"{address}: redirect headers of {size} bytes"
        return response

    def page(self, response: TestResponse) -> Page:
        """The answer as a page, checked. Fails with all problems at once."""
        page = self.unchecked(response)
        found = checks.problems(page)
        assert not found, f"{page.path} ({page.language.tag}):\n" + "\n".join(f"  {line}" for line in found)
        return page

    def unchecked(self, response: TestResponse) -> Page:
        body = response.get_data()
        size = len(body)
        if response.headers.get("Content-Encoding") == "br":
            body = brotli.decompress(body)
        text = body.decode("utf-8")
        tree, errors = parsed(text)
        return Page(
            status=response.status_code,
            path=response.request.full_path.rstrip("?"),
            endpoint=self._endpoint(response),
            language=_language_of(response),
            headers=response.headers,
            text=text,
            compressed_bytes=size,
            header_bytes=header_bytes(response),
            tree=tree,
            parse_errors=errors,
        )

    def _endpoint(self, response: TestResponse) -> str | None:
        with self.app.test_request_context(response.request.path, method=response.request.method) as context:
            return context.request.endpoint


def header_bytes(response: TestResponse) -> int:
    """The header block of an HTTP/1.1 answer, in bytes."""
    return _SERVER_BYTES + sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())


def _language_of(response: TestResponse) -> Language:
    first = response.request.path.split("/", 2)[1]
    if first == PSEUDO.tag:
        return PSEUDO
    return BY_TAG.get(first, ENGLISH)


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in data.items()
    }

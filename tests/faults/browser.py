"""A person's requests to the application in process: cookies, token, origin. Judges nothing."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.web.csrf import _digest, masked
from portal.web.sessions import COOKIE
from portal.web.templating import all_assets
from tests.faults.world import Somebody

HOST = "localhost"
PAD = bytes(range(16))


def token_of(who: Somebody) -> str:
    """The form token of this person's session, as any page of theirs would carry it."""
    return masked(_digest(who.session), PAD)


def cookies_of(who: Somebody | None, stylesheet: str = "") -> str:
    """The Cookie header of somebody, or of nobody, who has the stylesheet already."""
    found = [f"css={stylesheet}"] if stylesheet else []
    if who is not None:
        found.append(f"{COOKIE}={who.secret}")
    return "; ".join(found)


def address(app: Flask, endpoint: str, **values: Any) -> str:
    """Where a view is, in English unless told otherwise."""
    return app.url_map.bind(HOST).build(endpoint, {"language": "en", **values})


class Browser:
    """Sends requests as somebody, or as nobody. Follows nothing and keeps no cookie."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client(use_cookies=False)
        with app.app_context():
            self.stylesheet = all_assets().version

    def get(self, path: str, who: Somebody | None = None, **headers: str) -> TestResponse:
        return self.ask("GET", path, who, headers=headers)

    def post(
        self, path: str, who: Somebody | None = None, data: Mapping[str, Any] | None = None, **headers: str
    ) -> TestResponse:
        """With the right token and from our own page, unless `data` or `headers` say otherwise."""
        own = {"csrf_token": token_of(who)} if who is not None else {}
        return self.ask("POST", path, who, data={**own, **(data or {})}, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        who: Somebody | None = None,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        sent = {"Cookie": cookies_of(who, self.stylesheet)}
        if method not in ("GET", "HEAD", "OPTIONS"):
            sent |= {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        return self._client.open(path, method=method, data=data, headers=sent, base_url=f"http://{HOST}")

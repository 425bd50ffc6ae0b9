"""What every answer says about itself: content security policy, caching, isolation. Knows no view.

Sources: OWASP ASVS 5.0 V3.4; CSP Level 3. Pages have no per-request bytes in their policy: no nonce, only
hashes of the inline stylesheet and script on a first visit. The budget is 768 bytes a page and 512 a
redirect, so what changes nothing is left off: X-Frame-Options (frame-ancestors stands for it, ASVS 3.4.6) and
Permissions-Policy (no frame and no script but our own can be in a page, and ours asks for nothing).
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, g, request

from portal.web import dictionaries
from portal.web.compression import asked, is_constant
from portal.web.locale import language
from portal.web.services import session_or_none, settings
from portal.web.templating import all_assets, page_assets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIEnvironment

_request: Any = request._get_current_object  # type: ignore[attr-defined]  # asked on every page: no proxy
CSS_COOKIE: Final = "css"
PUBLIC: Final = "private, max-age=300"
NO_STORE: Final = "no-store"
_YEAR: Final = 31_536_000
_HSTS: Final = ("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")
_CLOSED: Final = "default-src 'none';base-uri 'none';frame-ancestors 'none'"
_ALWAYS: Final = (("Referrer-Policy", "same-origin"), ("X-Content-Type-Options", "nosniff"))
_PAGE: Final = (*_ALWAYS, ("Cross-Origin-Opener-Policy", "same-origin"))
_PERSONAL: Final = (*_PAGE, ("Cross-Origin-Resource-Policy", "same-origin"))
# Only a page that offers a dictionary fetches anything: browsers count that as connecting.
_CONNECT: Final = ";connect-src 'self'"


def content_security_policy(style: str, script: str) -> str:
    """The policy of a page; `style` and `script` are 'self' or the hash of what stands inline."""
    return (
        f"default-src 'none';style-src {style};script-src {script};img-src data:;form-action 'self';"
        "base-uri 'none';frame-ancestors 'none';require-trusted-types-for 'script'"
    )


class Answer(Response):
    """A response to which headers are laid as they are, behind all others, when it is sent.

    Werkzeug judges and copies each header it is given; these are the same for thousands of pages. Only for a
    body in one piece that is no redirect.
    """

    laid: tuple[tuple[str, str], ...] = ()

    def get_wsgi_response(
        self, environ: "WSGIEnvironment"
    ) -> tuple["Iterable[bytes]", str, list[tuple[str, str]]]:
        if not self.laid:
            return super().get_wsgi_response(environ)
        body: Any = () if environ["REQUEST_METHOD"] == "HEAD" else self.response
        return body, self.status, [*self.headers, *self.laid]


def install(app: Flask) -> None:
    """Install after compression, so that this runs before it."""
    app.response_class = Answer

    @app.after_request
    def declare(response: Response) -> Response:
        if _request().endpoint == "static":
            return response
        headers = response.headers
        if isinstance(response, Answer) and session_or_none() is not None and _lay(response):
            return response
        if 300 <= response.status_code < 400:
            response.set_data(b"")  # browsers never show it
            headers.remove("Content-Type")
            headers.extend(_ALWAYS)
            headers["Content-Security-Policy"] = "default-src 'none'"
        else:
            headers.extend(_beside_the_policy())
            headers["Content-Security-Policy"] = _policy(response)
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = PUBLIC if is_constant() and response.status_code == 200 else NO_STORE
        if settings().https:
            headers.add(*_HSTS)
        return response


def _lay(response: Answer) -> bool:
    """The headers of a page for somebody signed in whose browser has the files; False for any other."""
    assets = page_assets()
    if assets.inline or 300 <= response.status_code < 400 or response.mimetype != "text/html":
        return False
    if g.get("fail_safe_page"):
        return False
    link = dictionaries.offer(*asked(), language().tag)
    response.laid = _personal(assets.style_source, assets.script_source, link, settings().https)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = NO_STORE
    return True


@lru_cache(maxsize=64)
def _personal(style: str, script: str, link: str, https: bool) -> tuple[tuple[str, str], ...]:
    policy = content_security_policy(style, script) + (_CONNECT if link else "")
    offered = (("Link", link),) if link else ()
    return (*_PERSONAL, *offered, ("Content-Security-Policy", policy), *((_HSTS,) if https else ()))


def _beside_the_policy() -> tuple[tuple[str, str], ...]:
    return _PAGE if page_assets().inline or session_or_none() is None else _PERSONAL


def _policy(response: Response) -> str:
    """A page of ours allows its own assets and no more; anything else allows nothing."""
    if response.mimetype != "text/html" or g.get("fail_safe_page"):
        return _CLOSED
    assets = page_assets()
    if assets.inline:
        # Tell the browser's next request to come with the files' names: docs/adr/0011.
        cookie = f"{CSS_COOKIE}={all_assets().version}; Path=/; SameSite=Lax; HttpOnly"
        response.headers.add("Set-Cookie", cookie + ("; Secure" if settings().https else ""))
    return content_security_policy(assets.style_source, assets.script_source)

"""One browser page in one column of the matrix (scripts on or off), and the moves that lead to a state."""

from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Response

from tests.browser.control import NOW
from tests.browser.running import RunningPortal
from tests.browser.words import Words

HERE: Final = Path(__file__).parent
GEOMETRY: Final = (HERE / "geometry.js").read_text("utf-8")
FACTS: Final = (HERE / "facts.js").read_text("utf-8")
SIZES: Final = {320: 640, 1280: 900}
MOST_MS: Final = 10_000


class Walker:
    """Goes where a person would. Keeps one context for many states: cookies are all that differs between
    people.
    """

    def __init__(self, portal: RunningPortal, chromium: Browser, *, scripts: bool) -> None:
        self.portal, self.scripts = portal, scripts
        self.context: BrowserContext = chromium.new_context(viewport={"width": 320, "height": SIZES[320]})
        self.context.set_default_timeout(MOST_MS)
        self.page: Page = self.context.new_page()
        self.devtools: CDPSession = self.context.new_cdp_session(self.page)
        self.tag = "en"
        self.person: str | None = None
        self.for_number = 0  # whom of those they may act for
        self.values: dict[str, object] = {}  # of addresses: patient_ref or organisation_code
        self.response: Response | None = None
        self._allow_scripts()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def _allow_scripts(self) -> None:
        # java_script_enabled=False would do the same for good; axe needs them for a moment.
        self.devtools.send("Emulation.setScriptExecutionDisabled", {"value": not self.scripts})

    # --- who and when -------------------------------------------------------------------------------------

    def begin(self, tag: str, person: str | None = None, *, for_number: int = 0) -> None:
        """A browser that has been here before, in a language, signed in as a listed person or as nobody.

        `for_number` counts whom this person may act for, themselves first.
        """
        self.portal.order()
        self._allow_scripts()
        self.tag, self.person, self.values = tag, person, {}
        self.page.set_viewport_size({"width": 320, "height": SIZES[320]})
        self.context.clear_cookies()
        self._cookie("css", self.portal.css_cookie)
        if person is not None:
            self._come_in(for_number)

    def _come_in(self, for_number: int) -> None:
        assert self.person is not None
        signed_in = self.portal.sign_in(self.person)
        self._cookie("__Host-session", signed_in.cookie)
        if "/practice/" in signed_in.first_page:
            self.values = {"organisation_code": signed_in.first_page.rstrip("/").rsplit("/", 1)[-1]}
        else:
            self.values = {"patient_ref": self.portal.patients(self.person)[for_number][0]}
        self.for_number = for_number

    def come_in_anew(self) -> str:
        """Sign in once more, to a session that no other state shares; what its cookie holds."""
        assert self.person is not None
        cookie = self.portal.sign_in(self.person, fresh=True).cookie
        self._cookie("__Host-session", cookie)
        return cookie

    def at(self, moment: datetime) -> None:
        """Move the clock, and sign in again then: the same session might be over."""
        self.portal.order(now=moment)
        if self.person is not None:
            self._come_in(self.for_number)

    def later(self, **span: float) -> None:
        """Move the clock on within the session that runs."""
        self.portal.order(now=NOW + timedelta(**span))

    def fails(self, name: str) -> None:
        """Every look into a record raises this error from now on."""
        self.portal.order(now=self.portal.orders.now, fails=name)

    def _cookie(self, name: str, value: str) -> None:
        # Addressed by https: a __Host- cookie is only taken as secure. The browser then sends it to loopback.
        self.context.add_cookies(
            [
                {
                    "name": name,
                    "value": value,
                    "url": self.portal.base.replace("http", "https", 1),
                    "httpOnly": True,
                    "secure": True,
                    "sameSite": "Lax",
                }
            ]
        )

    # --- where --------------------------------------------------------------------------------------------

    def address(self, endpoint: str, **values: object) -> str:
        with self.portal.app.test_request_context():
            expecting = self.portal.app.url_map.is_endpoint_expecting
            known = {name: value for name, value in self.values.items() if expecting(endpoint, name)}
        return self.portal.address(endpoint, self.tag, **{**known, **values})

    def open(self, endpoint: str, **values: object) -> None:
        """Go to an endpoint, as the person and in the language of this walk."""
        self.go(self.address(endpoint, **values))

    def go(self, path: str) -> None:
        self.response = self.page.goto(self.portal.base + path)

    def send(self, **answers: str) -> None:
        """Fill the page's own form by names and press its last button, as far as answers go."""
        for name, value in answers.items():
            self._answer(name, value)
        self.press('main form[method="post"] button:not([name])')

    def _answer(self, name: str, value: str) -> None:
        choices = self.page.locator('main [type="radio"], main [type="checkbox"]')
        choice = choices.and_(self.page.locator(f'[name="{name}"][value="{value}"]'))
        if choice.count():
            choice.first.check()
            return
        field = self.page.locator(f'main [name="{name}"]').first
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)

    def press(self, selector: str) -> None:
        """Press the last control a selector finds, and wait for the page it leads to."""
        with self.page.expect_navigation() as awaited:
            self.page.locator(selector).last.click()
        self.response = awaited.value

    def forge(self, origin_html: str) -> None:
        """Stand on a page of no site of ours."""
        self.page.goto("about:blank")
        self.page.set_content(origin_html)

    def change(self, selector: str, value: str) -> None:
        """Alter a hidden field as nobody should. Works with scripts off too: it is the tester's script."""
        self.page.locator(selector).first.evaluate("(field, value) => { field.value = value; }", value)

    # --- what is seen -------------------------------------------------------------------------------------

    def words(self) -> Words:
        return Words(self.tag)

    def size(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": SIZES[width]})

    def geometry(self) -> list[str]:
        """Faults of the layout at the size that is set."""
        faults: list[str] = self._ask(GEOMETRY)
        return faults

    def facts(self) -> dict[str, Any]:
        """What facts.js says of this page."""
        found: dict[str, Any] = self._ask(FACTS)
        return found

    def _ask(self, script: str) -> Any:
        # By the protocol: it works under the page's own policy, and with scripts off.
        answer = self.devtools.send("Runtime.evaluate", {"expression": script, "returnByValue": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:1000])
        return answer["result"]["value"]

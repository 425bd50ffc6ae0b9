"""One Chromium a test worker; contexts and pages are each test's own affair."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import chromium_path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A started Chromium. Make a context and close it; `java_script_enabled=False` is scripts off."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()

"""One Chromium, one served portal and two browser pages (scripts on, scripts off) a test worker."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.axe import Axe
from tests.browser.chromium import chromium_path
from tests.browser.running import RunningPortal, running, seeded
from tests.browser.walker import Walker


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A started Chromium. Make a context and close it; `java_script_enabled=False` is scripts off."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run see, and no other run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "browser-shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def portal(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """The portal as `make run` serves it, with the listed people, on a loopback port."""
    with running(tmp_path_factory.mktemp("served"), seeded(shared)) as served:
        yield served


@contextmanager
def _pages(portal: RunningPortal, chromium: Browser) -> Iterator[Callable[[bool], Walker]]:
    """A page with scripts on or off, made at first use and kept for all tests of this worker."""
    made: dict[bool, Walker] = {}
    with ExitStack() as stack:

        def give(scripts: bool) -> Walker:
            if scripts not in made:
                made[scripts] = stack.enter_context(Walker(portal, chromium, scripts=scripts))
            return made[scripts]

        yield give


@pytest.fixture(scope="session")
def walkers(portal: RunningPortal, chromium: Browser) -> Iterator[Callable[[bool], Walker]]:
    """Pages for looking at states: what they leave behind changes no other state."""
    with _pages(portal, chromium) as pages:
        yield pages


@pytest.fixture(scope="session")
def travellers(
    shared: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[Callable[[bool], Walker]]:
    """Pages for journeys, on a portal of their own: they book and cancel, and tell needs."""
    with (
        running(tmp_path_factory.mktemp("travelled"), seeded(shared)) as served,
        _pages(served, chromium) as pages,
    ):
        yield pages


@pytest.fixture(scope="session")
def axe(shared: Path) -> Axe:
    return Axe(shared / "axe")

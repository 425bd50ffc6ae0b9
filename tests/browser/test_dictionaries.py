"""Chromium reads what is sent as the difference from its dictionary: pages, forms, padding, languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import journeys
from tests.browser.bytes import Answer, Scales, weighing
from tests.browser.running import RunningPortal, running, seeded
from tests.browser.walker import Walker


@pytest.fixture(scope="module")
def padded(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """The portal with random lengths, as it is deployed."""
    with running(tmp_path_factory.mktemp("padded"), seeded(shared), padding=True) as served:
        yield served


@pytest.fixture
def visitor(padded: RunningPortal, chromium: Browser) -> Iterator[tuple[Walker, Scales]]:
    with weighing(padded, chromium, True) as (walker, scales):
        walker.begin("ur", "patient")
        walker.context.clear_cookies()
        scales.take()
        yield walker, scales


def pages(scales: Scales) -> list[Answer]:
    return [each for each in scales.take() if each.page]


def test_a_booking_is_read_from_differences_with_random_lengths(visitor: tuple[Walker, Scales]) -> None:
    walker, scales = visitor
    journeys.sign_in_and_book(walker)
    assert [each.encoding for each in pages(scales)][-10:] == ["dcz"] * 10
    screen = journeys.Screen(walker)
    assert screen.heading == screen.say("Appointment")
    lengths = set()
    for _ in range(12):
        walker.page.reload()
        assert screen.heading == screen.say("Appointment")
        (page,) = pages(scales)
        assert page.encoding == "dcz"
        lengths.add(page.body)
    assert len(lengths) > 5  # of 65; the token of forms alone changes a length by a few bytes


def test_each_language_has_its_own_and_both_are_kept(visitor: tuple[Walker, Scales]) -> None:
    walker, scales = visitor
    journeys.sign_in(journeys.Screen(walker))
    home = walker.page.url
    walker.page.wait_for_timeout(300)
    scales.take()
    for tag, known in (("cy", False), ("ur", True), ("cy", True)):
        walker.page.goto(home.replace("/ur/", f"/{tag}/"))
        walker.page.wait_for_timeout(300)
        (page, *files) = [each for each in scales.take() if each.page or ".dict" in each.path]
        if known:
            assert page.encoding == "dcz"
            assert not files
        else:
            assert [each.path.rpartition("/")[2][:3] for each in files] == [f"{tag}-"]


def test_signing_out_throws_the_dictionaries_away(visitor: tuple[Walker, Scales]) -> None:
    walker, scales = visitor
    screen = journeys.Screen(walker)
    journeys.sign_in(screen)
    walker.page.wait_for_timeout(300)
    walker.page.reload()
    assert pages(scales)[-1].encoding == "dcz"
    screen.button("Sign out", "button")
    walker.page.goto(f"{walker.portal.base}/ur/sign-in")
    assert pages(scales)[-1].encoding == "br"

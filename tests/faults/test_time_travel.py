"""Sessions by the clock: 30 minutes without use, 12 hours whatever the use, over the database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.fakes_unit import FixedClock
from tests.faults import people
from tests.faults.browser import Browser
from tests.faults.world import Somebody, World, make_world, new_session, served

NOW = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # the clocks go forward in the night that follows
IDLE, MOST = timedelta(minutes=30), timedelta(hours=12)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("time"), NOW)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(world: World, clock: FixedClock) -> Iterator[Flask]:
    with served(world, clock) as made:
        yield made


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def amina(world: World) -> Somebody:
    """Amina in a browser of her own for this test."""
    known = world.people["amina"]
    with world.ports() as use:
        secret, session = new_session(use, known.account, NOW)
    return Somebody(name="amina", account=known.account, secret=secret, session=session, refs=known.refs)


def home(who: Somebody) -> str:
    return f"/en/for/{who.refs[people.AMINA]}/"


def is_in(browser: Browser, who: Somebody) -> bool:
    answer = browser.get(home(who), who)
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


@pytest.mark.parametrize(
    ("waited", "still_in"), [(IDLE - SECOND, True), (IDLE, False), (IDLE + SECOND, False)]
)
def test_thirty_minutes_without_use_end_it(
    waited: timedelta, still_in: bool, browser: Browser, amina: Somebody, clock: FixedClock
) -> None:
    clock.advance(waited)
    assert is_in(browser, amina) is still_in


@pytest.mark.parametrize(
    ("lasted", "still_in"), [(MOST - timedelta(minutes=1), True), (MOST + timedelta(minutes=1), False)]
)
def test_twelve_hours_end_it_whatever_the_use(
    lasted: timedelta, still_in: bool, browser: Browser, amina: Somebody, clock: FixedClock
) -> None:
    """Used every 10 minutes through the night in which the clocks change."""
    while clock.now() < NOW + lasted - timedelta(minutes=10):
        assert is_in(browser, amina)
        clock.advance(timedelta(minutes=10))
    clock.set(NOW + lasted)
    assert is_in(browser, amina) is still_in


def test_a_session_that_is_over_never_comes_back(
    browser: Browser, amina: Somebody, clock: FixedClock
) -> None:
    clock.advance(IDLE + SECOND)
    assert not is_in(browser, amina)
    assert not is_in(browser, amina)


def test_looking_at_the_warning_is_no_use_and_the_button_is(
    browser: Browser, amina: Somebody, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=28))
    assert browser.get("/en/session/ending", amina).status_code == 200
    clock.advance(timedelta(minutes=1))
    assert browser.post("/en/session/ending", amina).status_code == 303
    clock.advance(timedelta(minutes=29))
    assert is_in(browser, amina)


def test_what_was_typed_comes_back_to_the_same_person_only(
    browser: Browser, amina: Somebody, world: World, clock: FixedClock
) -> None:
    """S35: kept 24 hours, for the one whose session it was; for anybody else it is destroyed."""
    path = f"/en/for/{amina.refs[people.AMINA]}/book/start"
    clock.advance(IDLE + SECOND)
    led = browser.post(path, amina, {"words": "typed before the end"})
    assert led.status_code == 303
    assert "/sign-in" in led.headers["Location"]
    held = world.rows("SELECT count(*) FROM held_answers")[0][0]
    assert held >= 1
    kept = world.rows("SELECT answers FROM held_answers")
    assert all(b"typed before" not in bytes(row[0]) for row in kept)

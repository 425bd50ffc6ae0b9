"""Days and times as each language writes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.domain.people import NhsNumber
from portal.languages import BY_TAG
from portal.web import dates, locale, urls

LONDON = "Europe/London"
THURSDAY = date(2026, 11, 26)


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    app = Flask("dates")
    app.testing = True  # knows the made-up language
    urls.install(app)
    locale.install(app, str(Path(__file__).parents[3] / "translations"))
    with app.test_request_context(f"/{tag}/"):
        yield


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", "Thursday 26 November 2026"),
        ("cy", "Dydd Iau 26 Tachwedd 2026"),
        ("ur", "جمعرات 26 نومبر 2026"),
        ("eo", "⟦ĵaŭdo⟧ 26 ⟦Novembro⟧ 2026"),
    ],
)
def test_a_day_has_its_weekday_and_western_digits(tag: str, written: str) -> None:
    with speaking(tag):
        assert dates.day(THURSDAY) == written
        assert dates.day_heading(THURSDAY) == written.removesuffix(" 2026")


def test_every_language_has_seven_weekdays_and_twelve_months() -> None:
    for tag in BY_TAG:
        with speaking(tag):
            week = {dates.day_heading(date(2026, 6, number)).split(str(number))[0] for number in range(1, 8)}
            assert len(week) == 7
            assert len({dates.month(date(2026, number, 1)) for number in range(1, 13)}) == 12


@pytest.mark.parametrize(
    ("hour", "minute", "english"),
    [
        (15, 30, "3:30pm"),
        (9, 0, "9am"),
        (9, 5, "9:05am"),
        (0, 0, "midnight"),
        (12, 0, "midday"),
        (12, 10, "12:10pm"),
        (0, 10, "12:10am"),
    ],
)
def test_clock_times(hour: int, minute: int, english: str) -> None:
    instant = datetime(2026, 1, 15, hour, minute, tzinfo=UTC)  # London is on UTC in January
    with speaking("en"):
        assert dates.clock_time(instant, LONDON) == english
    for tag in ("cy", "ur"):
        with speaking(tag):
            assert dates.clock_time(instant, LONDON) == f"{hour:02d}:{minute:02d}"


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "12:30am"),  # clocks go forward at 01:00 UTC
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2:30am"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "1:30am BST"),  # the first 1:30 of that night
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "1:30am GMT"),  # the second
    ],
)
def test_instants_are_shown_as_the_places_clocks_do(instant: datetime, shown: str) -> None:
    with speaking("en"):
        assert dates.clock_time(instant, LONDON) == shown


def test_the_day_of_an_instant_is_the_places_day() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London
    with speaking("en"):
        assert dates.day(late, LONDON) == "Wednesday 1 July 2026"
        with pytest.raises(ValueError, match="zone"):
            dates.day(late)
        with pytest.raises(ValueError, match="zone"):
            dates.clock_time(late.replace(tzinfo=None), LONDON)


def test_spans_and_whole_moments() -> None:
    start, end = datetime(2026, 11, 26, 15, 30, tzinfo=UTC), datetime(2026, 11, 26, 15, 50, tzinfo=UTC)
    with speaking("en"):
        assert dates.span(start, end, LONDON) == "3:30pm to 3:50pm"
        assert dates.day_and_time(start, LONDON) == "Thursday 26 November 2026 at 3:30pm"


@pytest.mark.parametrize(
    ("typed", "number"), [("Nov", 11), ("november", 11), ("tachwedd", 11), ("no", None), ("x", None)]
)
def test_months_by_name(typed: str, number: int | None) -> None:
    with speaking("cy"):
        assert dates.month_number(typed) == number


def test_a_phone_number_can_be_rung_and_never_breaks() -> None:
    assert dates.phone("01632 960100") == (
        '<a href="tel:01632960100"><bdi class="app-code" dir="ltr">01632 960100</bdi></a>'
    )
    assert "<script>" not in dates.phone("<script>1</script>")


def test_names_and_numbers_are_kept_apart_from_the_words_around_them() -> None:
    assert dates.name("<b>امینہ") == "<bdi>&lt;b&gt;امینہ</bdi>"
    assert dates.nhs(NhsNumber("9990000018")) == '<bdi class="app-code" dir="ltr">999 000 0018</bdi>'


def test_an_hour_that_comes_twice_says_which_of_the_two() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with speaking("en"):
        assert dates.clock_time(first, LONDON) == "1:30am BST"
        assert dates.clock_time(second, LONDON) == "1:30am GMT"
        assert dates.clock_time(second + timedelta(hours=1), LONDON) == "2:30am"

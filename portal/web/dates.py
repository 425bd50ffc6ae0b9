"""The only place that writes days, times and numbers for people, one way a language. Must not know what time
it is.

Rules (docs/adr/0030): the weekday is always shown; Western digits everywhere; the English clock has twelve
hours, all others twenty-four; instants are shown in the zone of the place they happen at.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from flask import Flask
from markupsafe import Markup

from portal.domain.people import NhsNumber
from portal.languages import ENGLISH, PSEUDO, Language
from portal.web.locale import language
from portal.web.words import gettext, pgettext
from portal.web.written import html_of

# Where a language writes a day in another order than weekday, day, month, year.
_PATTERNS = {
    "zh-Hans": ("{year}年{month}{day}日 {weekday}", "{month}{day}日 {weekday}"),
    "zh-Hant": ("{year}年{month}{day}日 {weekday}", "{month}{day}日 {weekday}"),
}
_NOT_DIALLED = re.compile("[^0-9+*#]")
_USUAL = ("{weekday} {day} {month} {year}", "{weekday} {day} {month}")


@dataclass(frozen=True, slots=True)
class _Words:
    weekdays: tuple[str, ...]  # Monday first
    months: tuple[str, ...]  # January first, as they stand inside a date
    whole: str
    short: str


@lru_cache(maxsize=32)
def _words(tag: str) -> _Words:
    locale = tag.replace("-", "_")
    frame = "⟦{}⟧" if tag == PSEUDO.tag else "{}"  # so that tests see a date that bypassed this module
    weekdays = get_day_names("wide", locale=locale)
    months = get_month_names("wide", locale=locale)
    whole, short = _PATTERNS.get(tag, _USUAL)
    return _Words(
        weekdays=tuple(frame.format(weekdays[number]) for number in range(7)),
        months=tuple(frame.format(months[number]) for number in range(1, 13)),
        whole=whole,
        short=short,
    )


_zone = lru_cache(maxsize=64)(ZoneInfo)


def local(instant: datetime, zone: str) -> datetime:
    """The instant as clocks at a place show it. Raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(_zone(zone))


def _on(moment: date, zone: str | None) -> date:
    if not isinstance(moment, datetime):
        return moment
    if zone is None:
        raise ValueError("say in which zone the day is wanted")
    return local(moment, zone).date()


@lru_cache(maxsize=2048)
def _written(moment: date, tag: str, whole: bool) -> str:
    words = _words(tag)
    return (words.whole if whole else words.short).format(
        weekday=words.weekdays[moment.weekday()],
        day=moment.day,
        month=words.months[moment.month - 1],
        year=moment.year,
    )


def day(moment: date, zone: str | None = None) -> str:
    """`Thursday 26 November 2026`. An instant needs the zone of its place."""
    return _written(_on(moment, zone), language().tag, True)


def day_heading(moment: date, zone: str | None = None) -> str:
    """`Thursday 26 November`, above a list of times."""
    return _written(_on(moment, zone), language().tag, False)


def month(moment: date) -> str:
    """`November 2026`, above a calendar or a list."""
    return f"{_words(language().tag).months[moment.month - 1]} {moment.year}"


def month_number(text: str, spoken: Language | None = None) -> int | None:
    """The month a person typed by name, in the page's language or English, whole or its first three
    letters."""
    wanted = text.strip().casefold()
    if len(wanted) < 3:
        return None
    for tag in {(spoken or language()).tag, ENGLISH.tag}:
        for number, name in enumerate(_words(tag).months, start=1):
            if wanted in (name.casefold(), name.casefold()[:3]):
                return number
    return None


def clock_time(instant: datetime, zone: str) -> str:
    """`3:30pm` in English (`midday`, `midnight`), `15:30` in every other language.

    An hour that comes twice, when the clocks go back, says which of the two: `1:30am BST`.
    """
    return _clock_at(local(instant, zone), zone, language() is ENGLISH)


def heading_and_time(instant: datetime, zone: str) -> tuple[str, str]:
    """As `day_heading` and `clock_time`."""
    moment, spoken = local(instant, zone), language()
    return _written(moment.date(), spoken.tag, False), _clock_at(moment, zone, spoken is ENGLISH)


def _clock_at(moment: datetime, zone: str, english: bool) -> str:
    written = _clock(moment.hour, moment.minute, english)
    if not _clocks_change(moment.date(), zone):
        return written
    twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return f"{written} {moment.tzname()}" if twice else written


@lru_cache(maxsize=2048)
def _clocks_change(day: date, zone: str) -> bool:
    """Whether a day begins and ends with clocks set otherwise: only then can an hour come twice or never."""
    begins = datetime.combine(day, time(), _zone(zone))
    ends = datetime.combine(day + timedelta(days=1), time(), _zone(zone))
    return begins.utcoffset() != ends.replace(fold=1).utcoffset()


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, english: bool) -> str:
    if not english:
        return f"{hour:02d}:{minute:02d}"
    if minute == 0 and hour in (0, 12):
        return "midday" if hour else "midnight"
    minutes = f":{minute:02d}" if minute else ""
    return f"{hour % 12 or 12}{minutes}{'am' if hour < 12 else 'pm'}"


def span(start: datetime, end: datetime, zone: str) -> str:
    """`3:30pm to 3:50pm`."""
    written: str = pgettext(
        "from one clock time to another",
        "%(start)s to %(end)s",
        start=clock_time(start, zone),
        end=clock_time(end, zone),
    )
    return written


def day_and_time(instant: datetime, zone: str) -> str:
    """`Thursday 26 November 2026 at 3:30pm`."""
    moment, spoken = local(instant, zone), language()
    written: str = gettext(
        "%(day)s at %(time)s",
        day=_written(moment.date(), spoken.tag, True),
        time=_clock_at(moment, zone, spoken is ENGLISH),
    )
    return written


def code(text: str) -> Markup:
    """Digits and codes: always left to right, never broken over two lines, in a face with even digits."""
    return html_of('<bdi class="app-code" dir="ltr">%s</bdi>', text)


def phone(number: str) -> Markup:
    """A number that phones can ring: `<a href="tel:…">`. Spaces stay on screen only."""
    return html_of('<a href="tel:%s">%s</a>', _NOT_DIALLED.sub("", number), code(number))


def nhs(number: NhsNumber) -> Markup:
    """An NHS number in groups of 3, 3 and 4."""
    return code(number.grouped())


def name(text: str) -> Markup:
    """A person's or place's name, kept apart from the direction of the words around it."""
    return html_of("<bdi>%s</bdi>", text)


def make_ready() -> None:
    """Read the names of days and months of this request's language."""
    _words(language().tag)


def install(app: Flask) -> None:
    """Give templates the filters day, day_heading, month, clock_time, span, day_and_time, code, phone, nhs,
    name."""
    for write in (day, day_heading, month, clock_time, span, day_and_time, code, phone, nhs, name):
        app.jinja_env.filters[write.__name__] = write

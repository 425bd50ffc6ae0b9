"""Times to choose from, by day, and what is said about them. Decides nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from markupsafe import Markup

from portal.appointments import rules, service
from portal.appointments.present import cards, words
from portal.domain.appointments import Mode, Need, Needs, Slot
from portal.domain.ids import SlotId
from portal.web import dates
from portal.web.facts import joined
from portal.web.locale import language
from portal.web.words import pgettext
from portal.web.written import html_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One radio button."""

    value: str
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A heading and its times. `heading` is '' where each time says its own day."""

    heading: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another way to be seen. `phone` stands for ringing, `href` for every other way."""

    way: str
    place: Markup | str
    first: str
    phone: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOption:
    """A site of one kind of care."""

    value: str
    name: Markup
    first: str  # its first free time, or ''
    hindrance: str
    lowest: int
    highest: int
    most: int
    phone: str


_KEY = re.compile(r"([0-9]{1,11})\.([A-Za-z0-9.-]{1,64})").fullmatch


def days(found: service.Found, *, headed: bool = True) -> tuple[Day, ...]:
    """Slots under the heading of their day; in the order given, without headings, when `headed` is false."""
    facts = _Facts(found)
    if not headed:
        options = []
        for slot in found.page.slots:
            zone, said = facts.of(slot)
            options.append(_option(slot, dates.day_and_time(slot.starts_at, zone), said))
        return (Day(heading="", options=tuple(options)),)
    by_day: dict[str, list[Option]] = {}
    for slot in found.page.slots:
        zone, said = facts.of(slot)
        heading, when = dates.heading_and_time(slot.starts_at, zone)
        by_day.setdefault(heading, []).append(_option(slot, when, said))
    return tuple(Day(heading=heading, options=tuple(options)) for heading, options in by_day.items())


_HOLE = Markup("\0")  # no text of a page can hold it


class _Facts:
    """What is said of each time but when it is. Most times of a page share it, so it is worked out once."""

    def __init__(self, found: service.Found) -> None:
        self._found = found
        self._said: dict[tuple[object, ...], tuple[str, Markup]] = {}

    def of(self, slot: Slot) -> tuple[str, Markup]:
        """The zone of its place, and the facts in a row with a hole where the time goes."""
        what = (slot.practitioner, slot.site, slot.length, id(slot.mode))  # there is one of each mode
        found = self._said.get(what)
        if found is None:
            found = self._said[what] = self._work_out(slot)
        return found

    def _work_out(self, slot: Slot) -> tuple[str, Markup]:
        known = self._found.known
        site = known.sites.get(slot.site)
        practitioner = known.practitioners.get(slot.practitioner) if slot.practitioner else None
        return cards.zone_of(site), joined(
            _HOLE,
            words.MODES[slot.mode],
            words.minutes(int(slot.length.total_seconds()) // 60),
            cards.place_name(site) if len(self._found.places) > 1 else "",
            cards.clinician(practitioner, self._found.now),
        )


def _option(slot: Slot, when: str, said: Markup) -> Option:
    return Option(value=slot.id, html=said.replace(_HOLE, html_of("<b>%s</b>", when), 1))


def key_text(slot: Slot) -> str:
    """Where a page of times begins, as it stands in an address: an instant and an id, nothing personal."""
    return f"{int(slot.starts_at.timestamp())}.{slot.id}"


def edges(found: service.Found) -> tuple[str, str]:
    """Keys of the pages before and after this one; '' where there is none."""
    page = found.page
    if not page.slots:  # nothing from the wished day on, but there may be times before it
        return (f"{int(found.start.timestamp())}.0" if page.earlier else ""), ""
    return (key_text(page.slots[0]) if page.earlier else ""), (key_text(page.slots[-1]) if page.later else "")


def read_key(text: str, known_zone: datetime) -> tuple[datetime, SlotId] | None:
    """The key of `key_text`; None for anything else. `known_zone` lends its zone."""
    found = _KEY(text)
    return (datetime.fromtimestamp(int(found[1]), known_zone.tzinfo), SlotId(found[2])) if found else None


def others(found: service.Found, endpoint: str, values: Mapping[str, Any]) -> tuple[Other, ...]:
    """Other ways, in the order given; each leads to the times of that way."""
    return tuple(_other(other, found, endpoint, values) for other in found.others)


def _other(other: rules.Alternative, found: service.Found, endpoint: str, values: Mapping[str, Any]) -> Other:
    site = found.known.sites[other.site] if other.site else None
    changed: dict[str, Any] = {}
    match other.way:
        case rules.Way.RING:
            pass
        case rules.Way.ANY_MODE:
            changed = {"how": "any"}
        case rules.Way.ANY_CLINICIAN:
            changed = {"clinician": "any"}
        case rules.Way.OTHER_SITE:
            changed = {"site": other.site or ""}
    return Other(
        way=other.way.value,
        place=cards.place_name(site),
        first=dates.day_and_time(other.starts_at, cards.zone_of(site)) if other.starts_at else "",
        phone=(site.phone or "") if site else "",
        href=url_for(endpoint, step="times", **values, **changed) if changed else "",
    )


# --- filters

ALL_TIMES = "none"  # in the address: no need narrows the list
_BY_NEED = (Need.STEP_FREE, Need.LONGER)  # the needs that a time can be judged by
_NARROWING = frozenset(_BY_NEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A link that narrows or widens the list. `query` is '' for the one in force."""

    text: str
    query: str


def filtered_needs(needs: Needs, asked: str) -> Needs:
    """The needs that narrow the list: those told, or what the address asks for."""
    if not asked:
        return needs
    return replace(needs, all=frozenset(need for need in _BY_NEED if need.value == asked))


def filters(found: service.Found, asked: Mapping[str, str], wishes: service.Wishes) -> tuple[Filter, ...]:
    """By how a visit takes place, where that can be chosen, and by need."""
    modes = tuple(mode for mode in Mode if any(mode in place.service.modes for place in found.places))
    narrowing = wishes.needs.all & _NARROWING
    return _filters(language().tag, modes, tuple(asked.items()), wishes.mode, narrowing)


@lru_cache(maxsize=256)
def _filters(
    tag: str,
    modes: tuple[Mode, ...],
    asked: tuple[tuple[str, str], ...],
    chosen: Mode | None,
    narrowing: frozenset[Need],
) -> tuple[Filter, ...]:
    """The links of a language; nothing in them is anybody's."""
    rest = {name: value for name, value in asked if name not in ("how", "need")}
    links: list[Filter] = []
    if len(modes) > 1:
        kept = rest | {name: value for name, value in asked if name == "need"}
        links.append(
            _filter(pgettext("filter of times", "In any way"), kept | {"how": "any"}, chosen is None)
        )
        links += [
            _filter(str(words.MODES[mode]), kept | {"how": mode.value}, chosen is mode) for mode in modes
        ]
    kept = rest | {name: value for name, value in asked if name == "how"}
    links.append(
        _filter(pgettext("filter of times", "Every time"), kept | {"need": ALL_TIMES}, not narrowing)
    )
    step_free = pgettext("filter of times", "Only without steps")
    longer = pgettext("filter of times", "Only longer times")
    for need, text in ((Need.STEP_FREE, step_free), (Need.LONGER, longer)):
        links.append(_filter(text, kept | {"need": need.value}, need in narrowing))
    return tuple(links)


def _filter(text: str, query: Mapping[str, str], in_force: bool) -> Filter:
    return Filter(text=text, query="" if in_force else "?" + urlencode(query))


def place_option(place: service.Place) -> PlaceOption:
    policy = place.service.policy
    zone = place.site.time_zone
    return PlaceOption(
        value=place.site.id,
        name=joined(
            cards.place_name(place.site),
            words.in_source_words(", ".join(place.site.address[:2]), place.site.language),
        ),
        first=dates.day_and_time(place.first, zone) if place.first else "",
        hindrance=place.hindrance.value if place.hindrance else "",
        lowest=policy.minimum_age or 0,
        highest=policy.maximum_age or 0,
        most=policy.max_open,
        phone=place.site.phone or place.organisation.phone or "",
    )

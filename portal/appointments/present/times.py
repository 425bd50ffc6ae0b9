"""Times to choose from, by day, and what is said about them. Decides nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
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
from portal.web.words import pgettext


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
    if not headed:
        return (
            Day(heading="", options=tuple(_option(slot, found, whole=True) for slot in found.page.slots)),
        )
    by_day: dict[str, list[Option]] = {}
    for slot in found.page.slots:
        heading = dates.day_heading(slot.starts_at, _zone(slot, found))
        by_day.setdefault(heading, []).append(_option(slot, found, whole=False))
    return tuple(Day(heading=heading, options=tuple(options)) for heading, options in by_day.items())


def _zone(slot: Slot, found: service.Found) -> str:
    return cards.zone_of(found.known.sites.get(slot.site))


def _option(slot: Slot, found: service.Found, *, whole: bool) -> Option:
    zone = _zone(slot, found)
    practitioner = found.known.practitioners.get(slot.practitioner) if slot.practitioner else None
    when = dates.day_and_time(slot.starts_at, zone) if whole else dates.clock_time(slot.starts_at, zone)
    several = len(found.places) > 1
    return Option(
        value=slot.id,
        html=joined(
            Markup("<b>%s</b>") % when,
            words.MODES[slot.mode],
            words.minutes(int(slot.length.total_seconds()) // 60),
            cards.place_name(found.known.sites.get(slot.site)) if several else "",
            cards.clinician(practitioner, found.now),
        ),
    )


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
    modes = [mode for mode in Mode if any(mode in place.service.modes for place in found.places)]
    rest = {name: value for name, value in asked.items() if name not in ("how", "need")}
    links: list[Filter] = []
    if len(modes) > 1:
        kept = rest | ({"need": asked["need"]} if "need" in asked else {})
        links.append(
            _filter(pgettext("filter of times", "In any way"), kept | {"how": "any"}, wishes.mode is None)
        )
        links += [
            _filter(str(words.MODES[mode]), kept | {"how": mode.value}, wishes.mode is mode) for mode in modes
        ]
    narrowing = wishes.needs.all & set(_BY_NEED)
    kept = rest | ({"how": asked["how"]} if "how" in asked else {})
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

"""Codes into words and links for home.

Whole sentences, one for oneself and one for acting for another person.
"""

from dataclasses import dataclass
from typing import assert_never

from flask import url_for
from markupsafe import Markup, escape

from portal.domain.attention import Attention, AttentionKind
from portal.home.service import HomePage
from portal.web.dates import day_and_time
from portal.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that needs somebody: a sentence and where it leads."""

    text: Markup
    url: str


def lines(page: HomePage, *, name: str, other: bool) -> list[Line]:
    """The ordered list as sentences. `name` is said only when acting for another person."""
    return [_line(item, name=name, other=other) for item in page.attention]


def _line(item: Attention, *, name: str, other: bool) -> Line:
    when = day_and_time(item.at, item.zone)
    words = escape(_for_other(item.kind) if other else _for_self(item.kind))
    text = words % {"name": Markup("<bdi>{}</bdi>").format(name), "when": when}
    if item.appointment is None:
        return Line(text=text, url=url_for("appointments.listed"))
    return Line(text=text, url=url_for("appointments.show", appointment=item.appointment))


def _for_self(kind: AttentionKind) -> str:
    match kind:
        case AttentionKind.CANCELLED_BY_PRACTICE:
            return _("The surgery cancelled your appointment on %(when)s. Book another time.")
        case AttentionKind.CANCELLED_BY_CARER:
            return _("Someone acting for you cancelled your appointment on %(when)s.")
        case AttentionKind.CANNOT_COME_NOTED:
            return _("You told us you cannot come on %(when)s. Ring the surgery for another time.")
        case AttentionKind.NEXT_APPOINTMENT:
            return _("Your next appointment is on %(when)s.")
        case AttentionKind.WATCHING:
            return _("You are waiting for a time to open, since %(when)s.")
        case _ as never:
            assert_never(never)


def _for_other(kind: AttentionKind) -> str:
    match kind:
        case AttentionKind.CANCELLED_BY_PRACTICE:
            return _("%(name)s: the surgery cancelled the appointment on %(when)s. Book another time.")
        case AttentionKind.CANCELLED_BY_CARER:
            return _("%(name)s: someone acting for them cancelled the appointment on %(when)s.")
        case AttentionKind.CANNOT_COME_NOTED:
            return _("%(name)s: you told us they cannot come on %(when)s. Ring the surgery for another time.")
        case AttentionKind.NEXT_APPOINTMENT:
            return _("%(name)s: the next appointment is on %(when)s.")
        case AttentionKind.WATCHING:
            return _("%(name)s: waiting for a time to open, since %(when)s.")
        case _ as never:
            assert_never(never)

"""What somebody plans, read back before it is booked or changed. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.appointments import service
from portal.appointments.present import cards, words
from portal.domain.appointments import Mode, Need, Needs
from portal.domain.ids import AccountId
from portal.web import dates
from portal.web.facts import joined
from portal.web.words import gettext as _
from portal.web.words import pgettext

NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A row of the check page; `step` is the question it came from."""

    key: str
    html: Markup
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """The check page. The first facts stand beside the old ones when changing; absent ones are ''."""

    when: str
    how: Markup
    place: Markup | str
    who: Markup | str
    facts: tuple[Fact, ...]
    clashes: tuple[cards.Row, ...]


def mode_words(mode: Mode) -> str:
    return str(words.MODES[mode])


def needs_values(needs: Needs | None) -> list[str]:
    """The boxes to tick: what was told before, or that nothing is needed; none when nobody was asked."""
    if needs is None:
        return []
    return [need.value for need in Need if need in needs.all] or [NONE]


def check_page(
    seen: service.Preview, plan: service.Plan, answers: Mapping[str, str], viewer: AccountId
) -> CheckPage:
    slot, zone = seen.slot, seen.site.time_zone
    practitioner = seen.known.practitioners.get(slot.practitioner) if slot.practitioner else None
    when = dates.day_and_time(slot.starts_at, zone)
    how = joined(words.MODES[slot.mode], words.minutes(int(slot.length.total_seconds()) // 60))
    place, who = cards.place_name(seen.site), cards.clinician(practitioner, seen.now)
    facts = (
        _fact(_("What"), cards.care_name(seen.service), "care"),
        _fact(_("Where"), place, "site"),
        _fact(_("When"), when, "times"),
        _fact(_("How"), how, "when"),
        _fact(_("Who you see"), who, "clinician"),
        _fact(_("What you need"), _needs(plan.needs), "needs"),
        _fact(_("Reason"), _reason(plan) if answers.get("reason") else "", "reason"),
        _fact(
            _("Someone with you"),
            pgettext("answer", "Yes") if plan.with_someone else pgettext("answer", "No"),
            "reason",
        ),
    )
    return CheckPage(
        when=when,
        how=how,
        place=place,
        who=who,
        facts=tuple(fact for fact in facts if fact.html),
        clashes=tuple(cards.row(other, seen.known, seen.now, viewer) for other in seen.clashes),
    )


def _fact(key: str, value: Markup | str, step: str) -> Fact:
    return Fact(key=key, html=escape(value), step=step)


def _needs(needs: Needs) -> Markup:
    told = [escape(words.need(need, needs)) for need in Need if need in needs.all]
    return Markup("<br>").join(told) if told else escape(_("Nothing extra"))


def _reason(plan: service.Plan) -> Markup:
    """The person's own words have a direction of their own."""
    reason = escape(words.REASONS[plan.reason])
    return (
        Markup('{}<br><bdi class="app-words">{}</bdi>').format(reason, plan.words) if plan.words else reason
    )

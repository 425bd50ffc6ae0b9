"""Booking, step by step: plain, with mistakes, with nothing to choose, and when another was quicker."""

from collections.abc import Callable
from typing import Final

from portal.domain.appointments import Mode
from tests.browser import records
from tests.browser.records import MILL_LANE, OAKFIELD, ahead, answers, of_kind
from tests.browser.states import PageState, opened
from tests.browser.walker import Walker

Given = dict[str, str]
BOOK: Final = "appointments.book"
_UP_TO: Final = {
    "care": ("started",),
    "site": ("started", "care", "sole_site"),
    "clinician": ("started", "care", "sole_site", "site"),
    "needs": ("started", "care", "sole_site", "site", "clinician"),
    "when": ("started", "care", "sole_site", "site", "clinician", "needs"),
}


def step(name: str, given: Given) -> Callable[[Walker], None]:
    """A step with the answers before it."""
    kept = {key: value for key, value in given.items() if key in _UP_TO.get(name, given)}

    def reach(walker: Walker) -> None:
        records.draft(walker, kept)
        walker.open(BOOK, step=name)

    return reach


def unanswered(name: str, given: Given, **sent: str) -> Callable[[Walker], None]:
    """The same with the button pressed too soon, or with answers that are none."""
    plain = step(name, given)

    def reach(walker: Walker) -> None:
        plain(walker)
        walker.send(**sent)

    return reach


def with_slot(
    given: Given, find: Callable[[Walker], str], then: Callable[[Walker], None]
) -> Callable[[Walker], None]:
    """A time chosen, then `then`."""

    def reach(walker: Walker) -> None:
        records.draft(walker, given | {"slot": find(walker)})
        then(walker)

    return reach


def _free(care: str = "gp", place: str = "harbour-street") -> Callable[[Walker], str]:
    return lambda walker: records.free_slot(walker, care, place).id


def _same_day(walker: Walker) -> str:
    """A time on the day of the nurse's visit."""
    day = records.appointment(walker, of_kind("nurse")).starts_at.date()
    return records.free_slot(walker, "nurse", "harbour-street", lambda slot: slot.starts_at.date() == day).id


def _at(name: str) -> Callable[[Walker], None]:
    return lambda walker: walker.open(BOOK, step=name)


def _check_unanswered(walker: Walker) -> None:
    walker.open(BOOK, step="check")
    walker.send()


def _outdated(walker: Walker) -> None:
    """The page of another tab, whose answers have changed since."""
    walker.open(BOOK, step="check")
    walker.change('main [name="key"]', "an older key")
    walker.send()


def _lost(walker: Walker) -> None:
    """Somebody else was quicker: the nearest free times are shown."""
    slot = records.free_slot(walker, "gp", "harbour-street")
    records.draft(walker, answers() | {"lost": slot.starts_at.isoformat()})
    walker.open(BOOK, step="times")


def _booked(mode: Mode) -> Callable[[Walker], None]:
    """The confirmation of an appointment of the person's own."""
    return lambda walker: walker.open(
        "appointments.booked", appointment=records.appointment(walker, ahead(mode)).id
    )


def _switched(walker: Walker) -> None:
    """Typed in one language, then looked at in another: nothing is lost and nothing is judged."""
    records.draft(walker, {**answers(), "slot": _free()(walker)})
    tag, walker.tag = walker.tag, "cy" if walker.tag == "en" else "en"
    walker.open(BOOK, step="reason")
    walker.page.locator('main [name="words"]').fill("a typed line")
    walker.tag = tag
    walker.press(f'header button[name="switch_language"][value="{tag}"]')


def _reason_unanswered(walker: Walker) -> None:
    """No reason, and more words than fit."""
    walker.open(BOOK, step="reason")
    walker.send(words="no " * 300)


def _step(
    name: str, state: str, reach: Callable[[Walker], None], person: str = "patient", **more: object
) -> PageState:
    # Each step is a page of its own; its mistakes share its title behind "Error:".
    given: dict[str, object] = {"title": f"book-{name}", **more}
    return PageState(endpoint=BOOK, state=f"{name}-{state}", reach=reach, person=person, **given)  # type: ignore[arg-type]


_NO_VIDEO: Final = answers("physio", how="phone")
_BY_DATE: Final = answers(when="date")
_TIMED: Final = answers()
_REASONED: Final = answers() | {
    "reason": "ongoing-problem",
    "words": "It comes back each spring.",
    "company": "yes",
}
_TWICE: Final = answers("nurse") | {"reason": "test-or-check", "company": "no"}

BOOKING: Final[tuple[PageState, ...]] = (
    PageState(
        endpoint="appointments.start", state="plain", person="patient", reach=opened("appointments.start")
    ),
    PageState(
        endpoint="appointments.start",
        state="acting",
        person="parent",
        acting=1,
        reach=opened("appointments.start"),
    ),
    _step("care", "plain", step("care", answers())),
    _step("care", "error", unanswered("care", answers()), mistakes=True),
    _step("site", "some-refused", step("site", answers("gp"))),
    _step("site", "phone-only", step("site", answers("blood-test"))),
    _step("site", "none-bookable", step("site", answers("minor-surgery"))),
    _step("site", "not-registered", step("site", answers("gp")), "moved"),
    _step("site", "too-old", step("site", answers("vaccination"))),
    _step("site", "too-young", step("site", answers("physio")), "parent", acting=1),
    _step("site", "too-many", step("site", answers("gp")), "many"),
    _step("site", "error", unanswered("site", answers("gp")), mistakes=True),
    _step("clinician", "plain", step("clinician", answers())),
    _step("clinician", "error", unanswered("clinician", answers()), mistakes=True),
    # Of somebody who never told: journeys of others leave their needs behind.
    _step("needs", "plain", step("needs", answers()), "long-name"),
    _step("needs", "told-before", step("needs", answers()), "urdu"),
    _step("needs", "error", unanswered("needs", answers()), "long-name", mistakes=True),
    _step("interpreter", "plain", step("interpreter", answers(needs="interpreter"))),
    _step("interpreter", "error", unanswered("interpreter", answers(needs="interpreter")), mistakes=True),
    _step("when", "plain", step("when", answers())),
    _step("when", "error", unanswered("when", answers()), mistakes=True),
    _step("date", "plain", step("date", _BY_DATE)),
    _step("date", "error", unanswered("date", _BY_DATE), mistakes=True),
    _step(
        "date",
        "too-far",
        unanswered("date", _BY_DATE, **{"date-day": "1", "date-month": "1", "date-year": "2031"}),
        mistakes=True,
    ),
    _step("times", "filled", step("times", _TIMED)),
    _step("times", "other-place", step("times", answers(site=MILL_LANE))),
    _step("times", "longer", step("times", answers(needs="longer,step-free"))),
    _step("times", "none-free", step("times", _NO_VIDEO)),
    _step("times", "conflict", _lost),
    _step("times", "error", unanswered("times", _TIMED), mistakes=True),
    _step("reason", "plain", with_slot(_TIMED, _free(), _at("reason"))),
    _step("reason", "switched", _switched),
    _step("reason", "error", with_slot(_TIMED, _free(), _reason_unanswered), mistakes=True),
    _step("check", "plain", with_slot(_REASONED, _free(), _at("check"))),
    _step(
        "check",
        "acting",
        with_slot(_REASONED | {"site": OAKFIELD}, _free("gp", "oakfield"), _at("check")),
        "carer",
        acting=1,
    ),
    _step("check", "same-day", with_slot(_TWICE, _same_day, _at("check"))),
    _step("check", "same-day-error", with_slot(_TWICE, _same_day, _check_unanswered), mistakes=True),
    _step("check", "conflict", with_slot(_REASONED, _free(), _outdated), status=409),
    PageState(
        endpoint="appointments.booked", state="in-person", person="patient", reach=_booked(Mode.IN_PERSON)
    ),
    PageState(endpoint="appointments.booked", state="phone", person="patient", reach=_booked(Mode.PHONE)),
    PageState(endpoint="appointments.booked", state="video", person="long-name", reach=_booked(Mode.VIDEO)),
)

"""The list, one appointment, cancelling and changing, and slot watches. Booking has a module of its own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from portal.domain.appointments import Appointment, Mode, Status
from tests.browser import records
from tests.browser.records import Fits, ahead, of_kind, with_status
from tests.browser.states import PageState, opened
from tests.browser.walker import Walker

Pick = Callable[[Walker], str]
SHOW: Final = "appointments.show"


def picked(fits: Fits) -> Pick:
    return lambda walker: records.appointment(walker, fits).id


def at_page(endpoint: str, pick: Pick, **values: object) -> Callable[[Walker], None]:
    """The endpoint for the appointment that is picked."""
    return lambda walker: walker.open(endpoint, appointment=pick(walker), **values)


def too_late(endpoint: str, fits: Fits) -> Callable[[Walker], None]:
    """Half an hour before it begins."""

    def reach(walker: Walker) -> None:
        found = records.appointment(walker, fits)
        walker.at(found.starts_at - timedelta(minutes=30))
        walker.open(endpoint, appointment=found.id)

    return reach


def said_cannot_come(endpoint: str) -> Callable[[Walker], None]:
    """Said once, by the form."""

    def reach(walker: Walker) -> None:
        found = records.appointment(walker, of_kind("pharmacist"))
        walker.at(found.starts_at - timedelta(minutes=30))
        if "cannot-come" not in walker.portal.made:
            walker.open("appointments.cannot_come", appointment=found.id)
            walker.send()
            walker.portal.made["cannot-come"] = found.id
        walker.open(endpoint, appointment=found.id)

    return reach


def moved(walker: Walker) -> Appointment:
    """The visit another was moved to."""

    def make() -> str:
        old = records.appointment(walker, of_kind("gp"))
        slot = records.free_slot(walker, "gp", "harbour-street", lambda slot: slot.starts_at > old.ends_at)
        return records.move(walker, old, slot).id

    wanted = records.once(walker, "moved", make)
    return records.appointment(walker, lambda each: each.id == wanted)


def _moved_to(walker: Walker) -> str:
    return moved(walker).id


def _moved_from(walker: Walker) -> str:
    return str(moved(walker).replaces)


def _ring_us(walker: Walker) -> str:
    return records.once(walker, "ring-us", lambda: records.ring_us(walker))


def _cancel_error(walker: Walker) -> None:
    walker.open("appointments.cancel", appointment=picked(ahead(Mode.IN_PERSON))(walker))
    walker.send()


def _cancel_too_long(walker: Walker) -> None:
    walker.open("appointments.cancel", appointment=picked(ahead(Mode.IN_PERSON))(walker))
    walker.send(reason="other", words="x" * 300)


def _changed_meanwhile(walker: Walker) -> None:
    """The version that was read is not the version that stands."""
    walker.open("appointments.cancel", appointment=picked(ahead(Mode.IN_PERSON))(walker))
    walker.change('main [name="version"]', "77")
    walker.send(reason="time")


def _waiting(walker: Walker) -> None:
    if "watch" not in walker.portal.made:
        records.draft(walker, records.answers("physio", site=records.OAKFIELD, how="phone"))
        walker.open("appointments.watch")
        walker.send()
        walker.portal.made["watch"] = "yes"
    walker.open("appointments.listed")


def _watch(walker: Walker) -> None:
    records.draft(walker, records.answers("physio", how="phone"))
    walker.open("appointments.watch")


def _changing(step: str, **given: str) -> Callable[[Walker], None]:
    """A step of changing the nurse's visit, the answers before it given."""

    def reach(walker: Walker) -> None:
        old = records.appointment(walker, of_kind("nurse"))
        records.draft(walker, given, f"change:{old.id}")
        walker.open("appointments.change", appointment=old.id, step=step)

    return reach


def _changing_wrong(step: str, **given: str) -> Callable[[Walker], None]:
    reach_plain = _changing(step, **given)

    def reach(walker: Walker) -> None:
        reach_plain(walker)
        walker.send()

    return reach


def _side_by_side(walker: Walker) -> None:
    old = records.appointment(walker, of_kind("nurse"))
    slot = records.free_slot(walker, "nurse", "harbour-street", lambda slot: slot.starts_at > old.ends_at)
    records.draft(walker, {"when": "soon", "how": "any", "slot": slot.id}, f"change:{old.id}")
    walker.open("appointments.change", appointment=old.id, step="check")


def _state(
    endpoint: str, state: str, reach: Callable[[Walker], None], person: str = "patient", **more: object
) -> PageState:
    return PageState(endpoint=f"appointments.{endpoint}", state=state, reach=reach, person=person, **more)  # type: ignore[arg-type]


_CANCELLED: Final = with_status(Status.CANCELLED)
_PAST: Final = with_status(Status.FULFILLED)

APPOINTMENTS: Final[tuple[PageState, ...]] = (
    _state("listed", "filled", opened("appointments.listed")),
    _state("listed", "empty", opened("appointments.listed"), "moved"),
    _state("listed", "many", opened("appointments.listed"), "many"),
    _state("listed", "waiting", _waiting, "welsh"),
    _state("listed", "acting", opened("appointments.listed"), "carer", acting=1),
    _state("show", "in-person", at_page(SHOW, picked(ahead(Mode.IN_PERSON)))),
    _state("show", "phone", at_page(SHOW, picked(ahead(Mode.PHONE)))),
    _state("show", "video", at_page(SHOW, picked(ahead(Mode.VIDEO))), "long-name"),
    _state("show", "past", at_page(SHOW, picked(_PAST))),
    _state("show", "cancelled", at_page(SHOW, picked(_CANCELLED))),
    _state("show", "changed", at_page(SHOW, _moved_to), "urdu"),
    _state("show", "moved-away", at_page(SHOW, _moved_from), "urdu"),
    _state("show", "ring-us", at_page(SHOW, _ring_us), "parent"),
    _state("show", "too-late", too_late(SHOW, of_kind("nurse"))),
    _state("show", "cannot-come", said_cannot_come(SHOW), "long-name"),
    _state("show", "acting", at_page(SHOW, picked(ahead(Mode.IN_PERSON))), "carer", acting=1),
    _state("cancel", "plain", at_page("appointments.cancel", picked(of_kind("nurse")))),
    _state("cancel", "loses-place", at_page("appointments.cancel", picked(of_kind("physio"))), "many"),
    _state(
        "cancel", "acting", at_page("appointments.cancel", picked(ahead(Mode.IN_PERSON))), "carer", acting=1
    ),
    _state("cancel", "error", _cancel_error, mistakes=True),
    _state("cancel", "too-long", _cancel_too_long, mistakes=True),
    _state("cancel", "conflict", _changed_meanwhile, status=409, title="obstacle-changed"),
    _state(
        "cancel", "past", at_page("appointments.cancel", picked(_PAST)), status=409, title="obstacle-past"
    ),
    _state(
        "cancel",
        "again",
        at_page("appointments.cancel", picked(_CANCELLED)),
        status=409,
        title="obstacle-cancelled",
    ),
    _state(
        "cancel",
        "too-late",
        too_late("appointments.cancel", of_kind("nurse")),
        status=409,
        title="obstacle-late",
    ),
    _state(
        "cancel",
        "ring-us",
        at_page("appointments.cancel", _ring_us),
        "parent",
        status=409,
        title="obstacle-ring",
    ),
    _state("cancelled", "done", at_page("appointments.cancelled", picked(_CANCELLED))),
    _state("cannot_come", "plain", too_late("appointments.cannot_come", of_kind("nurse"))),
    _state(
        "cannot_come",
        "said",
        said_cannot_come("appointments.cannot_come"),
        "long-name",
        title="cannot-come-said",
    ),
    _state("change", "when", _changing("when"), title="change-when"),
    _state("change", "when-error", _changing_wrong("when"), mistakes=True, title="change-when"),
    _state("change", "date", _changing("date", when="date", how="any"), title="change-date"),
    _state("change", "times", _changing("times", when="soon", how="any"), title="change-times"),
    _state("change", "none-free", _changing("times", when="soon", how="video"), title="change-times"),
    _state("change", "side-by-side", _side_by_side, title="change-check"),
    _state(
        "change",
        "past",
        at_page("appointments.change", picked(_PAST), step="when"),
        status=409,
        title="obstacle-past",
    ),
    _state("changed", "done", at_page("appointments.changed", _moved_to), "urdu"),
    _state("watch", "plain", _watch),
)

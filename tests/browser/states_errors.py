"""Pages that say what is wrong. Natural where a person can cause it, else by a fault that was ordered."""

from collections.abc import Callable
from typing import Final

from tests.browser.states import PageState
from tests.browser.walker import Walker


def _failing(name: str) -> Callable[[Walker], None]:
    def reach(walker: Walker) -> None:
        walker.fails(name)
        walker.open("home.home")

    return reach


def _no_page(walker: Walker) -> None:
    walker.go(f"/{walker.tag}/no-such-page")


def _not_theirs(walker: Walker) -> None:
    """Another person's reference: not found, and nothing said about it."""
    walker.open("home.home", patient_ref=walker.portal.patients("urdu")[0][0])


def _wrong_method(walker: Walker) -> None:
    walker.open("identity.sign_out")


def _too_big(walker: Walker) -> None:
    walker.open("information.feedback")
    walker.send(about="book", rating="easy", words="a long answer " * 5500)


def _cross_site(walker: Walker) -> None:
    address = walker.portal.base + walker.address("information.feedback")
    walker.forge(f'<form method="post" action="{address}"><button>Go</button></form>')
    walker.press("button")


def _stale_form(walker: Walker) -> None:
    walker.open("identity.own_sessions")
    walker.change('header [name="csrf_token"]', "not a token of this session")
    walker.press("header form button")


def _limited(walker: Walker) -> None:
    walker.portal.order(limited=True)
    walker.open("home.home")


def _error(
    state: str,
    reach: Callable[[Walker], None],
    status: int,
    person: str | None = "patient",
    title: str = "",
) -> PageState:
    return PageState(endpoint="", state=state, reach=reach, status=status, person=person, title=title)


ERRORS: Final[tuple[PageState, ...]] = (
    _error("not-found", _no_page, 404, title="not-found"),
    _error("not-found-signed-out", _no_page, 404, person=None, title="not-found"),
    _error("not-theirs", _not_theirs, 404, title="not-found"),
    _error("wrong-method", _wrong_method, 405),
    _error("too-big", _too_big, 413, person=None),
    _error("cross-site", _cross_site, 403, person=None),
    _error("form-expired", _stale_form, 400),
    _error("too-many", _limited, 429),
    _error("bug", _failing("bug"), 500),
    _error("cannot-load", _failing("CannotLoad"), 503, title="cannot-show"),
    _error("cannot-save", _failing("CannotSave"), 503),
    _error("bad-upstream", _failing("BadUpstreamData"), 502, title="cannot-show"),
    _error("bad-request", _failing("BadRequest"), 400),
    _error("step-up", _failing("StepUpNeeded"), 403),
    _error("conflict", _failing("ChangedMeanwhile"), 409),
    _error("key-reused", _failing("KeyReused"), 422),
    _error("still-working", _failing("StillWorking"), 409),
)

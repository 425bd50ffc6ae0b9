"""Signing in and out, the end of a session, whose home it is, and home."""

from datetime import timedelta
from typing import Final

from tests.browser import records
from tests.browser.control import NOW
from tests.browser.states import PageState, opened
from tests.browser.walker import Walker


def _over(walker: Walker) -> None:
    """Led here by a page of a session that is over."""
    walker.come_in_anew()
    walker.later(minutes=31)
    walker.open("identity.own_sessions")


def _held(walker: Walker) -> None:
    """Led here by a form that was sent too late: what was typed is kept."""
    walker.come_in_anew()
    records.draft(walker, {"started": "yes"})
    walker.open("appointments.book", step="care")
    walker.later(minutes=31)
    walker.send(care="gp")


def _ending(walker: Walker) -> None:
    walker.come_in_anew()
    walker.later(minutes=28, seconds=30)
    walker.open("identity.session_ending")


def _ending_for_good(walker: Walker) -> None:
    """Twelve hours are nearly over, whatever the use."""
    cookie = walker.come_in_anew()
    with walker.portal.ports() as use:
        session = use.sessions.find(cookie)
        assert session is not None
        use.sessions.touch(session.id, NOW + timedelta(hours=11, minutes=50))
    walker.later(hours=11, minutes=59)
    walker.open("identity.session_ending")


def _many_sessions(walker: Walker) -> None:
    walker.portal.sign_in("welsh", fresh=True)
    walker.open("identity.own_sessions")


IDENTITY: Final[tuple[PageState, ...]] = (
    PageState(endpoint="identity.sign_in", state="plain", reach=opened("identity.sign_in")),
    PageState(endpoint="identity.sign_in", state="session-over", person="patient", reach=_over),
    PageState(endpoint="identity.sign_in", state="answers-kept", person="patient", reach=_held),
    PageState(endpoint="identity.signed_out", state="plain", reach=opened("identity.signed_out")),
    PageState(endpoint="identity.session_ending", state="plain", person="patient", reach=_ending),
    PageState(endpoint="identity.session_ending", state="for-good", person="patient", reach=_ending_for_good),
    PageState(endpoint="identity.own_sessions", state="many", person="welsh", reach=_many_sessions),
    PageState(
        endpoint="identity.own_sessions",
        state="done",
        person="patient",
        reach=opened("identity.own_sessions", done="1"),
    ),
    PageState(endpoint="home.people", state="children", person="parent", reach=opened("home.people")),
    PageState(endpoint="home.people", state="long-name", person="long-name", reach=opened("home.people")),
    PageState(endpoint="home.home", state="filled", person="patient", reach=opened("home.home")),
    PageState(endpoint="home.home", state="empty", person="moved", reach=opened("home.home")),
    PageState(endpoint="home.home", state="own-name", person="urdu", reach=opened("home.home")),
    PageState(endpoint="home.home", state="long-name", person="long-name", reach=opened("home.home")),
    PageState(endpoint="home.home", state="acting", person="parent", acting=1, reach=opened("home.home")),
    PageState(
        endpoint="home.home", state="acting-own-script", person="carer", acting=1, reach=opened("home.home")
    ),
)

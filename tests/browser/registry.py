"""Every page in every state, as data: what the matrix, the pictures and the guard walk over.

A new endpoint that answers GET must stand here or in EXCUSED, or tests/guards/test_registry.py fails.
"""

from typing import Final

from tests.browser.states import PageState
from tests.browser.states_appointments import APPOINTMENTS
from tests.browser.states_booking import BOOKING
from tests.browser.states_errors import ERRORS
from tests.browser.states_identity import IDENTITY
from tests.browser.states_information import INFORMATION
from tests.browser.states_practice import PRACTICE

STATES: Final[tuple[PageState, ...]] = (*INFORMATION, *IDENTITY, *APPOINTMENTS, *BOOKING, *PRACTICE, *ERRORS)

# Endpoints that answer GET without showing a page, each with its reason.
EXCUSED: Final = {
    "static": "stylesheets and scripts",
    "root.choose_language": "a redirect to the start page in the browser's language",
    "appointments.calendar": "a file for calendars",
    "identity.landing": "a redirect to the page where an account belongs",
}


def by_name() -> dict[str, PageState]:
    """All states by the name that stands in test ids. Names are unique: ValueError when two are alike."""
    found: dict[str, PageState] = {}
    for state in STATES:
        if state.name in found:
            raise ValueError(f"two states are called {state.name}")
        found[state.name] = state
    return found

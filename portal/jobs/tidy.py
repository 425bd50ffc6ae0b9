"""Forgets what has been kept long enough: old sessions, held answers and drafts (S35). Touches no record."""

from portal.ports.bundle import Ports
from portal.ports.drafts import KEPT_FOR
from portal.ports.sessions import HELD_FOR


def tidy_sessions(use: Ports) -> int:
    """Forget sessions and held answers of more than 24 hours; how many.

    A session is over long before, but its row says for a day whose it was: typed answers that arrive late can
    then be held for that person.
    """
    return use.sessions.tidy(use.clock.now() - HELD_FOR)


def tidy_drafts(use: Ports) -> int:
    """Forget answers of journeys left more than 24 hours ago; how many."""
    return use.drafts.tidy(use.clock.now() - KEPT_FOR)

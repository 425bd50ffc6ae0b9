"""Facts the information pages state. Each is kept true by hand or by a test; must hold no words."""

from dataclasses import dataclass
from datetime import date

# The statement itself, not the portal: change both when the statement is read again (at least once a year).
STATEMENT_PREPARED = date(2026, 11, 22)
STATEMENT_REVIEWED = date(2026, 11, 22)

IDLE_MINUTES = 30
LONGEST_HOURS = 12
ANSWER_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Dates of the accessibility statement."""

    prepared: date = STATEMENT_PREPARED
    reviewed: date = STATEMENT_REVIEWED

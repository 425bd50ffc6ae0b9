"""Rules of booking, changing and cancelling: questions answered from values. No clock, no lookup, no words
for people.
"""

from portal.appointments.rules.alternatives import Alternative, Way, in_order_of_speed
from portal.appointments.rules.changes import (
    Obstacle,
    Stage,
    cancel_by,
    cancelled_too_often,
    may_say_cannot_come,
    obstacle,
    stage,
)
from portal.appointments.rules.eligibility import Hindrance, hindrance, holds_scope, open_of_kind, visible_to
from portal.appointments.rules.times import (
    SlotProblem,
    When,
    Window,
    Wish,
    bookable_days,
    far_from_wish,
    local_day,
    nearest_first,
    same_day,
    slot_problem,
    window,
    wish_end,
    wish_start,
)

__all__ = [
    "Alternative",
    "Hindrance",
    "Obstacle",
    "SlotProblem",
    "Stage",
    "Way",
    "When",
    "Window",
    "Wish",
    "bookable_days",
    "cancel_by",
    "cancelled_too_often",
    "far_from_wish",
    "hindrance",
    "holds_scope",
    "in_order_of_speed",
    "local_day",
    "may_say_cannot_come",
    "nearest_first",
    "obstacle",
    "open_of_kind",
    "same_day",
    "slot_problem",
    "stage",
    "visible_to",
    "window",
    "wish_end",
    "wish_start",
]

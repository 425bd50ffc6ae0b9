"""What people do with appointments, one function an act: grant first, input next, ports last; returns values
or raises.
"""

from portal.appointments.service.booking import (
    BOOK_LIMITS,
    Plan,
    Preview,
    SameDay,
    book,
    needs_told,
    preview,
    tell_needs,
)
from portal.appointments.service.changing import AppointmentPast, Ending, cancel, cannot_come, move
from portal.appointments.service.facts import Known, known, made_with, own_visit
from portal.appointments.service.finding import (
    Found,
    Place,
    Wishes,
    clinicians,
    find_times,
    gone,
    kinds,
    looked,
    near,
    places,
    stop_watching,
    watch,
)
from portal.appointments.service.listing import Listed, Shown, attention, calendar, confirmed, listed, shown

__all__ = [
    "BOOK_LIMITS",
    "AppointmentPast",
    "Ending",
    "Found",
    "Known",
    "Listed",
    "Place",
    "Plan",
    "Preview",
    "SameDay",
    "Shown",
    "Wishes",
    "attention",
    "book",
    "calendar",
    "cancel",
    "cannot_come",
    "clinicians",
    "confirmed",
    "find_times",
    "gone",
    "kinds",
    "known",
    "listed",
    "looked",
    "made_with",
    "move",
    "near",
    "needs_told",
    "own_visit",
    "places",
    "preview",
    "shown",
    "stop_watching",
    "tell_needs",
    "watch",
]

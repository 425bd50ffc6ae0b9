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
from portal.appointments.service.facts import known, made_with, own_visit
from portal.appointments.service.finding import (
    Chosen,
    Found,
    Place,
    Wishes,
    chosen,
    clinicians,
    find_times,
    kinds,
    looked,
    near,
    place,
    places,
    stop_watching,
    watch,
)
from portal.appointments.service.listing import Listed, Shown, attention, calendar, confirmed, listed, shown
from portal.ports.clinical import Known

__all__ = [
    "BOOK_LIMITS",
    "AppointmentPast",
    "Chosen",
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
    "chosen",
    "clinicians",
    "confirmed",
    "find_times",
    "kinds",
    "known",
    "listed",
    "looked",
    "made_with",
    "move",
    "near",
    "needs_told",
    "own_visit",
    "place",
    "places",
    "preview",
    "shown",
    "stop_watching",
    "tell_needs",
    "watch",
]

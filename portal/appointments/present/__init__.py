"""Words, cards, times and the calendar file. Turns codes into words and links; decides nothing."""

from portal.appointments.present.cards import (
    Card,
    ListPage,
    calendar_of,
    card,
    care_name,
    clinician,
    list_page,
    place_name,
    row,
)
from portal.appointments.present.plans import NONE, CheckPage, check_page, mode_words, needs_values
from portal.appointments.present.times import (
    Day,
    Filter,
    Other,
    PlaceOption,
    days,
    edges,
    filtered_needs,
    filters,
    others,
    place_option,
    read_key,
)
from portal.appointments.present.words import INTERPRETER_LANGUAGES, interpreter_language

__all__ = [
    "INTERPRETER_LANGUAGES",
    "NONE",
    "Card",
    "CheckPage",
    "Day",
    "Filter",
    "ListPage",
    "Other",
    "PlaceOption",
    "calendar_of",
    "card",
    "care_name",
    "check_page",
    "clinician",
    "days",
    "filtered_needs",
    "filters",
    "interpreter_language",
    "edges",
    "list_page",
    "mode_words",
    "needs_values",
    "others",
    "place_name",
    "place_option",
    "read_key",
    "row",
]

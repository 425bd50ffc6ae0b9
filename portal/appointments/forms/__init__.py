"""The forms of appointments: shape and words of questions. Choices that hang on data are set by the views."""

from portal.appointments.forms.booking import (
    CareForm,
    CheckForm,
    ClinicianForm,
    DateForm,
    InterpreterForm,
    NeedsForm,
    ReasonForm,
    SiteForm,
    StartForm,
    TimesForm,
    WhenForm,
)
from portal.appointments.forms.changing import CancelForm, CannotComeForm, NewDateForm, WatchForm

__all__ = [
    "CancelForm",
    "CannotComeForm",
    "CareForm",
    "CheckForm",
    "ClinicianForm",
    "DateForm",
    "InterpreterForm",
    "NeedsForm",
    "NewDateForm",
    "ReasonForm",
    "SiteForm",
    "StartForm",
    "TimesForm",
    "WatchForm",
    "WhenForm",
]

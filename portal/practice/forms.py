"""What practice staff type: a session of slots, and where and when to look."""

from datetime import time
from typing import Any

from wtforms.validators import ValidationError

from portal.practice.rules import MOST_WEEKS
from portal.web.forms import (
    DateField,
    DateMessages,
    HiddenField,
    PortalForm,
    RadiosField,
    SelectField,
    SubmitField,
    TextField,
)
from portal.web.words import lazy_gettext as _l
from portal.web.words import lazy_pgettext as _lp


def clock_of(text: str) -> time | None:
    """A time as staff type it: 9:30, 09:30 or 0930. None when it is no time."""
    digits = text.replace(":", "").replace(".", "")
    if not (digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 4):
        return None
    hour, minute = int(digits[:-2]), int(digits[-2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None


class ClockField(TextField):
    """A time of day, 24 hours. `moment` is a time when what was typed is one."""

    def __init__(self, label: object, *, not_a_time: object, **kwargs: Any) -> None:
        super().__init__(label, digits=True, max_length=8, classes="govuk-input--width-4", **kwargs)
        self.not_a_time = not_a_time

    @property
    def moment(self) -> time | None:
        return clock_of(self.data or "")

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        if not validation_stopped and self.moment is None:
            raise ValidationError(self.not_a_time)


class NumberField(TextField):
    """A whole number within bounds, both inclusive."""

    def __init__(self, label: object, *, least: int, most: int, out_of_range: object, **kwargs: Any) -> None:
        super().__init__(label, digits=True, max_length=5, classes="govuk-input--width-3", **kwargs)
        self.least, self.most, self.out_of_range = least, most, out_of_range

    @property
    def number(self) -> int | None:
        return int(self.data) if self.data and self.data.isdigit() else None

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        if self.number is None or not self.least <= self.number <= self.most:
            raise ValidationError(self.out_of_range)


class CareForm(PortalForm):
    """What a session is for, who holds it and how people are seen."""

    service = SelectField(_l("Kind of care"), required=_l("Select the kind of care"))
    practitioner = SelectField(_l("Clinician"))
    mode = RadiosField(_l("How people are seen"), required=_l("Select how people are seen"), inline=True)
    submit = SubmitField(_lp("button", "Continue"))


class TimesForm(PortalForm):
    """When a session is, once or weekly, open at once or later."""

    day = DateField(
        _l("Day of the first session"),
        hint=_l("For example, 27 3 2027"),
        required=_l("Enter the day of the first session"),
        messages=DateMessages(
            missing=_l("Enter the day of the first session"),
            not_real=_l("The day of the first session must be a real date"),
        ),
    )
    starts = ClockField(
        _l("First slot starts at"),
        hint=_l("For example, 09:30"),
        required=_l("Enter when the first slot starts"),
        not_a_time=_l("Enter when the first slot starts as a time, like 09:30"),
    )
    ends = ClockField(
        _l("Last slot ends at"),
        required=_l("Enter when the last slot ends"),
        not_a_time=_l("Enter when the last slot ends as a time, like 12:30"),
    )
    minutes = NumberField(
        _l("Minutes for each slot"),
        least=5,
        most=120,
        required=_l("Enter the minutes for each slot"),
        out_of_range=_l("Minutes for each slot must be between 5 and 120"),
    )
    weeks = NumberField(
        _l("How many weeks in a row"),
        hint=_l("1 means this day only."),
        least=1,
        most=MOST_WEEKS,
        required=_l("Enter how many weeks in a row"),
        out_of_range=_l("Weeks in a row must be between 1 and 26"),
    )
    opens = NumberField(
        _l("Hours before each slot that people can book it"),
        hint=_l("Leave this empty to let people book at once."),
        least=1,
        most=1440,
        out_of_range=_l("Hours before must be between 1 and 1440"),
    )
    submit = SubmitField(_lp("button", "Continue"))


class PublishForm(PortalForm):
    """The check before publishing. `key` says which plan was shown."""

    key = HiddenField()
    submit = SubmitField(_l("Publish these slots"))


class WithdrawForm(PortalForm):
    """The question before a slot goes out of use. `seen`: the visit that was shown in it, and its version."""

    seen = HiddenField(max_length=80)
    submit = SubmitField(_l("Take this slot out of use"), variant="warning")

"""One form for each question of booking. Judges shape only."""

from portal.web.forms import (
    CheckboxesField,
    Choice,
    DateField,
    DateMessages,
    HiddenField,
    PortalForm,
    RadiosField,
    SelectField,
    TextAreaField,
)
from portal.web.words import lazy_gettext as _l

NEEDS = (
    Choice("step-free", _l("A way in without steps")),
    Choice("longer", _l("A longer appointment")),
    Choice("bsl", _l("A British Sign Language (BSL) interpreter")),
    Choice("interpreter", _l("An interpreter for another language")),
    Choice("none", _l("None of these"), alone=True),
)

REASONS = (
    Choice("new-problem", _l("A new problem")),
    Choice("ongoing-problem", _l("A problem I have had before")),
    Choice("test-or-check", _l("A test or a check")),
    Choice("medicines", _l("My medicines")),
    Choice("form-or-letter", _l("A form or a letter")),
    Choice("other", _l("Something else")),
    Choice("not-said", _l("I would rather not say")),
)


class StartForm(PortalForm):
    """Before you start: nothing is asked, going on is the answer."""


class CareForm(PortalForm):
    care = RadiosField(
        _l("What do you want to book?"), heading=True, required=_l("Select what you want to book")
    )


class SiteForm(PortalForm):
    site = RadiosField(_l("Where do you want to go?"), heading=True, required=_l("Select where to go"))


class ClinicianForm(PortalForm):
    clinician = RadiosField(
        _l("Who do you want to see?"), heading=True, required=_l("Select who you want to see")
    )


class NeedsForm(PortalForm):
    needs = CheckboxesField(
        _l("What do you need at the appointment?"),
        heading=True,
        hint=_l("Select all that you need."),
        required=_l("Select what you need, or “None of these”"),
        conflict=_l("Select what you need, or “None of these”, not both"),
        choices=NEEDS,
    )


class InterpreterForm(PortalForm):
    interpreter = SelectField(
        _l("Which language do you need an interpreter for?"),
        heading=True,
        required=_l("Select a language"),
    )


class WhenForm(PortalForm):
    when = RadiosField(
        _l("When would you like to come?"),
        required=_l("Select when you would like to come"),
        choices=(
            Choice("soon", _l("As soon as possible")),
            Choice("week", _l("In the next 7 days")),
            Choice("date", _l("From another date")),
        ),
    )
    how = RadiosField(
        _l("How would you like to be seen?"), required=_l("Select how you would like to be seen")
    )


DATE_MESSAGES = DateMessages(
    missing=_l("Enter the date to look from"),
    no_day=_l("The date must include a day"),
    no_month=_l("The date must include a month"),
    no_year=_l("The date must include a year"),
    not_real=_l("The date must be a real date"),
)


class DateForm(PortalForm):
    date = DateField(
        _l("From which date?"), heading=True, required=DATE_MESSAGES.missing, messages=DATE_MESSAGES
    )


class TimesForm(PortalForm):
    """The times are drawn by day in the template; the first radio carries the field's id."""

    slot = RadiosField(_l("Choose a time"), required=_l("Select a time"))


class ReasonForm(PortalForm):
    reason = RadiosField(
        _l("Why do you need the appointment?"), required=_l("Select why you need it"), choices=REASONS
    )
    words = TextAreaField(
        _l("Anything you want us to know (optional)"),
        rows=3,
        max_length=500,
        too_long=_l("What you want us to know must be 500 characters or less"),
    )
    company = CheckboxesField(
        _l("Is someone coming with you? (optional)"),
        choices=(Choice("yes", _l("Someone will come with me")),),
    )


class CheckForm(PortalForm):
    """`key` is made when the page is shown; `both` is asked only when another visit stands on that day."""

    key = HiddenField()
    both = RadiosField(
        _l("Do you want both appointments?"),
        required=_l("Select whether you want both appointments"),
        choices=(
            Choice("yes", _l("Yes, I want both")),
            Choice("no", _l("No, I want to choose another time")),
        ),
    )

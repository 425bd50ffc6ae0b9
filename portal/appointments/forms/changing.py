"""Forms that end what is booked. Each carries its idempotency key and the version that was read."""

from portal.appointments.forms.booking import DATE_MESSAGES, DateForm
from portal.web.forms import Choice, DateField, HiddenField, PortalForm, RadiosField, TextAreaField
from portal.web.words import lazy_gettext as _l

CANCEL_REASONS = (
    Choice("better", _l("I feel better")),
    Choice("time", _l("The time does not suit me")),
    Choice("wait", _l("The wait is too long")),
    Choice("mode", _l("I want to be seen another way")),
    Choice("mistake", _l("I booked it by mistake")),
    Choice("other", _l("Another reason")),
    Choice("not-said", _l("I would rather not say")),
)


class _KeyedForm(PortalForm):
    key = HiddenField()
    version = HiddenField(max_length=10)

    def version_read(self) -> int:
        """The version the person looked at; 0, which no appointment has, for anything but a number."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else 0


class CancelForm(_KeyedForm):
    reason = RadiosField(
        _l("Why are you cancelling?"), required=_l("Select why you are cancelling"), choices=CANCEL_REASONS
    )
    words = TextAreaField(
        _l("Anything else (optional)"),
        rows=2,
        max_length=200,
        too_long=_l("Anything else must be 200 characters or less"),
    )


class CannotComeForm(_KeyedForm):
    """One press: it asks nothing more."""


class NewDateForm(DateForm):
    """As DateForm, in words that say that a visit is moved: no two pages have one title."""

    date = DateField(
        _l("Change: from which date?"),
        heading=True,
        required=DATE_MESSAGES.missing,
        messages=DATE_MESSAGES,
    )


class WatchForm(PortalForm):
    """One press: what is watched for stands in the draft."""

"""The feedback form. Asks nothing that says who somebody is."""

from portal.web.forms import Choice, HiddenField, PortalForm, RadiosField, SubmitField, TextAreaField
from portal.web.words import lazy_gettext as _l
from portal.web.words import lazy_ngettext
from portal.web.words import lazy_pgettext as _lp

LONGEST = 1000


class FeedbackForm(PortalForm):
    """`key` makes a second press of the button harmless."""

    key = HiddenField()
    about = RadiosField(
        _l("What were you trying to do?"),
        required=_l("Select what you were trying to do"),
        choices=[
            Choice("book", _l("Book an appointment")),
            Choice("change", _l("Change or cancel an appointment")),
            Choice("sign-in", _lp("answer: what were you trying to do", "Sign in")),
            Choice("read", _l("Find something out")),
            Choice("other", _l("Something else")),
        ],
    )
    rating = RadiosField(
        _l("How easy was it?"),
        required=_l("Select how easy it was"),
        choices=[
            Choice("easy", _lp("answer: how easy was it", "Easy")),
            Choice("neither", _l("Neither easy nor hard")),
            Choice("hard", _lp("answer: how easy was it", "Hard")),
            Choice("could-not", _l("I could not do it")),
        ],
    )
    words = TextAreaField(
        _l("What could be better? (optional)"),
        hint=_l("Do not write about your health. Do not write names or numbers. We cannot answer you here."),
        max_length=LONGEST,
        too_long=lazy_ngettext(
            "What you write must be %(num)d character or less",
            "What you write must be %(num)d characters or less",
            LONGEST,
        ),
    )
    submit = SubmitField(_lp("button", "Send feedback"))

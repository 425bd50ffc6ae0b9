"""The fields of every form, and the cleaning of what people type. Must draw nothing (widgets.py) and decide
no rule of care.

A form class runs at import, before any request: every text in it is lazy (`_l`, `_lp`, `lazy_ngettext`).
Each field takes its own whole messages, because words change their form with the field's name in many
languages:

    class CancelForm(PortalForm):
        why = RadiosField(_l("Why are you cancelling?"), heading=True, required=_l("Select a reason"),
                          choices=[Choice("better", _l("I am better"))])
        words = TextAreaField(_l("Anything else (optional)"), max_length=500)
        submit = SubmitField(_lp("button", "Cancel this appointment"), variant="warning")

Choices known only to the view are set on the form: `form.site.choices = [...]`. A refusal by a service is
shown with `form.refuse("time", _("That time has been taken. Choose another time"))`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_translations
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from portal.web import widgets
from portal.web.dates import month_number
from portal.web.sessions import held_form
from portal.web.typed import UNREADABLE, Unreadable, clean, date_part, small_number, western_digits
from portal.web.words import lazy_gettext as _l
from portal.web.words import lazy_ngettext

_UNREADABLE = _l("Part of your answer cannot be read. Type it again")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of radios, checkboxes or a select.

    `alone`: no other box may be ticked with it. `divider`: a word between answers. `lang`: for names and the
    practice's own words, which nobody translates.
    """

    value: str
    text: Any
    hint: Any = None
    alone: bool = False
    divider: bool = False
    lang: str = ""


class _OurTranslations:
    """WTForms' own messages, from our catalogue; formatting stays with WTForms."""

    def gettext(self, text: str) -> str:
        return str(get_translations().ugettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(get_translations().ungettext(singular, plural, number))


LASTING: set[Any] = set()  # forms of a module: those made in a function may hold a person's words


class PortalForm(FlaskForm):
    """A form of ours. Its token is web/csrf.py's, for all forms at once."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "<locals>" not in cls.__qualname__:
            LASTING.add(cls)

    class Meta(FlaskForm.Meta):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; on GET what was typed before the session ended, unchecked (web/sessions.py)."""
            sent = super().wrap_formdata(form, formdata)
            return held_form() if sent is None and formdata is not None else sent

        def get_translations(self, form: Any) -> _OurTranslations:
            return _OurTranslations()

    @property
    def question(self) -> Any:
        """The label that is the page's heading, where a field has one."""
        return next((field.label.text for field in self if getattr(field, "heading", False)), None)

    def errors_for_summary(self) -> list[dict[str, str]]:
        """Every field's first error with a link to the control that mends it, in the order of the page."""
        return [
            {"text": str(field.errors[0]), "href": f"#{field.first_control()}"}
            for field in self
            if field.errors
        ]

    def refuse(self, field: str, message: Any) -> None:
        """Show a service's refusal at a field; its words as given."""
        self[field].errors = [*self[field].errors, message]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        return bool(super().validate(extra_validators=extra_validators))


class _OurField(Field):
    """What all fields share: a hint, whether the label is the heading, and the message when nothing was
    given."""

    def __init__(
        self,
        label: Any = "",
        *,
        hint: Any = None,
        heading: bool = False,
        required: Any = None,
        validators: Iterable[Any] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators=list(validators), **kwargs)
        self.hint = hint
        self.heading = heading
        self.required = required
        self._defined_by: tuple[object, ...] = (type(kwargs.get("_form")), kwargs.get("name"))
        self._as_defined = (self.label.text, hint)

    def __html__(self) -> str:
        return widgets.drawn(self)

    def fixed_state(self) -> tuple[object, ...] | None:
        """Its form's class, its name and which fixed choices are taken; None if a view gave it words."""
        same = self.label.text is self._as_defined[0] and self.hint is self._as_defined[1]
        return self._defined_by if same and self._defined_by[0] in LASTING else None

    def typed_texts(self) -> dict[str, str]:
        """What a person typed, by its part of the field."""
        return {}

    def first_control(self) -> str:
        """The id where the error summary leads."""
        return str(self.id)

    def _stop_when_empty(self, empty: bool) -> None:
        if empty:
            raise StopValidation(self.required) if self.required else StopValidation()


class TextField(_OurField):
    """A line of text. `max_length` counts characters; `digits`: numbers of any script are read as 0 to 9."""

    widget = staticmethod(widgets.draw_text)
    lines = False

    def __init__(
        self,
        label: Any = "",
        *,
        max_length: int = 200,
        too_long: Any = None,
        kind: str = "text",
        digits: bool = False,
        autocomplete: str = "",
        inputmode: str = "",
        classes: str = "",
        spellcheck: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.max_length, self.too_long, self.kind, self.digits = max_length, too_long, kind, digits
        self.autocomplete, self.classes, self.spellcheck = autocomplete, classes, spellcheck
        self.inputmode = inputmode or ("numeric" if digits else "")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.unreadable = False
        if not valuelist:
            self.data = ""
            return
        try:
            text = clean(valuelist[0], lines=self.lines)
        except Unreadable:
            text, self.unreadable = clean(UNREADABLE.sub("", valuelist[0]), lines=self.lines), True
        self.data = western_digits(text) if self.digits else text

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "unreadable", False):
            raise StopValidation(_UNREADABLE)
        self._stop_when_empty(not self.data)
        if len(self.data) > self.max_length:
            raise StopValidation(self.too_long or self._usual_too_long())

    def _usual_too_long(self) -> Any:
        return lazy_ngettext(
            "Your answer must be %(num)d character or less",
            "Your answer must be %(num)d characters or less",
            self.max_length,
        )

    def typed_texts(self) -> dict[str, str]:
        """What stands in the box: no more than twice the limit comes back of a text that was too long."""
        return {"value": (self.data or "")[: 2 * self.max_length]}


class TextAreaField(TextField):
    """Several lines. The limit is said in the hint."""

    widget = staticmethod(widgets.draw_text_area)
    lines = True

    def __init__(self, label: Any = "", *, max_length: int = 500, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(label, max_length=max_length, **kwargs)
        self.rows = rows


class HiddenField(TextField):
    """A value of ours that comes back with the form, such as an idempotency key."""

    widget = staticmethod(widgets.draw_hidden)

    def __init__(self, label: Any = "", *, max_length: int = 64, **kwargs: Any) -> None:
        super().__init__(label, max_length=max_length, **kwargs)


class _ChoiceField(_OurField):
    def __init__(
        self, label: Any = "", *, choices: Iterable[Any] = (), inline: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.choices: Iterable[Any] = choices
        self.inline = inline
        self._own_choices = choices

    def offered(self) -> list[Choice]:
        """The answers; pairs of value and text will do."""
        return [choice if isinstance(choice, Choice) else Choice(*choice) for choice in self.choices]

    def fixed_state(self) -> tuple[object, ...] | None:
        state = super().fixed_state()
        if state is None or not self.choices or self.choices is not self._own_choices:
            return None
        return (*state, *[self._is_taken(choice.value) for choice in self.offered()])

    def _is_taken(self, value: str) -> bool:
        return bool(value == self.data)

    def _values(self) -> set[str]:
        return {choice.value for choice in self.offered() if not choice.divider}


class RadiosField(_ChoiceField):
    """One answer. `data` is its value, or None when nothing, or nothing that was offered, came back."""

    widget = staticmethod(widgets.draw_radios)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in self._values():
            self.data = None
        self._stop_when_empty(self.data is None)


class SelectField(RadiosField):
    """One answer of a long list. Give a first choice with an empty value for 'not chosen yet'."""

    widget = staticmethod(widgets.draw_select)

    def pre_validate(self, form: Any) -> None:
        if self.data not in self._values():
            self.data = None
        self._stop_when_empty(not self.data)


class CheckboxesField(_ChoiceField):
    """Any answers; `data` lists them in the order offered. `conflict`: one marked `alone` has company."""

    widget = staticmethod(widgets.draw_checkboxes)

    def __init__(self, label: Any = "", *, conflict: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.conflict = conflict or _l("Select one answer, or the answer that you need none of them")

    def _is_taken(self, value: str) -> bool:
        return value in self.data

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist

    def pre_validate(self, form: Any) -> None:
        chosen = [choice for choice in self.offered() if choice.value in set(self.data)]
        self.data = [choice.value for choice in chosen]
        self._stop_when_empty(not chosen)
        if len(chosen) > 1 and any(choice.alone for choice in chosen):
            raise StopValidation(self.conflict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMessages:
    """Whole messages of one date, so that each language can bend its words. The first that fits is shown."""

    missing: Any = _l("Enter a date")
    no_day: Any = _l("The date must include a day")
    no_month: Any = _l("The date must include a month")
    no_year: Any = _l("The date must include a year")
    short_year: Any = _l("The year must have 4 numbers")
    not_real: Any = _l("The date must be a real date")


class DateField(_OurField):
    """Day, month and year in three boxes named NAME-day, NAME-month, NAME-year. `data` is a date or None.

    Digits of any script are taken, and a month by name in English or the page's language. What was typed
    comes back in Western digits.
    """

    widget = staticmethod(widgets.draw_date)
    PARTS = ("day", "month", "year")

    def __init__(self, label: Any = "", *, messages: DateMessages | None = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.messages = messages or DateMessages(missing=self.required or DateMessages().missing)
        self.typed = dict.fromkeys(self.PARTS, "")
        self.wrong_parts: tuple[str, ...] = ()
        self._problem: Any = None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[Any] = []
        self.errors = ()
        self.data = data if data is not None else self.default
        if isinstance(self.data, date):
            self.typed = {part: str(getattr(self.data, part)) for part in self.PARTS}
        if formdata is None:
            return
        sent = {part: formdata.getlist(f"{self.name}-{part}") for part in self.PARTS}
        if any(sent.values()):
            self.typed = {part: date_part(values[0] if values else "") for part, values in sent.items()}
        self.data = None
        self._read()

    def _read(self) -> None:
        empty = tuple(part for part in self.PARTS if not self.typed[part])
        if empty:
            self.wrong_parts = empty if len(empty) < 3 or self.required else ()
            self._problem = (
                self.messages.missing if len(empty) == 3 else getattr(self.messages, f"no_{empty[0]}")
            )
            return
        day, month, year = self._numbers()
        wrong = [
            part
            for part, number, most in (("day", day, 31), ("month", month, 12), ("year", year, 9999))
            if number is None or not 1 <= number <= most
        ]
        if not wrong and len(self.typed["year"]) != 4:
            self.wrong_parts, self._problem = ("year",), self.messages.short_year
            return
        try:
            if not wrong and day and month and year:
                self.data = date(year, month, day)
                return
        except ValueError:
            pass
        self.wrong_parts, self._problem = tuple(wrong) or self.PARTS, self.messages.not_real

    def _numbers(self) -> tuple[int | None, int | None, int | None]:
        day, month, year = (small_number(self.typed[part]) for part in self.PARTS)
        return day, month if month is not None else month_number(self.typed["month"]), year

    def pre_validate(self, form: Any) -> None:
        if self._problem is not None and (self.required or any(self.typed.values())):
            raise StopValidation(self._problem)
        self._stop_when_empty(self.data is None)

    def fixed_state(self) -> tuple[object, ...] | None:
        return None if self.wrong_parts else super().fixed_state()

    def typed_texts(self) -> dict[str, str]:
        return self.typed

    def first_control(self) -> str:
        return f"{self.id}-{self.wrong_parts[0] if self.wrong_parts else 'day'}"


class SubmitField(_OurField):
    """A button. `named` sends its name, so that a form can have two; `data` tells whether it was pressed."""

    widget = staticmethod(widgets.draw_button)

    def __init__(self, label: Any = "", *, variant: str = "", named: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.variant, self.named = variant, named

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist)

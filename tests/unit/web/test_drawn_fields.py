"""Fields drawn once a language: the same as drawn each time, and nothing of a person stays."""

from collections.abc import Iterator

import pytest
from flask import Flask, g
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.appointments.forms import CancelForm, CareForm, DateForm, NeedsForm, ReasonForm
from portal.languages import BY_TAG
from portal.practice.forms import TimesForm
from portal.web.component_sites import CallSite
from portal.web.components import Components
from portal.web.forms import Choice, PortalForm, TextField

FORMS = (CancelForm, DateForm, NeedsForm, ReasonForm, TimesForm)
ANSWERS: list[dict[str, object]] = [
    {},
    {"words": "<i>Quernstone & %s</i>", "reason": "other", "needs": ["bsl", "longer"], "key": "k"},
    {"date-day": "1", "date-month": "Quernstone", "date-year": "2027", "starts": "9:30", "reason": "no such"},
]


@pytest.fixture
def english(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/en/"):
        g.language = BY_TAG["en"]
        yield app


def filled(form: type[PortalForm], answers: dict[str, object]) -> PortalForm:
    return form(formdata=MultiDict(answers) if answers else None)


@pytest.mark.parametrize("tag", ["en", "cy", "ur"])
@pytest.mark.parametrize("answers", ANSWERS)
def test_a_field_is_the_same_however_often_it_is_drawn(
    app: Flask, tag: str, answers: dict[str, object]
) -> None:
    with app.test_request_context(f"/{tag}/"):
        g.language = BY_TAG[tag]
        for field in (field for form in FORMS for field in filled(form, answers)):
            each_time = field.widget(field)
            assert [field.__html__(), field.__html__()] == [each_time, each_time]


def test_mistakes_are_shown(english: Flask) -> None:
    str(filled(CancelForm, {})["reason"].__html__())
    form = filled(CancelForm, {"words": "x"})
    assert not form.validate()
    assert "Select why you are cancelling" in form["reason"].__html__()


def test_nothing_typed_is_kept(english: Flask) -> None:
    for form in FORMS:
        for field in filled(form, ANSWERS[1] | ANSWERS[2]):
            field.__html__()
    kept = english.extensions["porth-fields"]
    assert kept
    assert "Quernstone" not in repr(list(kept))
    assert not [fill for fill in kept.values() if "Quernstone" in fill(["one", "two", "three", "four"])]


def test_what_a_view_gives_a_field_is_drawn_each_time(english: Flask) -> None:
    form = CareForm(formdata=None)
    form.care.choices = [Choice("one", "First")]
    first = form.care.__html__()
    form.care.choices = [Choice("one", "Second")]
    assert "First" in first
    assert "Second" in form.care.__html__()
    cancelling = CancelForm(formdata=None)
    cancelling.words.__html__()
    cancelling.words.label.text = "Other words"
    assert "Other words" in cancelling.words.__html__()


def test_a_form_made_in_a_function_is_drawn_each_time(english: Flask) -> None:
    def shown(name: str) -> str:
        class Local(PortalForm):
            words = TextField(name)

        return Local(formdata=None).words.__html__()

    assert "Ann" in shown("Ann")
    assert "Bob" in shown("Bob")


@pytest.mark.parametrize(
    "values",
    [
        ("<b>", "govuk-tag--red"),
        (Markup("<b>x</b>"), "govuk-tag--blue"),
        ("", "govuk-tag--red"),
        (None, None),
        (5, "a"),
        ("%s", ""),
    ],
)
def test_a_call_in_a_template_draws_what_any_call_draws(english: Flask, values: tuple[object, ...]) -> None:
    components = Components()
    here = components.site("tag", {"attributes": {"id": "t"}}, ("text", "classes"))
    assert isinstance(here, CallSite)
    expected = components("tag", attributes={"id": "t"}, text=values[0], classes=values[1])
    assert [here(*values), here(*values)] == [expected, expected]


def test_a_call_that_leaves_more_open_than_texts_is_no_form(english: Flask) -> None:
    assert Components().site("radios", {}, ("items",)) is None

"""Fields: what they read, what they refuse, what comes back, and where the error summary leads."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.web import locale, urls
from portal.web.components import Components
from portal.web.forms import (
    CheckboxesField,
    Choice,
    DateField,
    DateMessages,
    HiddenField,
    PortalForm,
    RadiosField,
    SelectField,
    SubmitField,
    TextAreaField,
    TextField,
)
from tests.pages.html import parsed, words

TRANSLATIONS = str(Path(__file__).parents[3] / "translations")


class EveryField(PortalForm):
    key = HiddenField()
    number = TextField(_l("Number"), digits=True, max_length=10, required=_l("Enter the number"))
    why = TextAreaField(_l("Why"), max_length=20, too_long=_l("Why must be 20 characters or less"))
    how = RadiosField(
        _l("How"),
        heading=True,
        required=_l("Select how"),
        choices=[Choice("in-person", _l("In person"), hint=_l("At the surgery")), ("phone", _l("By phone"))],
    )
    needs = CheckboxesField(
        _l("Needs"),
        required=_l("Select what you need"),
        choices=[
            Choice("bsl", _l("BSL")),
            Choice("longer", _l("Longer")),
            Choice("none", _l("None"), alone=True),
        ],
    )
    where = SelectField(
        _l("Where"), required=_l("Select where"), choices=[("", _l("Choose")), ("hill", _l("Hill"))]
    )
    day = DateField(_l("Day"), required=True, messages=DateMessages(missing=_l("Enter the day")))
    send = SubmitField(_l("Send"), variant="warning", named=True)


GOOD = {
    "number": "999",
    "how": "phone",
    "needs": "bsl",
    "where": "hill",
    "day-day": "26",
    "day-month": "11",
    "day-year": "2026",
}


@cache
def small_app() -> Flask:
    app = Flask("forms")
    app.jinja_env.globals["component"] = Components()
    urls.install(app)
    locale.install(app, TRANSLATIONS)
    return app


@contextmanager
def posted(answers: Any = None, path: str = "/en/") -> Iterator[EveryField]:
    method = "GET" if answers is None else "POST"
    with small_app().test_request_context(path, method=method):
        yield EveryField(formdata=None if answers is None else MultiDict(answers))


def errors_of(answers: Any) -> dict[str, str]:
    with posted(answers) as form:
        form.validate()
        return {row["href"]: row["text"] for row in form.errors_for_summary()}


def test_good_answers_are_read() -> None:
    with posted(GOOD) as form:
        assert form.validate()
        assert (form.number.data, form.how.data, form.needs.data) == ("999", "phone", ["bsl"])
        assert (form.where.data, form.day.data, form.send.data) == ("hill", date(2026, 11, 26), False)


def test_each_missing_answer_says_what_to_do_and_leads_to_its_first_control() -> None:
    with posted({"x": "y"}) as form:
        form.validate()
        summary = form.errors_for_summary()
        page, _ = parsed(str(Markup("").join(field() for field in form)))
    assert summary == [
        {"text": "Enter the number", "href": "#number"},
        {"text": "Select how", "href": "#how"},
        {"text": "Select what you need", "href": "#needs"},
        {"text": "Select where", "href": "#where"},
        {"text": "Enter the day", "href": "#day-day"},
    ]
    controls = {element.get("id"): element.tag for element in page.iter() if element.get("id")}
    assert all(controls[row["href"][1:]] in ("input", "select") for row in summary)


@pytest.mark.parametrize("digits", ["٩٩٩", "৯৯৯", " 999\u200e", "９９９"])
def test_numbers_of_any_script_are_read_and_come_back_western(digits: str) -> None:
    with posted(GOOD | {"number": digits}) as form:
        assert form.validate()
        assert 'value="999"' in form.number()
        assert 'dir="ltr"' in form.number()


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("26", "11", "2026"),
        ("٢٦", "١١", "٢٠٢٦"),
        ("26", "Nov", "2026"),
        ("26", "november", "2026"),
        (" 26", "11 ", "2026"),
    ],
)
def test_dates_are_read_however_they_are_typed(day: str, month: str, year: str) -> None:
    with posted(GOOD | {"day-day": day, "day-month": month, "day-year": year}) as form:
        assert form.validate()
        assert form.day.data == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("parts", "href", "text"),
    [
        (("", "11", "2026"), "#day-day", "The date must include a day"),
        (("26", "", "2026"), "#day-month", "The date must include a month"),
        (("26", "11", ""), "#day-year", "The date must include a year"),
        (("31", "11", "2026"), "#day-day", "The date must be a real date"),
        (("26", "13", "2026"), "#day-month", "The date must be a real date"),
        (("26", "x", "2026"), "#day-month", "The date must be a real date"),
        (("26", "11", "26"), "#day-year", "The year must have 4 numbers"),
        (("29", "2", "2026"), "#day-day", "The date must be a real date"),
        (("-1", "11", "2026"), "#day-day", "The date must be a real date"),
        (("9" * 400, "11", "2026"), "#day-day", "The date must be a real date"),
        (("1", "1", "0000"), "#day-year", "The date must be a real date"),
    ],
)
def test_a_wrong_date_leads_to_its_first_wrong_part(
    parts: tuple[str, str, str], href: str, text: str
) -> None:
    sent = dict(zip(("day-day", "day-month", "day-year"), parts, strict=True))
    assert errors_of(GOOD | sent) == {href: text}


def test_a_wrong_date_comes_back_as_typed_with_its_wrong_part_marked() -> None:
    with posted(GOOD | {"day-month": "13"}) as form:
        form.validate()
        html = form.day()
    assert 'value="13"' in html
    assert html.count("govuk-input--error") == 1


def test_a_date_that_may_stay_empty() -> None:
    class Optional(PortalForm):
        day = DateField(_l("Day"))

    with posted({"x": "y"}):
        form = Optional(formdata=MultiDict({"day-day": ""}))
        assert form.validate()
        assert form.day.data is None
        assert not Optional(formdata=MultiDict({"day-day": "1"})).validate()


def test_choices_not_on_offer_are_no_answer() -> None:
    found = errors_of(GOOD | {"how": "teleport", "needs": "gold", "where": "moon"})
    assert found == {"#how": "Select how", "#needs": "Select what you need", "#where": "Select where"}


def test_an_answer_that_stands_alone_takes_no_company() -> None:
    both = [*GOOD.items(), ("needs", "none")]
    assert list(errors_of(both)) == ["#needs"]
    assert errors_of([item for item in both if item != ("needs", "bsl")]) == {}


def test_the_limit_counts_characters_not_bytes() -> None:
    assert errors_of(GOOD | {"why": "😀" * 20}) == {}
    assert errors_of(GOOD | {"why": "😀" * 21}) == {"#why": "Why must be 20 characters or less"}


def test_a_text_that_was_far_too_long_does_not_come_back_whole() -> None:
    with posted(GOOD | {"why": "x" * 50_000}) as form:
        form.validate()
        assert len(form.why()) < 1_000


NAMES = ["key", "number", "why", "how", "needs", "where", "day-day", "day-month", "day-year", "send"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.text(st.characters(exclude_categories=[]), max_size=40),
        ),
        max_size=30,
    )
)
def test_no_answer_breaks_a_form(answers: list[tuple[str, str]]) -> None:
    with posted(answers) as form:
        form.validate()
        html = str(Markup("").join(field() for field in form))
        assert form.day.data is None or isinstance(form.day.data, date)
    html.encode("utf-8")
    assert "\x00" not in html


def test_what_is_typed_is_escaped() -> None:
    with posted(GOOD | {"number": '"><script>', "why": "</textarea><script>", "key": '"><script>'}) as form:
        form.validate()
        html = str(Markup("").join(field() for field in form))
    assert "<script>" not in html


def test_a_label_can_be_the_heading() -> None:
    with posted() as form:
        page, _ = parsed(str(form.how()))
        assert [words(heading) for heading in page.iter("h1")] == ["How"]
        assert str(form.question) == "How"


def test_a_refusal_by_the_service_stands_at_its_field() -> None:
    with posted(GOOD) as form:
        assert form.validate()
        form.refuse("how", "That is taken. Choose another")
        assert form.errors_for_summary() == [{"text": "That is taken. Choose another", "href": "#how"}]
        assert "That is taken" in form.how()


def test_form_texts_are_not_frozen_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_babel.Domain.gettext", lambda self, text, **values: f"[{text}]")
    with posted() as form:
        assert "[Number]" in form.number()

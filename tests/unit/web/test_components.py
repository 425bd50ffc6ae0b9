"""Components from memory are the official components, whatever the texts, and the memory holds no text."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, lazy_gettext
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from portal.cli import build
from portal.web.component_shapes import collapse, filler, shape_of
from portal.web.components import KNOWN, Components, with_own_words

Params = dict[str, Any]
# Where the Jinja macro itself differs from GOV.UK Frontend: a tag inside a text, and the content of a
# textarea, which the macro indents and so changes. We do not indent: ours is what GOV.UK Frontend gives.
DIFFERENT_UPSTREAM = {"html as text", "textarea in conditional"}
HYPOTHESIS = Components()  # one for all its examples: compiling the macros takes longer than calling them
TEXTS = st.text(st.sampled_from("<&\"'>\ue0000123\ue001\x1f% \nabÄی"), max_size=8)


def app() -> Flask:
    made = Flask(__name__)
    Babel(made)
    return made


@pytest.fixture(scope="module", autouse=True)
def request_context() -> Iterator[None]:
    with app().test_request_context():
        yield


def trusted(value: Any, field: str = "") -> Any:
    """Upstream's examples as we would write them: a string of HTML says that it is one."""
    if isinstance(value, dict):
        return {key: trusted(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [trusted(inner) for inner in value]
    return Markup(value) if isinstance(value, str) and field.lower().endswith("html") else value  # noqa: S704


def upstream_examples() -> list[tuple[str, str, Params, str]]:
    build.install_packages()
    folder = build.ROOT / "node_modules" / "govuk-frontend" / "dist" / "govuk" / "components"
    files = [folder / name / "fixtures.json" for name in sorted(KNOWN)]
    return [
        (file.parent.name, example["name"], trusted(example["options"]), example["html"])
        for file in files
        for example in json.loads(file.read_text("utf-8"))["fixtures"]
    ]


def test_every_example_of_upstream_is_the_same_from_memory() -> None:
    components = Components()
    examples = upstream_examples()
    assert len(examples) > 400
    for name, title, params, _ in examples:
        if title in DIFFERENT_UPSTREAM:
            continue
        official = collapse(components.plain(name, with_own_words(name, params)))
        first, second = components.render(name, params), components.render(name, params)
        assert collapse(first) == official, (name, title)
        assert first == second, (name, title)


def test_examples_are_what_govuk_frontend_itself_gives() -> None:
    components = Components()
    for name, title, params, html in upstream_examples():
        if title not in DIFFERENT_UPSTREAM:
            assert collapse(components.plain(name, params)) == collapse(html), (name, title)


def calls(texts: list[Any]) -> list[tuple[str, Params]]:
    """One call of many kinds of holes, the texts put in wherever a page could put one."""
    a, b, c, d = texts
    change = {"items": [{"href": c, "text": d}]}
    radio = [{"value": a, "text": b, "hint": {"text": c}, "id": d}, {"value": b, "text": d}, {"divider": c}]
    return [
        ("button", {"text": a, "href": b, "attributes": {"data-x": c}, "id": d}),
        ("input", {"id": a, "name": "x", "label": {"text": b}, "value": c, "hint": {"text": d}}),
        ("textarea", {"id": "t", "name": "x", "label": {"text": b}, "value": a, "errorMessage": {"text": d}}),
        (
            "radios",
            {"name": "x", "idPrefix": "x", "items": radio, "value": b, "fieldset": {"legend": {"text": a}}},
        ),
        ("checkboxes", {"name": "x", "items": radio, "values": [b, "2"], "errorMessage": {"text": c}}),
        ("select", {"id": "s", "name": "x", "label": {"text": a}, "items": radio[:2], "value": b}),
        ("summary-list", {"rows": [{"key": {"text": a}, "value": {"html": b}, "actions": change}]}),
        ("table", {"caption": a, "head": [{"text": b}], "rows": [[{"text": c}, {"html": d}]]}),
        ("error-summary", {"titleText": a, "errorList": [{"text": b, "href": c}, {"text": d}]}),
    ]


def same(html: str) -> str:
    """HTML to compare. The official macros trim and indent what they are given, inside attributes as well."""
    return re.sub(r"\s+", "", html)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=4, max_size=4))
def test_no_text_changes_the_markup(texts: list[str]) -> None:
    components = HYPOTHESIS
    for name, params in calls([escape(text) for text in texts]):
        assert same(components.render(name, params)) == same(components.plain(name, params)), name
    for name, params in calls(texts):
        safe = params if name not in {"summary-list", "table"} else trusted_html(params)
        assert same(components.render(name, params)) == same(components.plain(name, safe)), name


def trusted_html(value: Any, field: str = "") -> Any:
    """The call the official macro needs for the same result: it takes any string of an `html` for markup."""
    if isinstance(value, dict):
        return {key: trusted_html(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [trusted_html(inner) for inner in value]
    return escape(value) if field == "html" else value


def test_a_text_given_as_html_is_escaped_unless_it_is_markup() -> None:
    components = Components()
    assert "&lt;b&gt;" in components("inset-text", html="<b>")
    assert "<b>" in components("inset-text", html=Markup("<b>"))


def test_the_memory_holds_no_text_of_a_page() -> None:
    components = Components()
    secrets = ["Anwen Ddistaw", "/en/for/a1b2c3", "999 123 4567", "chest pain"]
    for name, params in calls(secrets):
        components.render(name, params)
    for key, fill in components.kept().items():
        inside = repr(key) + repr([cell.cell_contents for cell in fill.__closure__ or ()])
        assert not any(secret in inside for secret in secrets), key[0]


def test_the_same_call_with_other_texts_is_the_same_shape() -> None:
    components = Components()
    for texts in (["a", "b", "c", "d"], ["e", "f", "g", "h"], [1, 2.5, 3, 4]):
        for name, params in calls([str(text) for text in texts]):
            components.render(name, params)
    assert len(components.kept()) == 9


def test_the_memory_is_bounded_and_the_oldest_shape_goes_first() -> None:
    components = Components(shapes=3)
    for number in range(5):
        components("tag", text="x", classes=f"govuk-tag--{number}")
    classes = [part for key in components.kept() for part in key if str(part).startswith("govuk-tag--")]
    assert classes == ["govuk-tag--2", "govuk-tag--3", "govuk-tag--4"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": "a", "disabled": True}, {"text": "a", "disabled": False}),
        ({"text": "a", "disabled": None}, {"text": "a", "disabled": True}),
        ({"text": ""}, {"text": "a"}),
        ({"text": "a", "value": 0}, {"text": "a", "value": 1}),
        ({"text": "a", "classes": "b"}, {"text": "a", "classes": ""}),
        ({"text": "a", "attributes": {"b": "c"}}, {"text": "a", "attributes": {"d": "c"}}),
        (
            {"text": "a", "attributes": {"b": "c", "d": "e"}},
            {"text": "a", "attributes": {"b": "c"}, "id": "e"},
        ),
    ],
)
def test_calls_a_macro_would_treat_differently_are_different_shapes(one: Params, other: Params) -> None:
    assert shape_of("button", one)[0] != shape_of("button", other)[0]
    components = Components()
    for params in (one, other):
        assert components.render("button", params) == collapse(components.plain("button", params))


def test_classes_that_claim_to_be_markup_are_escaped() -> None:
    assert 'x"' not in Components()("tag", text="a", classes=Markup('x" onclick="y'))


def test_lazy_texts_numbers_and_tuples_are_taken() -> None:
    components = Components()
    html = components("table", head=({"text": lazy_gettext("Day")},), rows=(({"text": 3}, {"text": 2.5}),))
    assert ">Day</th>" in html
    assert ">3</td>" in html
    assert ">2.5</td>" in html


def test_a_value_to_compare_chooses_the_item_and_stays_out_of_the_shape() -> None:
    components = Components()
    items = [{"value": "secret-1", "text": "One"}, {"value": "secret-2", "text": "Two"}]
    html = components("radios", name="slot", value="secret-2", items=items)
    assert 'value="secret-2" checked' in html
    assert html.count(" checked") == 1
    assert "secret" not in repr(components.kept())


def test_the_words_of_the_macros_are_ours() -> None:
    components = Components()
    assert "There is a problem" in components("error-summary", errorList=[{"text": "x"}])
    assert ">Success<" in collapse(components("notification-banner", text="x", type="success")).replace(
        " ", ""
    )
    assert 'href="#main"' in components("skip-link")
    assert "Next" in components("pagination", next={"href": "/2"})
    assert "Error" not in components("input", id="a", name="a", label={"text": "b"})


def test_a_component_not_known_to_be_safe_is_refused() -> None:
    with pytest.raises(LookupError):
        Components()("service-navigation", navigation=[])


def test_a_class_that_could_be_taken_for_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="private use"):
        Components()("tag", text="a", classes="\ue0000\ue001")


@pytest.mark.parametrize(
    ("html", "short"),
    [
        ("<div>\n  <p> a  b </p>\n</div>\n", "<div><p>a b</p></div>"),
        ("<p><a>a</a>\n  <a>b</a></p>", "<p><a>a</a> <a>b</a></p>"),
        ("<p>a<span> b</span></p>", "<p>a<span> b</span></p>"),
        ('<input\n  id="a  b"\n  name="c" >', '<input id="a  b" name="c">'),
        (
            "<div> <textarea id=a\n>\n a  b </textarea> </div>",
            "<div><textarea id=a>\n a  b </textarea></div>",
        ),
        ("<pre>  a\n b </pre>", "<pre>  a\n b </pre>"),
        ("<p>a\u00a0 b</p>", "<p>a\u00a0 b</p>"),
    ],
)
def test_white_space_goes_only_where_nobody_sees_it(html: str, short: str) -> None:
    assert collapse(html) == short
    assert collapse(short) == short


def test_a_hole_may_be_used_twice_or_not_at_all_and_per_cent_signs_stay() -> None:
    fill = filler("100% \ue0001\ue001-\ue0001\ue001")
    assert fill(["a", "b"]) == "100% b-b"
    assert filler("100%")([]) == "100%"
    assert filler("\ue0001\ue001 \ue0000\ue001")(["a", "b"]) == "b a"

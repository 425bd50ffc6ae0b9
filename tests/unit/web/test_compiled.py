"""Templates are compiled for each language: the right words, the right escaping, and nothing of a request."""

import pytest
from flask import Flask, g, render_template
from jinja2 import DictLoader
from markupsafe import Markup

from portal.languages import BY_TAG
from portal.web.compiled import Templates

SOURCES = {
    "words.html": '{{ _("Sign in") }}',
    "values.html": '{{ _("You are acting for %(name)s.", name=name) }}',
    "facts.html": '<a href="/{{ language.tag }}/help" dir="{{ language.direction }}">{{ service_name }}</a>',
    "shadow.html": "{% for language in others %}{{ language.tag }} {% endfor %}",
    "own.html": '{% set service_name = "Mine" %}{{ service_name }}',
    "component.html": '{{ component("button", text=_("Sign in")) }}',
    "personal.html": '{{ component("button", text=name) }}',
    "safety.html": '{{ safety("safety: emergency", "Help now") }}',
    "percent.html": '{{ _("100%% of %(all)s", all="<b>") }}',
}


@pytest.fixture
def drawing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    environment = app.jinja_env
    assert isinstance(environment, Templates)
    monkeypatch.setattr(environment, "loader", DictLoader(SOURCES))
    monkeypatch.setattr(environment, "_of_language", {})
    return app


def drawn(app: Flask, tag: str, template: str, /, **values: object) -> str:
    with app.test_request_context(f"/{tag}/"):
        g.language = BY_TAG[tag]
        return render_template(f"{template}.html", **values)


def code_of(app: Flask, tag: str, name: str) -> str:
    """The Python that a template becomes in a language."""
    with app.test_request_context(f"/{tag}/"):
        g.language = BY_TAG[tag]
        found = app.jinja_env.compile(SOURCES[f"{name}.html"], name=f"{name}.html", raw=True)
    return str(found)


def test_each_language_has_its_own_words_whichever_came_first(drawing: Flask) -> None:
    first = [drawn(drawing, tag, "words") for tag in ("cy", "en", "ur", "cy", "en")]
    assert first[1] == first[4] == "Sign in"
    assert first[0] == first[3] != first[1]
    assert first[2] not in first[:2]


def test_the_first_template_there_is_has_its_own_words_too(drawing: Flask) -> None:
    found = set()
    for tag in ("en", "cy", "ur"):
        with drawing.test_request_context(f"/{tag}/"):
            found.add(render_template(["none.html", "words.html"]))
    assert len(found) == 3


def test_values_are_escaped_and_markup_is_not(drawing: Flask) -> None:
    assert "&lt;i&gt;Ann &amp; %s" in drawn(drawing, "en", "values", name="<i>Ann & %s")
    assert "<bdi>Ann</bdi>" in drawn(drawing, "cy", "values", name=Markup("<bdi>Ann</bdi>"))
    assert drawn(drawing, "en", "percent") == "100% of &lt;b&gt;"


def test_facts_of_the_language_are_its_own(drawing: Flask) -> None:
    assert drawn(drawing, "en", "facts") == '<a href="/en/help" dir="ltr">Porth</a>'
    assert drawn(drawing, "ur", "facts") == '<a href="/ur/help" dir="rtl">Porth</a>'


def test_a_name_the_template_gives_another_meaning_is_left_alone(drawing: Flask) -> None:
    assert drawn(drawing, "en", "shadow", others=[BY_TAG["cy"], BY_TAG["ur"]]) == "cy ur "
    assert drawn(drawing, "en", "own") == "Mine"


def test_what_is_the_same_stands_in_the_code_and_what_is_personal_does_not(drawing: Flask) -> None:
    assert "govuk-button" in code_of(drawing, "en", "component")
    assert "call(" not in code_of(drawing, "en", "component")
    drawn(drawing, "en", "personal", name="Quernstone")
    assert "Quernstone" not in code_of(drawing, "en", "personal")
    assert "govuk-button" not in code_of(drawing, "en", "personal")


def test_safety_texts_keep_their_english_beside_the_draft(drawing: Flask) -> None:
    assert drawn(drawing, "en", "safety") == "Help now"
    page = drawn(drawing, "ur", "safety")
    assert '<span lang="en-GB" dir="ltr">Help now</span><br>' in page

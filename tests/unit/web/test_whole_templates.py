"""Templates made one before they are compiled say exactly what Jinja makes of their parts."""

from typing import Any

import pytest
from flask import Flask, g
from jinja2 import DictLoader, Environment, TemplateAssertionError
from markupsafe import Markup

from portal.languages import ENGLISH
from portal.web.compiled import Templates
from portal.web.written import html_of, put

LAYOUTS = {
    "outer.html": "<title>{% block title %}{{ self.heading() | striptags }}!{% endblock %}</title>"
    "{% set told = told | default('no') %}{% block body %}<h1>{% block heading %}{% endblock %}</h1>"
    "{% block content %}none{% endblock %}{% endblock %}<p>{{ told }}{{ name }}</p>",
    "inner.html": "{% extends 'outer.html' %}{% block content %}<div>{% block more %}more{% endblock %}</div>"
    "{% endblock %}",
    "macros.html": "{% macro row(item, last=false) %}<li{% if last %} class=last{% endif %}>{{ item }}</li>"
    "{% endmacro %}{% macro rows(items) %}{% set count = items | length %}{% for item in items %}"
    "{{ row(item, loop.last) }}{% endfor %}{{ count }}{% endmacro %}"
    "{% macro asked(text) %}{{ text }}{{ row(text) | upper }}{% endmacro %}"
    "{% macro outside() %}{{ name }}{% endmacro %}",
}
INNER, MORE, HEADING, END = (
    "{% extends 'inner.html' %}",
    "{% block more %}",
    "{% block heading %}",
    "{% endblock %}",
)
PAGES = {
    "a block that is not filled": "{% extends 'outer.html' %}",
    "blocks of three": INNER + "{% block heading %}Hello <b>{{ name }}</b>{% endblock %}"
    "{% block more %}{{ name }}{% endblock %}",
    "a name set for the layout": "{% extends 'outer.html' %}{% set told = name %}" + HEADING + "x" + END,
    "a name set inside a block": INNER
    + "{% block heading %}{% set name = 'inside' %}{{ name }}{% endblock %}"
    + MORE
    + "{{ name }}{% endblock %}",
    "what stands beside the blocks": INNER + "said by nobody" + HEADING + "h" + END,
    "macros": "{% from 'macros.html' import row, rows %}{{ row(name) }}{{ rows(['a', name]) }}"
    "{{ row('b', last=1) }}",
    "a macro inside an expression": "{% from 'macros.html' import row %}{{ row(name) ~ name }}",
    "a macro that calls another": "{% from 'macros.html' import asked %}{{ asked(name) }}",
    "a macro whose names are ours": "{% from 'macros.html' import rows %}{% set count = 5 %}"
    "{% set item = name %}{{ rows([item, count]) }}{{ count }}{{ item }}",
    "a macro that looks outside": "{% from 'macros.html' import outside %}[{{ outside() }}]",
    "a macro of its own": INNER + "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}"
    "{% block heading %}{{ twice(name) }}{{ twice(twice('<')) }}{% endblock %}",
    "arguments that cross": "{% macro swap(a, b) %}{{ a }}{{ b }}{% endmacro %}{% set a = 1 %}"
    "{% set b = name %}{{ swap(b, a) }}{{ swap(a=b, b=b) }}",
    "too few arguments": "{% macro pair(a, b) %}{{ a }}{{ b is defined }}{% endmacro %}{{ pair(name) }}",
    "what is never so": "{% if 1 > 2 %}a{% elif name %}b{% else %}c{% endif %}{% if not 1 %}d{% endif %}",
    "what may not be there": "{{ none_such is defined }}{{ name is defined }}{{ none_such | default(name) }}",
    "every kind of value": "{{ 1 }}{{ 1.5 }}{{ name }}{{ safe }}{{ lines }}{{ none }}{{ true }}",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("person", ["Ann", "<i>O'Neil & %s</i>", ""])
def test_the_whole_says_what_its_parts_say(app: Flask, name: str, person: str) -> None:
    sources = {**LAYOUTS, "page.html": PAGES[name]}
    plain = Environment(
        loader=DictLoader(sources), autoescape=True, extensions=["jinja2.ext.do"], trim_blocks=True
    )
    values: dict[str, Any] = {"name": person, "safe": Markup("<br>"), "lines": ["<", Markup(">")]}
    assert _drawn(app, sources, values) == plain.get_template("page.html").render(values)


def test_a_page_is_one_function_and_its_constant_pieces_are_long(app: Flask) -> None:
    sources = {**LAYOUTS, "page.html": "{% extends 'inner.html' %}{% block heading %}Always{% endblock %}"}
    environment = _environment(app, sources)
    with app.test_request_context("/en/"):
        g.language = ENGLISH
        code = str(environment.compile(sources["page.html"], "page.html", raw=True))
    assert code.count("def ") == 1 + code.count("def t_")  # root, and Jinja's own for filters
    assert "<title>Always!</title>" in code
    assert "<h1>Always</h1><div>more</div>" in code


@pytest.mark.parametrize(
    "page",
    [
        INNER + "{% block more %}{{ super() }}{% endblock %}",
        "{% extends layout %}",
        "{% if name %}{% extends 'inner.html' %}{% endif %}",
        INNER + "{% if name %}{% block more %}{% endblock %}{% endif %}",
    ],
)
def test_what_is_not_done_is_said_when_it_is_compiled(app: Flask, page: str) -> None:
    with pytest.raises(TemplateAssertionError):
        _drawn(app, {**LAYOUTS, "page.html": page}, {"name": "Ann", "layout": "inner.html"})


def _environment(app: Flask, sources: dict[str, str]) -> Templates:
    environment = app.jinja_env
    assert isinstance(environment, Templates)
    environment.loader = DictLoader(sources)
    environment._of_language.clear()
    return environment


def _drawn(app: Flask, sources: dict[str, str], values: dict[str, Any]) -> str:
    environment = _environment(app, sources)
    with app.test_request_context("/en/"):
        g.language = ENGLISH
        return environment.get_template("page.html").render(values)


@pytest.mark.parametrize("value", ["<b> & \" '", Markup("<b>"), 5, None, ["<"], ""])
def test_what_is_put_into_a_page_is_escaped_like_all_else(value: object) -> None:
    expected = str(Markup("{}").format(value))
    assert str(put(value)) == expected
    assert html_of("<p>%s</p>", value) == Markup("<p>{}</p>").format(value)

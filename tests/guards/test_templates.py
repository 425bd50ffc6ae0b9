"""Every text of templates and code is marked for translation, and not translated too early. Reads sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from portal.cli.catalogues import ROOT
from portal.web import locale, templating, urls
from portal.web.templating import SERVICE_NAME

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "portal").rglob("*.py"))
MARKS = {"_", "gettext", "ngettext", "pgettext", "npgettext", "safety", "safety_inline"}
EAGER = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
_TAG = re.compile(r"<[^>]*>?|[^<]*>", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{3}")
_SPOKEN_ATTRIBUTE = re.compile(r"""\b(?:aria-label|alt|title|placeholder)\s*=\s*["'][^"'{]*[A-Za-z]{3}""")
_ENTITY = re.compile(r"&\w+;")


def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def bare_words(source: str) -> Iterator[str]:
    """Words that stand in a template outside any mark, tag or expression."""
    outputs = environment().parse(source).find_all(nodes.Output)
    # A tag may begin in one piece and end in another, with an expression between: join all pieces first.
    pieces = [
        child.data if isinstance(child, nodes.TemplateData) else "\x00"
        for out in outputs
        for child in out.nodes
    ]
    whole = "".join(pieces)
    for text in _TAG.sub("\x01", _without_assets(whole)).split("\x01"):
        cleaned = _ENTITY.sub("", text.replace("\x00", " ")).replace(SERVICE_NAME, "")
        if _WORD.search(cleaned):
            yield cleaned.strip()[:60]
    for match in _SPOKEN_ATTRIBUTE.finditer(whole):
        yield match[0]


def _without_assets(source: str) -> str:
    return re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.DOTALL)


def unextractable(source: str) -> Iterator[str]:
    """Marks around something that is no plain text, which extraction cannot see."""
    for call in environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS:
            texts = call.args[:1] if call.node.name in ("_", "gettext") else call.args[:2]
            if not texts or not all(isinstance(text, nodes.Const) for text in texts):
                yield f"{call.node.name}(…), line {call.lineno}"


def frozen_at_import(source: str) -> Iterator[str]:
    """Eager translations outside functions: they would be English for ever."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EAGER:
            yield f"{node.func.id}(…), line {node.lineno}"
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_word_of_a_template_is_marked(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not list(bare_words(source))
    assert not list(unextractable(source))


def test_no_text_is_translated_at_import() -> None:
    found = {
        str(path.relative_to(ROOT)): frozen
        for path in MODULES
        if (frozen := list(frozen_at_import(path.read_text("utf-8"))))
    }
    assert not found


def test_texts_of_several_lines_are_found_at_run_time_as_they_were_extracted() -> None:
    """`trimmed` must hold in babel.cfg and in Jinja alike, or such texts stay English."""
    app = Flask("trimmed")
    urls.install(app)
    locale.install(app, str(ROOT / "translations"))
    templating.install(app)
    asked: list[str] = []

    def translate(text: str) -> str:
        asked.append(text)
        return text

    app.jinja_env.globals["gettext"] = translate
    app.jinja_env.from_string("{% trans %}\n  One\n  text\n{% endtrans %}").render()
    assert asked == ["One text"]
    assert "trimmed = true" in (ROOT / "babel.cfg").read_text("utf-8")


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<p title="Hello">{{ _("x") }}</p>',
        '<a href="{{ url }}">Hello</a>',
        "{% if a %}Hello{% endif %}",
    ],
)
def test_bare_words_are_seen(source: str) -> None:
    assert list(bare_words(source))


@pytest.mark.parametrize(
    "source",
    [
        '<p class="govuk-body">{{ _("Hello") }}</p>',
        '<a href="{{ url }}" class="app-link">{{ _("Hello") }}</a>',
        "{# Hello #}<p>&nbsp;–</p>",
        '<p{% if wide %} class="wide"{% endif %}>{{ name }}</p>',
    ],
)
def test_marked_words_pass(source: str) -> None:
    assert not list(bare_words(source))


def test_marks_that_extraction_cannot_see_are_seen() -> None:
    assert list(unextractable("{{ _(name) }}"))
    assert list(unextractable('{{ pgettext(context, "Book") }}'))
    assert list(unextractable('{{ _("a" ~ b) }}'))
    assert not list(unextractable('{{ ngettext("%(num)d day", "%(num)d days", count) }}'))


def test_eager_texts_are_seen() -> None:
    assert list(frozen_at_import("class Form:\n    name = gettext('Name')"))
    assert list(frozen_at_import("WORDS = {1: pgettext('a', 'b')}"))
    assert not list(frozen_at_import("def words():\n    return gettext('Name')"))
    assert not list(frozen_at_import("WORDS = {1: _lp('a', 'b')}"))

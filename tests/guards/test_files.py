"""The shape of the tree: sizes, names, docstrings, and the few doors for text that is not escaped."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from tests.guards.tree import files, text_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
PYTHON = files("app.py", "portal/*.py", "tests/*.py")
PORTAL = files("app.py", "portal/*.py")
TEMPLATES = files("templates/*.html", "templates/*.txt")
# A migration is one long list of tables and columns, written once and never changed.
MIGRATIONS = Path("portal/adapters/sql/migrations/versions")
FEATURE_MODULES = {"__init__", "views", "forms", "present", "service", "rules"}  # each a file or a folder
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# The only places that may say that a text is already HTML, and why.
MARKUP_DOORS = {
    Path("portal/web/component_shapes.py"): "fills the holes of GOV.UK macros, escaping each text itself",
    Path("portal/web/components.py"): "hands on what GOV.UK macros drew",
    Path("portal/web/catalogue.py"): "gives our own catalogues' words to templates, escaping the values",
    Path("portal/web/assets.py"): "puts our own built stylesheet and script into the page",
    Path("portal/web/compiled.py"): "marks in a text of our own catalogues where its values go",
    Path("portal/web/written.py"): "puts values into a form, escaping each",
    Path("portal/web/templating.py"): "lays safety text beside its English, escaping both first",
}
WRITTEN = (".py", ".html", ".txt", ".md", ".toml", ".cfg", ".yaml", ".yml", ".json", ".js", ".scss", ".csv")
MACHINE_PATHS = re.compile(r"(?<![\w.>}])/(?:work|root|Users|home/\w+)/\w|\.\./shared\b|/tmp/[w]/")
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")  # brackets, so that this line is not one

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _tree(path: Path) -> ast.Module:
    return ast.parse(text_of(path), str(path))


def _long_functions(module: ast.Module) -> list[str]:
    functions = [node for node in ast.walk(module) if isinstance(node, Function)]
    return [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno + 1 > LONGEST_FUNCTION]


def _makes_markup(module: ast.Module) -> bool:
    """Whether the code calls `Markup(...)`, under whatever name, on anything but HTML it spells out itself.

    `Markup("<b>{}</b>").format(name)` is safe: markupsafe escapes what it fills in. So does `html_of`
    (portal/web/written.py) with a form that is spelled out; its `as_markup` is `Markup` by another name.
    """
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    if any(_called(call) == "html_of" and not isinstance(call.args[0], ast.Constant) for call in calls):
        return True
    names = {"Markup", "as_markup"} | {
        alias.asname
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "Markup" and alias.asname
    }
    return any(
        _called(call) in names and not all(isinstance(given, ast.Constant) for given in call.args)
        for call in calls
    )


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _unescaped(template: str) -> Iterator[str]:
    """Ways in which a template lets text through as it is, from its syntax tree: spelling hides none."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    parsed = environment.parse(template)
    yield from (f"|safe, line {node.lineno}" for node in parsed.find_all(nodes.Filter) if node.name == "safe")
    yield from (f"autoescape, line {node.lineno}" for node in parsed.find_all(nodes.EvalContextModifier))
    yield from (
        f"Markup, line {node.lineno}" for node in parsed.find_all(nodes.Name) if node.name == "Markup"
    )


def _contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads(text_of(Path("pyproject.toml")))
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def _features() -> set[str]:
    """Every feature of the layers contract, built or not: those who stand beside `adapters`."""
    layers = _contracts()["Imports point downwards; features and adapters are strangers"]["layers"]
    beside = next(layer for layer in layers if layer.startswith("adapters |"))
    return {name.strip(" ()") for name in beside.split("|")} - {"adapters"}


def _built_features() -> list[Path]:
    return [Path("portal") / name for name in sorted(_features()) if files(f"portal/{name}/*.py")]


def test_no_file_is_too_long() -> None:
    lengths = {str(path): len(text_of(path).splitlines()) for path in PYTHON}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    found = {str(path): _long_functions(_tree(path)) for path in PYTHON if path.parent != MIGRATIONS}
    assert {path: names for path, names in found.items() if names} == {}


def test_names_say_what_a_module_is_for() -> None:
    vague = [path for path in PYTHON if VAGUE_NAMES & {*path.parts, path.stem}]
    assert vague == []


def test_every_module_begins_by_saying_what_it_is_for() -> None:
    assert [path for path in PORTAL if not ast.get_docstring(_tree(path))] == []


def test_a_feature_has_the_five_names_and_no_others() -> None:
    strange = [
        path
        for folder in _built_features()
        for path in files(f"{folder}/*.py")
        if Path(path.relative_to(folder).parts[0]).stem not in FEATURE_MODULES
    ]
    assert strange == []


def test_every_built_feature_is_under_the_contract_of_features() -> None:
    contained = _contracts()["Inside a feature"]["containers"]
    assert {".".join(folder.parts) for folder in _built_features()} <= set(contained)


def test_only_named_modules_make_markup() -> None:
    assert [path for path in PORTAL if path not in MARKUP_DOORS and _makes_markup(_tree(path))] == []


def test_templates_escape_everything() -> None:
    found = {str(path): list(_unescaped(text_of(path))) for path in TEMPLATES}
    assert {path: ways for path, ways in found.items() if ways} == {}


def test_nothing_names_a_place_on_somebodys_machine() -> None:
    written = [path for path in files() if path.suffix in WRITTEN or path.name in {"Makefile", "run"}]
    assert [path for path in written if MACHINE_PATHS.search(text_of(path))] == []


def test_nothing_is_left_marked_as_unfinished() -> None:
    sources = [path for path in files() if path.suffix in {".py", ".html", ".js", ".scss"}]
    assert [path for path in sources if UNFINISHED.search(text_of(path))] == []


def test_the_checks_see_what_they_look_for() -> None:
    long = "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION
    assert _long_functions(ast.parse(long)) == ["f"]
    assert _makes_markup(ast.parse("from markupsafe import Markup as M\nM(name)"))
    assert _makes_markup(ast.parse("import markupsafe\nmarkupsafe.Markup(f'<b>{name}</b>')"))
    assert not _makes_markup(ast.parse("Markup('<b>{}</b>').format(name)"))
    assert not _makes_markup(ast.parse("from markupsafe import Markup\ndef f(text: Markup) -> None: ..."))
    assert list(_unescaped("{{ name |  safe }}")) == ["|safe, line 1"]
    assert list(_unescaped("{% autoescape false %}{{ name }}{% endautoescape %}")) == ["autoescape, line 1"]
    assert MACHINE_PATHS.search(f"/home/{'sam'}/porth")
    assert not MACHINE_PATHS.search("/en/for/abc/home/x")
    assert UNFINISHED.search("# TO" + "DO later")

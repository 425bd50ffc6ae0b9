"""Templates compiled once for each language, their words inside. Must put nothing of a request into them.

A text in its language, an address that begins with the language, a component without anything personal: what
every page of a language has alike is worked out when the template is compiled, not when a page is shown.
See docs/adr/0050-cheap-pages.md.
"""

import re
from collections.abc import Callable, Collection, MutableMapping
from keyword import iskeyword
from typing import Any, Final

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame, has_safe_repr
from jinja2.utils import _PassArg
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from portal.web.component_sites import CallSite
from portal.web.locale import language
from portal.web.whole_templates import copied, free, inlined, placed, settled, stored
from portal.web.written import html_of

_LANGUAGE: Final = "language"
_FACTS: Final = frozenset({"tag", "lang", "direction"})
_WORDS: Final = {"_": 1, "gettext": 1, "pgettext": 2}  # and how many of their texts stand first
_HOLE: Final = re.compile(r"(?<!%)%\(([a-z_]+)\)s")  # %%( is a per cent sign and a bracket
_ENDS_WITH: Final = "\nfrom portal.web.written import put\n"


class Templates(Environment):
    """Jinja's environment with one set of compiled templates for each language."""

    form_of_words: Callable[..., Markup]  # catalogue.py puts it here
    html_of = staticmethod(html_of)
    code_generator_class: type[CodeGenerator]

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._of_language: dict[str, dict[str, Template]] = {}
        self.call_sites: list[CallSite] = []
        self._parsed: dict[tuple[str, str], nodes.Template] = {}
        self._free: dict[str, set[str]] = {}
        self._constant: dict[str, Callable[..., Any]] = {}
        self._names: dict[str, Any] = {}
        self._forms: Collection[str] = ()
        self._component: Callable[..., CallSite | None] | None = None

    def install_constants(
        self,
        names: dict[str, Any],
        functions: dict[str, Callable[..., Any]],
        *,
        forms: Collection[str] = (),
        component: Callable[..., CallSite | None] | None = None,
    ) -> None:
        """Globals whose value, or answer to constant arguments, is the same for every page of a language.

        `forms`: functions that only put their named values into a text. `component` makes the call site of a
        call of the global `component`.
        """
        self.globals.update(names | functions)
        self._names, self._constant = names, functions
        self._forms, self._component = forms, component

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Nothing is laid over our globals, so that a page need not look which layer a name is in."""
        return super().make_globals(d) if d else self.globals

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:
        """Jinja's one door to a template by name, opened for the language of this request."""
        if globals:
            return super()._load_template(name, globals)
        tag = language().tag
        kept = self._of_language.get(tag)
        if kept is None:
            kept = self._of_language[tag] = {}
        found = kept.get(name)
        if found is None:
            assert self.loader is not None
            found = kept[name] = self.loader.load(self, name, self.globals)
        return found

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Jinja's hook between reading a template and writing its code; for templates of a file only."""
        if name is None:
            return super()._generate(source, name, filename, defer_init) + _ENDS_WITH
        source = placed(source, self._read)
        constant = self._constant | self._constant_macros(source)
        source = _Spoken(self, name, stored(source), self._names, constant).visit(source)
        source = inlined(source, self._read, self.globals)
        source = _Spoken(self, name, stored(source), self._names, constant).visit(source)
        source = settled(source, nodes.EvalContext(self, name))
        return super()._generate(source, name, filename, defer_init) + _ENDS_WITH

    def make_ready(self) -> None:
        """Compile every page for the language of this request, and draw its calls of components."""
        for name in self.list_templates(filter_func=lambda name: not name.startswith("layouts/")):
            self.get_template(name)
        for site in self.call_sites:
            site.make_ready()

    def partly(
        self,
        node: nodes.Call,
        name: str,
        function: Callable[..., Any],
        args: list[Any],
        context: nodes.EvalContext,
    ) -> nodes.Expr:
        """A call some of whose named values come with the page: what can be known of it is known."""
        if name in self._forms:
            return _form(node, function, args, context)
        if name == "component" and self._component is not None and len(args) == 1:
            return self._called_here(node, args[0], context)
        return node

    def _called_here(self, node: nodes.Call, name: str, context: nodes.EvalContext) -> nodes.Expr:
        known: dict[str, Any] = {}
        open_: dict[str, nodes.Expr] = {}
        for each in node.kwargs:
            try:
                known[each.key] = each.value.as_const(context)
            except nodes.Impossible:
                open_[each.key] = each.value
        assert self._component is not None
        site = self._component(name, known, tuple(open_))
        if site is None:
            return node
        self.call_sites.append(site)
        here = nodes.EnvironmentAttribute(f"call_sites[{len(self.call_sites) - 1}]", lineno=node.lineno)
        return nodes.Call(here, list(open_.values()), [], None, None, lineno=node.lineno)

    def _read(self, name: str) -> nodes.Template:
        """A template by its name, parsed once: whoever changes it copies it first."""
        assert self.loader is not None
        text, filename, _ = self.loader.get_source(self, name)
        found = self._parsed.get((name, text))
        if found is None:
            found = self._parsed[name, text] = self._parse(text, name, filename)
        return found

    def _constant_macros(self, source: nodes.Template) -> dict[str, Callable[..., Any]]:
        """The imported macros that need nothing of a request: with constant arguments they draw the same."""
        found: dict[str, Callable[..., Any]] = {}
        for imported in source.find_all(nodes.FromImport):
            if not isinstance(imported.template, nodes.Const):
                continue
            file = imported.template.value
            if self._free_of(file) <= {*self._constant, *self._names, *_WORDS}:
                found |= {name: self._drawn(file, name) for name in imported.names if isinstance(name, str)}
        return found

    def _free_of(self, file: str) -> set[str]:
        found = self._free.get(file)
        if found is None:
            found = self._free[file] = free(self._read(file))
        return found

    def _drawn(self, file: str, macro: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: getattr(self.get_template(file).module, macro)(*args, **kwargs)


class _Writer(CodeGenerator):
    """Jinja's code, with a quicker door for what is written and for the functions of every template."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("put(")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """A method, or a function that every template has, is called without asking what it is."""
        odd = node.dyn_args or node.dyn_kwargs or any(iskeyword(each.key) for each in node.kwargs)
        if forward_caller or odd or not self._is_plain(node.node, frame):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        self.write(")")

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802
        """`is defined` looks at the name, without making an Undefined to look at."""
        if node.name != "defined" or not isinstance(node.node, nodes.Name):
            super().visit_Test(node, frame)
            return
        name = frame.symbols.ref(node.node.name)
        self.write(f"({name} is not missing and not isinstance({name}, Undefined))")

    def _is_plain(self, called: nodes.Expr, frame: Frame) -> bool:
        if isinstance(called, (nodes.Getattr, nodes.EnvironmentAttribute)):
            return True
        if not isinstance(called, nodes.Name) or called.name not in self.environment.globals:
            return False
        found = self.environment.globals[called.name]
        loaded = frame.symbols.find_load(frame.symbols.ref(called.name))
        return loaded == ("resolve", called.name) and _PassArg.from_obj(found) is None  # type: ignore[type-var]


def _form(
    node: nodes.Call, function: Callable[..., Any], args: list[Any], context: nodes.EvalContext
) -> nodes.Expr:
    """A text that a function makes, with holes for the values."""
    holes = {each.key: Markup(f"%({each.key})s") for each in node.kwargs}  # noqa: S704 - names of the template
    form = function(*args, **holes)
    if sum(form.count(hole) for hole in holes.values()) != form.count("%"):
        return node  # a per cent sign of its own
    return _filled(str(form), node, context) or node


def _filled(form: str, node: nodes.Call, context: nodes.EvalContext) -> nodes.Expr | None:
    """`form` with what is given by name in its holes, escaped, when the page is made."""
    order = _HOLE.findall(form)
    given = {each.key: each.value for each in node.kwargs}
    bare = _HOLE.sub("%s", form)
    if not set(order) <= set(given) or bare.count("%") != len(order) + 2 * bare.count("%%"):
        return None
    text = nodes.Const(bare, lineno=node.lineno, environment=context.environment)
    values = [given[name] if order.count(name) == 1 else copied(given[name]) for name in order]
    called = nodes.EnvironmentAttribute("html_of", lineno=node.lineno)
    return nodes.Call(called, [text, *values], [], None, None, lineno=node.lineno)


class _Spoken(NodeTransformer):
    """Puts what is the same on every page of today's language in the place of what asks for it."""

    def __init__(
        self,
        environment: Templates,
        name: str,
        taken: set[str],
        names: dict[str, Any],
        functions: dict[str, Callable[..., Any]],
    ) -> None:
        self._environment = environment
        self._context = nodes.EvalContext(environment, name)
        self._taken = taken  # names the template gives another meaning
        self._names = names
        self._functions = functions

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 - Jinja's name
        if node.ctx == "load" and node.name in self._names and node.name not in self._taken:
            return self._fixed(self._names[node.name], node)
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        asked = node.node
        if (
            isinstance(asked, nodes.Name)
            and asked.name == _LANGUAGE not in self._taken
            and node.attr in _FACTS
        ):
            return self._fixed(getattr(language(), node.attr), node)
        return self.generic_visit(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if (
            not isinstance(node.node, nodes.Name)
            or node.node.name in self._taken
            or node.dyn_args is not None
            or node.dyn_kwargs is not None
        ):
            return node
        try:
            args = [arg.as_const(self._context) for arg in node.args]
        except nodes.Impossible:
            return node
        if node.node.name in _WORDS:
            return self._words(node, node.node.name, args)
        return self._answer(node, node.node.name, args)

    def _words(self, node: nodes.Call, name: str, args: list[Any]) -> nodes.Node:
        """A text in today's language; its values, if any, are filled in and escaped when the page is made."""
        if len(args) != _WORDS[name]:
            return node
        text = self._environment.form_of_words(*args)
        try:
            return self._fixed(text % self._values(node), node)
        except nodes.Impossible:
            pass
        filled = _filled(str(text), node, self._context)
        return node if filled is None else filled

    def _answer(self, node: nodes.Call, name: str, args: list[Any]) -> nodes.Node:
        function = self._functions.get(name)
        if function is None:
            return node
        try:
            found = function(*args, **self._values(node))
        except nodes.Impossible:
            return self._environment.partly(node, name, function, args, self._context)
        return self._fixed(found, node) if has_safe_repr(found) else node

    def _values(self, node: nodes.Call) -> dict[str, Any]:
        """What is given by name. Raises Impossible unless all of it is known."""
        return {each.key: each.value.as_const(self._context) for each in node.kwargs}

    def _fixed(self, value: Any, node: nodes.Node) -> nodes.Expr:
        return nodes.Const(value, lineno=node.lineno, environment=self._environment)


Templates.code_generator_class = _Writer

"""Templates compiled once for each language, their words inside. Must put nothing of a request into them.

A text in its language, an address that begins with the language, a component without anything personal: what
every page of a language has alike is worked out when the template is compiled, not when a page is shown.
See docs/adr/0050-cheap-pages.md.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, Final

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from portal.web.locale import language

_LANGUAGE: Final = "language"
_FACTS: Final = frozenset({"tag", "lang", "direction"})
_WORDS: Final = {"_": 1, "gettext": 1, "pgettext": 2}  # and how many of their texts stand first


class Templates(Environment):
    """Jinja's environment with one set of compiled templates for each language."""

    form_of_words: Callable[..., Markup]  # catalogue.py puts it here

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._of_language: dict[str, dict[str, Template]] = {}
        self._constant: dict[str, Callable[..., Any]] = {}
        self._names: dict[str, Any] = {}

    def install_constants(self, names: dict[str, Any], functions: dict[str, Callable[..., Any]]) -> None:
        """Globals whose value, or answer to constant arguments, is the same for every page of a language."""
        self.globals.update(names | functions)
        self._names, self._constant = names, functions

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
        if name is not None:
            taken = {each.name for each in source.find_all(nodes.Name) if each.ctx != "load"}
            source = _Spoken(self, name, taken, self._names, self._constant).visit(source)
        return super()._generate(source, name, filename, defer_init)


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
        if not node.kwargs:
            return self._fixed(text % {}, node)
        pairs = [
            nodes.Pair(nodes.Const(each.key, lineno=node.lineno), each.value, lineno=node.lineno)
            for each in node.kwargs
        ]
        values = nodes.Dict(pairs, lineno=node.lineno)
        filled = nodes.Mod(self._fixed(text, node), values, lineno=node.lineno)
        return filled.set_environment(self._environment)

    def _answer(self, node: nodes.Call, name: str, args: list[Any]) -> nodes.Node:
        function = self._functions.get(name)
        if function is None:
            return node
        try:
            kwargs = {each.key: each.value.as_const(self._context) for each in node.kwargs}
        except nodes.Impossible:
            return node
        return self._fixed(function(*args, **kwargs), node)

    def _fixed(self, value: Any, node: nodes.Node) -> nodes.Expr:
        return nodes.Const(value, lineno=node.lineno, environment=self._environment)

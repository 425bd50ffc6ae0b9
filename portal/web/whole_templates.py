"""A template made one with what it extends and imports, before it is compiled. Must know no request.

Blocks take their places in the layout, and a macro stands where it is called: a page is then one function
with long constant pieces, instead of a dozen that call each other. A macro of which a name could mean two
things is left to Jinja as it is written; `super()` and conditional layouts are refused. See docs/adr/0050.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, cast

from jinja2 import TemplateAssertionError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

Read = Callable[[str], nodes.Template]
_BINDS: Final = (nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport, nodes.Macro)
_MACROS_OWN: Final = frozenset({"caller", "varargs", "kwargs"})
_ASKED: Final = "_asked_"  # and a number: a block asked for as a value


def placed(source: nodes.Template, read: Read) -> nodes.Template:
    """`source` with the blocks of its layouts in their places. `read` parses a template by its name."""
    chain = _chain(source, read)
    body = [node for each in chain[:-1] for node in each.body if not isinstance(node, _SAID_BY_LAYOUT)]
    body = copied(body + chain[-1].body)
    blocks: dict[str, nodes.Block] = {}
    if len(chain) > 1:
        for block in (block for each in chain for block in each.find_all(nodes.Block)):
            blocks.setdefault(block.name, block)
    made: nodes.Template = _Placed(blocks).visit(nodes.Template(body, lineno=1))
    return made


def inlined(template: nodes.Template, read: Read, known: Collection[str]) -> nodes.Template:
    """`template` with every macro where it is drawn; `known` are the names that mean the same everywhere."""
    lends = not any(isinstance(node, nodes.Output) and _is_said(node) for node in template.body)
    macros, lent = _macros_of(template, read, known)
    made: nodes.Template = _Inlined(macros).visit(template)
    loaded = {each.name for each in made.find_all(nodes.Name) if each.ctx == "load"}
    for node in made.find_all(nodes.FromImport):
        node.names = [name for name in node.names if not isinstance(name, str) or name in loaded]
    for name in sorted(set(lent) & loaded):
        made.body.insert(0, copied(lent[name]))
    if not lends:
        made.body = [node for node in made.body if not isinstance(node, nodes.Macro) or node.name in loaded]
    _drop_empty_imports(made)
    return made


def _is_said(node: nodes.Output) -> bool:
    """Whether it says anything: a file of macros holds only white space beside them."""
    return any(not isinstance(each, nodes.TemplateData) or bool(each.data.strip()) for each in node.nodes)


def settled(template: nodes.Template, context: nodes.EvalContext) -> nodes.Template:
    """`template` without the branches that are never taken, its constant pieces in one."""
    made: nodes.Template = _Settled(context).visit(template)
    for each in (made, *made.find_all(nodes.Node)):
        for name in ("body", "else_"):
            if isinstance(getattr(each, name, None), list):
                setattr(each, name, _merged(getattr(each, name)))
    return made


_SAID_BY_LAYOUT: Final = (nodes.Output, nodes.Extends, nodes.Block)


def stored(node: nodes.Node) -> set[str]:
    """Every name that a template gives a meaning to."""
    names = {each.name for each in node.find_all(nodes.Name) if each.ctx != "load"}
    return names | {each.name for each in node.find_all(nodes.Macro)}


def copied(value: Any) -> Any:
    """A node and all below it once more: one macro may stand in several places."""
    if isinstance(value, list):
        return [copied(each) for each in value]
    if not isinstance(value, nodes.Node):
        return value
    fields = (copied(getattr(value, name)) for name in value.fields)
    return type(value)(*fields, **{name: getattr(value, name) for name in value.attributes})


def _chain(source: nodes.Template, read: Read) -> list[nodes.Template]:
    """The template and its layouts, the outermost last. TemplateAssertionError: what is not done."""
    chain = [source]
    while (extends := chain[-1].find(nodes.Extends)) is not None:
        layout = extends.template
        if not isinstance(layout, nodes.Const) or extends not in chain[-1].body:
            raise TemplateAssertionError("a layout has one name and no condition", extends.lineno)
        chain.append(read(layout.value))
    for call in (call for each in chain for call in each.find_all(nodes.Call)):
        if isinstance(call.node, nodes.Name) and call.node.name == "super":
            raise TemplateAssertionError("super() is not done: give the layout another block", call.lineno)
    for node in (node for each in chain[:-1] for node in each.body if not isinstance(node, _SAID_BY_LAYOUT)):
        if node.find(nodes.Block) is not None:
            raise TemplateAssertionError("a block stands in the layout or in a block", node.lineno)
    return chain


class _Placed(NodeTransformer):
    """Blocks in their places. `self.heading()`, a block asked for as a value, is made just before."""

    def __init__(self, blocks: dict[str, nodes.Block]) -> None:
        self._blocks = blocks
        self._asked = 0

    def visit_Block(self, node: nodes.Block) -> Any:  # noqa: N802 - Jinja's name
        found = self._blocks.get(node.name)
        return node if found is None else _scoped(self._body(found), node.lineno)

    def visit_Output(self, node: nodes.Output) -> Any:  # noqa: N802
        made: list[nodes.Node] = []
        for call in list(node.find_all(nodes.Call)):
            block = self._blocks.get(_own_block(call))
            if block is not None:
                self._asked += 1
                name = f"_asked_{self._asked}"
                target = nodes.Name(name, "store", lineno=node.lineno)
                made.append(nodes.AssignBlock(target, None, self._body(block), lineno=node.lineno))
                _Swapped(call, nodes.Name(name, "load", lineno=node.lineno)).visit(node)
        return [*made, node]

    def _body(self, block: nodes.Block) -> list[nodes.Node]:
        made = nodes.Template(copied(block.body), lineno=block.lineno)
        self.generic_visit(made)
        return made.body


def _own_block(call: nodes.Call) -> str:
    """`heading` of `self.heading()`."""
    asked = call.node
    if not isinstance(asked, nodes.Getattr) or not isinstance(asked.node, nodes.Name):
        return ""
    return asked.attr if asked.node.name == "self" and not call.args else ""


class _Swapped(NodeTransformer):
    """One node in the place of another."""

    def __init__(self, old: nodes.Node, new: nodes.Node) -> None:
        self._old, self._new = old, new

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        return self._new if node is self._old else super().visit(node, *args, **kwargs)


def _scoped(body: list[nodes.Node], lineno: int) -> list[nodes.Node]:
    """The body in a scope of its own, if it has anything to hide there."""
    binds = any(isinstance(node, _BINDS) or any(node.find_all(_BINDS)) for node in body)
    return [nodes.Scope(body, lineno=lineno)] if binds else body


# --- macros ----------------------------------------------------------------------------------------------


def _macros_of(
    template: nodes.Template, read: Read, known: Collection[str]
) -> tuple[dict[str, nodes.Macro], dict[str, nodes.Macro]]:
    """The macros that can be drawn in place, its own and imported ones, and those that imported ones call."""
    found = {node.name: node for node in template.body if isinstance(node, nodes.Macro)}
    lent: dict[str, nodes.Macro] = {}
    taken = stored(template)
    for imported in template.find_all(nodes.FromImport):
        if not isinstance(imported.template, nodes.Const) or imported.with_context:
            continue
        theirs = {
            node.name: node for node in read(imported.template.value).body if isinstance(node, nodes.Macro)
        }
        mean_the_same = (set(known) | set(theirs)) - taken
        for name in imported.names:
            macro = theirs.get(name) if isinstance(name, str) else None
            if macro is not None and all(free(each) <= mean_the_same for each in theirs.values()):
                found[macro.name] = macro
                lent |= {other: each for other, each in theirs.items() if other not in imported.names}
    return {name: macro for name, macro in found.items() if not _MACROS_OWN & free(macro)}, lent


def free(node: nodes.Node) -> set[str]:
    """The names that are taken from outside."""
    return {each.name for each in node.find_all(nodes.Name) if each.ctx == "load"} - stored(node)


def _drop_empty_imports(node: nodes.Node) -> None:
    for each in (node, *node.find_all((nodes.If, nodes.For, nodes.Scope, nodes.With))):
        for name in ("body", "else_"):
            body = getattr(each, name, None)
            if isinstance(body, list):
                body[:] = [one for one in body if not isinstance(one, nodes.FromImport) or one.names]


class _Inlined(NodeTransformer):
    """`{{ details(card) }}` becomes what `details` draws."""

    def __init__(self, macros: dict[str, nodes.Macro]) -> None:
        self._macros = macros
        self._inside: list[str] = []

    def visit_Output(self, node: nodes.Output) -> Any:  # noqa: N802
        made: list[nodes.Node] = []
        for child in node.nodes:
            drawn = self._drawn(child)
            made += [nodes.Output([child], lineno=node.lineno)] if drawn is None else drawn
        return made

    def _drawn(self, call: nodes.Node) -> list[nodes.Node] | None:
        if not isinstance(call, nodes.Call) or not isinstance(call.node, nodes.Name):
            return None
        macro = self._macros.get(call.node.name)
        if macro is None or macro.name in self._inside:
            return None
        given = _arguments(macro, call)
        if given is None:
            return None
        self._inside.append(macro.name)
        made = _filled(macro, given)
        self.generic_visit(made)
        self._inside.pop()
        return made.body


def _arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr] | None:
    """What each parameter gets; None for a call that does not give just those."""
    names = [each.name for each in macro.args]
    wanting = call.dyn_args or call.dyn_kwargs or len(call.args) > len(names)
    given = dict(zip(names[len(names) - len(macro.defaults) :], macro.defaults, strict=True))
    given |= dict(zip(names, call.args, strict=False)) | {each.key: each.value for each in call.kwargs}
    return None if wanting or set(given) != set(names) else given


def _filled(macro: nodes.Macro, given: dict[str, nodes.Expr]) -> nodes.Template:
    """The macro's body with its parameters; plain ones are put where they are used."""
    body = nodes.Template(copied(macro.body), lineno=macro.lineno)
    bound = stored(body)
    plain = {
        name: value
        for name, value in given.items()
        if name not in bound and _is_plain(value) and not {each.name for each in _names(value)} & bound
    }
    rest = {name: value for name, value in given.items() if name not in plain}
    # no parameter may be caught by the name of another one
    if {each.name for value in plain.values() for each in _names(value)} & set(rest):
        plain, rest = {}, given
    body = _Given(plain).visit(body)
    if not rest:
        body.body = _scoped(body.body, macro.lineno)
        return body
    targets: list[nodes.Expr] = [nodes.Name(name, "param", lineno=macro.lineno) for name in rest]
    values = [copied(value) for value in rest.values()]
    body.body = [nodes.With(targets, values, body.body, lineno=macro.lineno)]
    return body


def _names(value: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(value, nodes.Name):
        yield value
    yield from value.find_all(nodes.Name)


def _is_plain(value: nodes.Expr) -> bool:
    """Whether asking for it twice costs nothing and gives the same."""
    return isinstance(value, (nodes.Const, nodes.Name))


class _Given(NodeTransformer):
    def __init__(self, values: dict[str, nodes.Expr]) -> None:
        self._values = values

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        if node.ctx != "load" or node.name not in self._values:
            return node
        value: nodes.Expr = copied(self._values[node.name])
        return value


# --- constants -------------------------------------------------------------------------------------------


class _Settled(NodeTransformer):
    """What is known when a template is compiled is decided then."""

    def __init__(self, context: nodes.EvalContext) -> None:
        self._context = context
        self._asked: dict[str, Markup] = {}

    def visit_If(self, node: nodes.If) -> Any:  # noqa: N802
        self.generic_visit(node)
        try:
            true = cast(nodes.Expr, node.test).as_const(self._context)
        except nodes.Impossible:
            return node
        if true:
            return node.body
        if not node.elif_:
            return node.else_
        first, *others = node.elif_
        return self.visit_If(nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno))

    def visit_Scope(self, node: nodes.Scope) -> Any:  # noqa: N802
        self.generic_visit(node)
        return _scoped(node.body, node.lineno)  # it may have nothing left to hide

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> Any:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.target, nodes.Name) or not node.target.name.startswith(_ASKED):
            return node
        try:
            text = Markup().join(self._text(each) for each in node.body)
        except nodes.Impossible:
            return node
        self._asked[node.target.name] = text
        return None

    def _text(self, node: nodes.Node) -> Markup:
        if not isinstance(node, nodes.Output) or not self._context.autoescape:
            raise nodes.Impossible
        return Markup().join(escape(each.as_const(self._context)) for each in node.nodes)

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        known = self._asked.get(node.name)
        if known is None:
            return node
        return nodes.Const(known, lineno=node.lineno, environment=self._context.environment)


def _merged(body: list[nodes.Node]) -> list[nodes.Node]:
    """Neighbouring outputs as one."""
    made: list[nodes.Node] = []
    for node in body:
        if isinstance(node, nodes.Output) and made and isinstance(made[-1], nodes.Output):
            made[-1] = nodes.Output([*made[-1].nodes, *node.nodes], lineno=made[-1].lineno)
        else:
            made.append(node)
    return made

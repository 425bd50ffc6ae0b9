"""The shape of a component call, told apart from its texts; pure, and must put no text into a shape.

See docs/adr/0010-components-rendered-once-per-shape.md.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count
from operator import itemgetter
from typing import Any, Final

from markupsafe import Markup

from portal.web.written import as_markup, put

Params = dict[str, Any]
Key = tuple[object, ...]
Filler = Callable[[list[str]], Markup]

# Values a macro compares, changes the case of, or joins to a class name, and words of the code: they belong
# to the shape. Every other text is a hole, so that a key nobody thought of is a hole too.
SHAPE_FIELDS: Final = frozenset(
    (
        *("autocapitalize", "autocomplete", "behaviour", "captionClasses", "classes", "colspan"),
        *("disableAutoFocus", "format", "headingLevel", "inputmode", "name", "namePrefix"),
        *("preventDoubleClick", "role", "rowspan", "spellcheck", "titleHeadingLevel", "type"),
    )
)
_END, _TRUE, _FALSE = (object() for _ in range(3))  # equal to no value a call can hold
_OPEN, _CLOSE = "\ue000", "\ue001"  # private use characters, on both sides of a hole's number
_MARK = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


def shape_of(name: str, params: Params) -> tuple[Key, list[str]]:
    """The structure of a call without its texts, and the texts, escaped, as `skeleton` numbers them.

    This is the hot path of every page. Containers wait in a list and are read in turn: a Python call for each
    would cost more than all the rest. A field without a token after it is a hole.
    """
    key: list[object] = [name]
    texts: list[str] = []
    work: list[Any] = [params]
    add, hold, wait = key.append, texts.append, work.append
    for container in work:
        for field, value in enumerate(container) if type(container) is list else container.items():
            add(field)
            kind = type(value)
            if kind is str or kind is Markup:
                hold(put(value)) if value and field not in SHAPE_FIELDS else add(str(value))
            elif kind is dict or kind is list:
                add(kind)
                wait(value)
            elif kind is bool:
                add(_TRUE if value else _FALSE)
            else:
                _rare(field, plain_value(value), key, texts, work)
        add(_END)
    return tuple(key), texts


def _rare(field: object, value: Any, key: list[object], texts: list[str], work: list[Any]) -> None:
    """One value of a call that is not exactly a string, dict, list or boolean, as `shape_of` treats those."""
    if isinstance(value, (dict, list)):
        key.append(dict if isinstance(value, dict) else list)
        work.append(value)
    elif is_hole(field, value):
        texts.append(put(value if isinstance(value, str) else str(value)))
    else:
        key.append(_token(value))


def plain_value(value: Any) -> Any:
    """The value as a string, Markup, dict, list, number, boolean or None; lazy texts in today's language."""
    if value is None or isinstance(value, (str, bool, int, float, dict, list)):
        return value
    if isinstance(value, tuple):
        return list(value)
    return Markup(value.__html__()) if hasattr(value, "__html__") else str(value)  # noqa: S704


def is_hole(field: object, value: object) -> bool:
    """Whether the value is a text of the page. Empty ones stay in the shape, for macros look for them."""
    return bool(value) and value is not True and field not in SHAPE_FIELDS


def _token(value: object) -> object:
    """A value as it stands in a key: 1, 1.0, True and "1" are four shapes; Markup is a string to escape."""
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return str(value) if isinstance(value, str) else (type(value), value)


def skeleton(params: Params) -> Params:
    """A copy of the call with a numbered mark for every text. Raises ValueError if its words hold a mark."""
    result: Params = {}
    numbers = count()
    work: list[tuple[Any, Any]] = [(params, result)]
    for source, target in work:
        for field, value in _fields(source):
            copy: Any
            if isinstance(value, (dict, list)):
                copy = type(value)()
                work.append((value, copy))
            elif is_hole(field, value):
                copy = f"{_OPEN}{next(numbers)}{_CLOSE}"
            else:
                copy = _without_marks(value)
            target.append(copy) if isinstance(target, list) else target.__setitem__(field, copy)
    return result


def _fields(container: Any) -> Iterator[tuple[object, Any]]:
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    return ((field, plain_value(value)) for field, value in pairs)


def _without_marks(value: object) -> object:
    if not isinstance(value, str):
        return value
    if _OPEN in value or _CLOSE in value:
        raise ValueError("a class, name or type of a component holds a private use character")
    return str(value)


def hole(number: int) -> Markup:
    """What a text to come is marked by, for `filler`."""
    return Markup(f"{_OPEN}{number}{_CLOSE}")  # noqa: S704 - signs of our own


def filler(html: str) -> Filler:
    """A function that puts escaped texts into the holes of a rendered shape."""
    pieces = _MARK.split(html)
    order = [int(number) for number in pieces[1::2]]
    form = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
    if not order:
        constant = Markup(form % ())  # noqa: S704 - the macro escaped it
        return lambda texts: constant
    size = len(order)
    if order == list(range(size)):
        return lambda texts: as_markup(Markup, form % tuple(texts[:size]))  # shape_of escaped the texts
    if len(order) == 1:
        only = order[0]
        return lambda texts: as_markup(Markup, form % (texts[only],))
    pick = itemgetter(*order)
    return lambda texts: as_markup(Markup, form % pick(texts))


# --- white space ----------------------------------------------------------------------

_PIECE = re.compile(r"<(textarea|pre)\b[^>]*>.*?</\1>|<[^>]*>|[^<]+", re.DOTALL)
_TAG_NAME = re.compile(r"</?([a-z][a-z0-9]*)")
_SPACES = re.compile(r"[ \t\n\r\f]+")  # HTML's white space: not the no-break space
_OUTSIDE_QUOTES = re.compile(r'("[^"]*")|[ \t\n\r\f]+')
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "br",
        "em",
        "i",
        "img",
        "input",
        "select",
        "span",
        "strong",
        "svg",
        "textarea",
        "time",
    ]
)


def collapse(html: str) -> str:
    """The same HTML with less white space: none beside block-level tags, one in and between inline ones.

    Labels, legends and buttons count as blocks, which they are in GOV.UK Frontend. `pre` and `textarea` are
    left as they are. Attribute values must not hold `>` unescaped, which the official macros ensure.
    """
    pieces = [match[0] for match in _PIECE.finditer(html)]
    result: list[str] = []
    for position, piece in enumerate(pieces):
        if piece.startswith("<"):
            result.append(_tag(piece))
            continue
        text = _SPACES.sub(" ", piece)
        if position == 0 or _is_block(pieces[position - 1]):
            text = text.lstrip(" ")
        if position == len(pieces) - 1 or _is_block(pieces[position + 1]):
            text = text.rstrip(" ")
        result.append(text)
    return "".join(result)


def _tag(piece: str) -> str:
    """A tag with single spaces between its attributes; what stands after it (in a textarea) is kept."""
    end = piece.index(">") + 1
    tag = _OUTSIDE_QUOTES.sub(lambda match: match[1] or (" " if match.end() < end - 1 else ""), piece[:end])
    return tag + piece[end:]


def _is_block(tag: str) -> bool:
    name = _TAG_NAME.match(tag)
    return name is not None and name[1] not in _INLINE

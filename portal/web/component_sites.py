"""A call of a component in a template: what the template fixes is worked out once. Keeps no text."""

from collections.abc import Callable
from typing import Any, Final

from markupsafe import Markup

from portal.web.component_shapes import SHAPE_FIELDS, Filler, filler, hole
from portal.web.written import put

_MOST: Final = 64  # classes and the like that one call can have

Draw = Callable[[str, dict[str, Any]], Markup]


class CallSite:
    """A call with its open values in their order. Values that are not texts go the whole way."""

    __slots__ = ("_draw", "_fills", "_known", "_name", "_names", "_shaping")

    def __init__(self, draw: Draw, name: str, known: dict[str, Any], names: tuple[str, ...]) -> None:
        self._draw, self._name, self._known = draw, name, known
        self._shaping = tuple(name in SHAPE_FIELDS for name in names)
        self._names = names
        self._fills: dict[tuple[str, ...], Filler] = {}

    def __call__(self, *values: Any) -> Markup:
        texts: list[str] = []
        key: tuple[str, ...] = ()
        for shaping, value in zip(self._shaping, values, strict=True):
            kind = type(value)
            if not value or (kind is not str and kind is not Markup):
                return self._draw(self._name, self._params(values))
            if shaping:
                key = (*key, value)
            else:
                texts.append(put(value))
        fill = self._fills.get(key)
        return (fill or self._kept(key, values))(texts)

    def make_ready(self) -> None:
        """Draw the form now, where it does not hang on a value."""
        if not any(self._shaping) and not self._fills:
            self._kept((), ("",) * len(self._names))

    def _params(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return {**self._known, **dict(zip(self._names, values, strict=True))}

    def _kept(self, key: tuple[str, ...], values: tuple[Any, ...]) -> Filler:
        number = 0
        holed: list[Any] = []
        for shaping, value in zip(self._shaping, values, strict=True):
            holed.append(value if shaping else hole(number))
            number += not shaping
        fill = filler(self._draw(self._name, self._params(tuple(holed))))
        if len(self._fills) < _MOST:
            self._fills[key] = fill
        return fill

"""The search for free times: keyset pages answered from one index, whatever the number of slots.

Each service is an index search of its own, cut to the page's length; the results are merged. Statements are
written once per shape of search and kept: building them anew costs more than running them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Dialect, Interval, bindparam, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.adapters.sql.metadata import Choice, Instant
from portal.adapters.sql.query import Query
from portal.adapters.sql.rows_appointments import SLOT_COLUMNS, slot_of
from portal.adapters.sql.rows_places import AnyRow
from portal.adapters.sql.tables_clinical import slot
from portal.domain.appointments import Mode, Slot
from portal.domain.ids import ServiceId, SlotId
from portal.domain.people import ClinicianGender
from portal.ports.clinical import Known, SlotPage, SlotSearch

Key = tuple[datetime, SlotId]


class _Length(TypeDecorator[timedelta]):
    """A length of time in the unit that instants are kept in, so that the database can add the two."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = Interval() if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return value // timedelta(microseconds=1)


_TYPES: dict[str, TypeEngine[Any]] = {
    "now": Instant(),
    "starts_from": Instant(),
    "starts_before": Instant(),
    "key_at": Instant(),
    "at_least": _Length(),
    "gender": Choice(ClinicianGender),
}
_NAMES = ", ".join(column.name for column in SLOT_COLUMNS)
_WITHIN = (
    "FROM slot WHERE service_id = :service{n} AND status = 'free'"
    " AND starts_at >= :starts_from AND starts_at < :starts_before"
)
_RELEASED = " AND (released_at <= :now OR (released_at IS NULL AND starts_at <= :open{n}))"
_FILTERS = {
    "practitioner": " AND practitioner_id = :practitioner",
    "gender": " AND practitioner_id IN (SELECT id FROM practitioner WHERE gender = :gender)",
    "at_least": " AND starts_at + :at_least <= ends_at",
    "step_free": " AND (mode IN ('phone', 'video') OR site_id IN (SELECT id FROM site WHERE step_free))",
}


class _Shape(NamedTuple):
    """What decides the words of a statement, apart from its values."""

    services: int
    modes: int
    filters: tuple[str, ...]
    bound: str = ""  # "", ">" (later than a key) or "<"
    backwards: bool = False
    embargoed: tuple[int, ...] = ()  # of the search for releases: services with an embargo


def find(connection: Connection, search: SlotSearch, now: datetime, known: Known) -> SlotPage:
    """One page of free, released times, whether others lie on either side, and when the next embargo ends."""
    if not search.services:
        return SlotPage(slots=(), earlier=False, later=False)
    found = (known.services.get(each) for each in search.services)
    embargoes = {each.id: each.policy.released_before for each in found if each is not None}
    return _Search(connection, search, now, embargoes).page()


class _Search:
    """One search being answered."""

    def __init__(
        self,
        connection: Connection,
        search: SlotSearch,
        now: datetime,
        embargoes: Mapping[ServiceId, timedelta | None],
    ) -> None:
        self._connection = connection
        self._search = search
        self._embargoes = embargoes
        self._services = tuple(dict.fromkeys(search.services))
        modes = sorted(mode.value for mode in search.modes) if search.modes else []
        self._shape = _Shape(
            services=len(self._services),
            modes=0 if len(modes) == len(Mode) else len(modes),
            filters=tuple(name for name in _FILTERS if getattr(search, name)),
        )
        self._values: dict[str, Any] = {
            "now": now,
            "starts_from": search.starts_from,
            "starts_before": search.starts_before,
            "practitioner": search.practitioner,
            "gender": search.gender,
            "at_least": search.at_least,
        }
        for n, mode in enumerate(modes):
            self._values[f"mode{n}"] = mode
        for n, each in enumerate(self._services):
            embargo = embargoes.get(each)
            self._values[f"service{n}"] = each
            self._values[f"open{n}"] = search.starts_before if embargo is None else now + embargo

    def page(self) -> SlotPage:
        """The page nearest to its key, in order of time."""
        search = self._search
        if search.before is not None:
            found = self._fetch("<", search.before, limit=search.limit + 1, backwards=True)
            slots = tuple(reversed(found[: search.limit]))
            earlier, later = len(found) > search.limit, self._any(">", slots[-1:])
        else:
            found = self._fetch(">" if search.after else "", search.after, limit=search.limit + 1)
            slots = tuple(found[: search.limit])
            earlier = search.after is not None and self._any("<", slots[:1])
            later = len(found) > search.limit
        opens = self._next_release() if search.releases else None
        return SlotPage(slots=slots, earlier=earlier, later=later, next_release=opens)

    def _any(self, bound: str, beside: tuple[Slot, ...]) -> bool:
        """Whether there is a time beyond this one; beyond an empty page, whether there is any."""
        if not beside:
            return bool(self._fetch("", None, limit=1))
        return bool(self._fetch(bound, (beside[0].starts_at, beside[0].id), limit=1))

    def _fetch(self, bound: str, key: Key | None, *, limit: int, backwards: bool = False) -> list[Slot]:
        shape = self._shape._replace(bound=bound, backwards=backwards) if bound else self._shape
        values = self._values
        values["limit"] = limit
        if key is not None:
            values["key_at"], values["key_id"] = key
        rows = _times(shape).all(self._connection, values)
        return [slot_of(row, self._embargoes.get(row.service_id)) for row in rows]

    def _next_release(self) -> datetime | None:
        embargoed = tuple(n for n, each in enumerate(self._services) if self._embargoes.get(each) is not None)
        shape = self._shape._replace(embargoed=embargoed) if embargoed else self._shape
        rows = _releases(shape).all(self._connection, self._values)
        return min((self._opens(row) for row in rows), default=None)

    def _opens(self, row: AnyRow) -> datetime:
        opens: datetime | None = slot_of(row, self._embargoes.get(row.service_id)).released_at
        assert opens is not None  # only embargoed times are asked for
        return opens


@lru_cache(maxsize=512)
def _times(shape: _Shape) -> Query:
    order = " ORDER BY starts_at DESC, id DESC" if shape.backwards else " ORDER BY starts_at, id"
    bound = f" AND (starts_at, id) {shape.bound} (:key_at, :key_id)" if shape.bound else ""
    each = f"SELECT {_NAMES} {_WITHIN}{_RELEASED}{bound}{_filters(shape)}{order} LIMIT :limit"
    parts = [each.format(n=n) for n in range(shape.services)]
    if len(parts) == 1:
        return _typed(parts[0], shape)
    return _typed(f"{_union(parts)}{order} LIMIT :limit", shape)


@lru_cache(maxsize=512)
def _releases(shape: _Shape) -> Query:
    """The soonest to open of each service: by its own date, and by the service's embargo."""
    own = f"SELECT {_NAMES} {_WITHIN} AND released_at > :now{_filters(shape)} ORDER BY released_at LIMIT 1"
    embargo = (
        f"SELECT {_NAMES} {_WITHIN} AND released_at IS NULL AND starts_at > :open{{n}}{_filters(shape)}"
        " ORDER BY starts_at, id LIMIT 1"
    )
    parts = [own.format(n=n) for n in range(shape.services)] + [embargo.format(n=n) for n in shape.embargoed]
    return _typed(_union(parts), shape)


def _union(parts: Sequence[str]) -> str:
    """Parts that each have an order and a limit of their own. Every word of them is written in this file."""
    return " UNION ALL ".join(f"SELECT * FROM ({part}) AS part{n}" for n, part in enumerate(parts))  # noqa: S608


def _filters(shape: _Shape) -> str:
    modes = ", ".join(f":mode{n}" for n in range(shape.modes))
    return (f" AND mode IN ({modes})" if modes else "") + "".join(_FILTERS[name] for name in shape.filters)


def _typed(sql: str, shape: _Shape) -> Query:
    """The statement with the types of its values, as far as it names them, and of its columns."""
    types = _TYPES | {f"open{n}": Instant() for n in range(shape.services)}
    binds = [bindparam(name, type_=kind) for name, kind in types.items() if f":{name}" in sql]
    return Query(text(sql).bindparams(*binds).columns(*(slot.c[column.name] for column in SLOT_COLUMNS)))

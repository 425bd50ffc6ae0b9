"""Resources as kept: JSON text, decimals as received, and a digest to tell change. Makes no query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any, TypeVar, cast

import simplejson

from portal.errors import BadUpstreamData
from portal.fhir.reading import code_of, date_of, id_of, kind_of, subject_of

_Item = TypeVar("_Item")
_CHUNK = 500  # values in one IN (…), well below either database's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One resource on its way into the table, with what it is looked up by."""

    kind: str
    id: str
    resource: Mapping[str, object]
    digest: str
    values: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.id


def kept(resource: Mapping[str, object]) -> Kept:
    """Read what a resource is looked up by. Raises BadUpstreamData for what no database could keep."""
    kind = kind_of(resource)
    wanted = id_of(resource, kind)
    json, judged_by = written(resource), digest(resource)
    values = {
        "type": kind,
        "id": wanted,
        "patient_id": subject_of(resource),
        "date": date_of(resource),
        "code": code_of(resource),
        "digest": judged_by,
        "json": json,
    }
    return Kept(kind=kind, id=wanted, resource=resource, digest=judged_by, values=values)


def written(resource: Mapping[str, object]) -> str:
    """The resource as JSON text, decimals with every digit. Raises BadUpstreamData for text that is none."""
    try:
        json = simplejson.dumps(
            resource, use_decimal=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        json.encode()
    except (
        ValueError,
        TypeError,
    ) as error:  # half a surrogate pair, not-a-number, something that is not JSON
        raise BadUpstreamData("$") from error
    if "\\u0000" in json:
        raise BadUpstreamData("$")  # PostgreSQL has no such character, and no name needs it
    return json


def read(json: str) -> dict[str, object]:
    """The resource again, as it was received."""
    return cast(dict[str, object], simplejson.loads(json, parse_float=Decimal))


def digest(resource: Mapping[str, object]) -> str:
    """The same for the same JSON, whatever the order of its names."""
    canonical = simplejson.dumps(resource, use_decimal=True, sort_keys=True, separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=16).hexdigest()


def chunks(values: Sequence[_Item], size: int = _CHUNK) -> Iterator[Sequence[_Item]]:
    """The values in pieces that fit into one statement."""
    return (values[start : start + size] for start in range(0, len(values), size))

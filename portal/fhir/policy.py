"""BookingPolicy as an extension of HealthcareService, both ways. Lengths in minutes, ages in years."""

from datetime import timedelta
from enum import Enum
from typing import TypeVar

from portal.domain.places import BookingPolicy
from portal.errors import BadUpstreamData
from portal.fhir.names import BOOKING_POLICY
from portal.fhir.reading import Resource, extension_value, extensions, number

_DEFAULT = BookingPolicy()
_Code = TypeVar("_Code", bound=Enum)


def from_fhir(service: Resource) -> BookingPolicy:
    """The practice's limits; defaults where it is silent. Raises BadUpstreamData for an unknown rule."""
    found = next(extensions(service, BOOKING_POLICY), None)
    if found is None:
        return _DEFAULT
    max_open = _whole(found, "max-open")
    return BookingPolicy(
        online=_code(found, "online", _DEFAULT.online),
        max_open=_DEFAULT.max_open if max_open is None else max_open,
        notice=_length(found, "notice", _DEFAULT.notice),
        window=_length(found, "window", _DEFAULT.window),
        released_before=_maybe_length(found, "released-before"),
        cancel_cutoff=_length(found, "cancel-cutoff", _DEFAULT.cancel_cutoff),
        call_late=_length(found, "call-late", _DEFAULT.call_late),
        consequence=_code(found, "consequence", _DEFAULT.consequence),
        minimum_age=_whole(found, "minimum-age"),
        maximum_age=_whole(found, "maximum-age"),
        same_day_twice=extension_value(found, "same-day-twice") is True,
    )


def to_fhir(policy: BookingPolicy) -> dict[str, object]:
    """The extension that says this policy."""
    parts: list[dict[str, object]] = [
        {"url": "online", "valueCode": policy.online.value},
        {"url": "consequence", "valueCode": policy.consequence.value},
        {"url": "same-day-twice", "valueBoolean": policy.same_day_twice},
    ]
    whole = {
        "max-open": policy.max_open,
        "notice": _minutes(policy.notice),
        "window": _minutes(policy.window),
        "released-before": None if policy.released_before is None else _minutes(policy.released_before),
        "cancel-cutoff": _minutes(policy.cancel_cutoff),
        "call-late": _minutes(policy.call_late),
        "minimum-age": policy.minimum_age,
        "maximum-age": policy.maximum_age,
    }
    parts += [{"url": name, "valueUnsignedInt": value} for name, value in whole.items() if value is not None]
    return {"url": BOOKING_POLICY, "extension": parts}


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _whole(found: Resource, name: str) -> int | None:
    value = extension_value(found, name)
    if value is None:
        return None
    whole = number(value)
    if whole is None or not 0 <= whole <= 10_000_000:
        raise BadUpstreamData(_path(name))
    return whole


def _maybe_length(found: Resource, name: str) -> timedelta | None:
    minutes = _whole(found, name)
    return None if minutes is None else timedelta(minutes=minutes)


def _length(found: Resource, name: str, default: timedelta) -> timedelta:
    length = _maybe_length(found, name)
    return default if length is None else length


def _code(found: Resource, name: str, default: _Code) -> _Code:
    value = extension_value(found, name)
    if value is None:
        return default
    try:
        return type(default)(value)
    except ValueError:
        raise BadUpstreamData(_path(name)) from None


def _path(name: str) -> str:
    return f"HealthcareService.extension:booking-policy.{name}"

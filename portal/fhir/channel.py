"""How a visit takes place: UK Core DeliveryChannel and the domain's Mode."""

from portal.domain.appointments import Mode
from portal.errors import BadUpstreamData
from portal.fhir.names import DELIVERY_CHANNEL
from portal.fhir.reading import Resource, extensions, text, value_of, words

_CODES = {Mode.IN_PERSON: "In-person", Mode.PHONE: "Telephone", Mode.VIDEO: "Video"}
_MODES = {code.lower(): mode for mode, code in _CODES.items()}


def modes(resource: Resource, path: str) -> tuple[Mode, ...]:
    """Every channel the resource names, in order. Raises BadUpstreamData(path) for one nobody knows."""
    return tuple(_mode(value_of(each), path) for each in extensions(resource, DELIVERY_CHANNEL))


def extension(mode: Mode) -> dict[str, object]:
    """The extension that says this mode."""
    return {"url": DELIVERY_CHANNEL, "valueCode": _CODES[mode]}


def _mode(value: object, path: str) -> Mode:
    said = text(value) or words(value) or ""
    if said.lower() not in _MODES:
        raise BadUpstreamData(path)
    return _MODES[said.lower()]

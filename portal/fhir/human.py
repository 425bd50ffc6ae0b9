"""HumanName and ContactPoint: how people are named and reached. Decides nothing about showing."""

from collections.abc import Mapping

from portal.domain.people import HumanName, NameUse
from portal.fhir.reading import Resource, end_of_period, items, mapping, number, text, texts


def names(resource: Resource) -> tuple[HumanName, ...]:
    """Every name that says something. A use FHIR does not know is left out: it might be an old name (S34)."""
    found = (_name(name) for name in items(resource.get("name")))
    return tuple(name for name in found if name is not None and name.written())


def _name(name: Mapping[str, object]) -> HumanName | None:
    use = name.get("use")
    try:
        known = None if use is None else NameUse(use)
    except ValueError:
        return None
    return HumanName(
        use=known,
        text=text(name.get("text")),
        given=texts(name.get("given")),
        family=text(name.get("family")),
        ended_on=end_of_period(name.get("period")),
    )


def phone(resource: Resource) -> str | None:
    """The number to ring first: current, by rank, mobile before others. None when the source gives none."""
    found = [
        point for point in items(resource.get("telecom"))
        if point.get("system") == "phone" and point.get("use") != "old" and text(point.get("value"))
    ]  # fmt: skip
    found.sort(key=_preference)
    return text(found[0].get("value")) if found else None


def _preference(point: Resource) -> tuple[bool, int, bool]:
    ended = "end" in mapping(point.get("period"))
    return ended, number(point.get("rank")) or 99, point.get("use") != "mobile"

"""Security labels: which resources nobody is shown (safety rule S4). Judged before anything else is read."""

from collections.abc import Collection
from typing import Final

from portal.fhir.reading import Resource, items, mapping, text

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_SHOWN: Final = frozenset({"N", "L", "M", "U"})


def hidden(resource: Resource, shown: Collection[tuple[str, str]] = ()) -> bool:
    """Whether a label hides it. `shown`: (system, code) of other systems that a deployment lets pass.

    R, V and unlisted codes hide, labels of other systems hide unless they are let pass, and so do labels that
    cannot be read.
    """
    labels = mapping(resource.get("meta")).get("security")
    if labels is None:
        return False
    if not isinstance(labels, list) or not all(isinstance(each, dict) for each in labels):
        return True
    return not all(_passes(label, shown) for label in items(labels))


def _passes(label: Resource, shown: Collection[tuple[str, str]]) -> bool:
    system, code = text(label.get("system")) or "", text(label.get("code")) or ""
    return code in _SHOWN if system == CONFIDENTIALITY else (system, code) in shown

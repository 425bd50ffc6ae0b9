"""How booking may be done with a server, as its last check found; off until one has passed."""

from hashlib import sha256

from portal.adapters.fhir_r4.claims import Mode
from portal.ports.clinical import ClinicalStore


def keep(store: ClinicalStore, url: str, mode: Mode) -> None:
    """Note what the check of this address found. Inside a change."""
    store.mark(_name(url), mode.value)


def kept(store: ClinicalStore, url: str) -> Mode:
    """What the last check of this address found."""
    said = store.marked(_name(url))
    return next((mode for mode in Mode if mode.value == said), Mode.OFF)


def _name(url: str) -> str:
    return f"fhir-mode-{sha256(url.encode()).hexdigest()[:16]}"

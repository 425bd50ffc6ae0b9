"""What a person has checked of the translations (translations/TAG/status.json). Must mark nothing checked
itself.

Every entry is `machine` until a named outside person says otherwise (safety rules S44, S45): `reviewed` by a
native reader, `clinical` by a clinician who reads the language. A translation that changes falls back to
`machine`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MACHINE, REVIEWED, CLINICAL = "machine", "reviewed", "clinical"
STATUSES: Final = (MACHINE, REVIEWED, CLINICAL)
SAFETY: Final = "safety"  # how the context of every safety text begins


def key(context: str | None, message: str) -> str:
    """Stands for one English text in its context; another text or context gives another key."""
    return _digest(f"{context or ''}\x04{message}", 16)


def fingerprint(*forms: str) -> str:
    """Stands for the words of a translation, all its plural forms together."""
    return _digest("\x00".join(forms), 12)


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """The translations of one language that a clinician has signed, by key and fingerprint."""

    clinical: Mapping[str, str]

    def is_signed(self, context: str, message: str, translation: str) -> bool:
        """Whether this very translation has been signed by a clinician."""
        found = self.clinical.get(key(context, message))
        return found is not None and found == fingerprint(translation)


NONE: Final = Reviews(clinical={})


def load(path: Path) -> Reviews:
    """Read a status file; without one nothing has been checked."""
    if not path.is_file():
        return NONE
    entries: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["entries"]
    return Reviews(
        clinical={name: entry["text"] for name, entry in entries.items() if entry["status"] == CLINICAL}
    )

"""The try-out service's own folder instance/.

Its database and two random secrets. For no deployment with real people.
"""

import os
import secrets
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "instance"
_SECRETS: Final = {"PORTAL_SECRET_KEY": "secret-key", "PORTAL_LOG_KEY": "log-key"}


def environment(folder: Path = FOLDER) -> dict[str, str]:
    """The settings of the try-out service, as the environment would give them."""
    return {f"{name}_FILE": str(folder / file) for name, file in _SECRETS.items()} | {
        "PORTAL_DEMO": "yes",
        "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'porth.sqlite3'}",
    }


def make(folder: Path = FOLDER) -> None:
    """Make the folder and whichever secret is missing, readable by their owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in _SECRETS.values():
        try:
            handle = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="ascii") as kept:
            kept.write(secrets.token_urlsafe(48))

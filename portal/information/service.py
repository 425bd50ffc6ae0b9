"""Feedback: kept without account, address or browser. Must keep nothing else."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.ports.bundle import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody said. `about` and `rating` are codes."""

    about: str
    rating: str
    words: str
    language: str


def keep(opinion: Opinion, use: Ports) -> None:
    """Keep it once, however often it is sent. Raises CannotSave.

    The same words are one opinion for a day. Without words two people may well say the same: then sending it
    again counts as one only within a minute.
    """
    now = use.clock.now()
    with use.unit.change():
        use.feedback.save(
            key=key_of(opinion, now),
            page=opinion.about,
            rating=opinion.rating,
            words=opinion.words,
            language=opinion.language,
            at=now,
        )


def key_of(opinion: Opinion, now: datetime) -> str:
    """Stands for what was said and when; for nobody and no browser."""
    when = now.date().isoformat() if opinion.words.strip() else now.isoformat(timespec="minutes")
    said = (opinion.about, opinion.rating, opinion.words, opinion.language, when)
    return sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()

"""Feedback: kept without account, address or browser. Must keep nothing else."""

from dataclasses import dataclass

from portal.ports.bundle import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody said. `key` was made when the form was shown; `about` and `rating` are codes."""

    key: str
    about: str
    rating: str
    words: str
    language: str


def keep(opinion: Opinion, use: Ports) -> None:
    """Keep it once, however often it is sent. Raises CannotSave."""
    with use.unit.change():
        use.feedback.save(
            key=opinion.key,
            page=opinion.about,
            rating=opinion.rating,
            words=opinion.words,
            language=opinion.language,
            at=use.clock.now(),
        )

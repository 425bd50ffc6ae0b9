"""What people say about the portal. Kept without account, address or browser."""

from datetime import datetime
from typing import Protocol


class Feedback(Protocol):
    def save(self, *, key: str, page: str, rating: str, words: str, language: str, at: datetime) -> None:
        """Inside a change. The same key is kept once."""
        ...

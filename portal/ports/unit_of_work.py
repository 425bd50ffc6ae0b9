"""One unit of work a request: where changes, their log rows and their notices become one transaction."""

from contextlib import AbstractContextManager
from typing import Protocol


class UnitOfWork(Protocol):
    """`change()` is one durable transaction: commits at the end, rolls back on any exception.

    Everything a service writes goes inside one. Entering it twice in one request is a programming error
    (RuntimeError).
    Raises CannotSave when the database cannot take the change. `close()` gives connections back at the
    request's end.
    """

    def change(self) -> AbstractContextManager[None]: ...

    def close(self) -> None: ...

"""A circuit breaker: a server that fails again and again is left alone for a while. Makes no request."""

import threading
import time
from collections.abc import Callable

from portal.adapters.fhir_r4.trouble import NotSent

FAILURES = 5  # in a row
REST = 10.0  # seconds


class Breaker:
    """Shared by the threads of a process. Closed at first; open after so many failures in a row."""

    def __init__(
        self, failures: int = FAILURES, rest: float = REST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._rest, self._clock = failures, rest, clock
        self._failed = 0
        self._closed_at = 0.0  # when the next one may try
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Before a call. Raises NotSent while open; after the rest one call at a time may try."""
        with self._lock:
            if self._failed < self._most:
                return
            if self._clock() < self._closed_at:
                raise NotSent("circuit-open")
            self._closed_at = self._clock() + self._rest  # others wait for this one's answer

    def good(self) -> None:
        """The server answered, whatever it said."""
        with self._lock:
            self._failed = 0

    def bad(self) -> None:
        """The server could not be asked or did not answer."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._most:
                self._closed_at = self._clock() + self._rest

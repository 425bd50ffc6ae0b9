"""One end for all calls of a page, kept even against a byte a second. Makes no request."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore

_here = threading.local()


class Deadline:
    """An end in so many seconds from now. The same object serves several threads."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; 0.0 when it is over."""
        return max(0.0, self._end - time.monotonic())


@contextlib.contextmanager
def kept(deadline: Deadline) -> Iterator[None]:
    """Within this block every read and write of this thread ends with the deadline."""
    before = getattr(_here, "deadline", None)
    _here.deadline = deadline
    try:
        yield
    finally:
        _here.deadline = before


def _cut(timeout: float | None, trouble: type[Exception]) -> float:
    """The timeout, no longer than what is left. Raises the trouble when nothing is left."""
    deadline: Deadline | None = getattr(_here, "deadline", None)
    assert deadline is not None, "a call without a deadline"
    left = deadline.left()
    if left <= 0:
        raise trouble("deadline")
    return left if timeout is None else min(timeout, left)


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every read and write minds the deadline: time-outs alone count from each byte."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _cut(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections that mind the deadline."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _cut(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._backend.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)

"""Rate limits over the `limits` library, counted in this worker or in Redis. Never answers "no limit"."""

import hashlib
import math
import threading
from datetime import timedelta
from functools import lru_cache
from typing import cast

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from portal.ports.clock import Clock
from portal.ports.rate_limits import Limit

_RETRY_AFTER = timedelta(seconds=30)
_REDIS = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}  # seconds; a page waits no longer than this
_SWEEP_EVERY = 1024


class WorkerMemory(Storage):
    """Counters of one worker. The library's own starts a thread for each burst and takes no clock."""

    STORAGE_SCHEME = ["worker"]

    def __init__(self, clock: Clock) -> None:
        super().__init__("worker://")
        self._clock = clock
        self._counters: dict[
            str, tuple[int, float]
        ] = {}  # key: how many, and until when (seconds since 1970)
        self._lock = threading.Lock()
        self._until_sweep = _SWEEP_EVERY

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count in the window that runs, or begin one of `expiry` seconds."""
        now = self._now()
        with self._lock:
            self._sweep(now)
            count, until = self._counters.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._counters[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        count, until = self._counters.get(key, (0, 0.0))
        return count if until > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        now = self._now()
        return max(self._counters.get(key, (0, now))[1], now)

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._counters)
            self._counters.clear()
            return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._counters.pop(key, None)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _sweep(self, now: float) -> None:
        """Forget windows that have ended, now and then, so that memory does not grow with visitors."""
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._counters = {key: value for key, value in self._counters.items() if value[1] > now}
            self._until_sweep = max(_SWEEP_EVERY, len(self._counters))


class FixedWindows:
    """Implements ports.rate_limits.RateLimits: fixed windows, each beginning with its first hit.

    `url` is memory:// (each worker counts for itself) or redis://… (counted together). When Redis fails, this
    worker counts for half a minute and then tries again. Raises limits.errors.ConfigurationError for another
    address, or when Redis's client is not installed.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self._own = FixedWindowRateLimiter(WorkerMemory(clock))
        self._shared = None if url.startswith("memory://") else FixedWindowRateLimiter(_shared(url))
        self._shared_again_at = clock.now()

    def hit(self, limit: Limit, key: str) -> int:
        """Count one; 0 when it was within the limit, else whole seconds until the window ends, at least 1."""
        item = _item(limit)
        names = (limit.name, hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32])
        if self._shared is not None and self._clock.now() >= self._shared_again_at:
            try:
                return self._judged(self._shared, item, names)
            except StorageError:
                self._shared_again_at = self._clock.now() + _RETRY_AFTER
        return self._judged(self._own, item, names)

    def _judged(
        self, counter: FixedWindowRateLimiter, item: RateLimitItemPerSecond, names: tuple[str, str]
    ) -> int:
        if counter.hit(item, *names):
            return 0
        ends = counter.storage.get_expiry(item.key_for(*names))
        return max(1, math.ceil(ends - self._clock.now().timestamp()))


@lru_cache(maxsize=256)
def _item(limit: Limit) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(limit.count, limit.seconds, namespace="porth")


def _shared(url: str) -> Storage:
    options = _REDIS if url.startswith("redis") else {}
    return cast("Storage", storage_from_string(url, wrap_exceptions=True, **options))

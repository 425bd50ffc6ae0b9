"""How the benchmarks measure: processor time against a bare Flask page, in turns. Knows no page."""

import gc
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask

ROOT: Final = Path(__file__).resolve().parents[2]
Call = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How many times dearer one thing is than another. `spread`: the quarters of the rounds' own ratios."""

    ratio: float  # of the smallest rounds, the least disturbed ones
    median: float
    low: float
    high: float
    rounds: int
    microseconds: float  # of one call, in its smallest round

    def as_json(self) -> dict[str, Any]:
        return {
            "ratio": round(self.ratio, 2),
            "median": round(self.median, 2),
            "spread": [round(self.low, 2), round(self.high, 2)],
            "rounds": self.rounds,
            "microseconds": round(self.microseconds, 1),
        }


def bare_flask() -> Flask:
    """What everything is measured against: Flask saying hello."""
    app = Flask("hello")

    @app.get("/")
    def hello() -> str:
        return "hello"

    return app


class Answered(Exception):
    """An answer of another status than the one that is being measured."""


def caller(
    app: Any, path: str, *, headers: Iterable[tuple[str, str]] = (), body: bytes = b"", expect: int = 200
) -> Call:
    """One request to a WSGI application, without a server around it. Raises Answered for another status."""
    environ = _environ(path, headers, body)
    seen = [0]

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        seen[0] = int(status[:3])
        return lambda data: None

    def call() -> bytes:
        answer = app({**environ, "wsgi.input": BytesIO(body)}, start_response)
        data = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if seen[0] != expect:
            raise Answered(f"{path}: {seen[0]}, not {expect}")
        return data

    return call


def _environ(path: str, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    parts = urlsplit(path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ |= {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
    if body:
        environ |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
    return environ


def seconds(call: Call, times: int) -> float:
    """Processor time of so many calls, kernel's share included."""
    began = process_time()
    for _ in range(times):
        call()
    return process_time() - began


def compare(call: Call, against: Call, *, rounds: int, times: int) -> Ratio:
    """Both take turns, so that whatever disturbs the machine disturbs both."""
    more = max(times, 1) * 8  # the bare page is so quick that it needs more calls to be measured at all
    for _ in range(3):
        call(), against()
    found: list[tuple[float, float]] = []
    for _ in range(rounds):
        gc.collect()
        found.append((seconds(against, more) / more, seconds(call, times) / times))
    ratios = sorted(dear / cheap for cheap, dear in found)
    best = min(dear for _, dear in found)
    return Ratio(
        ratio=best / min(cheap for cheap, _ in found),
        median=statistics.median(ratios),
        low=ratios[len(ratios) // 4],
        high=ratios[(3 * len(ratios)) // 4],
        rounds=rounds,
        microseconds=best * 1e6,
    )


def machine() -> dict[str, Any]:
    """What it ran on, without a name or an address of it."""
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def commit() -> str:
    """The commit measured; '+' when files differ from it."""
    found = _git("rev-parse", "--short=12", "HEAD") or "none"
    return found + ("+" if _git("status", "--porcelain", "--", "portal", "templates", "static") else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""

"""The real server on the loopback, started as a deployment starts it, and clients that ask it.

Whatever is started here is ended here, by its own number.
"""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlencode

from tests.faults.browser import cookies_of, token_of
from tests.faults.world import LOG_KEY, SECRET_KEY, Somebody, World

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds, for anything at all
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `status` 0 when the connection broke before an answer was whole."""

    status: int
    location: str = ""
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


def free_port() -> int:
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


class Server:
    """`python -m portal.cli.serve` over a world's database."""

    def __init__(
        self,
        world: World,
        log: Path,
        *,
        workers: int = 2,
        largest_file: int | None = None,
        ready: bool = False,
    ) -> None:
        """`ready`: pages are compiled before the fork, as in a deployment; it takes some seconds."""
        self.world = world
        self.port = free_port()
        self._log = log
        self._workers = workers
        self._ready = ready
        self._largest_file = largest_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of its log."""
        command = [sys.executable, "-m", "portal.cli.serve", "--bind", f"{HOST}:{self.port}"]
        command += [] if self._ready else ["--quick-start"]
        command += ["--workers", str(self._workers)]
        with self._log.open("ab") as log:
            self._process = self._open(command, log)
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if self._process.poll() is not None:
                break
            if ask(self.port, "GET", "/en/help").status == 200:
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start:\n" + self.log()[-2000:])

    def _open(self, command: Sequence[str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
        settings = self.world.settings
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
            "PORTAL_SECRET_KEY": SECRET_KEY,
            "PORTAL_LOG_KEY": LOG_KEY,
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_DEMO": "yes",
            "PORTAL_PADDING": "no",
        }
        limit = self._largest_file

        def limited() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=limited
        )

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def workers(self) -> list[int]:
        """The numbers of the worker processes."""
        try:
            found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(number) for number in found.split()]

    def kill(self, number: int) -> None:
        """SIGKILL to the master or one of its workers, and to no other process."""
        if number == self.pid or number in self.workers():
            os.kill(number, signal.SIGKILL)

    def kill_master(self) -> None:
        """End the master at once; its workers notice and go."""
        orphans = self.workers()
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)
        ends = time.monotonic() + PATIENCE
        while any(_lives(number) for number in orphans) and time.monotonic() < ends:
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill_master()

    # --- clients ------------------------------------------------------------------------------------------

    def get(self, path: str, who: Somebody | None = None, *, line: Any = None) -> Answer:
        return ask(self.port, "GET", path, cookies=cookies_of(who), line=line)

    def post(self, path: str, who: Somebody | None, data: dict[str, str], *, line: Any = None) -> Answer:
        own = {"csrf_token": token_of(who)} if who is not None else {}
        body = urlencode({**own, **data}).encode()
        return ask(self.port, "POST", path, cookies=cookies_of(who), body=body, line=line)


def _lives(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def connection(port: int) -> http.client.HTTPConnection:
    """A line to be used for several questions."""
    return http.client.HTTPConnection(HOST, port, timeout=PATIENCE)


def ask(
    port: int,
    method: str,
    path: str,
    *,
    cookies: str = "",
    body: bytes = b"",
    line: http.client.HTTPConnection | None = None,
) -> Answer:
    """One question. A broken connection is an answer too: status 0."""
    began = time.monotonic()
    used = line or connection(port)
    headers = {"Cookie": cookies} if cookies else {}
    if body:
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{HOST}:{port}",
            "Sec-Fetch-Site": "same-origin",
        }
    try:
        used.request(method, path, body or None, headers)
        response = used.getresponse()
        text = response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        used.close()
        return Answer(status=0, seconds=time.monotonic() - began)
    if line is None:
        used.close()
    return Answer(
        status=response.status,
        location=response.headers.get("Location", ""),
        text=text,
        headers=tuple(response.headers.items()),
        seconds=time.monotonic() - began,
    )


@contextmanager
def running(world: World, folder: Path, **options: Any) -> Iterator[Server]:
    server = Server(world, folder / "server.log", **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def all_at_once(work: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """Everything, by so many threads; in the order given."""
    with ThreadPoolExecutor(threads) as pool:
        return [done.result() for done in [pool.submit(one) for one in work]]

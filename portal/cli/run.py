"""`make run`: the whole try-out service in one command, ended by Ctrl-C. Never for real people.

Makes instance/ (secrets, database), loads made-up people or tops up their times, then keeps two children:
the server and `flask work`. Each is a fork of this process, which has loaded everything once.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

from flask import Flask

from portal.access.policy import decide_for_job
from portal.adapters.sql.schema import upgrade
from portal.cli import instance, people, serve
from portal.cli.work import work_command
from portal.config import any_set
from portal.ports.identity import DemoPerson
from portal.synthetic import world
from portal.synthetic.slots import ZONE
from portal.web.logs import to_stderr
from portal.web.services import EXTENSION, Parts

HOST: Final = "127.0.0.1"
PORT: Final = 5000
SEED: Final = 1
_PATIENCE_SECONDS: Final = 25
_READY_SECONDS: Final = 30


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the environment (PORT=…, PATIENTS=…). Exits with words when it is none."""
    text = os.environ.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        sys.exit(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def prepare(parts: Parts, patients: int | None) -> Sequence[DemoPerson]:
    """Tables, people and times; who can sign in. Says what was done, and that PATIENTS came too late."""
    upgrade(parts.database)
    wanted = world.DEFAULT_PEOPLE if patients is None else patients
    with parts.ports("run") as use:
        store = parts.open_store(decide_for_job("top-up-slots"), use)
        today = use.clock.now().astimezone(ZONE).date()
        progress = people.bar if wanted > 1_000 else iter  # the same bar as `flask people load`
        loaded = people.load_people(store, use, wanted, SEED, today, progress)
        listed = use.demo_people.listed()
    if loaded.new:
        print(f"{loaded.people} made-up people loaded.")
    elif patients is not None and patients != loaded.people:
        print(f"PATIENTS is for a new database only: this one keeps its {loaded.people} people.")
    parts.database.dispose()  # children open their own connections
    return listed


def invitation(address: str, listed: Sequence[DemoPerson]) -> str:
    """What to do now."""
    lines = [f"Porth is ready: {address}", "Sign in there as one of these made-up people:"]
    lines += [f"  {person.name} ({person.story})" for person in listed]
    return "\n".join([*lines, "Stop with Ctrl-C."])


class Children:
    """Forks of this process. Ctrl-C reaches only the parent, which ends them in good order."""

    def __init__(self) -> None:
        self._running: dict[int, str] = {}
        self._ending = False

    def start(self, name: str, task: Callable[[], object]) -> None:
        sys.stdout.flush()
        child = os.fork()
        if child:
            self._running[child] = name
            return
        code = 1
        try:
            os.setpgid(0, 0)
            task()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            logging.getLogger("portal").exception("child-failed")
        finally:
            sys.stdout.flush()
            os._exit(code)

    def end(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        """Ask all to finish what they are doing."""
        self._ending = True
        for child in self._running:
            _send(child, signal.SIGTERM)

    def watch(self) -> int:
        """Wait; when one ends, end the others. 0 when it was asked for, else the code of the first."""
        first: int | None = None
        deadline: float | None = None
        while self._running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child in self._running:
                name, code = self._running.pop(child), os.waitstatus_to_exitcode(status)
                if not self._ending:
                    print(f"{name} ended by itself ({code}).", file=sys.stderr)
                    first = code or 1
                    self.end()
            if self._ending:
                deadline = deadline or time.monotonic() + _PATIENCE_SECONDS
                if time.monotonic() > deadline:
                    for late in self._running:
                        _send(late, signal.SIGKILL)
            time.sleep(0.05)
        return first or 0


def _send(child: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)


def _work(app: Flask) -> None:
    """What `flask work` does. Its group is its own, so SIGTERM is how it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with app.app_context():
        work_command.main(args=[], standalone_mode=False)


def _wait_until_ready(port: int) -> bool:
    ends = time.monotonic() + _READY_SECONDS
    while time.monotonic() < ends:
        with socket.socket() as line:
            line.settimeout(0.2)
            if line.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _refuse_taken(port: int) -> None:
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((HOST, port))
        except OSError:
            sys.exit(f"Port {port} is in use. Take another one: make run PORT={port + 1}")


def main() -> None:
    """Run until Ctrl-C."""
    if any_set():
        sys.exit(
            "PORTAL_ variables are set, and `make run` is for trying out only. "
            "Use: python -m portal.cli.serve"
        )
    port = number("PORT", PORT, 1, 65535)
    patients = number("PATIENTS", 0, 1, 1_000_000) or None
    _refuse_taken(port)
    to_stderr(logging.WARNING)
    instance.make()
    app = serve.create()
    parts: Parts = app.extensions[EXTENSION]
    listed = prepare(parts, patients)
    children = Children()
    children.start("The server", lambda: serve.serve(lambda: app, bind=f"{HOST}:{port}"))
    children.start("Background work", lambda: _work(app))
    signal.signal(signal.SIGINT, children.end)
    signal.signal(signal.SIGTERM, children.end)
    if _wait_until_ready(port):
        print(invitation(f"http://{HOST}:{port}", listed), flush=True)
    sys.exit(children.watch())


if __name__ == "__main__":
    main()

"""Starts the portal on a loopback port and knows its people; must not open pages (tests/browser/walker.py
does).
"""

import fcntl
import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from portal.access.policy import Basis, decide_for_job
from portal.adapters.sql.engine import Database
from portal.adapters.sql.schema import upgrade
from portal.bootstrap import create_app, over_database
from portal.cli.people import load_people
from portal.domain.ids import AccountId, PatientId, PatientRef
from portal.ports.bundle import Ports
from portal.synthetic import awkward
from portal.web.services import Parts
from portal.web.templating import all_assets
from tests.browser.control import ANCHOR, NOW, PEOPLE, SEED, Control, Orders, ordered_ports, settings

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
SUBJECTS = {
    "patient": "demo-000",
    "urdu": "demo-001",
    "welsh": "demo-002",
    "parent": "demo-003",
    "carer": "demo-006",
    "many": "demo-008",
    "moved": "demo-009",
    "long-name": "demo-010",
    "receptionist": "demo-staff-harbour",
}
NUMBERS = {name: int(subject[-3:]) for name, subject in SUBJECTS.items() if subject[-3:].isdigit()}
assert NUMBERS["patient"] == awkward.PATIENT
assert NUMBERS["long-name"] == awkward.LONG_NAME


class NoAnswer(RuntimeError):
    """The served portal did not start, or did not answer as the tests need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a browser keeps of a sign-in, and the address it is led to."""

    cookie: str
    account: AccountId
    first_page: str


@dataclass(slots=True, kw_only=True)
class RunningPortal:
    """A served portal. `app` is the same application in this process, for addresses and for looking into its
    data.
    """

    folder: Path
    port: int
    app: Flask
    control: Control
    orders: Orders = field(default_factory=Orders)
    _signed_in: dict[tuple[str, datetime], SignedIn] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)  # ids of what a state had to make once

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def css_cookie(self) -> str:
        """What a browser that has been here before holds."""
        with self.app.app_context():
            return all_assets().version

    def order(self, *, now: datetime = NOW, fails: str = "", limited: bool = False) -> None:
        """Set the time and the faults; without arguments back to usual."""
        self.orders = Orders(now=now, fails=fails, limited=limited)
        self.control.write(self.orders)

    @contextmanager
    def ports(self) -> Iterator[Ports]:
        parts: Parts = self.app.extensions["porth"]
        with parts.ports("test") as use:
            yield use

    def address(self, endpoint: str, tag: str, **values: object) -> str:
        """The path of an endpoint."""
        with self.app.test_request_context():
            named: dict[str, Any] = {"language": tag, **values}
            return self.app.url_for(endpoint, **named)

    def sign_in(self, person: str, *, fresh: bool = False) -> SignedIn:
        """Sign in over HTTP as a listed person; once for each person and time unless `fresh`."""
        key = (person, self.orders.now)
        if fresh or key not in self._signed_in:
            found = self._post_sign_in(person)
            if fresh:
                return found
            self._signed_in[key] = found
        return self._signed_in[key]

    def _post_sign_in(self, person: str) -> SignedIn:
        subject = SUBJECTS[person]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(
            "POST",
            self.address("demo.try_out", "en"),
            urlencode({"person": subject}),
            {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Chrome/153 Linux"},
        )
        answer = connection.getresponse()
        answer.read()
        connection.close()
        cookies = SimpleCookie()
        for line in answer.headers.get_all("Set-Cookie", []):
            cookies.load(line)
        if answer.status != 303:
            raise NoAnswer(f"sign-in as {person}: {answer.status}")
        with self.ports() as use, use.unit.change():
            account = use.accounts.find_or_make(use.demo_people.identity(subject, self.orders.now))
        location = answer.headers.get("Location", "")
        return SignedIn(cookie=cookies["__Host-session"].value, account=account, first_page=location)

    def patients(self, person: str) -> list[tuple[PatientRef, PatientId]]:
        """Whom this person may act for, themselves first, with the references in their addresses."""
        account = self.sign_in(person).account
        with self.ports() as use:
            relations = use.relations.patients_of(account)
            ordered = sorted(relations, key=lambda each: (each.basis is not Basis.SELF, each.patient))
            return [(use.relations.ref_of(account, each.patient), each.patient) for each in ordered]


@contextmanager
def running(folder: Path, template: Path, *, padding: bool = False) -> Iterator[RunningPortal]:
    """A portal over a copy of a seeded database, ended at the end."""
    shutil.copy(template, folder / "portal.sqlite3")
    if padding:
        (folder / "padding").touch()
    control = Control(folder)
    control.write(Orders())
    chosen = settings(folder)
    app = create_app(chosen, ordered_ports(chosen, control))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port: int = listening.getsockname()[1]
        with (folder / "served.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.served", str(folder), str(listening.fileno())],
                cwd=ROOT,
                pass_fds=(listening.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
    try:
        _wait(port, process, folder)
        yield RunningPortal(folder=folder, port=port, app=app, control=control)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            connection.request("GET", "/en/")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
            continue
        if status == 200:
            return
        break
    raise NoAnswer((folder / "served.log").read_text("utf-8", "replace")[-3000:])


def seeded(shared: Path) -> Path:
    """A database with the made-up people, made once for all workers of a test run."""
    template = shared / "seeded.sqlite3"
    with (shared / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            making = shared / "portal.sqlite3"
            _seed(shared, making)
            making.replace(template)
    return template


def _seed(shared: Path, making: Path) -> None:
    parts = over_database(settings(shared))
    database: Database = parts.database
    upgrade(database)
    with parts.ports("seed") as use:
        load_people(
            parts.open_store(decide_for_job("top-up-slots"), use), use, n=PEOPLE, seed=SEED, anchor=ANCHOR
        )
    with database.connect_changes() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()

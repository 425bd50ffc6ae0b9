"""`flask work` and `flask access-log`, over SQL on a file: what a person at a terminal sees."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import Result
from flask import Flask

from portal.adapters.sql.schema import upgrade
from portal.bootstrap import over_database
from portal.cli.access_log import access_log_group
from portal.cli.work import Signalled, work_command
from portal.config import Settings
from portal.domain.ids import PatientId
from portal.ports.access_log import Action, Entry, Outcome
from portal.web.services import EXTENSION, Parts

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(
        secret_key="0123456789 abcdefghijklmnopqrstuvwxyz",
        log_key="zyxwvutsrqponmlkjihgfedcba 9876543210",
        database_url=f"sqlite:///{tmp_path / 'portal.sqlite3'}",
    )
    made = Flask("portal")
    parts = over_database(settings)
    made.extensions[EXTENSION] = parts
    made.cli.add_command(access_log_group)
    made.cli.add_command(work_command)
    upgrade(parts.database)
    yield made
    parts.database.dispose()


def look(app: Flask, times: int) -> None:
    parts: Parts = app.extensions[EXTENSION]
    with parts.ports("request-1") as use:
        for _ in range(times):
            use.access_log.view(
                Entry(
                    at=AT,
                    action=Action.HOME_VIEWED,
                    outcome=Outcome.DONE,
                    patients=(PatientId("patient-ada"),),
                )
            )


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


def last_link(app: Flask) -> str:
    parts: Parts = app.extensions[EXTENSION]
    with parts.ports() as use:
        end = use.access_log.checkpoint()
    assert end is not None
    return f"{end.number}:{end.mac}"


def test_verify_tells_how_many_rows_are_sealed_and_how_many_not_yet(app: Flask) -> None:
    look(app, 3)
    assert run(app, "access-log", "seal").output == "sealed now: 3\n"
    look(app, 2)
    result = run(app, "access-log", "verify")
    assert (result.exit_code, result.output) == (0, "sealed: 3\nunsealed: 2\nbroken: 0\n")


def test_verify_names_rows_that_do_not_fit_and_ends_with_1(app: Flask) -> None:
    look(app, 3)
    parts: Parts = app.extensions[EXTENSION]
    with parts.database.connect_changes() as connection:
        connection.exec_driver_sql("UPDATE access_log SET object = 'x' WHERE seq = 2")
    result = run(app, "access-log", "verify")
    assert result.exit_code == 1
    assert result.output == "sealed: 0\nunsealed: 3\nbroken: 1\nRows that do not fit: 2\n"


def test_a_long_list_of_broken_rows_is_cut(app: Flask) -> None:
    look(app, 60)
    parts: Parts = app.extensions[EXTENSION]
    with parts.database.connect_changes() as connection:
        connection.exec_driver_sql("UPDATE access_log SET object = 'x'")
    assert run(app, "access-log", "verify").output.endswith("49, 50, and 10 more\n")


def test_verify_knows_a_noted_checkpoint_and_misses_one_that_is_gone(app: Flask) -> None:
    look(app, 1)
    run(app, "access-log", "seal")
    assert run(app, "access-log", "verify", "--checkpoint", last_link(app)).exit_code == 0
    result = run(app, "access-log", "verify", "--checkpoint", "7:" + "0" * 64)
    assert result.exit_code == 1
    assert "Seal 7 is not the one that was noted." in result.output


@pytest.mark.parametrize("noted", ["7", "seven:abc", "7:", "-1:abc"])
def test_a_checkpoint_that_cannot_be_read_is_refused(app: Flask, noted: str) -> None:
    assert run(app, "access-log", "verify", "--checkpoint", noted).exit_code == click.UsageError.exit_code


def test_work_once_does_every_job_and_ends(app: Flask) -> None:
    look(app, 3)
    assert run(app, "work", "--once").exit_code == 0
    assert run(app, "access-log", "verify").output.startswith("sealed: 3\n")


def test_work_ends_when_it_is_told(app: Flask) -> None:
    late: list[int] = []  # a signal that no worker was there to take must not end the tests
    before = signal.signal(signal.SIGTERM, lambda number, frame: late.append(number))
    try:
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        result = run(app, "work")
        timer.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (result.exit_code, late) == (0, [])


def test_a_sleeper_wakes_at_the_signal_and_not_only_after_its_sleep() -> None:
    script = (
        "import os, signal, threading\n"
        "from portal.cli.work import Signalled\n"
        "stop = Signalled()\n"
        "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "assert not stop.wait(0)\n"
        "assert stop.wait(60)\n"
        "assert stop.wait(60)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)


def test_an_ignored_interrupt_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stop = Signalled()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        stop.close()
    finally:
        signal.signal(signal.SIGINT, before)

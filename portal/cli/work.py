"""`flask work`: background jobs beside the server, in one process without threads. Knows no job."""

import logging
import os
import select
import signal
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.jobs.runner import Worker
from portal.web.logs import to_stderr
from portal.web.services import EXTENSION, Parts

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signalled:
    """Told to stop by SIGTERM or SIGINT. A pipe wakes the sleeper whichever moment the signal comes.

    A SIGINT that whoever started us ignores stays ignored.
    """

    def __init__(self) -> None:
        self._told = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        wanted = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
        self._before = {each: signal.signal(each, self._tell) for each in wanted}

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until told; whether it was told."""
        if not self._told:
            select.select([self._reader], [], [], max(0.0, seconds))
        return self._told

    def close(self) -> None:
        for wanted, handler in self._before.items():
            signal.signal(wanted, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _tell(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._told:
            self._told = True
            os.write(self._writer, b"!")


@click.command("work")
@click.option("--once", is_flag=True, help="Do every job once and end.")
@with_appcontext
def work_command(once: bool) -> None:
    """Do the background jobs until told to stop (SIGTERM or Ctrl-C)."""
    if not logging.getLogger().handlers:
        to_stderr(logging.INFO)  # the access log's checkpoints go this way
    parts: Parts = current_app.extensions[EXTENSION]
    worker = Worker(lambda: parts.ports("work"), holder=f"{os.uname().nodename}-{os.getpid()}")
    if once:
        worker.turn()
        return
    stop = Signalled()
    try:
        worker.run(stop)
    finally:
        stop.close()

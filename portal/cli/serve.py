"""`python -m portal.cli.serve`: the portal under gunicorn. Knows how to serve, not what.

Two workers of four threads by default: threads keep connections open between pages, which a sync worker
cannot, and that saves a round trip on every page over a slow line (measured price: 1.18 times a sync
worker's CPU on a bare page). The application is loaded once, before the fork.
"""

import argparse
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import gunicorn.http.wsgi  # type: ignore[import-untyped]
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from portal.adapters.sql.schema import current, newest
from portal.config import BadSettings
from portal.web.logs import to_stderr
from portal.web.services import EXTENSION, Parts

BIND, WORKERS, THREADS = "127.0.0.1:5000", 2, 4


class JsonLog(Logger):  # type: ignore[misc]
    """Gunicorn's own lines go the way of all others; it keeps no list of requests: paths hold references."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.access_log.disabled = True


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app()


def options(bind: str = BIND, workers: int = WORKERS, threads: int = THREADS) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": [bind],
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
        "keepalive": 15,
        "timeout": 30,
        "graceful_timeout": 20,
        "forwarded_allow_ips": "",  # X-Forwarded-* is PORTAL_PROXIES' business, not gunicorn's
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "logger_class": JsonLog,
        "loglevel": logging.getLevelName(logging.getLogger().level).lower(),
        "control_socket_disable": True,
        "proc_name": "porth",
    }


def serve(
    make_app: Callable[[], Flask], *, bind: str = BIND, workers: int = WORKERS, threads: int = THREADS
) -> None:
    """Serve until told to stop. Does not return."""
    gunicorn.http.wsgi.SERVER = ""  # every answer carries the header; it need not say who we are
    Server(make_app, options(bind, workers, threads)).run()


def create() -> Flask:
    """The application, from app.py.

    The one place that puts the parts together. Exits with the problems, if any.
    """
    try:
        app: Flask = import_module("app").create_app()
    except BadSettings as problem:
        sys.exit(str(problem))
    return app


def _refuse_old_database(app: Flask) -> None:
    parts: Parts = app.extensions[EXTENSION]
    if current(parts.database) != newest():
        sys.exit("The database has not the newest tables. Run: flask --app app database upgrade")
    parts.database.dispose()


def main() -> None:
    """Serve a deployment: its settings stand in the environment, its database exists."""
    parser = argparse.ArgumentParser(prog="python -m portal.cli.serve", description="Serve the portal.")
    parser.add_argument("--bind", default=BIND, help=f"address and port, or unix:PATH (default {BIND})")
    parser.add_argument("--workers", type=int, default=WORKERS, help=f"processes (default {WORKERS})")
    parser.add_argument("--threads", type=int, default=THREADS, help=f"threads in each (default {THREADS})")
    wanted = parser.parse_args()
    to_stderr(logging.INFO)
    app = create()
    _refuse_old_database(app)
    serve(lambda: app, bind=wanted.bind, workers=wanted.workers, threads=wanted.threads)


if __name__ == "__main__":
    main()

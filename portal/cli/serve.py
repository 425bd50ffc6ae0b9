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
from itertools import product
from typing import Any

import gunicorn.http.wsgi  # type: ignore[import-untyped]
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from portal.adapters.sql.schema import current, newest
from portal.cli.ready import begin, make_ready
from portal.config import BadSettings
from portal.languages import OFFERED
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


class TerseResponse(gunicorn.http.wsgi.Response):  # type: ignore[misc]
    """Without the headers that change nothing: who serves, and that the connection stays open in HTTP/1.1."""

    def default_headers(self) -> list[str]:
        said = ("Connection: keep-alive",) if self.req.version >= (1, 1) else ()
        return [line for line in super().default_headers() if not line.startswith(("Server:", *said))]


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
        app = self._make_app()
        draw_start_pages(app)
        return app


def draw_start_pages(app: Flask) -> None:
    """Draw the pages most visits begin with, before the fork: whichever worker is asked next then knows what
    the browser holds of them (docs/adr/0051). They are the same for everybody and ask no database.
    """
    parts: Parts = app.extensions[EXTENSION]
    for host, language in product(parts.settings.hosts[:1], OFFERED):
        address = f"http://{host.lstrip('.')}"
        app.test_client().get(f"/{language.tag}/", base_url=address, headers={"Accept-Encoding": "br"})


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
        "post_worker_init": lambda worker: begin(worker.app.callable),
    }


def serve(
    make_app: Callable[[], Flask], *, bind: str = BIND, workers: int = WORKERS, threads: int = THREADS
) -> None:
    """Serve until told to stop. Does not return."""
    gunicorn.http.wsgi.Response = TerseResponse
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
    parser.add_argument("--quick-start", action="store_true", help="let each process compile pages as asked")
    wanted = parser.parse_args()
    to_stderr(logging.INFO)
    app = create()
    _refuse_old_database(app)
    if not wanted.quick_start:
        make_ready(app)
    serve(lambda: app, bind=wanted.bind, workers=wanted.workers, threads=wanted.threads)


if __name__ == "__main__":
    main()

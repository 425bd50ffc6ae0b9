"""What a server works out before its first page, so that nobody waits for it. Must change no data.

`make_ready` runs once, before the fork, and leaves no connection open; `begin` runs in each worker.
"""

import gc
import sys
from threading import Thread

from flask import Flask

from portal.adapters.sql.query import Query
from portal.languages import ENGLISH
from portal.web import templating
from portal.web.services import EXTENSION, Parts
from portal.web.sessions import COOKIE

_ADAPTERS = "portal.adapters.sql."


def make_ready(app: Flask) -> None:
    """Compile pages, components and statements. Takes seconds: for a server that is going to run for long."""
    templating.make_ready(app)
    parts: Parts = app.extensions[EXTENSION]
    dialect = parts.database.traces.dialect
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith(_ADAPTERS)]
    for query in (value for module in modules for value in vars(module).values()):
        if isinstance(query, Query):
            query.prepare(dialect)
    parts.database.dispose()
    gc.collect()
    gc.freeze()  # children share this memory until one of them writes to it


def begin(app: Flask) -> None:
    """Ask for two pages of nobody, as a worker's first: for its own engine and the ways through the code."""
    parts: Parts = app.extensions[EXTENSION]
    host = next(iter(parts.settings.hosts), "localhost").lstrip(".")
    headers = {"Cookie": f"{COOKIE}={'A' * 43}", "Accept-Encoding": "br"}

    def ask() -> None:
        client = app.test_client(use_cookies=False)
        for page in ("account", "nowhere"):
            client.get(f"/{ENGLISH.tag}/{page}", base_url=f"http://{host}", headers=headers)

    asking = Thread(target=ask)  # the worker's own threads keep connections of their own
    asking.start()
    asking.join()

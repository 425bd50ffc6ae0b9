"""The process of the FHIR server that tests talk to: sekmet-fhir on the loopback, in a folder of its own.

Started by tests/fhir_server.py, which is all that other tests know. Prints its port when it is ready.
"""

import json
import os
import socket
import sys
from pathlib import Path

NOBODY = 65534


def _drop_rights(folder: str) -> None:
    """A server for tests needs no rights. Kept only where nobody else may read this very Python."""
    if os.geteuid() == 0 and _readable_by_all(Path(sys.executable).resolve(), Path(__file__).resolve()):
        os.chown(folder, NOBODY, NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    os.chdir(folder)


def _readable_by_all(*files: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for file in files for parent in file.parents)


def main(folder: str, auth: str) -> None:
    """Serve until told to stop. `auth` is sekmet's own `server_auth`, as JSON."""
    import uvicorn
    from fastapi import FastAPI
    from sekmet.config import Settings
    from sekmet.main import create_app

    _drop_rights(folder)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = Settings(
        base_url=f"http://127.0.0.1:{port}/fhir",
        host="127.0.0.1",
        port=port,
        data_dir=folder,
        simulator={"enabled": False},
        log_inbound=False,
        server_auth=json.loads(auth),
    )
    app: FastAPI = create_app(settings)
    store = app.state.ctx.store

    @app.post("/empty")
    def empty() -> dict[str, str]:
        """Forget every resource, between tests."""
        store.reset()
        return {}

    store.conn.execute("PRAGMA synchronous = OFF")  # the data lives as long as the tests
    print(port, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])

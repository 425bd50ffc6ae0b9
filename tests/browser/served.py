"""The portal as a process of its own: `python -m tests.browser.served FOLDER FD`. Started by
tests/browser/running.py.
"""

import logging
import sys
from pathlib import Path

from portal.bootstrap import create_app
from portal.cli.serve import serve
from portal.web.logs import to_stderr
from tests.browser.control import Control, ordered_ports, settings


def main() -> None:
    """Serve as `make run` does, with one worker: bytes and pages do not depend on how many there are."""
    folder, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    chosen = settings(folder, padding=(folder / "padding").exists())
    to_stderr(logging.WARNING)
    app = create_app(chosen, ordered_ports(chosen, Control(folder)))
    serve(lambda: app, bind=f"fd://{descriptor}", workers=1)


if __name__ == "__main__":
    main()

"""`make bench`: measure, and write docs/figures/speed.json and speed.md. QUICK=1: small, and writes nothing.

Every figure is a ratio within this run, or says what else it is. A missed target stands as measured.
"""

import json
import os
import resource
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from portal.adapters.clock import SystemClock
from tests.bench import booking, pages, search, worker
from tests.bench.measure import ROOT, commit, machine
from tests.bench.report import written
from tests.faults.world import make_world

FIGURES = ROOT / "docs" / "figures"


def measured(folder: Path, *, quick: bool) -> dict[str, Any]:
    """All of it. `quick`: a tenth of the size, for trying whether it runs."""
    say("pages")
    (folder / "pages").mkdir()
    world = make_world(folder / "pages", SystemClock().now())
    found = pages.measure(world, rounds=7 if quick else 31, times=5 if quick else 20)
    say("workers")
    first = worker.first_pages(world, 3 if quick else 9)
    (folder / "memory").mkdir()
    memory = worker.memory(folder / "memory")
    say("bookings")
    rates = booking.rates(folder, 100 if quick else 1000)
    (folder / "many").mkdir()
    rush = booking.rush(folder / "many", *((200, 20) if quick else (2000, 200)))
    say("search")
    (folder / "search").mkdir()
    searched = search.measure(folder / "search", 100_000 if quick else 1_000_000, rounds=5 if quick else 25)
    return {
        "command": "make bench QUICK=1" if quick else "make bench",
        "commit": commit(),
        "date": SystemClock().now().date().isoformat(),
        "machine": machine(),
        "pages": [
            {
                "kind": page.kind,
                "page": page.page,
                "limit": page.limit,
                "bytes": page.bytes,
                **page.found.as_json(),
            }
            for page in found
        ],
        "first_page_of_a_worker": first,
        "memory": memory,
        "booking": asdict(rates) | {"ratio": round(rates.ratio, 2)},
        "rush": asdict(rush),
        "search": searched,
    }


def say(what: str) -> None:
    print(f"Measuring {what}", file=sys.stderr, flush=True)


def main() -> None:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with tempfile.TemporaryDirectory(prefix="porth-bench-") as folder:
        figures = measured(Path(folder), quick=quick)
    text = written(figures)
    print(text)
    if not quick:
        FIGURES.mkdir(parents=True, exist_ok=True)
        (FIGURES / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        (FIGURES / "speed.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

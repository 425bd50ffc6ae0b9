"""What a worker costs: its first page against a warm one, and the memory it holds for itself."""

import os
import pickle
import statistics
from pathlib import Path
from time import process_time
from typing import Any

from flask import Flask

from portal.adapters.clock import SystemClock
from portal.cli.ready import begin, make_ready
from portal.web.templating import all_assets
from tests.bench.measure import caller
from tests.faults import people
from tests.faults.browser import address, cookies_of
from tests.faults.server import running
from tests.faults.world import World, make_world, served

PAGES = ("home.home", "appointments.listed", "appointments.start")


def first_pages(world: World, turns: int) -> dict[str, Any]:
    """Each time a fresh fork of an application made ready, as the server makes them; a page, then fifty."""
    amina = world.people["amina"]
    found: dict[str, Any] = {}
    with served(world, SystemClock()) as app:
        with app.app_context():
            cookies = cookies_of(amina, all_assets().version)
        make_ready(app)
        for endpoint in PAGES:
            path = address(app, endpoint, patient_ref=amina.refs[people.AMINA])
            call = caller(app, path, headers=[("Accept-Encoding", "br"), ("Cookie", cookies)])
            pairs = [_in_a_fork(app, call) for _ in range(turns)]
            ratios = sorted(first / warm for first, warm in pairs)
            found[endpoint] = {
                "ratio": round(min(first for first, _ in pairs) / min(warm for _, warm in pairs), 2),
                "median": round(statistics.median(ratios), 2),
                "spread": [round(ratios[0], 2), round(ratios[-1], 2)],
                "first_milliseconds": round(min(first for first, _ in pairs) * 1e3, 2),
            }
    return found


def _in_a_fork(app: Flask, call: Any) -> tuple[float, float]:
    """Processor seconds of the first page and of a warm one, in a worker that has begun."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            begin(app)
            os.write(writing, pickle.dumps(_timed(call)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        data = answer.read()
    os.waitpid(child, 0)
    first, warm = pickle.loads(data)  # noqa: S301 - our own child wrote it
    return float(first), float(warm)


def _timed(call: Any) -> tuple[float, float]:
    began = process_time()
    call()
    first = process_time() - began
    warm: list[float] = []
    for _ in range(50):
        began = process_time()
        call()
        warm.append(process_time() - began)
    return first, statistics.median(warm)


def memory(folder: Path) -> dict[str, float]:
    """MiB of the server's processes after some pages: what a worker holds for itself, and all together."""
    world = make_world(folder, SystemClock().now())
    amina = world.people["amina"]
    with running(world, folder, ready=True) as server:
        for turn in range(200):
            path = ("/", "/appointments", "/book/start")[turn % 3]
            server.get(f"/en/for/{amina.refs[people.AMINA]}{path}", amina)
        workers = [_kept(number) for number in server.workers()]
        master = _kept(server.pid)
    return {
        "worker_private_mib": round(max(own for own, _ in workers), 1),
        "worker_share_mib": round(max(share for _, share in workers), 1),
        "all_mib": round(master[1] + sum(share for _, share in workers), 1),
    }


def _kept(number: int) -> tuple[float, float]:
    """Private memory and proportional share of one process, in MiB."""
    lines = Path(f"/proc/{number}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Pss"]

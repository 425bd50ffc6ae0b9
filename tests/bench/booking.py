"""Bookings a second over HTTP against the same statements through sqlite3, and many rivals for few times.

Both run on the same cores, with two processes, against the same kind of file, every commit durable.
"""

import multiprocessing
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

from sqlalchemy import event

from portal.adapters.clock import SystemClock
from portal.adapters.sql.query import command
from portal.domain.ids import PatientId
from tests.faults import invariants, people
from tests.faults.answers import answer_for_all, check_page
from tests.faults.browser import Browser
from tests.faults.server import Answer, Server, all_at_once, connection, running
from tests.faults.world import Somebody, World, add_patients, make_world, served

PROCESSES, CLIENTS = 2, 8
Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Bookings a second. `request_raw`: all statements of the request, not only those of the transaction."""

    http: float
    raw: float
    request_raw: float
    bookings: int

    @property
    def ratio(self) -> float:
        return self.http / self.raw


def rates(folder: Path, bookings: int) -> Rates:
    world = _new_world(folder / "rates")
    wanted = _everybody_wants_their_own(world, bookings)
    recorded = _recorded(world)
    with running(world, folder) as server:
        began = time.perf_counter()
        answers = all_at_once([_post(server, who, key) for who, key in wanted], CLIENTS)
        spent = time.perf_counter() - began
    assert {answer.status for answer in answers} == {303}, Counter(answer.status for answer in answers)
    assert invariants.broken(world) == {}
    inside = _transaction(recorded)
    return Rates(
        http=bookings / spent,
        raw=_raw_rate(folder / "raw.sqlite3", world.file, inside, bookings),
        request_raw=_raw_rate(folder / "request.sqlite3", world.file, recorded, bookings),
        bookings=bookings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    rivals: int
    times: int
    sold: int
    twice: int
    errors: int
    slowest_seconds: float


def rush(folder: Path, rivals: int, times: int) -> Rush:
    """Everybody at once, as many for each time: all are sold, none twice, nobody sees an error."""
    world = _new_world(folder / "rush")
    slots = people.slots("rush", times, world.now + timedelta(days=2))
    world.add(*slots)
    everybody = add_patients(world, rivals, "rush")
    wanted = [(who, PatientId(who.name), slots[number % times].id) for number, who in enumerate(everybody)]
    keys = answer_for_all(world, wanted)
    with running(world, folder) as server:
        work = [_post(server, who, key) for who, key in zip(everybody, keys, strict=True)]
        answers = all_at_once(work, 32)
    assert invariants.broken(world) == {}
    sold = world.rows("SELECT slot_id FROM appointment WHERE booking_key IS NOT NULL")
    return Rush(
        rivals=rivals,
        times=times,
        sold=len({row[0] for row in sold}),
        twice=len(sold) - len({row[0] for row in sold}),
        errors=sum(answer.status != 303 for answer in answers),
        slowest_seconds=max(answer.seconds for answer in answers),
    )


def _new_world(folder: Path) -> World:
    folder.mkdir()
    return make_world(folder, SystemClock().now())


def _everybody_wants_their_own(world: World, count: int) -> list[tuple[Somebody, str]]:
    slots = people.slots("own", count, world.now + timedelta(days=2))
    world.add(*slots)
    everybody = add_patients(world, count, "own")
    wanted = [(who, PatientId(who.name), slot.id) for who, slot in zip(everybody, slots, strict=True)]
    return list(zip(everybody, answer_for_all(world, wanted), strict=True))


_lines = threading.local()


def _post(server: Server, who: Somebody, key: str) -> Callable[[], Answer]:
    def post() -> Answer:
        """Each thread keeps its line open, as browsers do."""
        if getattr(_lines, "port", None) != server.port:
            _lines.port, _lines.line = server.port, connection(server.port)
        path = check_page(who, PatientId(who.name))
        return server.post(path, who, {"key": key}, line=_lines.line)

    return post


# --- the raw rate ------------------------------------------------------------------------------------------


def _recorded(world: World) -> list[Statement]:
    """Every statement of one booking request, with its values."""
    (who,) = add_patients(world, 1, "recorded")
    slot = people.slot("recorded-slot", world.now + timedelta(days=1))
    world.add(slot)
    (key,) = answer_for_all(world, [(who, PatientId(who.name), slot.id)])
    found: list[Statement] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        plain = (bytes(value) if isinstance(value, memoryview) else value for value in values)
        found.append((statement, tuple(plain)))

    def note_command(connection: Any, words: str) -> None:
        found.append((words, ()))
        command(connection, words)

    begun = mock.patch("portal.adapters.sql.unit.command", note_command)
    with begun, served(world, SystemClock()) as app:
        database = app.extensions["porth"].database
        for engine in (database.changes, database.traces):
            event.listen(engine, "before_cursor_execute", note)
        answer = Browser(app).post(check_page(who, PatientId(who.name)), who, {"key": key})
        assert answer.status_code == 303
        database.dispose()
    return found


def _transaction(statements: Sequence[Statement]) -> list[Statement]:
    """Those between BEGIN and COMMIT around the claim of the slot."""
    claim = next(at for at, (sql, _) in enumerate(statements) if sql.lstrip().startswith("UPDATE slot"))
    first = max(at for at in range(claim) if statements[at][0].startswith("BEGIN"))
    last = min(at for at in range(claim, len(statements)) if statements[at][0].startswith("COMMIT"))
    return list(statements[first : last + 1])


def _raw_rate(file: Path, source: Path, statements: Sequence[Statement], bookings: int) -> float:
    """The same statements for as many other times, by two processes that do nothing else."""
    with sqlite3.connect(source) as old, sqlite3.connect(file) as new:
        old.backup(new)
        new.execute("UPDATE slot SET status = 'free'")
        new.execute("DELETE FROM appointment WHERE booking_key IS NOT NULL")
        new.execute("DELETE FROM booking_attempt")
    each = bookings // PROCESSES
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(PROCESSES + 1)
    workers = [
        context.Process(target=_replay, args=(str(file), list(statements), number * each, each, ready))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    ready.wait(60)
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    spent = time.perf_counter() - began
    assert all(worker.exitcode == 0 for worker in workers)
    return each * PROCESSES / spent


def _replay(file: str, statements: list[Statement], first: int, count: int, ready: Any) -> None:
    connection = sqlite3.connect(file, timeout=30, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    made = {
        value for sql, values in statements if sql.startswith("INSERT") for value in values if _is_id(value)
    }
    ready.wait(60)
    for number in range(first, first + count):
        fresh: dict[Any, Any] = {value: uuid4().hex for value in made}
        fresh["recorded-slot"] = f"own-{number:05}"
        fresh["recorded-00000"] = f"own-{number:05}"
        for sql, values in statements:
            connection.execute(sql, tuple(fresh.get(value, value) for value in values)).fetchall()
    connection.close()


def _is_id(value: Any) -> bool:
    """What must differ in each booking: keys and ids made for it."""
    return isinstance(value, str) and len(value) >= 20

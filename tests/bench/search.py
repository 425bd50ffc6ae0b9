"""What a search for free times costs with many slots against few, and whether an index answers it."""

import statistics
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import event, insert

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Basis
from portal.adapters.clock import SystemClock
from portal.adapters.sql.rows_appointments import slot_values
from portal.adapters.sql.tables_clinical import slot
from portal.domain.ids import AccountId
from portal.ports.clinical import PatientChart, SlotPage, SlotSearch
from tests.faults import people
from tests.faults.world import World, make_world

FEW = 10_000
_BATCH = 10_000
_DAYS = 56


def measure(folder: Path, many: int, *, rounds: int) -> dict[str, Any]:
    """Microseconds of one search of each, their ratio, and the plans. Both have as many times on a page."""
    now = SystemClock().now()
    small, large = (_filled(folder / f"slots-{count}", count, now) for count in (FEW, many))
    with small.ports() as few, large.ports() as lots:
        charts = [use.source.open(_grant()) for use in (few, lots)]
        plans = _plans(large, charts[1], now)
        seconds = _in_turns(charts, now, rounds)
    best = [min(each) for each in seconds]
    ratios = sorted(b / a for a, b in zip(*seconds, strict=True))
    return {
        "few": FEW,
        "many": many,
        "microseconds": [round(each * 1e6, 1) for each in best],
        "ratio": round(best[1] / best[0], 2),
        "median": round(statistics.median(ratios), 2),
        "spread": [round(ratios[len(ratios) // 4], 2), round(ratios[3 * len(ratios) // 4], 2)],
        "index_search": all("SEARCH slot USING" in plan and "INDEX" in plan for plan in plans),
        "plans": plans,
    }


def _grant() -> AccessGrant:
    return AccessGrant(
        actor=AccountId("bench"),
        patient=people.AMINA,
        permission=Permission.APPOINTMENTS_BOOK,
        basis=Basis.SELF,
    )


def _filled(folder: Path, count: int, now: datetime) -> World:
    """So many free times over eight weeks, one in fifty of them for the care that is searched."""
    folder.mkdir()
    world = make_world(folder, now)
    apart = timedelta(days=_DAYS) / count
    with world.database.connect_changes() as connection:
        for first in range(0, count, _BATCH):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.execute(
                insert(slot), [_row(number, now, apart) for number in range(first, first + _BATCH)]
            )
            connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("ANALYZE")
    return world


def _row(number: int, now: datetime, apart: timedelta) -> dict[str, Any]:
    service = people.GP if number % 50 == 0 else f"other-{number % 50}"
    starts_at = now + timedelta(hours=2) + number * apart
    return slot_values(people.slot(f"bench-{number:08}", starts_at, people.GP)) | {"service_id": service}


def _search(now: datetime) -> SlotSearch:
    return SlotSearch(
        services=(people.GP,),
        starts_from=now + timedelta(days=20),
        starts_before=now + timedelta(days=_DAYS),
        limit=20,
    )


def _find(chart: PatientChart, now: datetime) -> SlotPage:
    found = chart.find_slots(_search(now))
    assert len(found.slots) == 20
    return found


def _in_turns(charts: list[PatientChart], now: datetime, rounds: int) -> tuple[list[float], list[float]]:
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 2):
        for chart, kept in zip(charts, seconds, strict=True):
            began = process_time()
            for _ in range(20):
                _find(chart, now)
            kept.append((process_time() - began) / 20)
    return seconds[0][2:], seconds[1][2:]


def _plans(world: World, chart: PatientChart, now: datetime) -> list[str]:
    """What SQLite says it does for each statement about slots."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if "FROM slot" in statement:
            asked.append((statement, values))

    event.listen(world.database.traces, "before_cursor_execute", note)
    _find(chart, now)
    event.remove(world.database.traces, "before_cursor_execute", note)
    assert asked
    with world.database.connect_traces() as connection:
        return [
            str(row[-1])
            for statement, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            if " slot " in f" {row[-1]} "
        ]

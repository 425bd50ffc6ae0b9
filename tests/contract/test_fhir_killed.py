"""Killed (`kill -9`) while it books over FHIR: nothing acknowledged is lost, nothing is left half done."""

import random
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.unit import SqlUnit
from portal.domain.places import BookingPolicy
from portal.jobs.remote import settle_changes
from tests import builders
from tests.contract.conftest import PATIENCE, clinical_database, fhir_world, furnish
from tests.contract.fhir_parts import fhir_ports
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer

ROOT = Path(__file__).parents[2]
KILLS, EACH = 6, 60  # how often, and slots for each process
CHANCE = random.Random(20260601)


def killed(server: FhirServer, database_url: str, first: int) -> list[tuple[str, str]]:
    """Run a booker, kill it a moment after its first bookings; what it had acknowledged."""
    command = [sys.executable, "-m", "tests.contract.fhir_booker", server.url, database_url, str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(CHANCE.uniform(0.1, 0.8))
        process.kill()
        told = process.stdout.read().splitlines()
    assert process.returncode == -9
    return [(line.split()[0], line.split()[1]) for line in told if len(line.split()) == 2]


def test_killed_again_and_again_nothing_acknowledged_is_lost(
    request: pytest.FixtureRequest, fhir_server: FhirServer, still: FixedClock, tmp_path: Path
) -> None:
    client = FhirClient(Connection(url=fhir_server.url, page_seconds=PATIENCE))
    with closing(client), clinical_database("sqlite", request, tmp_path) as database:
        world = furnish(fhir_world(fhir_server, client, database, still))
        world.add(
            builders.make_service(policy=BookingPolicy(max_open=10_000, same_day_twice=True)),
            *builders.make_slots(KILLS * EACH + 100, apart=timedelta(minutes=1)),
        )
        world.unit.close()
        url = str(database.url)
        told = [each for n in range(KILLS) for each in killed(fhir_server, url, n * EACH)]
        assert len(told) > KILLS
        still.advance(timedelta(hours=1))
        use = fhir_ports(client, database, still)
        settle_changes(use)
        use.unit.close()
        unit = SqlUnit(database)
        assert list(SqlRemoteChanges(unit).left_since(still.now() + timedelta(hours=1))) == []
        unit.close()
    ends = {wanted: what for what, wanted in told}  # the last that was said of each
    visits = {each["id"]: each for each in fhir_server.all("Appointment")}
    for wanted, what in ends.items():
        if what == "cancelled":
            assert visits[wanted]["status"] == "cancelled"
        else:  # whoever was killed while cancelling may have cancelled
            assert visits[wanted]["status"] in ("booked", "cancelled")
    live = [each["slot"][0]["reference"] for each in visits.values() if each["status"] == "booked"]
    assert len(live) == len(set(live))
    busy = {f"Slot/{each['id']}" for each in fhir_server.all("Slot") if each["status"] == "busy"}
    assert busy == set(live)

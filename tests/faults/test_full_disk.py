"""No room left to write: people are told so and what to do; nothing is lost; reading goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.domain.ids import PatientId
from tests.faults import invariants, people
from tests.faults.answers import answer_for_all, check_page
from tests.faults.server import Answer, Server, running
from tests.faults.world import Somebody, World, add_patients, make_world

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]
PATIENTS = 60
ROOM = 256 * 1024  # bytes that no file may grow beyond: the write-ahead log reaches it after some bookings


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("full"), datetime.now(UTC))


@pytest.fixture(scope="module")
def rivals(world: World) -> list[tuple[Somebody, str]]:
    slots = people.slots("full", PATIENTS, world.now + timedelta(days=2))
    world.add(*slots)
    everybody = add_patients(world, PATIENTS, "full")
    wanted = [(who, PatientId(who.name), slot.id) for who, slot in zip(everybody, slots, strict=True)]
    return list(zip(everybody, answer_for_all(world, wanted), strict=True))


@pytest.fixture(scope="module")
def crowded(
    world: World, rivals: list[tuple[Somebody, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with world.database.connect_changes() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    world.database.dispose()
    folder = tmp_path_factory.mktemp("full-server")
    with running(world, folder, workers=1, largest_file=ROOM) as started:
        yield started


def book(server: Server, who: Somebody, key: str) -> Answer:
    return server.post(check_page(who, PatientId(who.name)), who, {"key": key})


def test_a_full_disk_says_so_keeps_what_was_booked_and_books_again_when_there_is_room(
    world: World, rivals: list[tuple[Somebody, str]], crowded: Server, tmp_path: Path
) -> None:
    told: dict[str, Answer] = {}
    refused: list[tuple[Somebody, str]] = []
    for who, key in rivals:
        answer = book(crowded, who, key)
        if answer.status == 303:
            told[who.name] = answer
        else:
            assert answer.status == 503
            refused.append((who, key))
            page = answer
    assert told, "the disk must have had room at first"
    assert refused, "and none at last"
    assert "999" in page.text
    assert "01632" in page.text
    assert "Retry-After" in dict(page.headers)
    _reading_goes_on(crowded, world)
    crowded.stop()
    assert invariants.broken(world) == {}
    assert len(invariants.booked(world)) == len(told)
    with running(world, tmp_path) as roomy:
        answers = [book(roomy, who, key) for who, key in refused]
    assert {answer.status for answer in answers} == {303}
    assert len(invariants.booked(world)) == len(rivals)
    assert invariants.broken(world) == {}


def _reading_goes_on(server: Server, world: World) -> None:
    """Public pages for all, and people's own pages as far as a row in the access log can be written."""
    for path in ("/en/", "/ur/help", "/cy/contact", "/en/sign-in"):
        assert server.get(path).status == 200
    amina = world.people["amina"]
    own = server.get(f"/en/for/{amina.refs[people.AMINA]}/appointments", amina)
    assert own.status in (200, 503)
    if own.status == 503:
        assert "We cannot note who opens it. Help pages work. Try later." in own.text
        assert "999" in own.text
        assert "01632" in own.text
        assert "Retry-After" in dict(own.headers)

"""Many people want one time, and one person presses many times, on the real server: one visit, no error."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.domain.ids import PatientId
from tests.faults import invariants, people
from tests.faults.answers import answer_all, check_page
from tests.faults.server import Answer, Server, all_at_once, running
from tests.faults.world import Somebody, World, add_patients, make_world, new_session

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]
RIVALS, IDENTICAL, BROWSERS = 60, 1000, 10


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("races"), datetime.now(UTC))


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(world, tmp_path_factory.mktemp("races-server")) as started:
        yield started


def post(
    server: Server, who: Somebody, patient: PatientId, key: str, language: str = "en"
) -> Callable[[], Answer]:
    return lambda: server.post(check_page(who, patient, language), who, {"key": key})


def new_slot(world: World, name: str, days: int = 3) -> str:
    world.add(people.slot(name, world.now + timedelta(days=days)))
    return name


def outcome(answer: Answer) -> str:
    """The status, and whether it leads to the times, to a visit, or nowhere."""
    where = "times" if answer.location.endswith("/times") else "visit" if answer.location else ""
    return f"{answer.status} {where}"


def visits_on(world: World, slot: str) -> list[str]:
    return [str(row[0]) for row in world.rows("SELECT id FROM appointment WHERE slot_id = ?", slot)]


def test_sixty_rivals_for_one_time_make_one_visit_and_fifty_nine_are_led_to_other_times(
    world: World, server: Server
) -> None:
    slot = new_slot(world, "wanted-by-sixty")
    rivals = add_patients(world, RIVALS)
    keys = [answer_all(world, who, PatientId(who.name), slot) for who in rivals]
    work = [post(server, who, PatientId(who.name), key) for who, key in zip(rivals, keys, strict=True)]
    outcomes = Counter(outcome(answer) for answer in all_at_once(work, RIVALS))
    assert outcomes == {"303 visit": 1, "303 times": RIVALS - 1}
    assert len(visits_on(world, slot)) == 1
    assert invariants.broken(world) == {}


def test_a_thousand_identical_posts_make_one_visit_and_all_get_its_page(world: World, server: Server) -> None:
    slot = new_slot(world, "pressed-a-thousand-times")
    amina = world.people["amina"]
    key = answer_all(world, amina, people.AMINA, slot)
    with world.ports() as use:
        sessions = [new_session(use, amina.account, world.now) for _ in range(BROWSERS)]
    browsers = [replace(amina, secret=secret, session=session) for secret, session in sessions]
    work = [post(server, browsers[turn % BROWSERS], people.AMINA, key) for turn in range(IDENTICAL)]
    answers = all_at_once(work, 50)
    (visit,) = visits_on(world, slot)
    (location,) = {answer.location for answer in answers}
    assert visit in location
    assert {answer.status for answer in answers} == {303}
    assert invariants.broken(world) == {}


def test_one_browser_that_presses_all_day_is_slowed_but_books_once(world: World, server: Server) -> None:
    """Its own limit of pages a minute is reached; what got through leads to the same visit."""
    slot = new_slot(world, "pressed-by-one")
    (who,) = add_patients(world, 1, "presser")
    patient = PatientId(who.name)
    key = answer_all(world, who, patient, slot)
    answers = all_at_once([post(server, who, patient, key)] * IDENTICAL, 50)
    assert {answer.status for answer in answers} <= {303, 429}
    assert len({answer.location for answer in answers if answer.status == 303}) == 1
    assert len(visits_on(world, slot)) == 1


def test_rivals_for_one_time_in_both_languages_and_from_two_helpers(world: World, server: Server) -> None:
    """The same patient, two accounts, two keys, two languages: still one visit on that time."""
    slot = new_slot(world, "wanted-by-two-helpers", days=7)
    amina, carer = world.people["amina"], world.people["carer"]
    work: list[Callable[[], Answer]] = []
    for who, language in ((amina, "en"), (carer, "ur")):
        key = answer_all(world, who, people.AMINA, slot)
        work += [post(server, who, people.AMINA, key, language)] * 10
    answers = all_at_once(work, 20)
    assert all(answer.status in (303, 409) for answer in answers), Counter(map(outcome, answers))
    assert len(visits_on(world, slot)) == 1
    assert invariants.broken(world) == {}


def test_the_server_wrote_no_fault_and_nobodys_words(server: Server, tmp_path: Path) -> None:
    lines = server.log()
    assert '"event":"fault"' not in lines
    assert [canary.what for canary in people.canaries() if canary.text in lines] == []

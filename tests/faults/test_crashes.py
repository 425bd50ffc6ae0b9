"""kill -9 while people book: what was told is booked, nothing is half done, and it starts again."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.domain.ids import PatientId
from tests.faults import invariants, people
from tests.faults.answers import answer_for_all, check_page
from tests.faults.server import Server, running
from tests.faults.world import Somebody, World, add_patients, make_world

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]
KILLS, PATIENTS, CLIENTS = 20, 1200, 4


@dataclass(frozen=True, slots=True)
class Wish:
    """One person on the check page for one time, with the key of that page."""

    who: Somebody
    slot: str
    key: str


@dataclass(slots=True)
class Load:
    """People booking without a pause. `told`: visits that somebody was told of, by time."""

    server: Server
    wishes: Iterator[Wish]
    told: dict[str, str] = field(default_factory=dict)
    unanswered: list[Wish] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                wish = next(self.wishes, None)
            if wish is None:
                return
            self.try_once(wish)

    def try_once(self, wish: Wish) -> None:
        answer = self.server.post(check_page(wish.who, PatientId(wish.who.name)), wish.who, {"key": wish.key})
        with self._lock:
            if answer.status == 303 and "/book/" not in answer.location:
                self.told[wish.slot] = answer.location
            elif answer.status == 0:
                self.unanswered.append(wish)
            else:
                self.odd.append(f"{answer.status} {answer.location}")
        if answer.status == 0:
            time.sleep(0.02)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("crashes"), datetime.now(UTC))


def wishes(world: World) -> list[Wish]:
    """Everybody wants a time of their own."""
    rivals = add_patients(world, PATIENTS, "crash")
    slots = people.slots("crash", PATIENTS, world.now + timedelta(days=2))
    world.add(*slots)
    keys = answer_for_all(
        world, [(who, PatientId(who.name), slot.id) for who, slot in zip(rivals, slots, strict=True)]
    )
    return [Wish(who, slot.id, key) for who, slot, key in zip(rivals, slots, keys, strict=True)]


def test_twenty_kills_under_load_lose_nothing_and_leave_nothing_half_done(
    world: World, tmp_path: Path
) -> None:
    with running(world, tmp_path) as server:
        load = Load(server, iter(wishes(world)))
        with load.going_on():
            for turn in range(KILLS):
                time.sleep(0.15 + 0.03 * (turn % 5))
                _kill(server, turn)
        told, unanswered = dict(load.told), list(load.unanswered)
        assert len(told) > KILLS, "too few were told anything for the kills to mean something"
        assert load.odd == []
        assert invariants.broken(world) == {}
        _nothing_lost(world, told)
        again = Load(server, itertools.chain(unanswered))
        again.run()  # whoever got no answer sends the same form again: same key, one visit
        assert (again.unanswered, again.odd) == ([], [])
    assert invariants.broken(world) == {}
    _nothing_lost(world, told | again.told)


def _kill(server: Server, turn: int) -> None:
    """Mostly a worker; every fourth time the master, which is then started anew."""
    if turn % 4 == 3:
        server.kill_master()
        began = time.monotonic()
        server.start()
        assert time.monotonic() - began < 20
        return
    for number in server.workers()[:1]:
        server.kill(number)


def _nothing_lost(world: World, told: dict[str, str]) -> None:
    booked = invariants.booked(world)
    lost = [slot for slot, location in told.items() if booked.get(slot, "none") not in location]
    assert lost == []

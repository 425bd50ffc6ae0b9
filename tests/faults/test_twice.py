"""Refresh, double press, a lost answer, a second tab, Back: nothing is made twice or lost."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.domain.ids import PatientId
from tests.fakes_unit import FixedClock
from tests.faults import invariants, people
from tests.faults.answers import answer_all, check_page
from tests.faults.browser import Browser, address
from tests.faults.world import Somebody, World, add_patients, make_world, served

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("twice"), NOW)


@pytest.fixture(scope="module")
def app(world: World) -> Iterator[Flask]:
    with served(world, FixedClock(NOW)) as made:
        yield made


@pytest.fixture(scope="module")
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def somebody(world: World, request: pytest.FixtureRequest) -> Somebody:
    """A patient who has nothing yet; each test its own."""
    (found,) = add_patients(world, 1, f"twice-{abs(hash(request.node.name))}")
    return found


def patient_of(who: Somebody) -> PatientId:
    return PatientId(who.name)


def new_slot(world: World, who: Somebody, number: int = 0) -> str:
    slot = people.slot(f"for-{who.name}-{number}", NOW + timedelta(days=3 + number))
    world.add(slot)
    return str(slot.id)


def visits(world: World, who: Somebody) -> list[tuple[str, str, str]]:
    sql = "SELECT id, slot_id, status FROM appointment WHERE patient_id = ? ORDER BY created_at, id"
    return [(str(a), str(b), str(c)) for a, b, c in world.rows(sql, who.name)]


def key_in(page: str) -> str:
    """The idempotency key a form carries."""
    fields = re.findall(r'<input[^>]*name="key"[^>]*>', page)
    assert len(fields) == 1, page[:300]
    found = re.search(r'value="([^"]+)"', fields[0])
    assert found is not None
    return found[1]


def test_a_double_press_books_once_and_both_lead_to_it(
    world: World, browser: Browser, somebody: Somebody
) -> None:
    key = answer_all(world, somebody, patient_of(somebody), new_slot(world, somebody))
    path = check_page(somebody, patient_of(somebody))
    first, second = (browser.post(path, somebody, {"key": key}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(visits(world, somebody)) == 1


def test_a_lost_answer_is_found_again_by_sending_once_more(
    world: World, browser: Browser, somebody: Somebody
) -> None:
    """The booking was kept but nobody heard: the draft knows nothing, the key does."""
    slot = new_slot(world, somebody)
    key = answer_all(world, somebody, patient_of(somebody), slot)
    path = check_page(somebody, patient_of(somebody))
    first = browser.post(path, somebody, {"key": key})
    answer_all(
        world, somebody, patient_of(somebody), slot, key=key
    )  # as if the answer and the note were lost
    again = browser.post(path, somebody, {"key": key})
    assert again.headers["Location"] == first.headers["Location"]
    assert len(visits(world, somebody)) == 1


def test_back_and_refresh_after_booking_lead_to_what_was_booked(
    world: World, browser: Browser, somebody: Somebody
) -> None:
    key = answer_all(world, somebody, patient_of(somebody), new_slot(world, somebody))
    path = check_page(somebody, patient_of(somebody))
    booked = browser.post(path, somebody, {"key": key}).headers["Location"]
    assert browser.get(path, somebody).headers["Location"] == booked
    assert browser.get(booked, somebody).status_code == 200
    assert browser.get(booked, somebody).status_code == 200
    assert len(visits(world, somebody)) == 1


def test_a_second_tab_with_other_answers_does_not_book_the_first_ones(
    world: World, browser: Browser, somebody: Somebody
) -> None:
    """Two check pages, one draft: the older page's button books nothing that it did not show."""
    patient, path = patient_of(somebody), check_page(somebody, patient_of(somebody))
    old = answer_all(world, somebody, patient, new_slot(world, somebody))
    other = new_slot(world, somebody, 1)
    new = answer_all(world, somebody, patient, other)
    refused = browser.post(path, somebody, {"key": old})
    assert refused.status_code == 409
    assert visits(world, somebody) == []
    assert browser.post(path, somebody, {"key": new}).status_code == 303
    assert [slot for _, slot, _ in visits(world, somebody)] == [other]


def test_cancelling_twice_cancels_once_and_frees_the_time_once(
    app: Flask, world: World, browser: Browser, somebody: Somebody
) -> None:
    key = answer_all(world, somebody, patient_of(somebody), new_slot(world, somebody))
    browser.post(check_page(somebody, patient_of(somebody)), somebody, {"key": key})
    ((visit, slot, _),) = visits(world, somebody)
    ref = somebody.refs[patient_of(somebody)]
    path = address(app, "appointments.cancel", patient_ref=ref, appointment=visit)
    page = browser.get(path, somebody).get_data(as_text=True)
    sent = {"key": key_in(page), "version": "1", "reason": "better", "words": ""}
    answers = [browser.post(path, somebody, sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert visits(world, somebody) == [(visit, slot, "cancelled")]
    assert world.rows("SELECT status FROM slot WHERE id = ?", slot) == [("free",)]
    rows = world.rows("SELECT seq FROM access_log WHERE action = 'appointment:cancel' AND object = ?", visit)
    assert len(rows) == 1


def test_changing_twice_makes_one_new_visit_and_lets_one_old_time_go(
    app: Flask, world: World, browser: Browser, somebody: Somebody
) -> None:
    patient = patient_of(somebody)
    key = answer_all(world, somebody, patient, new_slot(world, somebody))
    browser.post(check_page(somebody, patient), somebody, {"key": key})
    ((visit, old, _),) = visits(world, somebody)
    other = new_slot(world, somebody, 2)
    ref = somebody.refs[patient]
    check = address(app, "appointments.change", patient_ref=ref, appointment=visit, step="check")
    with world.ports() as use:
        answers = {"when": "soon", "how": "any", "slot": other}
        use.drafts.save(somebody.account, patient, f"change:{visit}", answers, NOW)
    page = browser.get(check, somebody).get_data(as_text=True)
    sent = {"key": key_in(page)}
    answered = [browser.post(check, somebody, sent) for _ in range(3)]
    assert [answer.status_code for answer in answered] == [303, 303, 303]
    assert len({answer.headers["Location"] for answer in answered}) == 1
    found = {slot: status for _, slot, status in visits(world, somebody)}
    assert found == {old: "cancelled", other: "booked"}
    assert world.rows("SELECT status FROM slot WHERE id = ?", old) == [("free",)]
    assert invariants.broken(world) == {}


def test_feedback_sent_twice_is_kept_once(world: World, browser: Browser) -> None:
    page = browser.get("/en/feedback").get_data(as_text=True)
    sent = {"key": key_in(page), "about": "book", "rating": "easy", "words": "twice"}
    before = world.rows("SELECT count(*) FROM feedback")[0][0]
    assert [browser.post("/en/feedback", None, sent).status_code for _ in range(2)] == [303, 303]
    assert world.rows("SELECT count(*) FROM feedback")[0][0] == before + 1


def test_a_slot_watch_asked_for_twice_is_one(world: World, browser: Browser, somebody: Somebody) -> None:
    answer_all(world, somebody, patient_of(somebody), new_slot(world, somebody))
    path = f"/en/for/{somebody.refs[patient_of(somebody)]}/watch"
    assert [browser.post(path, somebody).status_code for _ in range(2)] == [303, 303]
    assert world.rows("SELECT count(*) FROM slot_watch WHERE patient = ?", somebody.name) == [(1,)]


def test_after_all_that_nothing_is_half_done(world: World) -> None:
    assert invariants.broken(world) == {}

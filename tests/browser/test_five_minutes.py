"""The README's "Five minutes": each step as it stands there, and none without a test here."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.browser import journeys
from tests.browser.control import settings
from tests.browser.journeys import Screen
from tests.browser.test_journeys import newcomer
from tests.browser.walker import Walker

README = Path(__file__).parents[2] / "README.md"


def steps() -> list[str]:
    """The numbered steps, one line each."""
    section = README.read_text("utf-8").split("## Five minutes\n")[1].split("\n## ")[0]
    found = re.findall(r"^\d\. (.+?)(?=^\d\. |^\S|\Z)", section, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+", " ", step).strip() for step in found]


# A piece of each step's text, and the test that does it.
DRIVEN = {
    "Sign in as one of the made-up people": "test_somebody_signs_in_as_a_made_up_person",
    "Turn JavaScript off": "test_in_urdu_with_scripts_off_somebody_books_takes_the_file_and_changes",
    "اردو": "test_in_urdu_with_scripts_off_somebody_books_takes_the_file_and_changes",
    "take the calendar file": "test_in_urdu_with_scripts_off_somebody_books_takes_the_file_and_changes",
    "Sign in as the parent": "test_a_parent_sees_the_childs_name_on_every_page",
    "receptionist": "test_a_receptionist_publishes_slots_and_takes_one_out_of_use",
    "flask access-log verify": "test_the_access_log_shows_when_it_was_touched",
}


def test_every_step_of_the_readme_is_driven_by_a_test_that_exists() -> None:
    texts = steps()
    assert texts
    for step in texts:
        assert any(piece in step for piece in DRIVEN), f"no test drives: {step}"
    written = "".join(path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    for piece, test in DRIVEN.items():
        assert any(piece in step for step in texts), f"the README says no more: {piece}"
        assert f"def {test}(" in written


def test_somebody_signs_in_as_a_made_up_person(travellers: Callable[[bool], Walker]) -> None:
    screen = newcomer(travellers, "en", scripts=True)
    screen.walker.go("/")
    assert screen.page.url.endswith("/en/")
    screen.link("Sign in")
    people = screen.main.get_by_role("listitem")
    assert people.count() >= 6
    assert people.filter(has_text="A patient who reads Urdu").count() == 1  # each has a story
    with screen.page.expect_navigation():
        screen.page.get_by_role("button", name=journeys.PATIENT, exact=True).click()
    assert screen.heading == "Home"


def test_in_urdu_with_scripts_off_somebody_books_takes_the_file_and_changes(
    travellers: Callable[[bool], Walker], tmp_path: Path
) -> None:
    screen = newcomer(travellers, "en")
    walker, page = screen.walker, screen.page
    walker.go("/en/")
    with page.expect_navigation():
        page.get_by_role("link", name="اردو").click()
    walker.tag = "ur"
    screen.link("Sign in")
    with page.expect_navigation():
        page.get_by_role("button", name=journeys.PATIENT, exact=True).click()
    journeys.book(screen)
    screen.link("See this appointment, to print, change or cancel it")
    with page.expect_download() as taken:
        page.get_by_role("link", name=screen.say("Add it to your calendar")).click()
    file = tmp_path / "appointment.ics"
    taken.value.save_as(file)
    event = Calendar.from_ical(file.read_bytes()).walk("VEVENT")[0]
    assert event["SUMMARY"].params["LANGUAGE"] == "ur"
    old_time = _when(screen)
    screen.link("Change this appointment")
    screen.answer("When would you like to come?", "As soon as possible")
    screen.answer("How would you like to be seen?", "I do not mind", "how a visit takes place")
    screen.go_on()
    assert old_time in screen.main.inner_text()  # it is still yours
    journeys.choose(screen, 2)
    screen.button("Move to the new time", "button")
    assert screen.heading == screen.say("Appointment changed")
    screen.link("See this appointment, to print, change or cancel it")
    assert _when(screen) != old_time


def _when(screen: Screen) -> str:
    row = screen.main.locator(".govuk-summary-list__row").filter(has_text=screen.say("When")).first
    return str(row.locator("dd").first.inner_text())


def test_a_parent_sees_the_childs_name_on_every_page(travellers: Callable[[bool], Walker]) -> None:
    screen = newcomer(travellers, "en")
    page = screen.page
    journeys.sign_in(screen, "Daniel Mensah")
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Kofi Mensah")).click()
    for follow in ("See, change or cancel appointments", "Book an appointment", "Continue"):
        assert "Kofi Mensah" in page.get_by_role("banner").inner_text()
        assert "Kofi" not in page.title()
        screen.go_on() if follow == "Continue" else screen.link(follow)
    assert "Kofi Mensah" in page.get_by_role("banner").inner_text()


@pytest.mark.parametrize("touched", [False, True])
def test_the_access_log_shows_when_it_was_touched(
    travellers: Callable[[bool], Walker], touched: bool, tmp_path: Path
) -> None:
    screen = newcomer(travellers, "en")
    journeys.sign_in(screen)
    served = screen.walker.portal.folder
    with closing(sqlite3.connect(served / "portal.sqlite3")) as real, closing(_copy(tmp_path)) as copied:
        real.backup(copied)
        rows = copied.execute("SELECT count(*) FROM access_log").fetchone()[0]
        if touched:
            copied.execute("UPDATE access_log SET actor = 'nobody' WHERE seq = 1")
            copied.commit()
    chosen = settings(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "access-log", "verify"],
        cwd=README.parent,
        env={
            **os.environ,
            "PORTAL_SECRET_KEY": chosen.secret_key,
            "PORTAL_LOG_KEY": chosen.log_key,
            "PORTAL_DATABASE_URL": chosen.database_url,
            "PORTAL_DEMO": "yes",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert rows > 0
    assert done.returncode == (1 if touched else 0), done.stderr
    assert ("broken: 1" if touched else "broken: 0") in done.stdout


def _copy(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "portal.sqlite3")

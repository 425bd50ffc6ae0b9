"""Every page that can be asked for stands in the browser tests' registry, or says why not."""

from pathlib import Path

import pytest
from flask import Flask

from portal.bootstrap import create_app
from tests.browser.control import Control, Orders, ordered_ports, settings
from tests.browser.registry import EXCUSED, STATES, by_name


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    chosen = settings(tmp_path)
    control = Control(tmp_path)
    control.write(Orders())
    return create_app(chosen, ordered_ports(chosen, control))


def _pages(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def test_every_page_has_a_state_to_be_looked_at_in(app: Flask) -> None:
    registered = {state.endpoint for state in STATES}
    missing = _pages(app) - registered - set(EXCUSED)
    assert not missing, (
        f"add states for {sorted(missing)} to tests/browser/states_*.py, or a reason to EXCUSED"
    )


def test_the_registry_names_no_page_that_is_gone(app: Flask) -> None:
    gone = ({state.endpoint for state in STATES} | set(EXCUSED)) - _pages(app) - {""}
    assert not gone


def test_a_page_that_answers_forms_is_also_looked_at_with_mistakes_or_needs_no_answer(app: Flask) -> None:
    forms = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"GET", "POST"} <= (rule.methods or set()) and rule.endpoint not in EXCUSED
    }
    no_answer = {
        "appointments.start",
        "appointments.cannot_come",
        "appointments.watch",
        "identity.own_sessions",
        "identity.session_ending",
        "practice.withdraw",
    }  # one button, nothing to answer
    judged = {state.endpoint for state in STATES if state.mistakes}
    assert forms - judged == no_answer


def test_names_of_states_are_unique() -> None:
    assert len(by_name()) == len(STATES)

"""The safety file and the security table say only what is true: controls name tests, and each test exists.

Names are looked up in the files' syntax trees; a test that is skipped or renamed is not evidence.
"""

import ast
import csv
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HAZARDS, ASVS = ROOT / "docs" / "hazards.yaml", ROOT / "docs" / "asvs.csv"
NODE = re.compile(r"tests/[\w/]+\.py::test_\w+")
AWAITING = "awaiting a clinical safety officer"
WANTED = {
    "H1", "H2", "H3", "H4", "H8", "H9", "H11", "H19", "H22", "H24", "H25", "S4", "S8", "S19",
    "S27", "S28", "S29", "S30", "S31", "S32", "S33", "S34", "S35", "S36", "S44", "S45",
}  # fmt: skip
DUTY, LATER = "deployment duty: ", "not yet: capability "


@dataclass(slots=True)
class Entry:
    """One hazard or rule of docs/hazards.yaml: its facts, and the tests of each control."""

    id: str
    facts: dict[str, str] = field(default_factory=dict)
    controls: dict[str, list[str]] = field(default_factory=dict)


def entries(text: str) -> list[Entry]:
    """Read by layout: `- id:`, facts, `- control:`, a test a line. Raises ValueError on other lines."""
    found: list[Entry] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#") or said in ("hazards:", "rules:", "controls:", "tests:"):
            continue
        name, _, value = said.removeprefix("- ").partition(": ")
        if said.startswith("- id: "):
            found.append(Entry(value))
        elif said.startswith("- control: "):
            found[-1].controls[value] = []
        elif NODE.fullmatch(said.removeprefix("- ")):
            list(found[-1].controls.values())[-1].append(said.removeprefix("- "))
        elif name in ("name", "cause", "effect", "scoring") and value:
            found[-1].facts[name] = value
        else:
            raise ValueError(f"line {number}: {said}")
    return found


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests a file defines and does not skip."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and not any("skip" in ast.dump(mark) for mark in node.decorator_list)
    )


def exists(node: str) -> bool:
    path, _, name = node.partition("::")
    return name in defined_in(path)


def rows() -> list[dict[str, str]]:
    with ASVS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KNOWN = entries(HAZARDS.read_text("utf-8"))


def test_all_hazards_and_rules_of_what_is_built_are_there_once() -> None:
    ids = [entry.id for entry in KNOWN]
    assert len(ids) == len(set(ids))
    assert set(ids) >= WANTED


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry.id)
def test_every_control_names_a_test(entry: Entry) -> None:
    assert entry.controls, f"{entry.id} has no control"
    assert [control for control, tests in entry.controls.items() if not tests] == []
    needed = {"name", "cause", "effect", "scoring"} if entry.id.startswith("H") else {"name"}
    assert needed <= entry.facts.keys()


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: entry.id)
def test_every_named_test_exists(entry: Entry) -> None:
    named = [node for tests in entry.controls.values() for node in tests]
    assert [node for node in named if not exists(node)] == []


def test_no_score_is_given_by_this_project() -> None:
    """Severity and likelihood are a named person's, and nobody has given them (S45)."""
    scores = {entry.facts["scoring"] for entry in KNOWN if entry.id.startswith("H")}
    assert scores == {AWAITING}


def test_every_security_requirement_has_a_test_or_says_whose_duty_it_is() -> None:
    found = rows()
    assert len({row["requirement"] for row in found}) == len(found) > 100
    wrong: list[str] = []
    for row in found:
        tests = [node for node in row["evidence"].split(" ") if node.startswith("tests/")]
        if tests:
            wrong += [f"{row['requirement']}: {node}" for node in tests if not exists(node)]
        elif not row["evidence"].startswith((DUTY, LATER)):
            wrong.append(f"{row['requirement']}: {row['evidence']}")
    assert wrong == []


def test_requirements_are_numbered_and_levelled_as_the_standard_does() -> None:
    for row in rows():
        assert re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,2}", row["requirement"]), row
        assert row["level"] in ("L1", "L2", "L3"), row
        assert row["words"], row


def test_a_test_that_does_not_exist_and_a_control_without_one_are_seen() -> None:
    assert exists("tests/guards/test_evidence.py::test_every_named_test_exists")
    assert not exists("tests/guards/test_evidence.py::test_that_nobody_wrote")
    assert not exists("tests/guards/test_nowhere.py::test_every_named_test_exists")
    text = "hazards:\n  - id: H1\n    name: x\n    controls:\n      - control: y\n        tests:\n"
    assert [tests for entry in entries(text) for tests in entry.controls.values()] == [[]]
    with pytest.raises(ValueError, match="line 2"):
        entries("hazards:\n  - nonsense\n")

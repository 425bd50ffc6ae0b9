"""Lock files pin everything by hash and name no registry: a mirror and the public registry must both do."""

import json
import re
from pathlib import Path

import pytest

from tests.guards.tree import files, text_of

REQUIREMENTS = files("requirements*.txt")
PACKAGE_LOCKS = files("*package-lock.json")
PINNED = re.compile(r"^[A-Za-z0-9_.-]+==[^ \\]+( ; .+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^ *#")


def _strange_lines(requirements: str) -> list[str]:
    """Lines that are neither a pin, a hash nor a comment: options, addresses, unpinned names."""
    patterns = (PINNED, HASH, COMMENT)
    return [line for line in requirements.splitlines() if not any(known.match(line) for known in patterns)]


def _bare_pins(requirements: str) -> list[str]:
    """Pins that no hash follows."""
    lines = [line for line in requirements.splitlines() if not COMMENT.match(line)]
    following = [*lines[1:], ""]
    return [
        line
        for line, after in zip(lines, following, strict=True)
        if PINNED.match(line) and not HASH.match(after)
    ]


def _unlocked(lock: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    """Entries with an address, or without a hash of their content."""
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    return [name for name, entry in entries.items() if "resolved" in entry or "integrity" not in entry]


def test_the_lock_files_are_found() -> None:
    assert Path("requirements.txt") in REQUIREMENTS
    assert {Path("package-lock.json"), Path("tests/browser/package-lock.json")} <= set(PACKAGE_LOCKS)


@pytest.mark.parametrize("path", REQUIREMENTS, ids=str)
def test_python_packages_are_pinned_by_hash_and_nothing_else(path: Path) -> None:
    text = text_of(path)
    assert _strange_lines(text) == []
    assert _bare_pins(text) == []


@pytest.mark.parametrize("path", PACKAGE_LOCKS, ids=str)
def test_node_packages_are_pinned_by_hash_without_an_address(path: Path) -> None:
    assert _unlocked(json.loads(text_of(path))) == []


@pytest.mark.parametrize("path", [*REQUIREMENTS, *PACKAGE_LOCKS, Path(".npmrc"), Path("Makefile")], ids=str)
def test_no_registry_is_named(path: Path) -> None:
    registry = re.compile(
        r"--(extra-)?index-url|--find-links|^registry|npmjs\.org|pypi\.org|pythonhosted", re.MULTILINE
    )
    assert registry.findall(text_of(path).replace("--no-emit-index-url", "")) == []


def test_the_checks_see_what_they_look_for() -> None:
    assert _strange_lines("--index-url https://pypi.example/simple") != []
    assert _strange_lines("flask @ https://files.example/flask.whl") != []
    assert _bare_pins("flask==3.1.3 \\\nclick==8.0.0 \\\n    --hash=sha256:" + "0" * 64) == [
        "flask==3.1.3 \\"
    ]
    assert _unlocked(
        {"packages": {"": {}, "a": {"integrity": "sha512-x", "resolved": "https://r.example/a"}}}
    ) == ["a"]
    assert _unlocked({"packages": {"b": {"version": "1"}}}) == ["b"]

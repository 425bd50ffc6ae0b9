"""Every dependency's licence is known and allowed; NOTICE names those that ask for more than a mention."""

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.guards.tree import files, text_of

# Run time: what a hospital installs and passes on. LGPL (psycopg) is linked, never changed.
RUN_TIME = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CNRI-Python",
        "ISC",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
    }
)
# Tools of development are run as programs, never imported by the portal nor passed on with it.
TOOLS = RUN_TIME | {"GPL-3.0-or-later", "OFL-1.1", "BlueOak-1.0.0", "CC0-1.0", "CC-BY-4.0", "Python-2.0"}
NOTABLE = ("LGPL-3.0-only", "GPL-3.0-or-later", "MPL-2.0", "OFL-1.1")

# What packages say in words, in the words of SPDX.
SPOKEN = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Packages whose metadata says nothing or too much: read in their own licence files.
READ_BY_HAND = {
    "axe-playwright-python": "MIT AND MPL-2.0",  # its licence file; axe-core inside it is MPL-2.0
    "fhirpathpy": "MIT",  # its LICENSE.md
    "pyphen": "MPL-1.1 OR LGPL-2.1-or-later OR GPL-2.0-or-later",  # any one of the three
    "porth": "MIT",
}
ALLOWED_BY_NAME = {"pyphen"}  # a tool of tests, never passed on


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned(requirements: str) -> set[str]:
    return {
        _canonical(name)
        for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text_of(Path(requirements)), re.MULTILINE)
    }


def _licence(name: str) -> str:
    """The SPDX expression of an installed package; '' when it says nothing we understand."""
    about = metadata.metadata(name)
    classifiers = [
        line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License")
    ]
    stated = [*(about.get_all("License-Expression") or []), *classifiers, *(about.get_all("License") or [])]
    spoken = [SPOKEN.get(text, text) for text in stated]
    known = [text for text in spoken if not _refused({name: text}, TOOLS)]
    return READ_BY_HAND.get(name) or next(iter(known), "")


def _parts(expression: str) -> set[str]:
    return {part.strip("() ") for part in re.split(r" (?:AND|OR|WITH) ", expression)}


def _refused(licences: dict[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """Packages with a licence that is not allowed; of `A OR B` one is enough."""
    return {
        name: licence
        for name, licence in licences.items()
        if name not in ALLOWED_BY_NAME and not any(_parts(way) <= allowed for way in licence.split(" OR "))
    }


def _installed(requirements: str) -> dict[str, str]:
    """Those of a requirements file that this machine has: some are for other systems."""
    here = {_canonical(found.metadata["Name"]) for found in metadata.distributions()}
    return {name: _licence(name) for name in sorted(_pinned(requirements) & here)}


def _node_packages() -> dict[str, str]:
    locks = [json.loads(text_of(path)) for path in files("*package-lock.json")]
    return {
        name.rpartition("node_modules/")[2]: str(entry.get("license", ""))
        for lock in locks
        for name, entry in lock["packages"].items()
        if name
    }


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-build.txt"])
def test_what_the_portal_needs_may_be_passed_on(requirements: str) -> None:
    licences = _installed(requirements)
    assert licences
    assert _refused(licences, RUN_TIME) == {}


def test_every_tool_has_an_allowed_licence() -> None:
    licences = _installed("requirements-dev.txt")
    assert len(licences) > 50
    assert _refused(licences, TOOLS) == {}


def test_every_node_package_has_an_allowed_licence() -> None:
    assert _refused(_node_packages(), TOOLS) == {}


def test_the_portal_imports_no_tool_under_the_gpl() -> None:
    gpl = {
        name for name, licence in _installed("requirements-dev.txt").items() if "GPL-3.0-or-later" in licence
    }
    assert gpl
    assert gpl.isdisjoint(_pinned("requirements.txt"))


def test_notice_names_every_package_with_a_notable_licence() -> None:
    notice = text_of(Path("NOTICE"))
    licences = _installed("requirements-dev.txt") | _node_packages()
    notable = {name for name, licence in licences.items() if any(part in licence for part in NOTABLE)}
    assert {"psycopg", "djlint"} <= notable
    assert [name for name in sorted(notable) if name not in notice.lower()] == []


def test_every_dependency_we_chose_has_its_reason_written_down() -> None:
    project = tomllib.loads(text_of(Path("pyproject.toml")))
    chosen = [*project["project"]["dependencies"], *sum(project["dependency-groups"].values(), [])]
    names = {_canonical(re.split(r"[\[=<>~;]", entry)[0]) for entry in chosen}
    reasons = "".join(text_of(path) for path in files("docs/adr/*.md"))
    assert [name for name in sorted(names) if f"| {name} |" not in reasons] == []


def test_the_check_refuses_an_unknown_licence() -> None:
    licences = {"a": "", "b": "AGPL-3.0-only", "c": "AGPL-3.0-only OR MIT", "d": "MIT AND AGPL-3.0-only"}
    assert set(_refused(licences, RUN_TIME)) == {"a", "b", "d"}

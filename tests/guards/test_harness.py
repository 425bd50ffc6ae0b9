"""The harness itself: nothing reaches the network, and in CI nothing is skipped in silence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from tests.guards.tree import ROOT

SKIPS = """
import pytest

@pytest.mark.skipif(True, reason="{reason}")
def test_skipped():
    assert False

@pytest.mark.xfail(reason="known", raises=ValueError)
def test_known_fault():
    raise ValueError

def test_good():
    pass
"""


def _run_pytest(test: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    """Run one file outside the tree under our own conftest and settings."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-o", f"cache_dir={test.parent}"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(test)]
    environment = os.environ | {"CI": ci}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ci", "reason", "outcome"),
    [
        ("true", "no database", "1 passed, 1 xfailed, 1 error"),
        ("true", "platform: no fork here", "1 passed, 1 skipped, 1 xfailed"),
        ("", "no database", "1 passed, 1 skipped, 1 xfailed"),
    ],
)
def test_in_ci_a_skip_needs_an_excuse(tmp_path: Path, ci: str, reason: str, outcome: str) -> None:
    test = tmp_path / "test_sample.py"
    test.write_text(SKIPS.format(reason=reason))
    done = _run_pytest(test, ci=ci)
    assert done.stdout.strip().splitlines()[-1].startswith(outcome), done.stdout
    assert done.returncode == (1 if "error" in outcome else 0)


@pytest.mark.slow
def test_in_ci_a_whole_module_may_not_skip_itself(tmp_path: Path) -> None:
    test = tmp_path / "test_sample.py"
    test.write_text("import pytest\npytest.importorskip('no_such_module_at_all')\n")
    assert "Skipped in CI: could not import" in _run_pytest(test, ci="true").stdout


def test_a_test_cannot_open_a_connection() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()

"""What every test lives under: no network, browser tests marked, no silent skips in CI. Knows no page."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

HERE = Path(__file__).parent
settings.register_profile("porth", deadline=None)  # a busy machine is no mistake of the code
settings.load_profile("porth")
# These folders start servers on the machine itself. Nothing may reach any further.
MAY_USE_LOOPBACK = ("browser", "contract")
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
EXCUSE = "platform:"
SERVERS = ("postgresql", "test_fhir_", "[fhir", "-fhir")  # in the names of tests that start one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder == "browser":
            item.add_marker(pytest.mark.browser)
        if any(word in item.nodeid for word in SERVERS) or folder == "faults":
            item.add_marker(pytest.mark.slow)  # `make test-fast` leaves these to `make test`
        if folder in MAY_USE_LOOPBACK:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


def _refuse_silent_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI a test that did not run has not passed, unless this kind of machine cannot run it at all."""
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith(EXCUSE):
        report.outcome = "failed"
        report.longrepr = f"Skipped in CI: {reason}. Only reasons that begin with '{EXCUSE}' may."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_silent_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_silent_skip(report)
    return report

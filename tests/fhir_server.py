"""A real FHIR R4 server for tests, behind one door: replace this and tests/fhir_peer.py for another.

sekmet-fhir from PyPI (docs/adr/0003): own folder, loopback only, as nobody where possible, ended by its pid.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
OPEN: Mapping[str, Any] = {"types": ["none"]}


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A running server. `url` is its base."""

    url: str

    def empty(self) -> None:
        """Forget everything."""
        answer = httpx.post(self.url.removesuffix("/fhir") + "/empty", timeout=30)
        assert answer.status_code == 200, answer.status_code

    def put(self, *resources: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        """Keep resources under the ids they have, many at once."""
        entries = [
            {
                "resource": each,
                "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            }
            for each in resources
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = httpx.post(self.url, json=bundle, headers=dict(headers or {}), timeout=60)
        assert answer.status_code == 200, answer.text

    def get(self, path: str) -> Any:
        """Whatever the server says to a GET, read as JSON: what tests know without the adapter."""
        return httpx.get(f"{self.url}/{path}", timeout=30).json()

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every resource of a type."""
        return [each["resource"] for each in self.get(f"{kind}?_count=1000").get("entry", [])]


@contextmanager
def started(auth: Mapping[str, Any] = OPEN) -> Iterator[FhirServer]:
    """A server of its own, gone at the end. `auth`: what it asks of whoever calls."""
    with tempfile.TemporaryDirectory(prefix="porth-fhir-") as folder:
        command = [sys.executable, "-m", "tests.fhir_peer", folder, json.dumps(auth)]
        log = Path(folder, "log").open("w")  # noqa: SIM115 - open as long as the process
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port.isdigit(), Path(folder, "log").read_text()
            url = f"http://127.0.0.1:{port}/fhir"
            _wait_for(url)
            yield FhirServer(url)
        finally:
            process.terminate()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()
            log.close()


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/metadata", timeout=5).status_code < 500:
                return
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


@pytest.fixture(scope="session")
def running_fhir() -> Iterator[FhirServer]:
    """One server for all tests of a session that need one."""
    with started() as server:
        yield server


@pytest.fixture
def fhir_server(running_fhir: FhirServer) -> FhirServer:
    """The server, empty."""
    running_fhir.empty()
    return running_fhir

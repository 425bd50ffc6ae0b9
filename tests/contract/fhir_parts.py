"""Whole ports over a FHIR server and SQLite, and ways to cut them off in the middle. Judges nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.deadline import Deadline
from portal.adapters.fhir_r4.source import FhirSource
from portal.adapters.fhir_r4.unit import PausingAttempts, PausingUnit
from portal.adapters.sql.engine import Database
from portal.adapters.sql.remote_changes import SqlRemoteChanges
from portal.adapters.sql.unit import SqlUnit
from portal.ports.bundle import Ports
from tests.contract.portal.parts import sql_portal
from tests.fakes_portal import FakeFeedback, FakeUnit, FixedClock


class Killed(BaseException):
    """The process is gone: nothing that handles errors may run after it."""


class Scissors:
    """Cuts at the n-th step; steps are counted from 1. Never cuts when told 0."""

    def __init__(self, cut_at: int = 0) -> None:
        self.cut_at, self.count = cut_at, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.cut_at:
            raise Killed


class CutClient(FhirClient):
    """A client that may be cut off before each request is sent and after each answer has come."""

    scissors = Scissors()

    def send(
        self,
        method: str,
        url: str,
        deadline: Deadline,
        *,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        changes = method != "GET"  # a process that dies over a read has changed nothing since the step before
        if changes:
            self.scissors.step()
        answer = super().send(method, url, deadline, body=body, headers=headers)
        if changes:
            self.scissors.step()
        return answer


class CutUnit(PausingUnit):
    """A unit that may be cut off before and after each of its transactions ends."""

    def __init__(self, inner: SqlUnit, scissors: Scissors) -> None:
        super().__init__(inner)
        self._scissors = scissors

    def _commit(self) -> None:
        self._scissors.step()
        super()._commit()
        self._scissors.step()

    @contextmanager
    def apart(self) -> Iterator[None]:
        with super().apart():
            yield
            self._scissors.step()
        self._scissors.step()


def fhir_ports(
    client: FhirClient, database: Database, clock: FixedClock, scissors: Scissors | None = None
) -> Ports:
    """One request's ports: care on the server, the portal's own in the database."""
    portal = sql_portal(database, clock)
    inner = portal.unit
    assert isinstance(inner, SqlUnit)
    cut = scissors or Scissors()
    unit = CutUnit(inner, cut)
    if isinstance(client, CutClient):
        client.scissors = cut
    parts: dict[str, Any] = {name: getattr(portal, name) for name in type(portal).__slots__}
    parts |= {
        "unit": unit,
        "attempts": PausingAttempts(portal.attempts, unit),
        "feedback": FakeFeedback(FakeUnit()),
        "source": FhirSource(client, unit, SqlRemoteChanges(inner), portal.leases, clock),
    }
    return Ports(clock=clock, **parts)

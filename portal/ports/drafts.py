"""Answers of an unfinished journey, keyed by account, patient and journey; kept 24 hours (S35)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from portal.domain.ids import AccountId, PatientId

KEPT_FOR = timedelta(hours=24)


class Drafts(Protocol):
    """Values are short strings. `patient` is None for journeys that are about nobody (practice pages)."""

    def load(
        self, account: AccountId, patient: PatientId | None, journey: str, now: datetime
    ) -> dict[str, str]: ...

    def save(
        self,
        account: AccountId,
        patient: PatientId | None,
        journey: str,
        answers: Mapping[str, str],
        now: datetime,
    ) -> None: ...

    def drop(self, account: AccountId, patient: PatientId | None, journey: str) -> None: ...

    def tidy(self, before: datetime) -> int: ...

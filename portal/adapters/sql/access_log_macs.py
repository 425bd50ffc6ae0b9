"""How a row of the access log, a seal and the chain's end are signed. Pure; knows no database."""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

from portal.adapters.vault import derive

_ROW = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """What stands in a row, as it stands there. `at` is microseconds since 1970, UTC; `patients` is JSON."""

    at: int
    action: str
    outcome: str
    actor: str | None
    patient: str | None
    patients: str | None
    organisation: str | None
    acting_for_other: bool
    object: str
    reason: str
    request: str
    nonce: bytes

    def canonical(self) -> bytes:
        """One spelling for one row: JSON, ASCII, no spaces."""
        values = [
            self.at,
            self.action,
            self.outcome,
            self.actor,
            self.patient,
            self.patients,
            self.organisation,
            bool(self.acting_for_other),
            self.object,
            self.reason,
            self.request,
            self.nonce.hex(),
        ]
        return _ROW(values).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One batch: `count` rows numbered from `first_seq` to `last_seq`, not always without gaps."""

    number: int
    first_seq: int
    last_seq: int
    count: int
    at: int

    def canonical(self) -> bytes:
        return json.dumps([self.number, self.first_seq, self.last_seq, self.count, self.at]).encode("ascii")


class LogKeys:
    """HMAC-SHA256 under three keys from one secret, so that no signature of one kind passes for another."""

    __slots__ = ("_head", "_row", "_seal")

    def __init__(self, log_key: str) -> None:
        self._row = derive(log_key, "access log row")
        self._seal = derive(log_key, "access log seal")
        self._head = derive(log_key, "access log head")

    def row(self, row: LogRow) -> bytes:
        return hmac.digest(self._row, row.canonical(), "sha256")

    def seal(self, before: bytes, seal: Seal, rows: Iterable[tuple[int, bytes]]) -> bytes:
        """The chain's next link, over the link before, the seal's facts, and each row's number and MAC."""
        signed = hmac.new(self._seal, before + seal.canonical(), "sha256")
        for seq, mac in rows:
            signed.update(seq.to_bytes(8, "big", signed=True) + mac)
        return signed.digest()

    def head(self, number: int, last_seq: int, mac: bytes) -> bytes:
        """Proof that the chain ends here: whoever cuts its tail cannot sign the new end."""
        return hmac.digest(self._head, json.dumps([number, last_seq, mac.hex()]).encode("ascii"), "sha256")

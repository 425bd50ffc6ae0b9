"""Seals the access log and notes its chain's end in the ordinary log. Never mends what does not fit."""

import logging

from portal.ports.access_log import Checkpoint
from portal.ports.bundle import Ports

LOG = logging.getLogger("portal.jobs")
BATCH = 5000  # rows under one seal, at most


def seal_access_log(use: Ports) -> int:
    """Put every unsealed row under a seal; how many rows.

    Once an hour in which something was sealed, the chain's last link goes to the ordinary log, which another
    system keeps: a return to an older copy then shows (`flask access-log verify --checkpoint`).
    """
    now = use.clock.now()
    before = use.access_log.checkpoint()
    total = sealed = use.access_log.seal(at=now, limit=BATCH)
    while sealed == BATCH:
        sealed = use.access_log.seal(at=now, limit=BATCH)
        total += sealed
    after = use.access_log.checkpoint()
    if after is not None and total and _of_another_hour(before, after):
        LOG.info("access-log-checkpoint", extra={"fields": {"seq": after.number, "mac": after.mac}})
    return total


def _of_another_hour(before: Checkpoint | None, after: Checkpoint) -> bool:
    """Decided from the chain itself, so that several workers note one hour once."""
    return before is None or f"{before.at:%Y%m%d%H}" != f"{after.at:%Y%m%d%H}"

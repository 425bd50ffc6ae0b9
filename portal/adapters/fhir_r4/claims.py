"""Claims a slot and opens it again, by PUT with If-Match. Never PATCH: servers ignore If-Match there.

A claimed slot says in an extension which booking holds it, so that after a lost answer nobody has to guess.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from hashlib import sha256
from typing import Final

from portal.adapters.fhir_r4.client import Answer, Resource
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.trouble import Clash, Gone, Lost, NotSent, Refused
from portal.domain.appointments import SlotStatus
from portal.domain.ids import SlotId
from portal.errors import (
    CannotLoad,
    CannotSave,
    ChangedMeanwhile,
    NotFound,
    OutcomeUnknown,
    PortalError,
    SlotTaken,
)
from portal.fhir.names import CLAIMED_BY
from portal.fhir.reading import extension_value, items
from portal.fhir.slot import status_of, with_status

GRACE: Final = 1.0  # seconds to find out what became of a change, beyond the page's own


class Mode(Enum):
    """Who keeps a slot from two people. Chosen by `flask fhir check`, never guessed."""

    CLAIM = "claim-then-book"
    SERVER = "server-book"  # the server fills and opens slots itself
    OFF = "off"


def always_claim() -> Mode:
    """The mode where nobody has to be asked."""
    return Mode.CLAIM


class Uncertain(CannotSave):
    """A claim without an answer: no appointment was asked for, but the slot may be held for a while."""


def mark(key: str) -> str:
    """What stands on a claimed slot: the booking's key is nobody else's business."""
    return sha256(key.encode()).hexdigest()[:32]


class Claims:
    """The slots of one server."""

    def __init__(self, reader: Reader, mode: Callable[[], Mode]) -> None:
        self._reader, self._mode = reader, mode

    def claim(self, read: Answer, key: str) -> Answer | None:
        """Take a free slot as it was read; the slot as taken, or None where the server keeps it itself.

        Raises SlotTaken when it changed since, NotFound, CannotSave (nothing was taken), Uncertain.
        """
        if self._mode() is Mode.SERVER:
            return None
        if read.etag is None:
            raise CannotSave("slot-without-version")
        wanted = with_status(read.resource, SlotStatus.BUSY)
        wanted["extension"] = [*_others(read.resource), {"url": CLAIMED_BY, "valueString": mark(key)}]
        try:
            taken = self._reader.conversation.update(wanted, read.etag)
            return replace(taken, resource=wanted)
        except Gone as error:
            raise NotFound("slot") from error
        except NotSent as error:
            raise CannotSave(error.detail) from error
        except (
            Refused,
            Lost,
        ) as error:  # whoever stands between may have sent it twice, and says no to itself
            held = self._held(str(wanted["id"]), key)
            if held is None:
                raise _trouble(error, str(wanted["id"])) from error
            return held

    def _held(self, slot: str, key: str) -> Answer | None:
        """The slot, if it can be read and this booking's claim is on it."""
        try:
            found = self._reader.fresh(GRACE).one("Slot", slot, None)
        except (CannotLoad, NotFound):
            return None
        busy = found.resource.get("status") == SlotStatus.BUSY.value
        return found if busy and is_marked(found.resource, key) else None

    def give_back(self, held: Answer | None) -> bool:
        """Open a slot that this very booking has just taken; whether that is certain."""
        if held is None:
            return True
        reader = self._reader.fresh(GRACE)
        try:
            if held.etag is None:  # a server that told no version when it changed
                held = reader.one("Slot", str(held.resource["id"]), None)
            return self._open(reader, held)
        except NotFound:
            return True
        except CannotLoad:
            return False

    def close(self, read: Answer) -> Answer:
        """Take a slot out of use as it was read; the slot as it is then.

        Raises ChangedMeanwhile, CannotSave (certainly not taken), OutcomeUnknown.
        """
        wanted = with_status(read.resource, SlotStatus.UNAVAILABLE)
        slot = str(wanted["id"])
        try:
            return self._reader.conversation.update(wanted, read.etag or "")
        except Clash as error:
            raise ChangedMeanwhile(slot) from error
        except (Refused, NotSent) as error:
            raise CannotSave(error.detail) from error
        except Lost as error:
            try:
                found = self._reader.fresh(GRACE).one("Slot", slot, None)
            except (CannotLoad, NotFound):
                raise OutcomeUnknown(error.detail) from error
            if status_of(found.resource) is not SlotStatus.UNAVAILABLE:
                raise OutcomeUnknown(error.detail) from error
            return found

    def put_back(self, before: Answer, closed: Answer) -> None:
        """Give a slot the status it had. Raises OutcomeUnknown."""
        try:
            self._reader.fresh(GRACE).conversation.update(before.resource, closed.etag or "")
        except (CannotLoad, NotFound) as error:
            raise OutcomeUnknown(error.detail) from error

    def release(self, slot: SlotId, *, key: str | None) -> bool:
        """Open a busy slot again; whether it is certain that nothing of ours holds it.

        `key`: only where that booking's claim is on it. None: where nobody sits in it any more.
        """
        if self._mode() is Mode.SERVER:
            return True
        reader = self._reader.fresh(GRACE)
        try:
            read = reader.one("Slot", slot, None)
            if not self._ours(reader, read.resource, slot, key):
                return True
            return self._open(reader, read)
        except NotFound:
            return True
        except CannotLoad:
            return False

    def _ours(self, reader: Reader, resource: Resource, slot: SlotId, key: str | None) -> bool:
        if status_of(resource) is not SlotStatus.BUSY:
            return False
        return is_marked(resource, key) if key is not None else not reader.in_slot(slot)

    def _open(self, reader: Reader, read: Answer) -> bool:
        opened = with_status(read.resource, SlotStatus.FREE)
        opened["extension"] = _others(read.resource)
        if not opened["extension"]:
            del opened["extension"]
        try:
            reader.conversation.update(opened, read.etag or "")
        except Clash:  # changed at this very moment: looked at again later
            return False
        return True


def _trouble(error: Refused | Lost, slot: str) -> PortalError:
    if isinstance(error, Clash):
        return SlotTaken(slot)
    return CannotSave(error.detail) if isinstance(error, Refused) else Uncertain(error.detail)


def is_marked(resource: Resource, key: str) -> bool:
    """Whether a slot says that this booking holds it."""
    return extension_value(resource, CLAIMED_BY) == mark(key)


def _others(resource: Resource) -> list[object]:
    return [each for each in items(resource.get("extension")) if each.get("url") != CLAIMED_BY]

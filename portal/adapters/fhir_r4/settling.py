"""Finds out what became of changes that were cut off; finishes or undoes each. For `flask work` only."""

from portal.adapters.fhir_r4.booking import Bookings
from portal.adapters.fhir_r4.reader import Reader, subjects_of
from portal.domain.appointments import Appointment, Author, AuthorKind, Cancellation, CancelReason, SlotStatus
from portal.domain.ids import AttemptKey
from portal.errors import CannotLoad, CannotSave, NotFound
from portal.ports.remote_changes import ChangeKind, RemoteChange, Settled


class Settler:
    """Settles one change. Raises PortalError where it has to be tried again later."""

    def __init__(self, reader: Reader, bookings: Bookings) -> None:
        self._reader, self._bookings = reader, bookings

    def settle(self, change: RemoteChange) -> Settled:
        """The visit as it stands now, or None where nothing was changed; the same however often asked."""
        match change.kind:
            case ChangeKind.BOOK:
                visit = self._booked(change)
            case ChangeKind.MOVE:
                visit = self._moved(change)
            case ChangeKind.CANCEL:
                visit = self._cancelled(change)
            case ChangeKind.CANNOT_COME:
                visit = self._said(change)
            case ChangeKind.WITHDRAW:
                visit = self._withdrawn(change)
        return Settled(change=change, visit=visit)

    def _booked(self, change: RemoteChange) -> Appointment | None:
        """What stands under the key; without anything the slot is opened again."""
        visits = self._bookings.visits
        found = visits.with_key(AttemptKey(change.id))
        if found is not None and change.patient is not None and change.patient in subjects_of(found):
            local = self._reader.admit(found, {change.patient})
            if local is not None:
                return visits.with_accounts([visits.read(local)])[0]
        if change.slot is not None and not self._bookings.claims.release(change.slot, key=change.id):
            raise CannotSave("slot-not-opened")
        return None

    def _moved(self, change: RemoteChange) -> Appointment | None:
        """The new visit stands: then the old one goes. It does not: then the old one stays."""
        made = self._booked(change)
        if made is None or change.appointment is None:
            return made
        old, read = self._bookings.visits.one(made.patient, change.appointment)
        if old.live:
            told = Cancellation(at=change.at, by=made.booked_by, reason=CancelReason.CHANGED)
            old = self._bookings.end(old, read, told, sequence=old.sequence, replaced_by=made.id)
        self._open(old)
        return made

    def _cancelled(self, change: RemoteChange) -> Appointment | None:
        found = self._about(change)
        if found is None or found.live:
            return None
        self._open(found)
        return found

    def _said(self, change: RemoteChange) -> Appointment | None:
        found = self._about(change)
        return None if found is None or found.cannot_come_at != change.at else found

    def _withdrawn(self, change: RemoteChange) -> Appointment | None:
        """A slot that was taken out of use takes its visit with it."""
        assert change.slot is not None
        slot, _ = self._bookings.slots.one(change.slot)
        if slot.status is not SlotStatus.UNAVAILABLE or change.appointment is None or change.patient is None:
            return None
        found, read = self._bookings.visits.one(change.patient, change.appointment)
        if found.live:
            by = Author(kind=AuthorKind.STAFF, account=change.account)
            told = Cancellation(at=change.at, by=by, reason=CancelReason.PRACTICE)
            found = self._bookings.end(found, read, told, sequence=found.sequence + 1)
        return found

    def _about(self, change: RemoteChange) -> Appointment | None:
        if change.patient is None or change.appointment is None:
            return None
        try:
            return self._bookings.visits.one(change.patient, change.appointment)[0]
        except NotFound:
            return None

    def _open(self, ended: Appointment) -> None:
        if not self._bookings.open_slot_of(ended):
            raise CannotLoad("slot-not-opened")

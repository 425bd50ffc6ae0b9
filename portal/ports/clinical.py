"""The clinical source. A grant opens a chart or a desk, and behind the door no other person can be named."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol

from portal.access.policy import AccessGrant, SiteGrant, SystemGrant
from portal.domain.appointments import Appointment, Author, CancelReason, Mode, Needs, Reason, Slot, Status
from portal.domain.ids import (
    AppointmentId,
    AttemptKey,
    OrganisationId,
    PatientId,
    PractitionerId,
    ServiceId,
    SiteId,
    SlotId,
)
from portal.domain.people import ClinicianGender, Patient, Practitioner
from portal.domain.places import Organisation, Service, Site
from portal.errors import BadUpstreamData, NotFound
from portal.ports.remote_changes import Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSearch:
    """What times are looked for.

    Only free, released slots between `starts_from` and `starts_before` are found.
    """

    services: tuple[ServiceId, ...]
    starts_from: datetime
    starts_before: datetime
    modes: frozenset[Mode] = frozenset()  # empty: any
    practitioner: PractitionerId | None = None
    gender: ClinicianGender | None = None
    at_least: timedelta = timedelta(0)  # length of the slot
    step_free: bool = False  # only at step-free sites; phone and video always count as step-free
    after: tuple[datetime, SlotId] | None = None  # keyset: strictly later than this one
    before: tuple[datetime, SlotId] | None = (
        None  # keyset: strictly earlier; the page nearest to it, in order
    )
    limit: int = 20
    releases: bool = True  # whether to look when the next embargoed time opens, too


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPage:
    """Slots in order of time, and whether there are others on either side within the search."""

    slots: tuple[Slot, ...]
    earlier: bool
    later: bool
    next_release: datetime | None = None  # when an embargoed time within the search opens, the soonest


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Everything a new appointment needs.

    `key` is the idempotency key; the appointment's id derives from it.
    """

    key: AttemptKey
    slot: SlotId
    author: Author
    at: datetime
    reason: Reason = Reason.NOT_SAID
    words: str = ""
    needs: Needs = Needs()
    with_someone: bool = False

    def appointment(
        self,
        wanted: AppointmentId,
        patient: PatientId,
        slot: Slot,
        *,
        description: str,
        moved_from: Appointment | None = None,
    ) -> Appointment:
        """The booked visit that this makes of a slot, the same in every source."""
        return Appointment(
            id=wanted,
            patient=patient,
            status=Status.BOOKED,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            service=slot.service,
            site=slot.site,
            organisation=slot.organisation,
            mode=slot.mode,
            practitioner=slot.practitioner,
            slot=slot.id,
            description=description,
            reason=self.reason,
            words=self.words,
            needs=self.needs,
            with_someone=self.with_someone,
            created_at=self.at,
            booked_by=self.author,
            replaces=moved_from.id if moved_from else None,
            sequence=moved_from.sequence + 1 if moved_from else 0,
        )


class PatientChart(Protocol):
    """One patient's care. No method takes a patient: asking for somebody else's data cannot be written.

    Reads raise CannotLoad when the source fails and NotFound for what is absent or not this patient's.
    Writes happen inside `UnitOfWork.change()`.
    """

    def patient(self) -> Patient: ...

    def appointments(self) -> Sequence[Appointment]:
        """All of the patient's appointments, entered-in-error left out, ordered by start."""
        ...

    def live_appointments(self) -> Sequence[Appointment]:
        """Those of `appointments` that are live, as far as their status says."""
        ...

    def current_appointments(self, ends_after: datetime, cancelled_after: datetime) -> Sequence[Appointment]:
        """Those of `appointments` that end after the one moment or were cancelled after the other."""
        ...

    def appointment(self, wanted: AppointmentId) -> Appointment: ...

    def unshown(self) -> int:
        """How many entries read so far in this request could not be understood. Never silently none (H4)."""
        ...

    def find_slots(self, search: SlotSearch) -> SlotPage: ...

    def slot(self, wanted: SlotId) -> Slot:
        """One slot whatever its status."""
        ...

    def hold(self) -> None:
        """Let this patient's changes go one after another: whoever else holds waits for this change's end.

        What is read after this, such as how many visits are open, stays true until then.
        """
        ...

    def book(self, booking: Booking) -> Appointment:
        """Claim the slot and write the appointment, or raise SlotTaken.

        The same key gives the same appointment.
        """
        ...

    def move(self, wanted: AppointmentId, *, version: int, booking: Booking) -> Appointment:
        """Book the new slot, then free the old one; both or neither. Raises SlotTaken, ChangedMeanwhile,
        AlreadyCancelled.

        The new appointment `replaces` the old, which is CANCELLED with CancelReason.CHANGED and
        `replaced_by`.
        Calendar identity is kept: the new one's `sequence` is the old one's plus 1.
        """
        ...

    def cancel(
        self,
        wanted: AppointmentId,
        *,
        version: int,
        author: Author,
        at: datetime,
        reason: CancelReason,
        words: str,
    ) -> Appointment:
        """Cancel and free the slot. Raises ChangedMeanwhile, AlreadyCancelled."""
        ...

    def cannot_come(self, wanted: AppointmentId, *, version: int, at: datetime) -> Appointment:
        """Record 'I cannot come' after the cut-off (S29); the appointment stays booked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """A line of the practice's day: least fields. `needs` are adjustments to provide, never a reason."""

    appointment: Appointment
    patient_name: str
    patient_phone: str | None
    patient_language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """A slot to publish. Instants are UTC; the caller has already resolved the site's zone."""

    service: ServiceId
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    practitioner: PractitionerId | None = None
    released_at: datetime | None = None


Seen = tuple[AppointmentId, int]  # the live appointment in a slot, and its version


class SiteDesk(Protocol):
    """One organisation's lists. Every method stays inside that organisation; others' ids raise NotFound."""

    def day(self, site: SiteId, on: date) -> Sequence[DayRow]:
        """The site's live appointments of a local day, ordered by start."""
        ...

    def row(self, wanted: AppointmentId) -> DayRow:
        """One appointment of this organisation, with whom to ring; for lists of people to tell."""
        ...

    def slots(self, site: SiteId, on: date) -> Sequence[Slot]:
        """The site's slots of a local day whatever their status, ordered by start."""
        ...

    def slot(self, wanted: SlotId) -> Slot: ...

    def publish(self, slots: Sequence[NewSlot]) -> tuple[int, int]:
        """Write new slots; (made, already there). The very same slot is already there, whatever its status
        and whenever it opens: publishing twice changes nothing.

        Raises SlotTaken where the clinician, or the service without one, has another slot from that instant:
        other in length, kind of visit or service. NotFound for another organisation's.
        """
        ...

    def hold(self) -> None:
        """Let nobody else publish for this organisation until the change ends: what is judged stays so."""
        ...

    def withdraw(self, wanted: SlotId, *, seen: Seen | None, author: Author, at: datetime) -> DayRow | None:
        """Take a slot out of use.

        Its live appointment is cancelled (CancelReason.PRACTICE) and returned to be told. Raises
        ChangedMeanwhile when that is not what was `seen` in the slot, AlreadyCancelled when the slot is out
        of use already and nobody is in it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The directory by id, in the order of its lists. Names no patient. Shared: nobody writes into it."""

    organisations: Mapping[OrganisationId, Organisation]
    sites: Mapping[SiteId, Site]
    services: Mapping[ServiceId, Service]
    practitioners: Mapping[PractitionerId, Practitioner]

    def service(self, wanted: ServiceId) -> Service:
        """Raises NotFound."""
        found = self.services.get(wanted)
        if found is None:
            raise NotFound("service")
        return found

    def site(self, wanted: SiteId) -> Site:
        """Raises NotFound."""
        found = self.sites.get(wanted)
        if found is None:
            raise NotFound("site")
        return found


class Directory(Protocol):
    """Public facts: organisations, sites, services and clinicians. Names no patient."""

    def organisations(self) -> Sequence[Organisation]: ...

    def sites(self) -> Sequence[Site]: ...

    def services(self) -> Sequence[Service]: ...

    def practitioners(self) -> Sequence[Practitioner]: ...

    def known(self) -> Known:
        """The same by id."""
        ...


class ClinicalSource(Protocol):
    """Doors. Each is opened by a grant, which only the policy makes."""

    def open(self, grant: AccessGrant) -> PatientChart: ...

    def open_site(self, grant: SiteGrant) -> SiteDesk: ...

    def directory(self) -> Directory: ...

    def settle(self, grant: SystemGrant, record: Callable[[Settled], None]) -> int:
        """Find out what became of changes that were cut off; how many.

        Each is finished or undone, then recorded inside a change of its own. Nothing is ever left over where
        care and the portal's own tables are one database.
        """
        ...


class Judgement(Enum):
    """What became of one resource at import."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class ClinicalStore(Protocol):
    """Whole resources in and out, for import, export and synthetic people.

    Given to `cli` and jobs only, never to pages.
    """

    def put(self, resource: Mapping[str, object]) -> Judgement:
        """Keep a FHIR resource as received and what the portal reads from it. Raises BadUpstreamData."""
        ...

    def put_many(self, resources: Sequence[Mapping[str, object]]) -> Sequence[Judgement | BadUpstreamData]:
        """Many at once, in any order: what became of each, or why it could not be read and was not kept."""
        ...

    def has(self, kind: str, wanted: str) -> bool:
        """Whether a resource of this type and id is kept."""
        ...

    def count(self, kind: str | None = None) -> int: ...

    def all(self, kinds: Iterable[str] = ()) -> Iterator[dict[str, object]]:
        """Every resource, in order of type and id, as received save for what the portal itself changed
        since."""
        ...

    def settle(self) -> int:
        """Read what had to wait for another resource (a Slot kept before its Schedule).

        How many became readable.
        """
        ...

    def latest_slot_start(self) -> datetime | None: ...

    def numbers_outside(self, start: str) -> bool:
        """Whether any patient has an NHS number that begins otherwise."""
        ...

    def mark(self, name: str, value: str) -> None:
        """Note a fact about the store itself, such as that its people are made up."""
        ...

    def marked(self, name: str) -> str | None:
        """What was noted under this name."""
        ...


class StoreOpener(Protocol):
    """Opens the store for a named job."""

    def __call__(self, grant: SystemGrant) -> ClinicalStore: ...


__all__ = [
    "AccessGrant",
    "Booking",
    "ClinicalSource",
    "ClinicalStore",
    "DayRow",
    "Directory",
    "Judgement",
    "Known",
    "NewSlot",
    "OrganisationId",
    "PatientChart",
    "PatientId",
    "SiteDesk",
    "SlotPage",
    "SlotSearch",
    "StoreOpener",
]

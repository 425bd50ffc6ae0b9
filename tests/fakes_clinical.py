"""An in-memory ClinicalSource, held by tests/contract to the same contract as SQL. No I/O; one thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from portal.access.policy import AccessGrant, SiteGrant, SystemGrant
from portal.domain.appointments import (
    Appointment,
    Author,
    Cancellation,
    CancelReason,
    Mode,
    Reason,
    Slot,
    SlotStatus,
    Status,
)
from portal.domain.ids import AppointmentId, OrganisationId, PatientId, SiteId, SlotId
from portal.domain.people import Patient, Practitioner, shown_name
from portal.domain.places import Service, Site
from portal.errors import AlreadyCancelled, ChangedMeanwhile, KeyReused, NotFound, SlotNotBookable, SlotTaken
from portal.ports.clinical import Booking, DayRow, NewSlot, Seen, SlotPage, SlotSearch
from portal.ports.remote_changes import Settled
from tests.fakes_directory import FakeDirectory
from tests.fakes_unit import Fake, FakeUnit, FixedClock

_Value = TypeVar("_Value")


class FakeClinical(Fake):
    """Implements ports.clinical.ClinicalSource. `add` puts any domain value in."""

    def __init__(self, unit: FakeUnit, clock: FixedClock) -> None:
        super().__init__(unit)
        self.clock = clock

    def add(self, *values: Any) -> None:
        self.rows |= {(type(value), value.id): value for value in values}

    def open(self, grant: AccessGrant) -> "FakeChart":
        return FakeChart(self, grant.patient)

    def open_site(self, grant: SiteGrant) -> "FakeDesk":
        return FakeDesk(self, grant.organisation)

    def settle(self, grant: SystemGrant, record: Callable[[Settled], None]) -> int:
        return 0

    def directory(self) -> FakeDirectory:
        return FakeDirectory(self.every)

    def every(self, kind: type[_Value]) -> list[_Value]:
        return sorted((each for each in self.rows.values() if isinstance(each, kind)), key=_by_id)

    def one(self, kind: type[_Value], wanted: str | None) -> _Value:
        found = self.rows.get((kind, wanted))
        if found is None or getattr(found, "status", None) in (SlotStatus.ERROR, Status.ERROR):
            raise NotFound(kind.__name__)
        assert isinstance(found, kind)
        return found

    def opened(self, slot: Slot) -> Slot:
        """The slot with its service's embargo, where it says nothing of its own."""
        service = self.rows.get((Service, slot.service))
        embargo = service.policy.released_before if service else None
        if slot.released_at is None and embargo is not None:
            return replace(slot, released_at=slot.starts_at - embargo)
        return slot

    def set_slot(self, wanted: SlotId | None, before: SlotStatus, after: SlotStatus) -> None:
        found = self.rows.get((Slot, wanted))
        if found is not None and found.status is before:
            self.add(replace(found, status=after))

    def cancel(self, old: Appointment, told: Cancellation, **changes: Any) -> Appointment:
        self.unit.must_be_changing()
        changed = replace(old, status=Status.CANCELLED, cancellation=told, version=old.version + 1, **changes)
        self.add(changed)
        self.set_slot(old.slot, SlotStatus.BUSY, SlotStatus.FREE)
        return changed


class FakeChart:
    """Implements ports.clinical.PatientChart."""

    def __init__(self, store: FakeClinical, patient: PatientId) -> None:
        self._store = store
        self._patient = patient

    def patient(self) -> Patient:
        return self._store.one(Patient, self._patient)

    def appointments(self) -> Sequence[Appointment]:
        mine = [
            each
            for each in self._store.every(Appointment)
            if each.patient == self._patient and each.status is not Status.ERROR
        ]
        return sorted(mine, key=_by_start)

    def live_appointments(self) -> Sequence[Appointment]:
        return [each for each in self.appointments() if each.live]

    def current_appointments(self, ends_after: datetime, cancelled_after: datetime) -> Sequence[Appointment]:
        return [
            each
            for each in self.appointments()
            if each.ends_at > ends_after or (each.cancellation and each.cancellation.at > cancelled_after)
        ]

    def appointment(self, wanted: AppointmentId) -> Appointment:
        found = self._store.one(Appointment, wanted)
        if found.patient != self._patient:
            raise NotFound("appointment")
        return found

    def unshown(self) -> int:
        return 0

    def find_slots(self, search: SlotSearch) -> SlotPage:
        now = self._store.clock.now()
        within = [self._store.opened(each) for each in self._store.every(Slot) if self._fits(each, search)]
        free = sorted((each for each in within if _released(each, now)), key=_by_start)
        if search.before is not None:
            found = [each for each in free if _by_start(each) < search.before][-search.limit :]
        else:
            found = [each for each in free if search.after is None or _by_start(each) > search.after]
            found = found[: search.limit]
        return SlotPage(
            slots=tuple(found),
            earlier=bool(free) and (free[0] != found[0] if found else search.after is not None),
            later=bool(free) and (free[-1] != found[-1] if found else search.before is not None),
            next_release=min(
                (
                    each.released_at
                    for each in within
                    if search.releases and each.released_at and not _released(each, now)
                ),
                default=None,
            ),
        )

    def slot(self, wanted: SlotId) -> Slot:
        return self._store.opened(self._store.one(Slot, wanted))

    def hold(self) -> None:
        self._store.unit.must_be_changing()

    def book(self, booking: Booking) -> Appointment:
        return self._place(booking, None)

    def move(self, wanted: AppointmentId, *, version: int, booking: Booking) -> Appointment:
        old = self.appointment(wanted)
        if old.replaced_by == _appointment_id(booking):
            return self.appointment(_appointment_id(booking))
        _must_be_open(old, version)
        made = self._place(booking, old)
        if made.replaces != wanted:
            raise KeyReused(made.id)
        told = Cancellation(at=booking.at, by=booking.author, reason=CancelReason.CHANGED)
        self._store.cancel(old, told, replaced_by=made.id)
        return made

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
        old = self.appointment(wanted)
        _must_be_open(old, version)
        told = Cancellation(at=at, by=author, reason=reason, words=words)
        return self._store.cancel(old, told, sequence=old.sequence + 1)

    def cannot_come(self, wanted: AppointmentId, *, version: int, at: datetime) -> Appointment:
        self._store.unit.must_be_changing()
        old = self.appointment(wanted)
        if old.cannot_come_at is not None and old.live:
            return old
        _must_be_open(old, version)
        changed = replace(old, cannot_come_at=at, version=version + 1)
        self._store.add(changed)
        return changed

    def _fits(self, slot: Slot, search: SlotSearch) -> bool:
        store = self._store
        person = store.rows.get((Practitioner, slot.practitioner))
        site = store.rows.get((Site, slot.site))
        return all(
            (
                slot.status is SlotStatus.FREE,
                slot.service in search.services,
                search.starts_from <= slot.starts_at < search.starts_before,
                not search.modes or slot.mode in search.modes,
                search.practitioner in (None, slot.practitioner),
                search.gender is None or (person is not None and person.gender is search.gender),
                slot.length >= search.at_least,
                not search.step_free or slot.mode is not Mode.IN_PERSON or (site and site.step_free),
            )
        )

    def _place(self, booking: Booking, old: Appointment | None) -> Appointment:
        store = self._store
        store.unit.must_be_changing()
        before = store.rows.get((Appointment, _appointment_id(booking)))
        if before is not None and before.patient == self._patient:
            assert isinstance(before, Appointment)
            return before
        slot = self.slot(booking.slot)
        if slot.status is not SlotStatus.FREE or before is not None or self._sat_on(slot):
            raise SlotTaken(slot.id)
        if slot.starts_at <= booking.at or not _released(slot, booking.at):
            raise SlotNotBookable(slot.id)
        store.set_slot(slot.id, SlotStatus.FREE, SlotStatus.BUSY)
        service = store.rows.get((Service, slot.service))
        name = service.name if service else ""
        made = booking.appointment(
            _appointment_id(booking), self._patient, slot, description=name, moved_from=old
        )
        store.add(made)
        return made

    def _sat_on(self, slot: Slot) -> bool:
        return any(each.slot == slot.id and each.live for each in self._store.every(Appointment))


class FakeDesk:
    """Implements ports.clinical.SiteDesk."""

    def __init__(self, store: FakeClinical, organisation: OrganisationId) -> None:
        self._store = store
        self._organisation = organisation

    def day(self, site: SiteId, on: date) -> Sequence[DayRow]:
        begins, ends = self._day_of(site, on)
        found = [
            each
            for each in self._store.every(Appointment)
            if each.site == site and each.live and begins <= each.starts_at < ends and self._owns(each)
        ]
        return [self._row(each) for each in sorted(found, key=_by_start)]

    def row(self, wanted: AppointmentId) -> DayRow:
        return self._row(self._mine(Appointment, wanted))

    def slots(self, site: SiteId, on: date) -> Sequence[Slot]:
        begins, ends = self._day_of(site, on)
        found = [
            self._store.opened(each)
            for each in self._store.every(Slot)
            if each.site == site
            and begins <= each.starts_at < ends
            and each.status is not SlotStatus.ERROR
            and self._owns(each)
        ]
        return sorted(found, key=_by_start)

    def slot(self, wanted: SlotId) -> Slot:
        return self._store.opened(self._mine(Slot, wanted))

    def publish(self, slots: Sequence[NewSlot]) -> tuple[int, int]:
        self._store.unit.must_be_changing()
        made = 0
        for new in slots:
            service = self._mine(Service, new.service)
            person = self._store.one(Practitioner, new.practitioner) if new.practitioner else None
            if person and person.organisation not in (None, self._organisation):
                raise NotFound("practitioner")
            if not self._there(new):
                self._store.add(self._slot(new, service))
                made += 1
        return made, len(slots) - made

    def hold(self) -> None:
        self._store.unit.must_be_changing()

    def withdraw(self, wanted: SlotId, *, seen: Seen | None, author: Author, at: datetime) -> DayRow | None:
        self._store.unit.must_be_changing()
        slot = self._mine(Slot, wanted)
        booked = [each for each in self._store.every(Appointment) if each.slot == wanted and each.live]
        if slot.status is SlotStatus.UNAVAILABLE and not booked:
            raise AlreadyCancelled(wanted)
        if seen != ((booked[0].id, booked[0].version) if booked else None):
            raise ChangedMeanwhile(wanted)
        self._store.add(replace(slot, status=SlotStatus.UNAVAILABLE))
        if not booked:
            return None
        told = Cancellation(at=at, by=author, reason=CancelReason.PRACTICE)
        return self._row(self._store.cancel(booked[0], told, sequence=booked[0].sequence + 1))

    def _owns(self, value: Any) -> bool:
        return bool(value.organisation == self._organisation)

    def _mine(self, kind: type[_Value], wanted: str) -> _Value:
        found = self._store.one(kind, wanted)
        if not self._owns(found):
            raise NotFound(kind.__name__)
        return found

    def _day_of(self, site: SiteId, on: date) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self._mine(Site, site).time_zone)
        begins, ends = (
            datetime.combine(day, time.min, zone).astimezone(UTC) for day in (on, on + timedelta(days=1))
        )
        return begins, ends

    def _row(self, found: Appointment) -> DayRow:
        patient = self._store.rows.get((Patient, found.patient))
        told = replace(found.cancellation, words="") if found.cancellation else None
        return DayRow(
            appointment=replace(found, reason=Reason.NOT_SAID, words="", cancellation=told),
            patient_name=shown_name(patient.names, found.starts_at.date()) if patient else "",
            patient_phone=patient.phone if patient else None,
            patient_language=patient.language if patient else None,
        )

    def _there(self, new: NewSlot) -> bool:
        taken = {
            (each.ends_at, each.service, each.mode)
            for each in self._store.every(Slot)
            if each.starts_at == new.starts_at
            and each.practitioner == new.practitioner
            and (new.practitioner or each.service == new.service)
            and each.status is not SlotStatus.ERROR
        }
        if taken and (new.ends_at, new.service, new.mode) not in taken:
            raise SlotTaken("another kind of slot")
        return bool(taken)

    def _slot(self, new: NewSlot, service: Service) -> Slot:
        return Slot(
            id=SlotId(str(uuid5(NAMESPACE_OID, f"{new.practitioner or new.service}{new.starts_at}"))),
            service=new.service,
            site=service.site,
            organisation=service.organisation,
            mode=new.mode,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            practitioner=new.practitioner,
            released_at=new.released_at,
        )


def _appointment_id(booking: Booking) -> AppointmentId:
    return AppointmentId(str(uuid5(NAMESPACE_OID, booking.key)))


def _must_be_open(old: Appointment, version: int) -> None:
    if old.status is Status.CANCELLED:
        raise AlreadyCancelled(old.id)
    if old.version != version or not old.live:
        raise ChangedMeanwhile(old.id)


def _released(slot: Slot, at: datetime) -> bool:
    return slot.released_at is None or slot.released_at <= at


def _by_id(value: Any) -> str:
    return str(value.id)


def _by_start(value: Any) -> tuple[datetime, Any]:
    return value.starts_at, value.id

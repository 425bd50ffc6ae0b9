"""Slots of a FHIR server: one, those of a search, those of a day. Reads only; books nothing."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final, cast

from portal.adapters.fhir_r4.client import Answer, Pages, Params, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.trouble import Lost, Refused
from portal.domain.appointments import Mode, Slot, SlotStatus
from portal.domain.ids import PractitionerId, ServiceId, SlotId
from portal.errors import BadUpstreamData, NotFound
from portal.fhir import schedule as fhir_schedule
from portal.fhir import slot as fhir_slot
from portal.fhir.names import EMBARGOED, TAG_SYSTEM
from portal.fhir.schedule import Schedule
from portal.ports.clinical import SlotPage, SlotSearch

_TOGETHER: Final = 60  # schedules named in one address
_SECOND: Final = timedelta(seconds=1)
_TAGGED: Final = (("_tag", f"{TAG_SYSTEM}|{EMBARGOED}"),)
Key = tuple[datetime, SlotId]
Fits = Callable[[Slot], bool]


class SlotReader:
    """Reads slots together with the schedules and services that say what they are for."""

    def __init__(self, reader: Reader, directory: FhirDirectory) -> None:
        self._reader, self._directory = reader, directory

    def one(self, wanted: SlotId) -> tuple[Slot, Answer]:
        """A slot and the resource as read. Raises NotFound, also for one entered in error."""
        return self.read(self.raw(wanted))

    def raw(self, wanted: SlotId) -> Answer:
        return self._reader.one("Slot", wanted, None)

    def read(self, answer: Answer) -> tuple[Slot, Answer]:
        """The slot of a resource. Raises NotFound for one in error or of nothing that is offered here."""
        schedule = fhir_schedule.from_fhir(
            self._reader.one("Schedule", fhir_schedule.of_slot(answer.resource), None).resource
        )
        found = self._slot(answer.resource, {schedule.id: schedule})
        if found.status is SlotStatus.ERROR:
            raise NotFound("slot")
        return found, answer

    def schedules(self, actors: Iterable[str]) -> dict[str, Schedule]:
        """The schedules of these services, sites or clinicians (`Type/id`)."""
        wanted = sorted(set(actors))
        found: list[Resource] = []
        for start in range(0, len(wanted), _TOGETHER):
            part = ",".join(wanted[start : start + _TOGETHER])
            found += self._reader.many("Schedule", [("actor", part), ("_count", "200")], None)
        read = self._reader.understood(found, fhir_schedule.from_fhir)
        return {each.id: each for each in read if each.active}

    def between(self, schedules: Mapping[str, Schedule], begins: datetime, ends: datetime) -> list[Slot]:
        """Every slot of these schedules that starts within, whatever its status but error, in order."""
        found: list[Slot] = []
        for part in _parts(schedules):
            params = [("schedule", part), *_window(begins, ends), ("_count", "200")]
            resources = self._reader.many("Slot", params, None)
            found += self._reader.understood(resources, lambda each: self._slot(each, schedules))
        within = [
            each for each in found if begins <= each.starts_at < ends and each.status is not SlotStatus.ERROR
        ]
        return sorted(within, key=_key)

    def _slot(self, resource: Resource, schedules: Mapping[str, Schedule]) -> Slot:
        schedule = schedules.get(fhir_schedule.of_slot(resource))
        offered = None if schedule is None else self._directory.service(schedule.service)
        if schedule is None or offered is None:
            raise BadUpstreamData("Slot.schedule")
        found = fhir_slot.from_fhir(
            resource, schedule, offered.organisation, mode=offered.modes[0], site=offered.site
        )
        embargo = offered.policy.released_before
        if found.released_at is None and embargo is not None:
            return replace(found, released_at=found.starts_at - embargo)
        return found

    def free(
        self,
        schedules: Mapping[str, Schedule],
        begins: datetime,
        ends: datetime,
        *,
        backwards: bool = False,
        extra: Params = (),
        page: int = 50,
    ) -> Iterator[Slot]:
        """Free slots that start within, in order of start (those at one instant in no order), as needed."""
        sort = "-start" if backwards else "start"
        streams = [
            self._stream(
                [("schedule", part), ("status", "free"), *_window(begins, ends), *extra, ("_sort", sort),
                 ("_count", str(page))],
                schedules,
            )
            for part in _parts(schedules)
        ]  # fmt: skip
        merged = heapq.merge(*streams, key=lambda slot: slot.starts_at, reverse=backwards)
        return _in_order(merged, backwards)

    def _stream(self, params: Params, schedules: Mapping[str, Schedule]) -> Iterator[Slot]:
        pages = Pages(self._reader.conversation, "Slot", params)
        for page in pages:
            read = self._reader.understood(
                self._reader.admitted(page, None), lambda each: self._slot(each, schedules)
            )
            yield from (slot for slot in read if slot.status is SlotStatus.FREE)


def _parts(schedules: Mapping[str, Schedule]) -> Iterator[str]:
    wanted = sorted(schedules)
    for start in range(0, len(wanted), _TOGETHER):
        yield ",".join(f"Schedule/{each}" for each in wanted[start : start + _TOGETHER])


def _window(begins: datetime, ends: datetime) -> list[tuple[str, str]]:
    """Whole seconds around the window: servers differ in what they make of fractions."""
    first = begins.astimezone(UTC).replace(microsecond=0)
    last = (ends.astimezone(UTC) + _SECOND).replace(microsecond=0)
    return [("start", f"ge{first:%Y-%m-%dT%H:%M:%SZ}"), ("start", f"lt{last:%Y-%m-%dT%H:%M:%SZ}")]


def _in_order(slots: Iterable[Slot], backwards: bool) -> Iterator[Slot]:
    """Raises Lost for a server that does not sort as asked: pages of it would hide times."""
    before: datetime | None = None
    for slot in slots:
        if before is not None and (slot.starts_at > before if backwards else slot.starts_at < before):
            raise Lost("not-sorted")
        before = slot.starts_at
        yield slot


def _key(slot: Slot) -> Key:
    return slot.starts_at, slot.id


class Search:
    """One search being answered. The page, its neighbours and the next release are asked for at once."""

    def __init__(
        self, reader: Reader, directory: FhirDirectory, slots: SlotReader, search: SlotSearch, now: datetime
    ) -> None:
        self._reader, self._directory, self._slots = reader, directory, slots
        self._search, self._now = search, now

    def page(self) -> SlotPage:
        """The page nearest to its key, in order of time."""
        search = self._search
        if not search.services:
            return SlotPage(slots=(), earlier=False, later=False)
        actors = [f"HealthcareService/{each}" for each in search.services]
        _, found_schedules = self._reader.conversation.together(
            self._directory.load,
            lambda: self._reader.once(("schedules", *actors), lambda: self._slots.schedules(actors)),
        )
        known = cast(dict[str, Schedule], found_schedules)
        schedules = {name: each for name, each in known.items() if self._wanted(each)}
        if not schedules:
            return SlotPage(slots=(), earlier=False, later=False)
        fits = self._fits()
        found, beside, release = self._reader.conversation.together(
            lambda: self._nearest(schedules, fits),
            lambda: self._beyond(schedules, fits),
            lambda: self._next_release(schedules, fits),
        )
        assert isinstance(found, list)
        assert isinstance(beside, bool)
        assert release is None or isinstance(release, datetime)
        more = len(found) > search.limit
        if search.before is not None:
            shown = tuple(reversed(found[: search.limit]))
            return SlotPage(slots=shown, earlier=more, later=beside, next_release=release)
        return SlotPage(slots=tuple(found[: search.limit]), earlier=beside, later=more, next_release=release)

    def _wanted(self, schedule: Schedule) -> bool:
        search = self._search
        if schedule.service not in search.services:
            return False
        if search.practitioner is not None and schedule.practitioner != search.practitioner:
            return False
        return search.gender is None or self._gender(schedule.practitioner) is search.gender

    def _gender(self, wanted: PractitionerId | None) -> object:
        people = {each.id: each.gender for each in self._directory.practitioners()}
        return people.get(wanted) if wanted else None

    def _fits(self) -> Fits:
        search = self._search
        step_free = {each.id for each in self._directory.sites() if each.step_free}

        def fits(slot: Slot) -> bool:
            return (
                search.starts_from <= slot.starts_at < search.starts_before
                and (not search.modes or slot.mode in search.modes)
                and slot.length >= search.at_least
                and (not search.step_free or slot.mode is not Mode.IN_PERSON or slot.site in step_free)
            )

        return fits

    def _nearest(self, schedules: Mapping[str, Schedule], fits: Fits) -> list[Slot]:
        """One more than the page holds, nearest to the key first."""
        search, backwards = self._search, self._search.before is not None
        begins, ends = search.starts_from, search.starts_before
        if search.after is not None:
            begins = max(begins, search.after[0])
        if search.before is not None:
            ends = min(ends, search.before[0] + _SECOND)
        if begins >= ends:
            return []
        page = min(200, max(50, 2 * search.limit))
        stream = self._slots.free(schedules, begins, ends, backwards=backwards, page=page)
        wanted = (slot for slot in stream if fits(slot) and self._released(slot) and self._beside_key(slot))
        return _first(wanted, search.limit + 1, backwards)

    def _beside_key(self, slot: Slot) -> bool:
        if self._search.before is not None:
            return _key(slot) < self._search.before
        return self._search.after is None or _key(slot) > self._search.after

    def _released(self, slot: Slot) -> bool:
        return slot.released_at is None or slot.released_at <= self._now

    def _beyond(self, schedules: Mapping[str, Schedule], fits: Fits) -> bool:
        """Whether there is a time on the other side of the key."""
        search = self._search
        key = search.before or search.after
        if key is None:
            return False
        forwards = search.before is not None
        begins = max(search.starts_from, key[0]) if forwards else search.starts_from
        ends = search.starts_before if forwards else min(search.starts_before, key[0] + _SECOND)
        if begins >= ends:
            return False
        stream = self._slots.free(schedules, begins, ends)
        return any(
            fits(slot) and self._released(slot) and (_key(slot) >= key if forwards else _key(slot) <= key)
            for slot in stream
        )

    def _next_release(self, schedules: Mapping[str, Schedule], fits: Fits) -> datetime | None:
        """The soonest opening: of slots tagged as embargoed, and of services that hold theirs back."""
        search = self._search
        if not search.releases:
            return None
        streams = [self._tagged(schedules)]
        for wanted in set(search.services):
            begins = self._held_from(wanted)
            mine = {name: each for name, each in schedules.items() if each.service == wanted}
            if mine and begins is not None and begins < search.starts_before:
                streams.append(self._until_held(self._slots.free(mine, begins, search.starts_before), fits))
        opens = (
            slot.released_at
            for slot in chain(*streams)
            if fits(slot) and slot.released_at is not None and slot.released_at > self._now
        )
        return min(opens, default=None)

    def _held_from(self, wanted: ServiceId) -> datetime | None:
        service = self._directory.service(wanted)
        embargo = None if service is None else service.policy.released_before
        return None if embargo is None else max(self._search.starts_from, self._now + embargo)

    def _until_held(self, slots: Iterator[Slot], fits: Fits) -> Iterator[Slot]:
        """Up to the first instant that is held back by its service: those after it open later."""
        first: datetime | None = None
        for slot in slots:
            if first is not None and slot.starts_at > first:
                return
            yield slot
            if first is None and fits(slot) and not self._released(slot):
                first = slot.starts_at

    def _tagged(self, schedules: Mapping[str, Schedule]) -> Iterator[Slot]:
        search = self._search
        try:
            yield from self._slots.free(
                schedules, search.starts_from, search.starts_before, extra=_TAGGED, page=200
            )
        except Refused:  # a server that does not know tags: only the hint is lost
            return


def _first(slots: Iterator[Slot], count: int, backwards: bool) -> list[Slot]:
    """The first so many by start and id, though those of one instant come in no order."""
    found: list[Slot] = []
    for slot in slots:
        if len(found) >= count and slot.starts_at != found[-1].starts_at:
            break
        found.append(slot)
    return sorted(found, key=_key, reverse=backwards)[:count]

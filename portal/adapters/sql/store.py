"""Whole FHIR resources in and out, for import, export and made-up people. Never given to pages."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import BindParameter, bindparam, func, select

from portal.adapters.sql.kept import Kept, chunks, digest, kept, read
from portal.adapters.sql.rows_appointments import APPOINTMENT_COLUMNS, appointment_of
from portal.adapters.sql.rows_places import AnyRow
from portal.adapters.sql.store_appointments import AppointmentStore
from portal.adapters.sql.store_slots import SlotStore
from portal.adapters.sql.store_tables import PLAIN, write
from portal.adapters.sql.tables_clinical import appointment, meta, patient, resource, slot
from portal.adapters.sql.unit import SqlUnit
from portal.domain.ids import AttemptKey
from portal.errors import BadUpstreamData
from portal.fhir import appointment as fhir_appointment
from portal.fhir import schedule as fhir_schedule
from portal.fhir import slot as fhir_slot
from portal.fhir.types import rank
from portal.ports.clinical import Judgement

_WANTED: BindParameter[str] = bindparam("wanted", expanding=True)
_KIND: BindParameter[str] = bindparam("kind")
_DIGESTS = select(resource.c.id, resource.c.digest).where(
    resource.c.type == _KIND, resource.c.id.in_(_WANTED)
)
_ONE = select(resource.c.id).where(resource.c.type == _KIND, resource.c.id == bindparam("one"))
_ONE_APPOINTMENT = select(appointment.c.id).where(appointment.c.id == bindparam("one"))
_MADE_HERE = (
    ~select(resource.c.id).where(resource.c.type == "Appointment", resource.c.id == appointment.c.id).exists()
)
_OUTSIDE = select(patient.c.id).where(patient.c.nhs_number.not_like(bindparam("like"))).limit(1)
_PAGE = 1000
_RECEIVED = (
    select(resource.c.id, resource.c.json)
    .where(resource.c.type == _KIND, resource.c.id > bindparam("after"))
    .order_by(resource.c.id)
    .limit(_PAGE)
)
_MADE = (
    select(*APPOINTMENT_COLUMNS, appointment.c.booking_key)
    .where(_MADE_HERE, appointment.c.id > bindparam("after"))
    .order_by(appointment.c.id)
    .limit(_PAGE)
)
_Read = TypeVar("_Read")
_Found = tuple[str, dict[str, object]]


class SqlStore:
    """Implements ports.clinical.ClinicalStore. Whatever writes belongs inside a change."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit
        self._slots = SlotStore(unit)
        self._appointments = AppointmentStore(unit)

    def put(self, received: Mapping[str, object]) -> Judgement:
        judged = self.put_many([received])[0]
        if isinstance(judged, BadUpstreamData):
            raise judged
        return judged

    def put_many(self, received: Sequence[Mapping[str, object]]) -> list[Judgement | BadUpstreamData]:
        """Many at once, in any order: what became of each, or why it could not be read and was not kept."""
        answers: dict[int, Judgement | BadUpstreamData] = {}
        batch: dict[tuple[str, str], tuple[int, Kept]] = {}
        for place, each in enumerate(received):
            try:
                found = kept(each)
            except BadUpstreamData as error:
                answers[place] = error
                continue
            if found.key in batch:  # again: judged against the one before
                answers |= self._put(batch.values())
                batch = {}
            batch[found.key] = place, found
        answers |= self._put(batch.values())
        return [answers[place] for place in range(len(received))]

    def has(self, kind: str, wanted: str) -> bool:
        if self._unit.reader.execute(_ONE, {"kind": kind, "one": wanted}).first() is not None:
            return True
        made = kind == "Appointment" and self._unit.reader.execute(_ONE_APPOINTMENT, {"one": wanted}).first()
        return bool(made)

    def count(self, kind: str | None = None) -> int:
        received = select(func.count()).select_from(resource)
        if kind is not None:
            received = received.where(resource.c.type == kind)
        total = self._unit.reader.execute(received).scalar_one()
        if kind in (None, "Appointment"):
            made = select(func.count()).select_from(appointment).where(_MADE_HERE)
            total += self._unit.reader.execute(made).scalar_one()
        return int(total)

    def all(self, kinds: Iterable[str] = ()) -> Iterator[dict[str, object]]:
        wanted = set(kinds) or {
            *self._unit.reader.execute(select(resource.c.type).distinct()).scalars(),
            "Appointment",
        }
        for kind in sorted(wanted):
            streams = [self._received(kind)]
            if kind == "Appointment":
                streams.append(self._made_here())
            yield from (found for _, found in heapq.merge(*streams, key=lambda pair: pair[0]))

    def settle(self) -> int:
        return self._slots.settle() + self._appointments.settle()

    def latest_slot_start(self) -> datetime | None:
        return self._unit.reader.execute(select(func.max(slot.c.starts_at))).scalar()

    def numbers_outside(self, start: str) -> bool:
        """Whether any patient has an NHS number that begins otherwise."""
        return self._unit.reader.execute(_OUTSIDE, {"like": f"{start}%"}).first() is not None

    def mark(self, name: str, value: str) -> None:
        """Note a fact about the store itself, such as that its people are made up."""
        write(self._unit, meta, [{"name": name, "value": value}], key=("name",))

    def marked(self, name: str) -> str | None:
        """What was noted under this name."""
        return self._unit.reader.execute(select(meta.c.value).where(meta.c.name == name)).scalar()

    def _put(self, batch: Iterable[tuple[int, Kept]]) -> dict[int, Judgement | BadUpstreamData]:
        """A batch in which no id stands twice, type by type, those that others lean on first."""
        answers: dict[int, Judgement | BadUpstreamData] = {}
        by_kind: dict[str, list[tuple[int, Kept]]] = {}
        for place, found in batch:
            by_kind.setdefault(found.kind, []).append((place, found))
        for kind in sorted(by_kind, key=lambda each: (rank(each), each)):
            judged = self._judge(kind, [found for _, found in by_kind[kind]])
            news = [found for _, found in by_kind[kind] if judged[found.id] is not Judgement.SAME]
            bad = self._project(kind, news)
            write(
                self._unit, resource, [each.values for each in news if each.id not in bad], key=("type", "id")
            )
            self._project_leaning(kind, [each.id for each in news if judged[each.id] is Judgement.CHANGED])
            answers |= {place: bad.get(found.id) or judged[found.id] for place, found in by_kind[kind]}
        return answers

    def _judge(self, kind: str, batch: Sequence[Kept]) -> dict[str, Judgement]:
        known: dict[str, str] = {}
        for part in chunks([each.id for each in batch]):
            rows = self._unit.reader.execute(_DIGESTS, {"kind": kind, "wanted": part})
            known |= {row.id: row.digest for row in rows}
        judged = {each.id: _judgement(known.get(each.id), each.digest) for each in batch}
        other = [each for each in batch if judged[each.id] is not Judgement.SAME]
        given_back = self._given_back(kind, [each.id for each in other])
        for each in other:  # what export gave may come back: no change either
            if each.id in given_back:
                judged[each.id] = _judgement(digest(given_back[each.id]), each.digest)
        return judged

    def _given_back(self, kind: str, ids: Sequence[str]) -> dict[str, dict[str, object]]:
        """What export gives for those that the portal has made or changed."""
        if kind not in ("Slot", "Appointment") or not ids:
            return {}
        bases: dict[str, dict[str, object]] = {}
        for part in chunks(ids):
            rows = self._unit.reader.execute(
                select(resource.c.id, resource.c.json).where(resource.c.type == kind, resource.c.id.in_(part))
            )
            bases |= {row.id: read(row.json) for row in rows}
        return self._laid_over(kind, ids, bases)

    def _laid_over(
        self, kind: str, ids: Sequence[str], bases: Mapping[str, dict[str, object]]
    ) -> dict[str, dict[str, object]]:
        if kind == "Slot":
            ours = self._slots.ours(ids)
            return {each: fhir_slot.with_status(bases[each], ours[each]) for each in ours if each in bases}
        rows = self._appointments.existing(ids)
        return {each: _appointment(row, bases.get(each)) for each, row in rows.items() if row.touched}

    def _project(self, kind: str, batch: Sequence[Kept]) -> dict[str, BadUpstreamData]:
        """Write what the portal reads from these; why it could not, by id."""
        if kind == "Slot":
            return self._slots.project(batch)
        if kind == "Appointment":
            return self._appointments.project(batch)
        if kind == "Schedule":
            return _each(batch, fhir_schedule.from_fhir)[1]
        if kind not in PLAIN:
            return {}
        table, values = PLAIN[kind]
        rows, bad = _each(batch, values)
        write(self._unit, table, rows)
        return bad

    def _project_leaning(self, kind: str, changed: Sequence[str]) -> None:
        if kind == "Schedule":
            self._slots.project_again(schedules=changed)
        if kind == "HealthcareService":
            self._slots.project_again(services=changed)

    def _received(self, kind: str) -> Iterator[_Found]:
        after = ""
        while rows := self._unit.reader.execute(_RECEIVED, {"kind": kind, "after": after}).all():
            after = rows[-1].id
            found = {row.id: read(row.json) for row in rows}
            if kind in ("Slot", "Appointment"):
                found |= self._laid_over(kind, list(found), found)
            yield from found.items()

    def _made_here(self) -> Iterator[_Found]:
        after = ""
        while rows := self._unit.reader.execute(_MADE, {"after": after}).all():
            after = rows[-1].id
            yield from ((row.id, _appointment(row, None)) for row in rows)


def _judgement(known: str | None, judged_by: str) -> Judgement:
    if known is None:
        return Judgement.NEW
    return Judgement.SAME if known == judged_by else Judgement.CHANGED


def _appointment(row: AnyRow, base: Mapping[str, object] | None) -> dict[str, object]:
    key = AttemptKey(row.booking_key) if row.booking_key else None
    return fhir_appointment.to_fhir(appointment_of(row), base, key=key)


def _each(
    batch: Sequence[Kept], reads: Callable[[Mapping[str, object]], _Read]
) -> tuple[list[_Read], dict[str, BadUpstreamData]]:
    found: list[_Read] = []
    bad: dict[str, BadUpstreamData] = {}
    for each in batch:
        try:
            found.append(reads(each.resource))
        except BadUpstreamData as error:
            bad[each.id] = error
    return found, bad

"""In-memory fakes of the portal's own ports, held by tests/contract to the same contract as SQL. No I/O."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from portal.access.policy import Level, PatientRelation, StaffRelation
from portal.domain.appointments import Needs
from portal.domain.ids import AccountId, OrganisationId, PatientId, PatientRef, SessionId, TaskId, WatchId
from portal.errors import NotFound
from portal.ports.access_log import Checkpoint, Entry, Verification
from portal.ports.drafts import KEPT_FOR
from portal.ports.identity import DemoPerson, Identity
from portal.ports.rate_limits import Limit
from portal.ports.sessions import HELD_FOR, HeldAnswers, Session
from portal.ports.tasks import Task
from portal.ports.watches import Watch
from tests.fakes_attempts import FakeAttempts
from tests.fakes_unit import Fake, FakeUnit, FixedClock

__all__ = ["FakePortal", "FakeUnit", "FixedClock"]


class FakeAccessLog(Fake):
    """Implements ports.access_log.AccessLog. `entries` is what tests look at."""

    def __init__(self, unit: FakeUnit, request: str = "") -> None:
        super().__init__(unit)
        self.request = request
        self.seals: list[Checkpoint] = []
        self._sealed = 0

    @property
    def entries(self) -> list[Entry]:
        return list(self.rows.values())

    def view(self, entry: Entry) -> None:
        self.rows[len(self.rows) + 1] = replace(entry, request=entry.request or self.request)

    def change(self, entry: Entry) -> None:
        self.unit.must_be_changing()
        self.view(entry)

    def about(self, patient: PatientId, *, limit: int = 50) -> Sequence[Entry]:
        return [entry for entry in reversed(self.entries) if patient in entry.patients][:limit]

    def seal(self, *, at: datetime, limit: int = 5000) -> int:
        count = min(limit, len(self.rows) - self._sealed)
        if count:
            self._sealed += count
            self.seals.append(Checkpoint(number=len(self.seals) + 1, mac=secrets.token_hex(32), at=at))
        return count

    def verify(self) -> Verification:
        return Verification(sealed=self._sealed, unsealed=len(self.rows) - self._sealed, broken=())

    def checkpoint(self) -> Checkpoint | None:
        return self.seals[-1] if self.seals else None

    def holds(self, number: int, mac: str) -> bool:
        return any((seal.number, seal.mac) == (number, mac.lower()) for seal in self.seals)


class FakeRelations(Fake):
    """Implements ports.relations.Relations."""

    def patients_of(self, account: AccountId) -> Sequence[PatientRelation]:
        found = [row for row in self.rows.values() if isinstance(row, PatientRelation)]
        mine = [row for row in found if row.account == account]
        return sorted(mine, key=lambda row: (row.patient, row.basis.value))

    def staff_of(self, account: AccountId) -> Sequence[StaffRelation]:
        found = [row for row in self.rows.values() if isinstance(row, StaffRelation)]
        return sorted((row for row in found if row.account == account), key=lambda row: row.organisation)

    def patient_of(self, account: AccountId, ref: PatientRef) -> PatientId | None:
        for key, kept in self.rows.items():
            if key[0] == "ref" and key[1] == account and kept == ref:
                return PatientId(key[2])
        return None

    def ref_of(self, account: AccountId, patient: PatientId) -> PatientRef:
        made: PatientRef = self.rows.setdefault(
            ("ref", account, patient), PatientRef(secrets.token_urlsafe(16))
        )
        return made

    def save_patient(self, relation: PatientRelation) -> None:
        self.unit.must_be_changing()
        self.rows["patient", relation.account, relation.patient, relation.basis] = relation

    def save_staff(self, relation: StaffRelation) -> None:
        self.unit.must_be_changing()
        self.rows["staff", relation.account, relation.organisation] = relation


class FakeAccounts(Fake):
    """Implements ports.identity.Accounts."""

    def find_or_make(self, identity: Identity) -> AccountId:
        made: AccountId = self.rows.setdefault(
            (identity.issuer, identity.subject), AccountId(secrets.token_urlsafe(16))
        )
        return made

    def language_of(self, account: AccountId) -> str | None:
        return self.rows.get(("language", account, "of"))

    def save_language(self, account: AccountId, tag: str) -> None:
        if account in self.rows.values():
            self.rows["language", account, "of"] = tag


class FakeDemoPeople(Fake):
    """Implements ports.identity.DemoPeople."""

    def listed(self) -> Sequence[DemoPerson]:
        return list(self.rows.values())

    def identity(self, subject: str, at: datetime) -> Identity:
        if subject not in self.rows:
            raise NotFound("demo-person")
        return Identity(issuer="demo", subject=subject, level=Level.P9, authenticated_at=at)

    def save(self, people: Sequence[DemoPerson]) -> None:
        self.unit.must_be_changing()
        self.rows = {person.subject: person for person in people}


class FakeSessions(Fake):
    """Implements ports.sessions.Sessions. Keeps (session, its secret, when it ended)."""

    def begin(self, session: Session, secret: str) -> None:
        self.rows[session.id] = (session, secret, None)

    def find(self, secret: str, ref: PatientRef | None = None) -> Session | None:
        return next((row[0] for row in self._kept() if row[1] == secret and row[2] is None), None)

    def touch(self, session: SessionId, at: datetime) -> None:
        if session in self.rows:
            kept, secret, ended = self.rows[session]
            self.rows[session] = (replace(kept, last_seen_at=max(at, kept.last_seen_at)), secret, ended)

    def end(self, session: SessionId, at: datetime) -> None:
        if session in self.rows:
            kept, secret, ended = self.rows[session]
            self.rows[session] = (kept, secret, ended or at)

    def end_others(self, account: AccountId, keep: SessionId, at: datetime) -> int:
        others = [row[0].id for row in self._kept() if row[0].account == account and row[2] is None]
        others = [session for session in others if session != keep]
        for session in others:
            self.end(session, at)
        return len(others)

    def of_account(self, account: AccountId, since: datetime) -> Sequence[Session]:
        going = [row[0] for row in self._kept() if row[0].account == account and row[2] is None]
        used = [session for session in going if session.last_seen_at >= since]
        return sorted(used, key=lambda session: (-session.last_seen_at.timestamp(), session.id))

    def last_account(self, secret: str) -> AccountId | None:
        return next((row[0].account for row in self._kept() if row[1] == secret), None)

    def hold(self, handle: str, answers: HeldAnswers) -> None:
        self.rows["held", handle] = answers

    def read_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        held = self.rows.get(("held", handle))
        mine = held is not None and held.account == account and held.kept_until > now
        return held if mine else self.take_held(handle, account, now)

    def take_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        held: HeldAnswers | None = self.rows.pop(("held", handle), None)
        return held if held is not None and held.account == account and held.kept_until > now else None

    def tidy(self, before: datetime) -> int:
        def old(row: Any) -> bool:
            if isinstance(row, HeldAnswers):
                return row.kept_until < before + HELD_FOR
            return bool(row[0].last_seen_at < before)

        return _drop(self.rows, [key for key, row in self.rows.items() if old(row)])

    def _kept(self) -> list[tuple[Session, str, datetime | None]]:
        return [row for row in self.rows.values() if not isinstance(row, HeldAnswers)]


class FakeDrafts(Fake):
    """Implements ports.drafts.Drafts. Keeps (answers, when saved)."""

    def load(
        self, account: AccountId, patient: PatientId | None, journey: str, now: datetime
    ) -> dict[str, str]:
        answers, saved_at = self.rows.get((account, patient or "", journey), ({}, now))
        return dict(answers) if saved_at > now - KEPT_FOR else {}

    def save(
        self,
        account: AccountId,
        patient: PatientId | None,
        journey: str,
        answers: Mapping[str, str],
        now: datetime,
    ) -> None:
        self.rows[account, patient or "", journey] = (dict(answers), now)

    def drop(self, account: AccountId, patient: PatientId | None, journey: str) -> None:
        self.rows.pop((account, patient or "", journey), None)

    def tidy(self, before: datetime) -> int:
        return _drop(self.rows, [key for key, (_, saved_at) in self.rows.items() if saved_at < before])


class FakeWatches(Fake):
    """Implements ports.watches.Watches."""

    def add(self, watch: Watch) -> None:
        self.unit.must_be_changing()
        key = (watch.account, watch.patient, frozenset(watch.services), watch.modes)
        earlier: Watch | None = self.rows.get(key)
        if earlier is None or earlier.until <= watch.made_at:
            self.rows[key] = watch
        else:
            self.rows[key] = replace(earlier, until=max(earlier.until, watch.until))

    def of_patient(self, account: AccountId, patient: PatientId, now: datetime) -> Sequence[Watch]:
        mine = [row for row in self.rows.values() if (row.account, row.patient) == (account, patient)]
        return sorted((row for row in mine if row.until > now), key=lambda row: (row.made_at, row.id))

    def remove(self, watch: WatchId, account: AccountId, patient: PatientId) -> None:
        self.unit.must_be_changing()
        wanted = (watch, account, patient)
        gone = [key for key, row in self.rows.items() if (row.id, row.account, row.patient) == wanted]
        if not _drop(self.rows, gone):
            raise NotFound("watch")


class FakePreferences(Fake):
    """Implements ports.preferences.Preferences."""

    def needs_of(self, patient: PatientId) -> Needs | None:
        return self.rows.get(patient)

    def save_needs(self, patient: PatientId, needs: Needs, at: datetime) -> None:
        self.unit.must_be_changing()
        self.rows[patient] = needs


class FakeTasks(Fake):
    """Implements ports.tasks.Tasks."""

    def add(self, task: Task) -> None:
        self.unit.must_be_changing()
        there = {(row.kind, row.appointment) for row in self.rows.values() if row.appointment is not None}
        if (task.kind, task.appointment) not in there:
            self.rows.setdefault(task.id, task)

    def open_of(self, organisation: OrganisationId) -> Sequence[Task]:
        mine = [row for row in self.rows.values() if row.organisation == organisation and row.done_at is None]
        return sorted(mine, key=lambda row: (row.due_at, row.id))

    def done(self, task: TaskId, organisation: OrganisationId, by: AccountId, at: datetime) -> Task | None:
        self.unit.must_be_changing()
        found: Task | None = self.rows.get(task)
        if found is None or found.organisation != organisation:
            raise NotFound("task")
        if found.done_at is not None:
            return None
        self.rows[task] = found = replace(found, done_at=at, done_by=by)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRow:
    page: str
    rating: str
    words: str
    language: str
    at: datetime


class FakeFeedback(Fake):
    """Implements ports.feedback.Feedback."""

    def save(self, *, key: str, page: str, rating: str, words: str, language: str, at: datetime) -> None:
        self.unit.must_be_changing()
        self.rows.setdefault(
            key, FeedbackRow(page=page, rating=rating, words=words, language=language, at=at)
        )


class FakeRateLimits:
    """Implements ports.rate_limits.RateLimits."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], tuple[int, datetime]] = {}

    def hit(self, limit: Limit, key: str) -> int:
        now = self._clock.now()
        count, ends = self._windows.get((limit.name, key), (0, now))
        if ends <= now:
            count, ends = 0, now + timedelta(seconds=limit.seconds)
        self._windows[limit.name, key] = (count + 1, ends)
        return 0 if count < limit.count else max(1, -(-(ends - now) // timedelta(seconds=1)))


class FakeLeases(Fake):
    """Implements ports.jobs.Leases. Keeps (holder, until)."""

    def take(self, job: str, holder: str, now: datetime, lasting: timedelta) -> bool:
        owner, until = self.rows.get(job, (holder, now))
        if owner != holder and until > now:
            return False
        self.rows[job] = (holder, now + lasting)
        return True

    def release(self, job: str, holder: str) -> None:
        if job in self.rows and self.rows[job][0] == holder:
            del self.rows[job]


@dataclass(slots=True, kw_only=True)
class FakePortal:
    """All of the portal's own ports as fakes over one unit; fields are named as in ports.bundle.Ports."""

    clock: FixedClock = field(default_factory=FixedClock)
    unit: FakeUnit = field(default_factory=FakeUnit)
    access_log: FakeAccessLog = field(init=False)
    relations: FakeRelations = field(init=False)
    accounts: FakeAccounts = field(init=False)
    demo_people: FakeDemoPeople = field(init=False)
    sessions: FakeSessions = field(init=False)
    drafts: FakeDrafts = field(init=False)
    attempts: FakeAttempts = field(init=False)
    watches: FakeWatches = field(init=False)
    preferences: FakePreferences = field(init=False)
    tasks: FakeTasks = field(init=False)
    feedback: FakeFeedback = field(init=False)
    rate_limits: FakeRateLimits = field(init=False)
    leases: FakeLeases = field(init=False)

    def __post_init__(self) -> None:
        self.access_log = FakeAccessLog(self.unit)
        self.relations = FakeRelations(self.unit)
        self.accounts = FakeAccounts(self.unit)
        self.demo_people = FakeDemoPeople(self.unit)
        self.sessions = FakeSessions(self.unit)
        self.drafts = FakeDrafts(self.unit)
        self.attempts = FakeAttempts(self.unit)
        self.watches = FakeWatches(self.unit)
        self.preferences = FakePreferences(self.unit)
        self.tasks = FakeTasks(self.unit)
        self.feedback = FakeFeedback(self.unit)
        self.rate_limits = FakeRateLimits(self.clock)
        self.leases = FakeLeases(self.unit)


def _drop(rows: dict[Any, Any], keys: list[Any]) -> int:
    return len([rows.pop(key) for key in keys])

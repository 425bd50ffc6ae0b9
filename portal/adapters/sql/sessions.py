"""Sessions and held answers as rows. Keeps a cookie's secret only hashed and held answers only encrypted."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, insert, select, update

from portal.access.policy import Level
from portal.adapters.sql.query import Query
from portal.adapters.sql.relations import PATIENT_OF, PATIENTS_OF, relation_of
from portal.adapters.sql.tables_portal import held_answers, patient_ref, patient_relation, session
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.adapters.vault import CannotOpen, Vault
from portal.domain.ids import AccountId, PatientRef, SessionId
from portal.ports.sessions import HELD_FOR, HeldAnswers, Session

_USE = "held answers"

_FIND = Query(select(session).where(session.c.secret_hash == bindparam("hash"), session.c.ended_at.is_(None)))
# At the door of a page about a patient: whose session, whom the address means, for whom they may act.
_DOOR = Query(
    select(
        session,
        patient_ref.c.patient.label("meant"),
        *(column for column in patient_relation.c if column.name != "account"),
    )
    .outerjoin(
        patient_ref, and_(patient_ref.c.account == session.c.account, patient_ref.c.ref == bindparam("ref"))
    )
    .outerjoin(patient_relation, patient_relation.c.account == session.c.account)
    .where(session.c.secret_hash == bindparam("hash"), session.c.ended_at.is_(None))
    .order_by(patient_relation.c.patient, patient_relation.c.basis)
)
_OF_ACCOUNT = Query(
    select(session)
    .where(
        session.c.account == bindparam("account"),
        session.c.last_seen_at >= bindparam("since"),
        session.c.ended_at.is_(None),
    )
    .order_by(session.c.last_seen_at.desc(), session.c.id)
)
_LAST_ACCOUNT = select(session.c.account).where(session.c.secret_hash == bindparam("hash"))
_TOUCH = Query(
    update(session)
    .where(session.c.id == bindparam("wanted"), session.c.last_seen_at < bindparam("at"))
    .values(last_seen_at=bindparam("at"))
)


class SqlSessions:
    """Implements ports.sessions.Sessions."""

    def __init__(self, unit: SqlUnit, vault: Vault) -> None:
        self._unit = unit
        self._vault = vault

    def begin(self, new: Session, secret: str) -> None:
        """Keep a session. `secret` is the cookie's: 256 random bits, so that one plain hash is enough."""
        values = {
            "id": new.id,
            "secret_hash": _hash(secret),
            "account": new.account,
            "level": int(new.level),
            "created_at": new.created_at,
            "last_seen_at": new.last_seen_at,
            "authenticated_at": new.authenticated_at,
            "csrf_secret": new.csrf_secret,
            "device": new.device,
        }
        with self._unit.trace() as connection:
            connection.execute(insert(session), values)

    def find(self, secret: str, ref: PatientRef | None = None) -> Session | None:
        """The session of a cookie's secret unless it was ended; the caller judges its age."""
        if ref is None:
            row = _FIND.first(self._unit.reader, {"hash": _hash(secret)})
            return None if row is None else _session(row)
        rows = _DOOR.all(self._unit.reader, {"hash": _hash(secret), "ref": ref})
        if not rows:
            return None
        found = _session(rows[0])
        self._unit.know((PATIENT_OF, found.account, ref), rows[0].meant)
        relations = tuple(relation_of(row) for row in rows if row.patient is not None)
        self._unit.know((PATIENTS_OF, found.account), relations)
        return found

    def touch(self, wanted: SessionId, at: datetime) -> None:
        """Note use. Never sets the clock back."""
        self._unit.trace_one(lambda connection: _TOUCH.run(connection, {"wanted": wanted, "at": at}))

    def end(self, wanted: SessionId, at: datetime) -> None:
        """End one session; the first end stands. Inside a change it lasts whatever happens to the machine."""
        ended = (
            update(session).where(session.c.id == wanted, session.c.ended_at.is_(None)).values(ended_at=at)
        )
        with self._unit.trace() as connection:
            connection.execute(ended)

    def end_others(self, account: AccountId, keep: SessionId, at: datetime) -> int:
        """End all sessions of an account but one; how many were still going."""
        ended = (
            update(session)
            .where(session.c.account == account, session.c.id != keep, session.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        with self._unit.trace() as connection:
            return connection.execute(ended).rowcount

    def of_account(self, account: AccountId, since: datetime) -> Sequence[Session]:
        """Sessions not ended and used since then, latest use first."""
        found = _OF_ACCOUNT.all(self._unit.reader, {"account": account, "since": since})
        return [_session(row) for row in found]

    def last_account(self, secret: str) -> AccountId | None:
        """Whose session this secret was, until `tidy` forgets it."""
        found = self._unit.reader.execute(_LAST_ACCOUNT, {"hash": _hash(secret)}).scalar_one_or_none()
        return None if found is None else AccountId(found)

    def hold(self, handle: str, answers: HeldAnswers) -> None:
        """Keep what somebody typed, encrypted and bound to its handle and its person."""
        key = _hash(handle)
        facts = {
            "account": answers.account,
            "answers": self._vault.seal(_written(answers), (_USE, handle, answers.account)),
            "kept_until": answers.kept_until,
        }
        kept = upsert(self._unit.database, held_answers).values(facts | {"handle_hash": key})
        with self._unit.trace() as connection:
            connection.execute(kept.on_conflict_do_update(index_elements=["handle_hash"], set_=facts))

    def read_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        """Give back and keep for the same person; gone for good when another asks (S35)."""
        held = self.take_held(handle, account, now)
        if held is not None:
            self.hold(handle, held)
        return held

    def take_held(self, handle: str, account: AccountId, now: datetime) -> HeldAnswers | None:
        """Give back once. They are gone afterwards, whoever asked and whatever the answer (S35)."""
        taken = (
            delete(held_answers).where(held_answers.c.handle_hash == _hash(handle)).returning(held_answers)
        )
        with self._unit.trace() as connection:
            row = connection.execute(taken).one_or_none()
        if row is None or row.account != account or row.kept_until <= now:
            return None
        try:
            text = self._vault.open(row.answers, (_USE, handle, account))
        except CannotOpen:
            return None
        return _read(text, account, row.kept_until)

    def tidy(self, before: datetime) -> int:
        """Forget sessions last used, and answers held, before then; how many of both."""
        with self._unit.trace() as connection:
            sessions = connection.execute(delete(session).where(session.c.last_seen_at < before))
            held = connection.execute(
                delete(held_answers).where(held_answers.c.kept_until < before + HELD_FOR)
            )
            return sessions.rowcount + held.rowcount


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _session(row: Row[Any]) -> Session:
    return Session(
        id=SessionId(row.id),
        account=AccountId(row.account),
        level=Level(row.level),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        authenticated_at=row.authenticated_at,
        csrf_secret=row.csrf_secret,
        device=row.device,
    )


def _written(answers: HeldAnswers) -> bytes:
    return json.dumps([answers.endpoint, answers.arguments, answers.body]).encode("ascii")


def _read(text: bytes, account: AccountId, kept_until: datetime) -> HeldAnswers:
    endpoint, arguments, body = json.loads(text)
    return HeldAnswers(
        account=account,
        endpoint=endpoint,
        arguments=arguments,
        body=tuple((name, value) for name, value in body),
        kept_until=kept_until,
    )

"""Sessions and held answers: whatever keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from portal.access.permissions import Permission
from portal.access.policy import Basis, Level, PatientRelation
from portal.adapters.sql.engine import Database
from portal.adapters.sql.sessions import SqlSessions
from portal.adapters.sql.tables_portal import held_answers, session
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.vault import Vault
from portal.domain.ids import AccountId, PatientId, PatientRef, SessionId
from portal.ports.sessions import HELD_FOR, HeldAnswers, Session
from tests.contract.portal.parts import Portal, at_once, failed_change, sql_portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ADA, BEN = AccountId("account-ada"), AccountId("account-ben")
SECRET = "a-cookie-secret-of-256-random-bits"


def make_session(**changes: object) -> Session:
    plain = Session(
        id=SessionId("session-1"),
        account=ADA,
        level=Level.P9,
        created_at=AT,
        last_seen_at=AT,
        authenticated_at=AT - timedelta(minutes=1),
        csrf_secret="csrf",
        device="Firefox on Linux",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def make_held(**changes: object) -> HeldAnswers:
    plain = HeldAnswers(
        account=ADA,
        endpoint="appointments.reason",
        arguments={"ref": "r"},
        body=(("words", "my knee — گھٹنا"), ("reason", "other"), ("reason", "test-or-check")),
        kept_until=AT + HELD_FOR,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_session_is_found_by_its_secret_alone(portal: Portal) -> None:
    portal.sessions.begin(make_session(), SECRET)
    assert portal.sessions.find(SECRET) == make_session()
    assert portal.sessions.find("session-1") is None
    assert portal.sessions.find("") is None
    assert portal.sessions.find("\udcff \0") is None


def test_use_is_noted_and_never_set_back(portal: Portal) -> None:
    portal.sessions.begin(make_session(), SECRET)
    portal.sessions.touch(SessionId("session-1"), AT + timedelta(minutes=5))
    portal.sessions.touch(SessionId("session-1"), AT + timedelta(minutes=3))
    assert portal.sessions.find(SECRET) == make_session(last_seen_at=AT + timedelta(minutes=5))


def test_an_ended_session_is_not_found_but_its_person_is_known(portal: Portal) -> None:
    portal.sessions.begin(make_session(), SECRET)
    portal.sessions.end(SessionId("session-1"), AT)
    assert portal.sessions.find(SECRET) is None
    assert list(portal.sessions.of_account(ADA, AT)) == []
    assert portal.sessions.last_account(SECRET) == ADA
    assert portal.sessions.last_account("unknown") is None


def test_a_session_begun_in_a_change_that_fails_is_not_there(portal: Portal) -> None:
    with failed_change(portal.unit):
        portal.sessions.begin(make_session(), SECRET)
    assert portal.sessions.find(SECRET) is None


def test_the_other_sessions_of_an_account_can_be_ended(portal: Portal) -> None:
    for number, account in enumerate([ADA, ADA, ADA, BEN], start=1):
        portal.sessions.begin(
            make_session(id=SessionId(f"session-{number}"), account=account), f"{SECRET}-{number}"
        )
    portal.sessions.end(SessionId("session-3"), AT)
    assert portal.sessions.end_others(ADA, SessionId("session-1"), AT) == 1
    found = [portal.sessions.find(f"{SECRET}-{number}") is not None for number in (1, 2, 3, 4)]
    assert found == [True, False, False, True]


def test_an_account_s_sessions_are_listed_by_latest_use(portal: Portal) -> None:
    for number in (1, 2, 3):
        used = AT + timedelta(minutes=number)
        portal.sessions.begin(
            make_session(id=SessionId(f"session-{number}"), last_seen_at=used), f"{SECRET}-{number}"
        )
    listed = portal.sessions.of_account(ADA, AT + timedelta(minutes=2))
    assert [found.id for found in listed] == ["session-3", "session-2"]
    assert list(portal.sessions.of_account(BEN, AT)) == []


def test_held_answers_come_back_once_to_the_same_person(portal: Portal) -> None:
    portal.sessions.hold("handle", make_held())
    assert portal.sessions.take_held("another", ADA, AT) is None
    assert portal.sessions.take_held("handle", ADA, AT) == make_held()
    assert portal.sessions.take_held("handle", ADA, AT) is None


def test_held_answers_can_be_read_again_by_the_same_person_only(portal: Portal) -> None:
    portal.sessions.hold("handle", make_held())
    assert portal.sessions.read_held("handle", ADA, AT) == make_held()
    assert portal.sessions.read_held("handle", ADA, AT) == make_held()
    assert portal.sessions.read_held("handle", BEN, AT) is None
    assert portal.sessions.read_held("handle", ADA, AT) is None


def test_held_answers_are_destroyed_when_another_person_asks(portal: Portal) -> None:
    portal.sessions.hold("handle", make_held())
    assert portal.sessions.take_held("handle", BEN, AT) is None
    assert portal.sessions.take_held("handle", ADA, AT) is None


def test_held_answers_come_back_for_24_hours_and_no_longer(portal: Portal) -> None:
    portal.sessions.hold("one", make_held())
    portal.sessions.hold("two", make_held())
    assert portal.sessions.take_held("one", ADA, AT + HELD_FOR - timedelta(seconds=1)) is not None
    assert portal.sessions.take_held("two", ADA, AT + HELD_FOR) is None


def test_holding_again_under_a_handle_replaces(portal: Portal) -> None:
    portal.sessions.hold("handle", make_held())
    newer = make_held(body=(("words", "newer"),))
    portal.sessions.hold("handle", newer)
    assert portal.sessions.take_held("handle", ADA, AT) == newer


def test_tidying_forgets_what_is_old_and_keeps_the_rest(portal: Portal) -> None:
    before = AT - timedelta(seconds=1)
    portal.sessions.begin(make_session(last_seen_at=before), SECRET)
    portal.sessions.begin(make_session(id=SessionId("session-2")), f"{SECRET}-2")
    portal.sessions.hold("old", make_held(kept_until=before + HELD_FOR))
    portal.sessions.hold("new", make_held())
    assert portal.sessions.tidy(AT) == 2
    assert portal.sessions.last_account(SECRET) is None
    assert portal.sessions.find(f"{SECRET}-2") is not None
    assert portal.sessions.take_held("old", ADA, before) is None
    assert portal.sessions.take_held("new", ADA, AT) is not None


def test_neither_secrets_nor_typed_words_stand_in_the_database(database: Database) -> None:
    portal = sql_portal(database)
    portal.sessions.begin(make_session(), SECRET)
    portal.sessions.hold("handle-of-the-browser", make_held(body=(("words", "my knee"),)))
    portal.unit.close()
    with database.connect_traces() as connection:
        rows = [connection.execute(select(table)).one() for table in (session, held_answers)]
    stored = b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )
    for hidden in (SECRET, "handle-of-the-browser", "my knee", "appointments.reason"):
        assert hidden.encode() not in stored


def test_answers_moved_to_another_person_s_name_do_not_open(database: Database) -> None:
    portal = sql_portal(database)
    portal.sessions.hold("handle", make_held())
    with database.connect_changes() as connection:
        connection.execute(update(held_answers).values(account=BEN))
    assert portal.sessions.take_held("handle", BEN, AT) is None
    portal.unit.close()


def test_answers_held_under_a_replaced_secret_still_open(database: Database) -> None:
    old, new = "the old secret of thirty-two letters", "the new secret of thirty-two letters"
    unit = SqlUnit(database)
    for handle in ("one", "two"):
        SqlSessions(unit, Vault(old)).hold(handle, make_held())
    assert SqlSessions(unit, Vault(new, old)).take_held("one", ADA, AT) == make_held()
    assert SqlSessions(unit, Vault(new)).take_held("two", ADA, AT) is None
    unit.close()


def test_of_many_who_ask_at_once_one_gets_the_held_answers(database: Database) -> None:
    first = sql_portal(database)
    first.sessions.hold("handle", make_held())
    first.unit.close()
    found: list[HeldAnswers | None] = []

    def ask() -> None:
        portal = sql_portal(database)
        found.append(portal.sessions.take_held("handle", ADA, AT))
        portal.unit.close()

    at_once(8, ask)
    assert sorted(answers is not None for answers in found) == [False] * 7 + [True]


def test_what_is_read_at_the_door_is_what_the_relations_say(portal: Portal) -> None:
    patient, other = PatientId("patient-ada"), PatientId("patient-cleo")
    portal.sessions.begin(make_session(), SECRET)
    mine, of_another = portal.relations.ref_of(ADA, patient), portal.relations.ref_of(BEN, patient)
    relation = PatientRelation(
        account=ADA,
        patient=patient,
        basis=Basis.SELF,
        scopes=frozenset({Permission.HOME_VIEW}),
        starts_on=AT.date(),
    )
    for ref, meant in ((mine, patient), (of_another, None), (PatientRef("no-such-reference"), None)):
        assert portal.sessions.find(SECRET, ref) == make_session()
        assert portal.relations.patient_of(ADA, ref) == meant
        assert list(portal.relations.patients_of(ADA)) == []
    with portal.unit.change():
        portal.relations.save_patient(relation)
        portal.relations.save_patient(replace(relation, patient=other, basis=Basis.CONSENT))
        portal.relations.save_patient(replace(relation, account=BEN, basis=Basis.CONSENT))
    assert portal.sessions.find(SECRET, mine) == make_session()
    assert [each.patient for each in portal.relations.patients_of(ADA)] == [patient, other]
    assert portal.relations.patients_of(ADA)[0] == relation
    assert portal.sessions.find("another-secret", mine) is None
    portal.sessions.end(SessionId("session-1"), AT)
    assert portal.sessions.find(SECRET, mine) is None

"""What somebody with the database but without the key cannot do unseen to the access log."""

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update

from portal.adapters.sql.access_log import ABOUT, SqlAccessLog
from portal.adapters.sql.access_log_macs import LogKeys
from portal.adapters.sql.engine import Database
from portal.adapters.sql.tables_portal import access_log, access_log_patient
from portal.adapters.sql.unit import SqlUnit
from portal.ports.access_log import Verification
from tests.contract.portal.parts import LOG_KEYS, Portal, sql_portal
from tests.contract.portal.test_access_log import ADA, BEN, make_entry

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
BATCHES, IN_A_BATCH, LOOSE = 3, 4, 2
SEALED = BATCHES * IN_A_BATCH


def fill(database: Database) -> Portal:
    """Rows 1 to 12 in three seals, 13 and 14 unsealed; every third names two people."""
    portal = sql_portal(database)
    for number in range(1, SEALED + LOOSE + 1):
        several = (ADA, BEN) if number % 3 == 0 else (ADA,)
        portal.access_log.view(make_entry(object=f"object-{number}", patients=several))
        if number % IN_A_BATCH == 0:
            portal.access_log.seal(at=AT)
    assert portal.access_log.verify() == Verification(sealed=SEALED, unsealed=LOOSE, broken=())
    return portal


def tamper(database: Database, *statements: str) -> None:
    with database.connect_changes() as connection:
        for statement in statements:
            connection.execute(text(statement))


REMOVE_TAIL = (
    "DELETE FROM access_log WHERE seal = 3",
    "DELETE FROM access_log_patient WHERE seq IN (9, 12)",
    "DELETE FROM access_log_seal WHERE number = 3",
)
AS_ROW_5 = (
    "INSERT INTO access_log (at, action, outcome, actor, patient, patients, organisation, acting_for_other,"
    " object, reason, request, nonce, mac)"
    " SELECT at, action, outcome, actor, patient, patients, organisation,"
    " acting_for_other, object, reason, request, nonce, {mac} FROM access_log WHERE seq = 5"
)
END_MOVED = (
    "UPDATE access_log_head SET number = 2, last_seq = 8,"
    " mac = (SELECT mac FROM access_log_seal WHERE number = 2)"
)
TAMPERINGS: dict[str, tuple[str, ...]] = {
    "a sealed row is changed": ("UPDATE access_log SET actor = 'another' WHERE seq = 6",),
    "an unsealed row is changed": ("UPDATE access_log SET object = 'other' WHERE seq = 13",),
    "a sealed row is removed": ("DELETE FROM access_log WHERE seq = 7",),
    "the last sealed row is removed": (
        "DELETE FROM access_log WHERE seq = 12",
        "DELETE FROM access_log_patient WHERE seq = 12",
    ),
    "a row is made up": (AS_ROW_5.format(mac="nonce"),),
    "a row is copied": (AS_ROW_5.format(mac="mac"),),
    "a row is slipped under a seal": ("UPDATE access_log SET seal = 2 WHERE seq = 13",),
    "a row names a seal that is not there": ("UPDATE access_log SET seal = 9 WHERE seq = 13",),
    "a row is taken from under its seal": ("UPDATE access_log SET seal = NULL WHERE seq = 10",),
    "two rows change places": (
        "UPDATE access_log SET seq = 100 WHERE seq = 5",
        "UPDATE access_log SET seq = 5 WHERE seq = 7",
        "UPDATE access_log SET seq = 7 WHERE seq = 100",
    ),
    "a person is hidden from the list of who looked": ("DELETE FROM access_log_patient WHERE seq = 6",),
    "a person is added to the list of who looked": (
        "INSERT INTO access_log_patient (patient, seq) VALUES ('patient-cy', 5)",
    ),
    "a seal is changed": ("UPDATE access_log_seal SET at = at + 1 WHERE number = 2",),
    "a seal is removed with its rows": (
        "DELETE FROM access_log WHERE seal = 2",
        "DELETE FROM access_log_patient WHERE seq = 6",
        "DELETE FROM access_log_seal WHERE number = 2",
    ),
    "the tail is cut": REMOVE_TAIL,
    "the tail is cut and the end moved": (*REMOVE_TAIL, END_MOVED),
    "the tail is cut and the end removed": (*REMOVE_TAIL, "DELETE FROM access_log_head"),
    "all seals are removed": ("DELETE FROM access_log_seal", "UPDATE access_log SET seal = NULL"),
}


@pytest.mark.parametrize("statements", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_verification_finds_it_when(database: Database, statements: tuple[str, ...]) -> None:
    portal = fill(database)
    tamper(database, *statements)
    assert portal.access_log.verify().broken
    portal.unit.close()


@pytest.mark.parametrize("statements", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_going_on_sealing_does_not_mend_it_when(database: Database, statements: tuple[str, ...]) -> None:
    portal = fill(database)
    tamper(database, *statements)
    portal.access_log.view(make_entry())
    portal.access_log.seal(at=AT)
    portal.access_log.view(make_entry())
    portal.access_log.seal(at=AT)
    assert portal.access_log.verify().broken
    portal.unit.close()


def test_a_changed_row_is_named_and_no_other(database: Database) -> None:
    portal = fill(database)
    tamper(database, "UPDATE access_log SET reason = 'x' WHERE seq IN (2, 14)")
    assert portal.access_log.verify() == Verification(sealed=SEALED, unsealed=LOOSE, broken=(2, 14))
    portal.unit.close()


def test_a_return_to_an_older_copy_shows_by_the_checkpoint_kept_elsewhere(
    tmp_path: Path, migrated_file: Path
) -> None:
    path, old = tmp_path / "log.sqlite3", tmp_path / "old.sqlite3"
    shutil.copy(migrated_file, path)
    portal = fill(Database(f"sqlite:///{path}"))
    tamper(Database(f"sqlite:///{path}"), f"VACUUM INTO '{old}'")
    portal.access_log.seal(at=AT)
    noted = portal.access_log.checkpoint()
    assert noted is not None
    portal.unit.close()
    again = sql_portal(Database(f"sqlite:///{old}"))
    assert again.access_log.verify().broken == ()
    assert not again.access_log.holds(noted.number, noted.mac)
    again.unit.close()


def test_another_key_fits_no_row(database: Database) -> None:
    fill(database).unit.close()
    other = SqlAccessLog(SqlUnit(database), LogKeys("a third secret of the tests, long enough too"))
    assert set(range(1, SEALED + LOOSE + 1)) <= set(other.verify().broken)


@pytest.fixture(scope="module")
def filled(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "log.sqlite3"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    fill(database).unit.close()
    tamper(database, "PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


def _change(connection: Connection, one: int, other: int, column: str) -> None:
    changed = access_log.c[column].concat("x")
    connection.execute(update(access_log).where(access_log.c.seq == one).values({column: changed}))


def _remove(connection: Connection, one: int, other: int, column: str) -> None:
    for table in (access_log, access_log_patient):
        connection.execute(delete(table).where(table.c.seq == one))


def _swap(connection: Connection, one: int, other: int, column: str) -> None:
    """Whole rows change places, their seals stay where they were: the chain alone can tell."""
    row = access_log.c
    seal = {seq: select(row.seal).where(row.seq == seq) for seq in (one, other)}
    seals = {seq: connection.execute(wanted).scalar_one() for seq, wanted in seal.items()}
    for table in (access_log, access_log_patient):
        for old, new in ((one, 1000), (other, one), (1000, other)):
            connection.execute(update(table).where(table.c.seq == old).values(seq=new))
    for seq, number in seals.items():
        connection.execute(update(access_log).where(row.seq == seq).values(seal=number))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deed=st.sampled_from([_change, _remove, _swap]),
    rows=st.permutations(range(1, SEALED + 1)),
    column=st.sampled_from(["at", "action", "outcome", "actor", "object", "reason", "request"]),
)
def test_any_one_sealed_row_changed_removed_or_swapped_is_found(
    filled: Path, deed: Callable[[Connection, int, int, str], None], rows: list[int], column: str
) -> None:
    """Each example spoils a copy of its own."""
    copy = filled.with_name("copy.sqlite3")
    shutil.copy(filled, copy)
    database = Database(f"sqlite:///{copy}")
    with database.connect_changes() as connection:
        deed(connection, rows[0], rows[1], column)
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    unit = SqlUnit(database)
    assert SqlAccessLog(unit, LOG_KEYS).verify().broken
    unit.close()
    database.dispose()


def test_sealers_and_writers_at_once_leave_the_chain_whole(database: Database) -> None:
    writers, each, sealed = 4, 25, []

    def write() -> None:
        portal = sql_portal(database)
        for number in range(each):
            portal.access_log.view(make_entry(object=str(number)))
        portal.unit.close()

    def seal() -> None:
        portal = sql_portal(database)
        sealed.append(sum(portal.access_log.seal(at=AT, limit=7) for _ in range(10)))
        portal.unit.close()

    threads = [threading.Thread(target=work) for work in [write] * writers + [seal] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    portal = sql_portal(database)
    sealed.append(portal.access_log.seal(at=AT))
    assert sum(sealed) == writers * each
    assert portal.access_log.verify() == Verification(sealed=writers * each, unsealed=0, broken=())
    portal.unit.close()


def test_who_looked_at_one_person_is_an_index_search(database: Database) -> None:
    portal = fill(database)
    asked = ABOUT.params(patient="patient-ada", limit=50)
    with database.connect_traces() as connection:
        written = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))
        if not database.sqlite:  # so few rows that reading them all is cheaper
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if database.sqlite else "EXPLAIN "
        plan = [str(row) for row in connection.exec_driver_sql(explain + written)]
        connection.invalidate()
    assert any("ix_access_log_patient" in step for step in plan)
    assert not [step for step in plan if "Seq Scan on access_log" in step or "SCAN access_log" in step]
    portal.unit.close()

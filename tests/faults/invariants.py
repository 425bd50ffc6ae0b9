"""What must hold of the database whatever happened, asked by SQL: nothing half done or without its row."""

from portal.adapters.sql.access_log import SqlAccessLog
from portal.adapters.sql.access_log_macs import LogKeys
from portal.adapters.sql.unit import SqlUnit
from tests.faults.world import LOG_KEY, World

_LIVE = "('proposed', 'pending', 'booked', 'arrived', 'checked-in', 'waitlist')"
QUESTIONS = {
    "a busy time without a visit": f"""
        SELECT id FROM slot WHERE status = 'busy' AND NOT EXISTS
        (SELECT 1 FROM appointment a WHERE a.slot_id = slot.id AND a.status IN {_LIVE})""",  # noqa: S608
    "a visit on a time that is not busy": f"""
        SELECT id FROM appointment a WHERE a.slot_id IS NOT NULL AND a.status IN {_LIVE} AND NOT EXISTS
        (SELECT 1 FROM slot WHERE slot.id = a.slot_id AND slot.status = 'busy')""",  # noqa: S608
    "two live visits on one time": f"""
        SELECT slot_id FROM appointment WHERE slot_id IS NOT NULL AND status IN {_LIVE}
        GROUP BY slot_id HAVING count(*) > 1""",  # noqa: S608
    "a key that is done without a visit": """
        SELECT key FROM booking_attempt WHERE state = 'done' AND NOT EXISTS
        (SELECT 1 FROM appointment WHERE appointment.id = booking_attempt.result)""",
    "a key that is begun and not done": "SELECT key FROM booking_attempt WHERE state <> 'done'",
    "a visit without its key": """
        SELECT id FROM appointment WHERE booking_key IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM booking_attempt b
         WHERE b.key = appointment.booking_key AND b.result = appointment.id)""",
    "a visit without exactly one row in the log": """
        SELECT id FROM appointment WHERE booking_key IS NOT NULL AND
        (SELECT count(*) FROM access_log WHERE object = appointment.id
         AND action IN ('appointment:book', 'appointment:change')) <> 1""",
    "a row in the log without its visit": """
        SELECT seq FROM access_log WHERE action IN ('appointment:book', 'appointment:change') AND NOT EXISTS
        (SELECT 1 FROM appointment WHERE appointment.id = access_log.object)""",
    "a cancelled visit without its row in the log": """
        SELECT id FROM appointment WHERE cancelled_by_account IS NOT NULL
        AND replaced_by IS NULL AND NOT EXISTS
        (SELECT 1 FROM access_log WHERE object = appointment.id AND action = 'appointment:cancel')""",
}


def broken(world: World) -> dict[str, list[str]]:
    """Each thing that must not be, with the ids where it is; empty when all holds."""
    found = {name: [str(row[0]) for row in world.rows(sql)] for name, sql in QUESTIONS.items()}
    found["the database itself"] = [str(row[0]) for row in world.rows("PRAGMA quick_check") if row[0] != "ok"]
    unit = SqlUnit(world.database)
    try:
        verified = SqlAccessLog(unit, LogKeys(LOG_KEY)).verify()
    finally:
        unit.close()
    found["rows of the log that were tampered with"] = [str(seq) for seq in verified.broken]
    return {name: rows for name, rows in found.items() if rows}


def booked(world: World) -> dict[str, str]:
    """Visits booked through the portal: id of the visit by its slot."""
    sql = "SELECT slot_id, id FROM appointment WHERE booking_key IS NOT NULL AND status = 'booked'"
    return {str(slot): str(visit) for slot, visit in world.rows(sql)}

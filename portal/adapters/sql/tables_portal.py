"""The portal's own tables: accounts, sessions, relations, access log and the rest. Holds no query."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from portal.access.policy import Basis
from portal.adapters.sql.metadata import Choice, IdText, Instant, Json, metadata
from portal.domain.ids import PatientId
from portal.ports.bookings import AttemptState
from portal.ports.remote_changes import Act, ChangeKind
from portal.ports.tasks import TaskKind

# A key may not be NULL: journeys and watches that are about nobody stand under this.
NOBODY = PatientId("")

account = Table(
    "account",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("issuer", IdText, nullable=False),
    Column("subject", IdText, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("language", Text),
    UniqueConstraint("issuer", "subject"),
)

demo_person = Table(
    "demo_person",
    metadata,
    Column("subject", IdText, primary_key=True),
    Column("name", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("staff", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
)

patient_relation = Table(
    "patient_relation",
    metadata,
    Column("account", IdText, primary_key=True),
    Column("patient", IdText, primary_key=True),
    Column("basis", Choice(Basis), primary_key=True),
    Column("scopes", Json, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("suspended", Boolean, nullable=False),
)

staff_relation = Table(
    "staff_relation",
    metadata,
    Column("account", IdText, primary_key=True),
    Column("organisation", IdText, primary_key=True),
    Column("scopes", Json, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
)

patient_ref = Table(
    "patient_ref",
    metadata,
    Column("ref", IdText, primary_key=True),
    Column("account", IdText, nullable=False),
    Column("patient", IdText, nullable=False),
    UniqueConstraint("account", "patient"),
)

session = Table(
    "session",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("account", IdText, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("authenticated_at", Instant, nullable=False),
    Column("csrf_secret", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("ended_at", Instant),
    Index("ix_session_account", "account", "last_seen_at"),
    Index("ix_session_last_seen_at", "last_seen_at"),
)

held_answers = Table(
    "held_answers",
    metadata,
    Column("handle_hash", LargeBinary(32), primary_key=True),
    Column("account", IdText, nullable=False),
    Column("answers", LargeBinary, nullable=False),  # encrypted: portal/adapters/vault.py
    Column("kept_until", Instant, nullable=False, index=True),
)

draft = Table(
    "draft",
    metadata,
    Column("account", IdText, primary_key=True),
    Column("patient", IdText, primary_key=True),
    Column("journey", IdText, primary_key=True),
    Column("answers", Json, nullable=False),
    Column("saved_at", Instant, nullable=False, index=True),
)

booking_attempt = Table(
    "booking_attempt",
    metadata,
    Column("key", IdText, primary_key=True),
    Column("account", IdText, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("state", Choice(AttemptState), nullable=False),
    Column("result", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

slot_watch = Table(
    "slot_watch",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("account", IdText, nullable=False),
    Column("patient", IdText, nullable=False),
    Column("organisation", IdText, nullable=False),
    Column("services", Json, nullable=False),
    Column("modes", Json, nullable=False),
    Column("wanted", IdText, nullable=False),  # digest of services and modes, whatever their order
    Column("made_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    UniqueConstraint("account", "patient", "wanted"),
)

person_needs = Table(
    "person_needs",
    metadata,
    Column("patient", IdText, primary_key=True),
    Column("needs", Json, nullable=False),
    Column("interpreter_language", Text),
    Column("at", Instant, nullable=False),
)

staff_task = Table(
    "staff_task",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("organisation", IdText, nullable=False),
    Column("kind", Choice(TaskKind), nullable=False),
    Column("patient", IdText, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("appointment", IdText),
    Column("done_at", Instant),
    Column("done_by", IdText),
    UniqueConstraint("appointment", "kind"),
)
Index(
    "ix_staff_task_open",
    staff_task.c.organisation,
    staff_task.c.due_at,
    sqlite_where=staff_task.c.done_at.is_(None),
    postgresql_where=staff_task.c.done_at.is_(None),
)

feedback = Table(
    "feedback",
    metadata,
    Column("key", IdText, primary_key=True),
    Column("page", Text, nullable=False),
    Column("rating", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

job_lease = Table(
    "job_lease",
    metadata,
    Column("job", IdText, primary_key=True),
    Column("holder", IdText, nullable=False),
    Column("until", Instant, nullable=False),
)

# What another system is about to be asked; gone as soon as its answer is acknowledged.
remote_change = Table(
    "remote_change",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("kind", Choice(ChangeKind), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("patient", IdText),
    Column("account", IdText),
    Column("attempt", IdText),
    Column("slot", IdText),
    Column("appointment", IdText),
)

# Who booked or cancelled an appointment that another system keeps.
remote_act = Table(
    "remote_act",
    metadata,
    Column("appointment", IdText, primary_key=True),
    Column("act", Choice(Act), primary_key=True),
    Column("account", IdText, nullable=False),
)

_row_number = BigInteger().with_variant(Integer, "sqlite")

# `patient` holds the one person of an ordinary row; a row about several names them in `patients`, and each
# again in access_log_patient, so that "who looked at mine" is an index search whichever it is. All columns
# are plain (`at` is microseconds since 1970, UTC): verification must be able to read whatever was put there.
access_log = Table(
    "access_log",
    metadata,
    Column("seq", _row_number, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("actor", IdText),
    Column("patient", IdText),
    Column("patients", Text),
    Column("organisation", IdText),
    Column("acting_for_other", Boolean, nullable=False),
    Column("object", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("nonce", LargeBinary(8), nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("seal", BigInteger),
    Index("ix_access_log_seal", "seal", "seq"),
    sqlite_autoincrement=True,  # a number that was given once is never given again
)
Index(
    "ix_access_log_patient",
    access_log.c.patient,
    access_log.c.seq,
    sqlite_where=access_log.c.patient.is_not(None),
    postgresql_where=access_log.c.patient.is_not(None),
)

access_log_patient = Table(
    "access_log_patient",
    metadata,
    Column("patient", IdText, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_access_log_patient_seq", "seq"),
    sqlite_with_rowid=False,
)

access_log_seal = Table(
    "access_log_seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)

# One row: where the chain ends, so that cutting its tail shows.
access_log_head = Table(
    "access_log_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("proof", LargeBinary(32), nullable=False),
)

PORTAL_TABLES = (
    account,
    demo_person,
    patient_relation,
    staff_relation,
    patient_ref,
    session,
    held_answers,
    draft,
    booking_attempt,
    slot_watch,
    person_needs,
    staff_task,
    feedback,
    job_lease,
    remote_change,
    remote_act,
    access_log,
    access_log_patient,
    access_log_seal,
    access_log_head,
)

# One row: its number changes with every change of the directory's four tables (migration 0004, by triggers).
directory_version = Table(
    "directory_version",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)

"""The portal's own tables: accounts, sessions, relations, access log and the rest."""

import sqlalchemy as sa
from alembic import op

from portal.adapters.sql.metadata import IdText, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("seq", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("actor", IdText, nullable=True),
        sa.Column("patient", IdText, nullable=True),
        sa.Column("patients", sa.Text(), nullable=True),
        sa.Column("organisation", IdText, nullable=True),
        sa.Column("acting_for_other", sa.Boolean(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_access_log")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_access_log_patient",
        "access_log",
        ["patient", "seq"],
        unique=False,
        sqlite_where=sa.text("patient IS NOT NULL"),
        postgresql_where=sa.text("patient IS NOT NULL"),
    )
    op.create_index("ix_access_log_seal", "access_log", ["seal", "seq"], unique=False)
    op.create_table(
        "access_log_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proof", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log_head")),
    )
    op.create_table(
        "access_log_patient",
        sa.Column("patient", IdText, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("patient", "seq", name=op.f("pk_access_log_patient")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_access_log_patient_seq", "access_log_patient", ["seq"], unique=False)
    op.create_table(
        "access_log_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_log_seal")),
    )
    op.create_table(
        "account",
        sa.Column("id", IdText, nullable=False),
        sa.Column("issuer", IdText, nullable=False),
        sa.Column("subject", IdText, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_issuer_subject")),
    )
    op.create_table(
        "booking_attempt",
        sa.Column("key", IdText, nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_booking_attempt")),
    )
    op.create_table(
        "demo_person",
        sa.Column("subject", IdText, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_demo_person")),
    )
    op.create_table(
        "draft",
        sa.Column("account", IdText, nullable=False),
        sa.Column("patient", IdText, nullable=False),
        sa.Column("journey", IdText, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("account", "patient", "journey", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_saved_at"), "draft", ["saved_at"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("key", IdText, nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feedback")),
    )
    op.create_table(
        "held_answers",
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("handle_hash", name=op.f("pk_held_answers")),
    )
    op.create_index(op.f("ix_held_answers_kept_until"), "held_answers", ["kept_until"], unique=False)
    op.create_table(
        "job_lease",
        sa.Column("job", IdText, nullable=False),
        sa.Column("holder", IdText, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "patient_ref",
        sa.Column("ref", IdText, nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.Column("patient", IdText, nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_patient_ref")),
        sa.UniqueConstraint("account", "patient", name=op.f("uq_patient_ref_account_patient")),
    )
    op.create_table(
        "patient_relation",
        sa.Column("account", IdText, nullable=False),
        sa.Column("patient", IdText, nullable=False),
        sa.Column("basis", sa.String(40), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "patient", "basis", name=op.f("pk_patient_relation")),
    )
    op.create_table(
        "person_needs",
        sa.Column("patient", IdText, nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("interpreter_language", sa.Text(), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("patient", name=op.f("pk_person_needs")),
    )
    op.create_table(
        "session",
        sa.Column("id", IdText, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_seen_at", Instant, nullable=False),
        sa.Column("authenticated_at", Instant, nullable=False),
        sa.Column("csrf_secret", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_session_secret_hash")),
    )
    op.create_index("ix_session_account", "session", ["account", "last_seen_at"], unique=False)
    op.create_index("ix_session_last_seen_at", "session", ["last_seen_at"], unique=False)
    op.create_table(
        "slot_watch",
        sa.Column("id", IdText, nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.Column("patient", IdText, nullable=False),
        sa.Column("organisation", IdText, nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("modes", sa.Text(), nullable=False),
        sa.Column("wanted", IdText, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_watch")),
        sa.UniqueConstraint(
            "account", "patient", "wanted", name=op.f("uq_slot_watch_account_patient_wanted")
        ),
    )
    op.create_table(
        "staff_relation",
        sa.Column("account", IdText, nullable=False),
        sa.Column("organisation", IdText, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("account", "organisation", name=op.f("pk_staff_relation")),
    )
    op.create_table(
        "staff_task",
        sa.Column("id", IdText, nullable=False),
        sa.Column("organisation", IdText, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("patient", IdText, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("appointment", IdText, nullable=True),
        sa.Column("done_at", Instant, nullable=True),
        sa.Column("done_by", IdText, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_task")),
        sa.UniqueConstraint("appointment", "kind", name=op.f("uq_staff_task_appointment_kind")),
    )
    op.create_index(
        "ix_staff_task_open",
        "staff_task",
        ["organisation", "due_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    for table in [
        "access_log",
        "access_log_head",
        "access_log_patient",
        "access_log_seal",
        "account",
        "booking_attempt",
        "demo_person",
        "draft",
        "feedback",
        "held_answers",
        "job_lease",
        "patient_ref",
        "patient_relation",
        "person_needs",
        "session",
        "slot_watch",
        "staff_relation",
        "staff_task",
    ]:
        op.drop_table(table)

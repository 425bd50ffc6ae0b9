"""The embedded clinical store: places, slots, patients, appointments, and resources as received."""

import sqlalchemy as sa
from alembic import op

from portal.adapters.sql.metadata import IdText, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LIVE = sa.text(
    "slot_id IS NOT NULL AND status IN ('arrived', 'booked', 'checked-in', 'pending', 'proposed', 'waitlist')"
)
FREE = sa.text("status = 'free'")
ORDERED = ["service_id", "starts_at", "id"]
ALSO_READ = ["site_id", "organisation_id", "practitioner_id", "mode", "ends_at", "status", "released_at"]


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", IdText, nullable=False),
        sa.Column("patient_id", IdText, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("service_id", IdText, nullable=True),
        sa.Column("site_id", IdText, nullable=True),
        sa.Column("organisation_id", IdText, nullable=True),
        sa.Column("mode", sa.String(40), nullable=True),
        sa.Column("practitioner_id", IdText, nullable=True),
        sa.Column("slot_id", IdText, nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("interpreter_language", sa.Text(), nullable=True),
        sa.Column("with_someone", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant, nullable=True),
        sa.Column("booked_by_kind", sa.String(40), nullable=False),
        sa.Column("booked_by_account", IdText, nullable=True),
        sa.Column("cancelled_at", Instant, nullable=True),
        sa.Column("cancelled_by_kind", sa.String(40), nullable=True),
        sa.Column("cancelled_by_account", IdText, nullable=True),
        sa.Column("cancel_reason", sa.String(40), nullable=True),
        sa.Column("cancel_words", sa.Text(), nullable=True),
        sa.Column("cannot_come_at", Instant, nullable=True),
        sa.Column("replaces", IdText, nullable=True),
        sa.Column("replaced_by", IdText, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booking_key", sa.Text(), nullable=True),
        sa.Column("touched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_appointment_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index("ix_appointment_patient", "appointment", ["patient_id", "starts_at"], unique=False)
    op.create_index("ix_appointment_site_day", "appointment", ["site_id", "starts_at"], unique=False)
    op.create_index(
        "uq_appointment_live_slot",
        "appointment",
        ["slot_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", IdText, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "patient",
        sa.Column("id", IdText, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("nhs_number", sa.String(length=10), nullable=True),
        sa.Column("birth_date", sa.String(length=10), nullable=True),
        sa.Column("died", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", IdText, nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("interpreter_required", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_table(
        "practitioner",
        sa.Column("id", IdText, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("gender", sa.String(40), nullable=False),
        sa.Column("organisation_id", IdText, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
    )
    op.create_table(
        "resource",
        sa.Column("type", IdText, nullable=False),
        sa.Column("id", IdText, nullable=False),
        sa.Column("patient_id", IdText, nullable=True),
        sa.Column("date", Instant, nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_resource")),
    )
    op.create_index(
        "ix_resource_patient",
        "resource",
        ["patient_id", "type", "date"],
        unique=False,
        sqlite_where=sa.text("patient_id IS NOT NULL"),
        postgresql_where=sa.text("patient_id IS NOT NULL"),
    )
    op.create_table(
        "service",
        sa.Column("id", IdText, nullable=False),
        sa.Column("organisation_id", IdText, nullable=False),
        sa.Column("site_id", IdText, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("modes", sa.Text(), nullable=False),
        sa.Column("bring", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("online", sa.String(40), nullable=False),
        sa.Column("max_open", sa.Integer(), nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("booking_window", sa.BigInteger(), nullable=False),
        sa.Column("released_before", sa.BigInteger(), nullable=True),
        sa.Column("cancel_cutoff", sa.BigInteger(), nullable=False),
        sa.Column("consequence", sa.String(40), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("same_day_twice", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_table(
        "site",
        sa.Column("id", IdText, nullable=False),
        sa.Column("organisation_id", IdText, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("late_phone", sa.Text(), nullable=True),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("access_notes", sa.Text(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "slot",
        sa.Column("id", IdText, nullable=False),
        sa.Column("service_id", IdText, nullable=False),
        sa.Column("site_id", IdText, nullable=False),
        sa.Column("organisation_id", IdText, nullable=False),
        sa.Column("practitioner_id", IdText, nullable=True),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("released_at", Instant, nullable=True),
        sa.Column("schedule_id", IdText, nullable=True),
        sa.Column("touched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    op.create_index("ix_slot_practitioner", "slot", ["practitioner_id", "starts_at"], unique=False)
    op.create_index(
        "ix_slot_release",
        "slot",
        ["service_id", "released_at"],
        unique=False,
        sqlite_where=sa.text("status = 'free' AND released_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'free' AND released_at IS NOT NULL"),
    )
    op.create_index("ix_slot_site_day", "slot", ["site_id", "starts_at"], unique=False)
    op.create_index("ix_slot_start", "slot", ["starts_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_slot_search", "slot", ORDERED, postgresql_where=FREE, postgresql_include=ALSO_READ
        )
    else:
        op.create_index("ix_slot_search", "slot", ORDERED + ALSO_READ, sqlite_where=FREE)


def downgrade() -> None:
    for table in [
        "appointment",
        "meta",
        "organisation",
        "patient",
        "practitioner",
        "resource",
        "service",
        "site",
        "slot",
    ]:
        op.drop_table(table)

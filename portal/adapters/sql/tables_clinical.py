"""Tables of the embedded clinical store. Holds no query.

No foreign keys between them: another system may send what names something it has not sent yet. It is kept
all the same, and import judges references at its end.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text, text

from portal.adapters.sql.metadata import Choice, IdText, Instant, Json, Seconds, metadata
from portal.domain.appointments import LIVE, AuthorKind, CancelReason, Mode, Reason, SlotStatus, Status
from portal.domain.people import ClinicianGender
from portal.domain.places import CancelConsequence, OnlineBooking

# One row a fact about the store itself, such as "these people are made up".
meta = Table(
    "meta",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("phone", Text),
)

site = Table(
    "site",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("organisation_id", IdText, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Json, nullable=False),
    Column("phone", Text),
    Column("late_phone", Text),
    Column("directions", Text, nullable=False),
    Column("access_notes", Text, nullable=False),
    Column("step_free", Boolean, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("language", Text, nullable=False),
)

practitioner = Table(
    "practitioner",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("names", Json, nullable=False),
    Column("role", Text, nullable=False),
    Column("gender", Choice(ClinicianGender), nullable=False),
    Column("organisation_id", IdText),
)

service = Table(
    "service",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("organisation_id", IdText, nullable=False),
    Column("site_id", IdText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("modes", Json, nullable=False),
    Column("bring", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("online", Choice(OnlineBooking), nullable=False),
    Column("max_open", Integer, nullable=False),
    Column("notice", Seconds, nullable=False),
    Column("booking_window", Seconds, nullable=False),
    Column("released_before", Seconds),
    Column("cancel_cutoff", Seconds, nullable=False),
    Column("call_late", Seconds, nullable=False, server_default="1800"),
    Column("consequence", Choice(CancelConsequence), nullable=False),
    Column("minimum_age", Integer),
    Column("maximum_age", Integer),
    Column("same_day_twice", Boolean, nullable=False),
)

# `touched`: the portal has changed the row since it came, so export lays it over what was received.
slot = Table(
    "slot",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("service_id", IdText, nullable=False),
    Column("site_id", IdText, nullable=False),
    Column("organisation_id", IdText, nullable=False),
    Column("practitioner_id", IdText),
    Column("mode", Choice(Mode), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("status", Choice(SlotStatus), nullable=False),
    Column("released_at", Instant),
    Column("schedule_id", IdText),
    Column("touched", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
)

_free = slot.c.status == text("'free'")
_also_read = ("site_id", "organisation_id", "practitioner_id", "mode", "ends_at", "status", "released_at")
_ordered = (slot.c.service_id, slot.c.starts_at, slot.c.id)
# What a search reads, and nothing else: free times only, answered from the index alone.
# INCLUDE is PostgreSQL's; SQLite reads any column of an index.
_search_postgres = Index(
    "ix_slot_search", *_ordered, postgresql_where=_free, postgresql_include=_also_read
).ddl_if(dialect="postgresql")
_search_sqlite = Index(
    "ix_slot_search", *_ordered, *(slot.c[name] for name in _also_read), sqlite_where=_free
).ddl_if(dialect="sqlite")
Index(
    "ix_slot_release",
    slot.c.service_id,
    slot.c.released_at,
    sqlite_where=_free & slot.c.released_at.is_not(None),
    postgresql_where=_free & slot.c.released_at.is_not(None),
)
Index("ix_slot_site_day", slot.c.site_id, slot.c.starts_at)
Index("ix_slot_practitioner", slot.c.practitioner_id, slot.c.starts_at)
Index("ix_slot_start", slot.c.starts_at)

patient = Table(
    "patient",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("names", Json, nullable=False),
    Column("nhs_number", String(10)),
    Column("birth_date", String(10)),
    Column("died", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("organisation_id", IdText),
    Column("language", Text),
    Column("interpreter_required", Boolean, nullable=False),
    Column("phone", Text),
)

appointment = Table(
    "appointment",
    metadata,
    Column("id", IdText, primary_key=True),
    Column("patient_id", IdText, nullable=False),
    Column("status", Choice(Status), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("service_id", IdText),
    Column("site_id", IdText),
    Column("organisation_id", IdText),
    Column("mode", Choice(Mode)),
    Column("practitioner_id", IdText),
    Column("slot_id", IdText),
    Column("description", Text, nullable=False),
    Column("reason", Choice(Reason), nullable=False),
    Column("words", Text, nullable=False),
    Column("needs", Json, nullable=False),
    Column("interpreter_language", Text),
    Column("with_someone", Boolean, nullable=False),
    Column("created_at", Instant),
    Column("booked_by_kind", Choice(AuthorKind), nullable=False),
    Column("booked_by_account", IdText),
    Column("cancelled_at", Instant),
    Column("cancelled_by_kind", Choice(AuthorKind)),
    Column("cancelled_by_account", IdText),
    Column("cancel_reason", Choice(CancelReason)),
    Column("cancel_words", Text),
    Column("cannot_come_at", Instant),
    Column("replaces", IdText),
    Column("replaced_by", IdText),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("booking_key", Text),
    Column("touched", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
)

_live = text(
    "slot_id IS NOT NULL AND status IN ("
    + ", ".join(f"'{status.value}'" for status in sorted(LIVE, key=lambda status: status.value))
    + ")"
)
# The second lock on a time: whatever the code believes, one slot has one live appointment.
Index(
    "uq_appointment_live_slot",
    appointment.c.slot_id,
    unique=True,
    sqlite_where=_live,
    postgresql_where=_live,
)
Index("ix_appointment_patient", appointment.c.patient_id, appointment.c.starts_at)
Index("ix_appointment_site_day", appointment.c.site_id, appointment.c.starts_at)

# Every resource as it was received. `patient_id`, `date` and `code` are what record pages look it up by.
resource = Table(
    "resource",
    metadata,
    Column("type", IdText, primary_key=True),
    Column("id", IdText, primary_key=True),
    Column("patient_id", IdText),
    Column("date", Instant),
    Column("code", Text),
    Column("digest", String(32), nullable=False),
    Column("json", Text, nullable=False),
)
Index(
    "ix_resource_patient",
    resource.c.patient_id,
    resource.c.type,
    resource.c.date,
    sqlite_where=resource.c.patient_id.is_not(None),
    postgresql_where=resource.c.patient_id.is_not(None),
)

"""Rows of slots and appointments, to domain and back. Makes no query and decides nothing."""

from datetime import datetime, timedelta

from portal.adapters.sql.rows_places import AnyRow, Values
from portal.adapters.sql.tables_clinical import appointment, slot
from portal.domain.appointments import Appointment, Author, Cancellation, Need, Needs, Slot

SLOT_COLUMNS = tuple(column for column in slot.c if column.name not in ("touched", "schedule_id"))
APPOINTMENT_COLUMNS = tuple(
    column for column in appointment.c if column.name not in ("touched", "booking_key")
)
# Staff's lists do without the person's own words and reason.
STAFF_COLUMNS = tuple(
    column for column in APPOINTMENT_COLUMNS if column.name not in ("reason", "words", "cancel_words")
)


def slot_values(value: Slot) -> Values:
    return {
        "id": value.id,
        "service_id": value.service,
        "site_id": value.site,
        "organisation_id": value.organisation,
        "practitioner_id": value.practitioner,
        "mode": value.mode,
        "starts_at": value.starts_at,
        "ends_at": value.ends_at,
        "status": value.status,
        "released_at": value.released_at,
    }


def slot_of(row: AnyRow, released_before: timedelta | None = None) -> Slot:
    """A slot. `released_before`, its service's embargo, counts where the slot says nothing of its own."""
    return Slot(
        id=row.id,
        service=row.service_id,
        site=row.site_id,
        organisation=row.organisation_id,
        practitioner=row.practitioner_id,
        mode=row.mode,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=row.status,
        released_at=opens_at(row.starts_at, row.released_at, released_before),
    )


def opens_at(
    starts_at: datetime, released_at: datetime | None, released_before: timedelta | None
) -> datetime | None:
    """When people may first book: what the slot says, else the service's embargo, else None (at once)."""
    if released_at is None and released_before is not None:
        return starts_at - released_before
    return released_at


def appointment_values(value: Appointment) -> Values:
    told = value.cancellation
    return {
        "id": value.id,
        "patient_id": value.patient,
        "status": value.status,
        "starts_at": value.starts_at,
        "ends_at": value.ends_at,
        "service_id": value.service,
        "site_id": value.site,
        "organisation_id": value.organisation,
        "mode": value.mode,
        "practitioner_id": value.practitioner,
        "slot_id": value.slot,
        "description": value.description,
        "reason": value.reason,
        "words": value.words,
        "needs": sorted(need.value for need in value.needs.all),
        "interpreter_language": value.needs.interpreter_language,
        "with_someone": value.with_someone,
        "created_at": value.created_at,
        "booked_by_kind": value.booked_by.kind,
        "booked_by_account": value.booked_by.account,
        **(cancellation_values(told) if told else _NOT_CANCELLED),
        "cannot_come_at": value.cannot_come_at,
        "replaces": value.replaces,
        "replaced_by": value.replaced_by,
        "sequence": value.sequence,
        "version": value.version,
    }


_NOT_CANCELLED: Values = {
    "cancelled_at": None,
    "cancelled_by_kind": None,
    "cancelled_by_account": None,
    "cancel_reason": None,
    "cancel_words": None,
}


def cancellation_values(value: Cancellation) -> Values:
    return {
        "cancelled_at": value.at,
        "cancelled_by_kind": value.by.kind,
        "cancelled_by_account": value.by.account,
        "cancel_reason": value.reason,
        "cancel_words": value.words,
    }


def appointment_of(row: AnyRow) -> Appointment:
    """An appointment with everything it holds, from APPOINTMENT_COLUMNS."""
    return Appointment(
        **_shared(row), reason=row.reason, words=row.words, cancellation=_cancellation(row, row.cancel_words)
    )


def appointment_for_staff(row: AnyRow) -> Appointment:
    """The same from STAFF_COLUMNS: no reason and none of the person's own words."""
    return Appointment(**_shared(row), cancellation=_cancellation(row, ""))


def _shared(row: AnyRow) -> Values:
    return {
        "id": row.id,
        "patient": row.patient_id,
        "status": row.status,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "service": row.service_id,
        "site": row.site_id,
        "organisation": row.organisation_id,
        "mode": row.mode,
        "practitioner": row.practitioner_id,
        "slot": row.slot_id,
        "description": row.description,
        "needs": _needs(row),
        "with_someone": row.with_someone,
        "created_at": row.created_at,
        "booked_by": Author(kind=row.booked_by_kind, account=row.booked_by_account),
        "cannot_come_at": row.cannot_come_at,
        "replaces": row.replaces,
        "replaced_by": row.replaced_by,
        "sequence": row.sequence,
        "version": row.version,
    }


def _needs(row: AnyRow) -> Needs:
    if not row.needs and row.interpreter_language is None:
        return _NO_NEEDS
    return Needs(
        all=frozenset(Need(need) for need in row.needs), interpreter_language=row.interpreter_language
    )


_NO_NEEDS = Needs()


def _cancellation(row: AnyRow, words: str | None) -> Cancellation | None:
    if row.cancelled_at is None:
        return None
    return Cancellation(
        at=row.cancelled_at,
        by=Author(kind=row.cancelled_by_kind, account=row.cancelled_by_account),
        reason=row.cancel_reason,
        words=words or "",
    )

"""What several acts need: the public directory by id, who is acting, and what became of a sent key."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant
from portal.appointments.rules import holds_scope, visible_to
from portal.domain.appointments import Appointment, Author, AuthorKind, Needs
from portal.domain.ids import AppointmentId, AttemptKey, SlotId
from portal.errors import StillWorking
from portal.ports.bookings import AttemptState
from portal.ports.bundle import Ports
from portal.ports.clinical import Known, PatientChart


def known(use: Ports) -> Known:
    return use.source.directory().known()


def author(grant: AccessGrant) -> Author:
    return Author(
        kind=AuthorKind.CARER if grant.acting_for_other else AuthorKind.PATIENT, account=grant.actor
    )


def may(grant: AccessGrant, permission: Permission, use: Ports) -> bool:
    """Whether the same actor holds another permission for this patient, to offer or hide a link."""
    return holds_scope(grant, permission, use.relations.patients_of(grant.actor), use.clock.today())


def countable(grant: AccessGrant, chart: PatientChart, use: Ports) -> tuple[Appointment, ...]:
    """The live appointments this actor may see counted, compared or named (S8)."""
    relations = use.relations.patients_of(grant.actor) if grant.acting_for_other else ()
    return tuple(visible_to(grant, chart.live_appointments(), relations, use.clock.today()))


def own_visit(grant: AccessGrant, wanted: SlotId, *, use: Ports) -> Appointment | None:
    """The person's own live visit in a slot, if there is one that this actor booked or may see (S8)."""
    chart = use.source.open(grant)
    seen = {appointment.id for appointment in countable(grant, chart, use)}
    for appointment in chart.live_appointments():
        if appointment.slot == wanted:
            mine = appointment.id in seen or appointment.booked_by.account == grant.actor
            return appointment if mine else None
    return None


def made_with(key: AttemptKey, grant: AccessGrant, *, use: Ports) -> AppointmentId | None:
    """The visit that a form with this key made, or None when it made none yet."""
    earlier = use.attempts.find(key, grant.actor)
    if earlier is None or earlier.state is not AttemptState.DONE:
        return None
    return AppointmentId(earlier.result)


def digest(parts: Iterable[str]) -> str:
    """The hash of a form's meaning, so that a key that comes back with another meaning is refused."""
    return sha256("\x1f".join(parts).encode()).hexdigest()


def needs_parts(needs: Needs) -> tuple[str, ...]:
    return (*sorted(need.value for need in needs.all), needs.interpreter_language or "")


def earlier_answer(
    key: AttemptKey, grant: AccessGrant, body_hash: str, now: datetime, use: Ports
) -> str | None:
    """The id that this key made before, or None when the key is new and now begun. Inside a change.

    Raises KeyReused for another body or account, StillWorking while the first is not finished.
    """
    earlier = use.attempts.begin(key, grant.actor, body_hash, now)
    if earlier is None:
        return None
    if earlier.state is not AttemptState.DONE:
        raise StillWorking(earlier.state.value)
    return earlier.result

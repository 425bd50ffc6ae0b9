"""What needs a person now: features offer these, home orders them. Holds codes and ids, no words."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from portal.domain.ids import AppointmentId


class AttentionKind(Enum):
    """Why something stands on home, most pressing first: home orders by this order, then by `at`."""

    CANCELLED_BY_PRACTICE = "cancelled-by-practice"
    CANCELLED_BY_CARER = "cancelled-by-carer"
    CANNOT_COME_NOTED = "cannot-come-noted"
    NEXT_APPOINTMENT = "next-appointment"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing. `at` is the instant it is about (the visit's start, or when a watch was made)."""

    kind: AttentionKind
    at: datetime
    zone: str = "Europe/London"  # of the place, for writing `at`
    appointment: AppointmentId | None = None

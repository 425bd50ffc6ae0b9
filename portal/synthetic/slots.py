"""Times to be seen, as a pure function of (seed, days): making more days never changes those already made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from portal.domain.appointments import Mode
from portal.fhir import channel, names
from portal.fhir.reading import written
from portal.synthetic.identifiers import stable_id
from portal.synthetic.places import CARE, SESSIONS, Session
from portal.synthetic.practices import schedule_id

DAYS_AHEAD = 56
ZONE = ZoneInfo("Europe/London")
_CLOSED = frozenset({(1, 1), (12, 25), (12, 26)})
_KEPT_BACK = 51  # of 256: the share of times a practice keeps for its own use


@dataclass(frozen=True, slots=True)
class Time:
    """One slot before it is written down. `kept_back` times are the practice's own and not offered."""

    id: str
    schedule: str
    session: Session
    starts_at: datetime
    kept_back: bool

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=CARE[self.session.kind].minutes)

    def resource(self, *, busy: bool = False) -> dict[str, object]:
        """The FHIR Slot; `busy` when somebody has it."""
        status = "busy-unavailable" if self.kept_back else "busy" if busy else "free"
        extension = [channel.extension(self.session.mode)]
        embargo = CARE[self.session.kind].policy.released_before
        if embargo is not None:
            extension.append({"url": names.RELEASED_AT, "valueInstant": written(self.starts_at - embargo)})
        return {
            "resourceType": "Slot",
            "id": self.id,
            "extension": extension,
            "schedule": {"reference": f"Schedule/{self.schedule}"},
            "status": status,
            "start": written(self.starts_at),
            "end": written(self.ends_at),
        }


def times(seed: int, from_day: date, to_day: date) -> Iterator[Time]:
    """Every time from one local day up to, not including, another; by day, then by session."""
    for ordinal in range(from_day.toordinal(), to_day.toordinal()):
        day = date.fromordinal(ordinal)
        if (day.month, day.day) not in _CLOSED:
            yield from _of_day(seed, day)


def slots(seed: int, from_day: date, to_day: date) -> Iterator[dict[str, object]]:
    """The same as FHIR Slots that nobody has booked yet."""
    return (time.resource() for time in times(seed, from_day, to_day))


def _of_day(seed: int, day: date) -> Iterator[Time]:
    """Clocks change before anybody opens, so one midday reading of the zone serves the whole day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).utcoffset() or timedelta(0)
    for session in SESSIONS:
        if day.weekday() not in session.days:
            continue
        schedule = schedule_id(seed, (session.place, session.kind, session.clinician))
        for minute in range(session.begins, session.ends, CARE[session.kind].minutes):
            starts_at = midnight + timedelta(minutes=minute) - offset
            found = stable_id(schedule, starts_at.isoformat())
            kept_back = blake2b(found.encode(), digest_size=1).digest()[0] < _KEPT_BACK
            yield Time(found, schedule, session, starts_at, kept_back)


def is_visit(time: Time) -> bool:
    """Whether one comes in person."""
    return time.session.mode is Mode.IN_PERSON

"""The gate every resource passes before anything of it is used: whose it is, and whether a label hides it.

Shows nothing, keeps nothing beyond one request.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final, TypeVar

from portal.adapters.fhir_r4.client import Answer, Conversation, Params, Resource
from portal.domain.appointments import LIVE, Appointment
from portal.domain.ids import PatientId
from portal.errors import BadUpstreamData, NotFound
from portal.fhir.labels import hidden
from portal.fhir.names import BOOKING_SYSTEM
from portal.fhir.reading import items, mapping, reference_id, subject_of, text

# Those that are about no patient; everything else must say whose it is.
PUBLIC: Final = frozenset(
    {"Organization", "Location", "HealthcareService", "Practitioner", "Schedule", "Slot"}
)
_LIVE: Final = frozenset(status.value for status in LIVE)
T = TypeVar("T")


class Reader:
    """Reads of one request. `unshown` counts what was read and could not be understood."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.unshown = 0
        self._known: dict[Any, Any] = {}

    def once(self, key: tuple[str, ...], read: Callable[[], T]) -> T:
        """What `read` found, asked once; nothing outlives the request."""
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found

    def forget(self) -> None:
        """Read afresh from now on whatever is about a person."""
        self._known = {key: found for key, found in self._known.items() if key[0] != "patient"}

    def forget_all(self) -> None:
        """Read everything afresh: for whoever keeps one reader longer than a request."""
        self._known.clear()

    def fresh(self, seconds: float) -> "Reader":
        """Another reader with time of its own: to find out what became of a change, or to undo it."""
        return Reader(self.conversation.again(seconds))

    def with_key(self, key: str) -> list[Resource]:
        """The appointments that carry a booking's key, whoever's. The caller looks whose before all else."""
        found = self.conversation.search("Appointment", [("identifier", f"{BOOKING_SYSTEM}|{key}")])
        base = f"{self.conversation.connection.url}/"
        return [_local(each, base) for each in found if each.get("status") != "entered-in-error"]

    def in_slot(self, slot: str) -> list[Resource]:
        """Live appointments that sit in a slot, whoever's: to know that it is taken, and by how many."""
        found = self.conversation.search("Appointment", [("slot", f"Slot/{slot}"), ("_count", "50")])
        base = f"{self.conversation.connection.url}/"
        return [_local(each, base) for each in found if each.get("status") in _LIVE]

    def one(self, kind: str, wanted: str, subjects: Collection[PatientId] | None) -> Answer:
        """One resource with its version. Raises NotFound also for what is another's or hidden."""
        answer = self.conversation.read(kind, wanted)
        try:
            found = self.admit(answer.resource, subjects)
        except WrongSubject:
            raise NotFound(kind) from None  # asked for by its id: nobody learns that it exists
        if found is None:
            raise NotFound(kind)
        return replace(answer, resource=found)

    def many(self, kind: str, params: Params, subjects: Collection[PatientId] | None) -> list[Resource]:
        """Every match that may be seen. Raises WrongSubject when the server gives somebody else's."""
        return self.admitted(self.conversation.search(kind, params), subjects)

    def admitted(
        self, resources: Iterable[Resource], subjects: Collection[PatientId] | None
    ) -> list[Resource]:
        found = (self.admit(each, subjects) for each in resources)
        return [each for each in found if each is not None]

    def admit(self, resource: Resource, subjects: Collection[PatientId] | None) -> Resource | None:
        """The gate: the resource with its references made local, or None when a label hides it.

        `subjects`: whose it may be; None for what is about nobody. Raises WrongSubject.
        """
        here: Resource = _local(resource, f"{self.conversation.connection.url}/")
        if subjects is None:
            if resource.get("resourceType") not in PUBLIC:
                raise WrongSubject("not-public")
        elif subjects_of(here).isdisjoint(subjects):
            raise WrongSubject("subject")
        if hidden(resource, self.conversation.connection.shown_labels):
            return None
        return here

    def admit_for_desk(self, resource: Resource) -> Resource | None:
        """The gate for a practice's lists: about one patient, whoever that is, and hidden by no label.

        The desk itself looks whether it is of its organisation.
        """
        return self.admit(resource, subjects_of(_local(resource, f"{self.conversation.connection.url}/")))

    def understood(self, resources: Iterable[Resource], read: Callable[[Resource], T]) -> Sequence[T]:
        """What can be read; one that cannot costs itself alone, and is counted."""
        found: list[T] = []
        for each in resources:
            try:
                found.append(read(each))
            except (BadUpstreamData, ValueError):
                self.unshown += 1
        return found


class WrongSubject(BadUpstreamData):
    """The server gave a resource of somebody who was not asked for. Nothing of the answer is used (H1)."""

    code = "wrong-subject"


def subjects_of(resource: Resource) -> frozenset[PatientId]:
    """Everybody it is about: several take part in a group's appointment."""
    actors = (reference_id(part.get("actor"), "Patient") for part in items(resource.get("participant")))
    first = subject_of(resource)
    return frozenset(PatientId(each) for each in (*actors, first) if each)


def versioned(appointment: Appointment, resource: Resource) -> Appointment:
    """With a number for its version even where the server counts in other ways: equal for equal versions."""
    version = text(mapping(resource.get("meta")).get("versionId"))
    if version is None or version.isdecimal():
        return appointment
    number = int.from_bytes(blake2b(version.encode(), digest_size=4).digest()) >> 1
    return replace(appointment, version=number)


def _local(element: Any, base: str) -> Any:
    """A copy in which references to this server are relative, as most servers write them."""
    if isinstance(element, dict):
        made = {name: _local(value, base) for name, value in element.items()}
        target = made.get("reference")
        if isinstance(target, str) and target.startswith(base):
            made["reference"] = target[len(base) :]
        return made
    if isinstance(element, list):
        return [_local(each, base) for each in element]
    return element

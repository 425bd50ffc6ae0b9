"""What can go wrong between us and a FHIR server, told apart by what is certain. Holds no words."""

from portal.errors import BadUpstreamData, CannotLoad, NotFound


class NotSent(CannotLoad):
    """The server was never asked: no connection, no time left, or the circuit is open."""


class Lost(CannotLoad):
    """Asked, and no answer that can be trusted came back. A change may have been made or may yet be."""


class Refused(CannotLoad):
    """The server understood and said no: nothing was changed. `answered` is its HTTP status."""

    def __init__(self, answered: int) -> None:
        super().__init__(f"refused:{answered}")
        self.answered = answered


class Clash(Refused):
    """409 or 412: it changed since it was read, or more than one matches."""


class Gone(NotFound):
    """404 or 410."""


class ClosedRecord(BadUpstreamData):
    """The patient was merged into another or is not active: nothing of it is shown (H2)."""

    code = "record-closed"

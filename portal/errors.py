"""Everything that can go wrong, as types with an HTTP status and a code.

Pages hold the words; nothing here does.
"""


class PortalError(Exception):
    """Base of all. `status` is the HTTP status of the page, `code` names the page and the log line."""

    status = 500
    code = "internal"

    def __init__(self, detail: str = "") -> None:
        """`detail` is for logs: ids and codes only, never names or free text."""
        super().__init__(detail or self.code)
        self.detail = detail


class NotSignedIn(PortalError):
    status, code = 401, "not-signed-in"


class SessionEnded(NotSignedIn):
    code = "session-ended"


class NotAllowed(PortalError):
    """Refused by the policy. Shown as not found, so that nobody learns what exists."""

    status, code = 404, "not-allowed"


class StepUpNeeded(PortalError):
    """Signed in, but not at the identity level this needs."""

    status, code = 403, "step-up-needed"


class NotFound(PortalError):
    status, code = 404, "not-found"


class BadRequest(PortalError):
    status, code = 400, "bad-request"


class FormExpired(BadRequest):
    """The form's token was stale or forged. What was typed is kept."""

    code = "form-expired"


class CrossSite(PortalError):
    """A form that another site sent."""

    status, code = 403, "cross-site"


class TooManyRequests(PortalError):
    """A limit was reached. `retry_after` in seconds."""

    status, code = 429, "too-many"

    def __init__(self, detail: str = "", retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class SlotTaken(PortalError):
    status, code = 409, "slot-taken"


class SlotNotBookable(PortalError):
    """In the past, embargoed, outside the window, or not for this person."""

    status, code = 409, "slot-not-bookable"


class ChangedMeanwhile(PortalError):
    """Somebody else changed it since it was read (optimistic concurrency)."""

    status, code = 409, "changed-meanwhile"


class AlreadyCancelled(PortalError):
    status, code = 409, "already-cancelled"


class TooLate(PortalError):
    """After the cut-off for changing or cancelling online."""

    status, code = 409, "too-late"


class RingUs(PortalError):
    """The practice only does this by phone."""

    status, code = 409, "ring-us"


class NotEligible(PortalError):
    """The person cannot book this online; `detail` carries the reason's code."""

    status, code = 409, "not-eligible"


class KeyReused(PortalError):
    """An idempotency key came back with another body."""

    status, code = 422, "key-reused"


class StillWorking(PortalError):
    """The same key is being worked on by another request right now."""

    status, code = 409, "still-working"


class CannotSave(PortalError):
    """The database could not take a change (disk full, read only, locked)."""

    status, code = 503, "cannot-save"


class OutcomeUnknown(CannotSave):
    """Another system was asked to change something and gave no answer that can be trusted."""

    code = "outcome-unknown"


class CannotLoad(PortalError):
    """A source could not be read. Never shown as 'none'."""

    status, code = 503, "cannot-load"


class BadUpstreamData(PortalError):
    """A resource the mapping cannot trust; `detail` is the FHIR path, never the value."""

    status, code = 502, "bad-upstream-data"

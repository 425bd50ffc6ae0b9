"""What `flask fhir check` finds out: whether a server keeps what booking leans on. Touches no patient.

It makes one schedule, two slots and one visit of nobody in the year 2001, all marked as a test, and withdraws
them. A CapabilityStatement alone is not believed: servers were seen to promise what they do not do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from portal.adapters.fhir_r4.claims import Mode
from portal.adapters.fhir_r4.client import Answer, Conversation, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader
from portal.adapters.fhir_r4.trouble import Clash, Refused
from portal.errors import PortalError
from portal.fhir.labels import hidden
from portal.fhir.names import BOOKING_SYSTEM, CLAIMED_BY, SCHEDULE_SYSTEM, SLOT_SYSTEM, TAG_SYSTEM
from portal.fhir.reading import extension_value

_TEST: Final = {"tag": [{"system": TAG_SYSTEM, "code": "self-test"}]}
_TAGGED: Final = ("_tag", f"{TAG_SYSTEM}|self-test")
_STARTS: Final = ("2001-01-01T09:00:00Z", "2001-01-01T09:10:00Z", "2001-01-01T09:20:00Z")
_MOST_HIDDEN: Final = 0.05  # S4
_BOOKING: Final = "booking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was tried, in plain words. `needed`: booking stays off without it."""

    words: str
    good: bool
    needed: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings, and how booking may be done."""

    findings: tuple[Finding, ...]
    mode: Mode


class Check:
    """One check of one server."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._reader = Reader(conversation)
        self._run = str(uuid4())
        self._findings: list[Finding] = []
        self._made: list[Answer] = []
        self._fills_slots = False

    def run(self) -> Report:
        """Try everything that can be tried, and take the test things out of use again."""
        try:
            for words, needed, attempt in self._attempts():
                if not self._try(words, attempt, needed) and words.startswith("It answers"):
                    break
        finally:
            self._tidy()
        missing = any(finding.needed and not finding.good for finding in self._findings)
        mode = Mode.OFF if missing else Mode.SERVER if self._fills_slots else Mode.CLAIM
        return Report(findings=tuple(self._findings), mode=mode)

    def _attempts(self) -> Iterator[tuple[str, bool, Callable[[], str]]]:
        yield "It answers, and speaks FHIR R4", True, self._metadata
        yield "Sites, services and clinicians can be read", True, self._directory
        yield (
            "A search with a filter it does not know is refused, not answered with everybody",
            True,
            self._strict,
        )
        yield "A thing is made once, however often it is asked for (If-None-Exist)", True, self._slots_once
        yield "It gives versions, and refuses a change to an old one (ETag, If-Match)", True, self._versions
        yield "It keeps what it does not know of a slot (extensions)", False, self._extensions
        yield "All pages of a list come, and then an end", True, self._pages
        yield "Things can be found by their tag", False, self._tags
        yield "A visit is made once, and found by its key", True, self._visit_once
        yield "Not more than one visit in twenty is hidden by its label", True, self._labels

    def _try(self, words: str, attempt: Callable[[], str], needed: bool) -> bool:
        try:
            detail = attempt()
        except (PortalError, KeyError, TypeError, IndexError) as error:
            detail = getattr(error, "detail", "") or "could not be tried, for want of what is missing above"
        self._findings.append(Finding(words=words, good=not detail, needed=needed, detail=detail))
        return not detail

    def _metadata(self) -> str:
        found = self._conversation.metadata()
        version = found.get("fhirVersion")
        return "" if isinstance(version, str) and version.startswith("4.0") else f"fhirVersion {version}"

    def _directory(self) -> str:
        directory = FhirDirectory(self._reader)
        counts = {
            "Location": len(directory.sites()),
            "HealthcareService": len(directory.services()),
            "Organization": len(directory.organisations()),
        }
        none = [name for name, count in counts.items() if not count]
        return f"none of: {', '.join(none)}" if none else ""

    def _strict(self) -> str:
        try:
            self._conversation.search("Patient", [("porth-no-such-filter", "x"), ("_count", "1")])
        except Refused:
            return ""
        except PortalError as error:
            return "" if error.detail == "filter-ignored" else error.detail
        return "an unknown filter was ignored"

    def _slots_once(self) -> str:
        service = FhirDirectory(self._reader).services()[0]
        schedule = self._create(
            {
                "resourceType": "Schedule",
                "identifier": [{"system": SCHEDULE_SYSTEM, "value": self._run}],
                "active": False,
                "actor": [{"reference": f"HealthcareService/{service.id}"}],
            }
        )
        for n in (0, 1):
            first, again = self._slot(schedule, n), self._slot(schedule, n)
            if first.resource["id"] != again.resource["id"]:
                return "two were made"
            self._made.pop()
        return ""

    def _slot(self, schedule: Answer, n: int) -> Answer:
        return self._create(
            {
                "resourceType": "Slot",
                "identifier": [{"system": SLOT_SYSTEM, "value": f"{self._run}-{n}"}],
                "schedule": {"reference": f"Schedule/{schedule.resource['id']}"},
                "status": "free",
                "start": _STARTS[n],
                "end": _STARTS[n + 1],
            }
        )

    def _create(self, body: Resource) -> Answer:
        identifier = body["identifier"][0]
        once = urlencode([("identifier", f"{identifier['system']}|{identifier['value']}")])
        made = self._conversation.create(body | {"meta": _TEST}, once=once)
        self._made.append(made)
        return made

    def _first_slot(self) -> Answer:
        slots = [each.resource["id"] for each in self._made if each.resource["resourceType"] == "Slot"]
        return self._conversation.read("Slot", slots[0])

    def _versions(self) -> str:
        before = self._first_slot()
        if before.etag is None:
            return "no version was given"
        marked = before.resource | {"extension": [{"url": CLAIMED_BY, "valueString": self._run}]}
        after = self._conversation.update(marked, before.etag)
        if after.etag in (None, before.etag):
            return "the version stayed the same"
        try:
            self._conversation.update(before.resource | {"status": "busy"}, before.etag)
        except Clash:
            return ""
        return "a change to an old version was taken"

    def _extensions(self) -> str:
        kept = extension_value(self._first_slot().resource, CLAIMED_BY) == self._run
        return "" if kept else "a slot that is claimed when we are cut off will stay busy"

    def _pages(self) -> str:
        schedule = self._first_slot().resource["schedule"]["reference"].rpartition("Schedule/")[2]
        params = [("schedule", f"Schedule/{schedule}"), ("_sort", "start"), ("_count", "1")]
        found = self._conversation.search("Slot", params)
        return "" if len(found) == 2 else f"{len(found)} of 2 came"

    def _tags(self) -> str:
        found = self._conversation.search("Slot", [_TAGGED, ("_count", "200")])
        return "" if found else "times that open later cannot be announced"

    def _visit_once(self) -> str:
        slot = self._first_slot().resource
        site = FhirDirectory(self._reader).sites()[0]
        visit: Resource = {
            "resourceType": "Appointment",
            "identifier": [{"system": BOOKING_SYSTEM, "value": self._run}],
            "status": "booked",
            "start": slot["start"],
            "end": slot["end"],
            "slot": [{"reference": f"Slot/{slot['id']}"}],
            "participant": [{"actor": {"reference": f"Location/{site.id}"}, "status": "accepted"}],
        }
        first, again = self._create(visit), self._create(visit)
        self._made.pop()
        found = self._conversation.search("Appointment", [("identifier", f"{BOOKING_SYSTEM}|{self._run}")])
        in_slot = self._conversation.search("Appointment", [("slot", f"Slot/{slot['id']}")])
        self._fills_slots = self._first_slot().resource.get("status") == "busy"
        if first.resource["id"] != again.resource["id"] or len(found) != 1:
            return "two were made"
        return "" if len(in_slot) == 1 else "it is not found by its slot"

    def _labels(self) -> str:
        page = self._conversation.page(f"{self._conversation.connection.url}/Appointment?_count=200")
        found: list[Any] = [each.get("resource", {}) for each in page.get("entry", [])]
        away = [each for each in found if hidden(each, self._conversation.connection.shown_labels)]
        if len(away) <= _MOST_HIDDEN * len(found):
            return ""
        return f"{len(away)} of {len(found)} would be hidden: set PORTAL_FHIR_LABELS"

    def _tidy(self) -> None:
        """Nothing of the test stays in use. What cannot be tidied is said."""
        for made in reversed(self._made):
            kind = made.resource["resourceType"]
            change: Resource = {"active": False} if kind == "Schedule" else {"status": "entered-in-error"}
            try:
                now = self._conversation.again(5).read(kind, made.resource["id"])
                self._conversation.again(5).update(now.resource | change, now.etag or "")
            except PortalError as error:
                words = "The test's own things were taken out of use"
                self._findings.append(Finding(words=words, good=False, needed=False, detail=error.detail))

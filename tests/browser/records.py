"""What states need to find or make in the served portal's data: appointments, free times, drafts. Through
its own parts.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from portal.access.permissions import Permission
from portal.access.policy import AccessGrant, Actor, Level, decide_for_job, decide_for_patient
from portal.appointments import service
from portal.bootstrap import over_database
from portal.domain.appointments import Appointment, Mode, Slot, Status
from portal.domain.ids import AppointmentId, AttemptKey, OrganisationId, ServiceId, SiteId, SlotId
from portal.domain.people import shown_name
from portal.fhir import appointment as fhir_appointment
from portal.ports.bundle import Ports
from portal.ports.clinical import SlotSearch
from portal.synthetic.places import organisation_id, service_id, site_id
from tests.browser.control import NOW, SEED, settings
from tests.browser.walker import Walker

HARBOUR: Final = site_id(SEED, "harbour-street")
MILL_LANE: Final = site_id(SEED, "mill-lane")
OAKFIELD: Final = site_id(SEED, "oakfield")
Fits = Callable[[Appointment], bool]


def grant_of(walker: Walker, use: Ports, permission: Permission) -> AccessGrant:
    """What the policy gives the walker's person for the patient of this walk."""
    assert walker.person is not None
    account = walker.portal.sign_in(walker.person).account
    now = walker.portal.orders.now
    return decide_for_patient(
        Actor(account=account, level=Level.P9, authenticated_at=now),
        wanted=walker.portal.patients(walker.person)[walker.for_number][1],
        permission=permission,
        relations=use.relations.patients_of(account),
        today=now.date(),
    )


def appointment(walker: Walker, fits: Fits) -> Appointment:
    """The first of the patient's appointments that fits. Raises StopIteration when none does."""
    with walker.portal.ports() as use:
        chart = use.source.open(grant_of(walker, use, Permission.APPOINTMENTS_VIEW))
        return next(each for each in chart.appointments() if fits(each))


def name_of(walker: Walker) -> str:
    """The shown name of the patient of this walk."""
    with walker.portal.ports() as use:
        grant = grant_of(walker, use, Permission.HOME_VIEW)
        return shown_name(use.source.open(grant).patient().names, NOW.date())


def ahead(mode: Mode) -> Fits:
    """Booked, to come, at least a day off, seen in this way."""
    soon = NOW + timedelta(days=1)
    return lambda each: each.status is Status.BOOKED and each.starts_at > soon and each.mode is mode


def of_kind(kind: str, place: str = "harbour-street") -> Fits:
    wanted = service_id(SEED, place, kind)
    return lambda each: each.status is Status.BOOKED and each.starts_at > NOW and each.service == wanted


def with_status(status: Status) -> Fits:
    return lambda each: each.status is status


def free_slot(
    walker: Walker,
    kind: str,
    place: str,
    fits: Callable[[Slot], bool] = lambda slot: True,
    *,
    days_off: int = 1,
) -> Slot:
    """The first free time that fits, from tomorrow on unless told otherwise."""
    with walker.portal.ports() as use:
        chart = use.source.open(grant_of(walker, use, Permission.APPOINTMENTS_BOOK))
        search = SlotSearch(
            services=(ServiceId(service_id(SEED, place, kind)),),
            starts_from=NOW + timedelta(days=days_off),
            starts_before=NOW + timedelta(days=50),
            limit=500,
        )
        return next(slot for slot in chart.find_slots(search).slots if fits(slot))


def answers(care: str = "gp", **changed: str) -> dict[str, str]:
    """A draft of booking in which every question up to the times has its answer."""
    given = {
        "started": "yes",
        "care": care,
        "site": HARBOUR,
        "sole_site": "no",
        "clinician": "any",
        "needs": "none",
        "when": "soon",
        "how": "any",
    }
    return given | changed


def draft(walker: Walker, given: dict[str, str], journey: str = "book") -> None:
    """Put answers into the draft of this person for this patient."""
    with walker.portal.ports() as use:
        grant = grant_of(walker, use, Permission.APPOINTMENTS_BOOK)
        use.drafts.save(grant.actor, grant.patient, journey, given, walker.portal.orders.now)


def once(walker: Walker, name: str, make: Callable[[], str]) -> AppointmentId:
    """Made at the first asking, the same ever after on this portal."""
    if name not in walker.portal.made:
        walker.portal.made[name] = make()
    return AppointmentId(walker.portal.made[name])


def book(walker: Walker, slot: Slot) -> Appointment:
    """Book a time for the patient of this walk."""
    with walker.portal.ports() as use:
        grant = grant_of(walker, use, Permission.APPOINTMENTS_BOOK)
        plan = service.Plan(slot=SlotId(slot.id), both_wanted=True)
        return service.book(grant, plan, AttemptKey(f"test-{slot.id}"), use=use)


def undo_bookings(walker: Walker) -> None:
    """Cancel what this person has booked online, and forget their drafts: each journey begins alike."""
    with walker.portal.ports() as use:
        grant = grant_of(walker, use, Permission.APPOINTMENTS_CANCEL)
        for each in use.source.open(grant).appointments():
            if each.live and each.booked_by.account == grant.actor and each.starts_at > NOW:
                ending = service.Ending(version=each.version)
                service.cancel(grant, each.id, ending, AttemptKey(f"undo-{each.id}"), use=use)
        use.drafts.drop(grant.actor, grant.patient, "book")


def move(walker: Walker, old: Appointment, slot: Slot) -> Appointment:
    """Move an appointment to another time."""
    with walker.portal.ports() as use:
        grant = grant_of(walker, use, Permission.APPOINTMENTS_CHANGE)
        plan = service.Plan(slot=SlotId(slot.id), both_wanted=True)
        return service.move(grant, old.id, old.version, plan, AttemptKey(f"test-{slot.id}"), use=use)


def ring_us(walker: Walker) -> str:
    """An appointment of a kind that is for the phone only, as another system would have sent it."""
    chosen = settings(walker.portal.folder)
    parts = over_database(chosen)
    with parts.ports("test") as use, use.unit.change():
        grant = grant_of(walker, use, Permission.APPOINTMENTS_VIEW)
        starts_at = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
        made = Appointment(
            id=AppointmentId("test-ring-us"),
            patient=grant.patient,
            status=Status.BOOKED,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            service=ServiceId(service_id(SEED, "harbour-street", "minor-surgery")),
            site=SiteId(HARBOUR),
            organisation=OrganisationId(organisation_id(SEED, "harbour")),
            mode=Mode.IN_PERSON,
            description="Minor surgery",
        )
        parts.open_store(decide_for_job("top-up-slots"), use).put(fhir_appointment.to_fhir(made))
    parts.database.dispose()
    return str(made.id)

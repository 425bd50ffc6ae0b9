"""An appointment as the list and its own page show it: ready words and links. Decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from portal.access.policy import AccessGrant
from portal.appointments import rules, service
from portal.appointments.present import words
from portal.appointments.present.calendar import Visit, calendar_file
from portal.domain.appointments import Appointment, Mode, Need
from portal.domain.ids import AccountId, WatchId
from portal.domain.people import Practitioner, shown_name
from portal.domain.places import BookingPolicy, Service, Site
from portal.web import dates
from portal.web.facts import joined
from portal.web.locale import language
from portal.web.words import gettext as _

UTC_ZONE = "Europe/London"  # of a visit whose place the source does not name
SHOWN_AT_FIRST = 5  # past and cancelled ones; the rest behind a link
_USUAL = BookingPolicy()  # of a kind of care that the source does not name


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list."""

    href: str
    when: str
    facts: Markup
    tag: str
    tag_class: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A slot watch of the list."""

    id: WatchId
    care: Markup | str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The one list of all."""

    upcoming: tuple[Row, ...]
    past: tuple[Row, ...]
    cancelled: tuple[Row, ...]
    waiting: tuple[Waiting, ...]
    more: bool  # some past or cancelled ones are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One appointment. Texts of the source carry their language. Absent facts are ''."""

    appointment: Appointment
    when: str
    care: Markup | str
    place: Markup | str
    address: Markup | str
    how: str
    who: Markup | str
    mode: str  # value of the mode, or ''
    tag: str
    tag_class: str
    by: str
    ended: str
    why: str
    bring: Markup | str
    directions: Markup | str
    access: Markup | str
    needs: tuple[str, ...]
    reason: str
    own_words: str
    late_phone: str
    practice_phone: str
    call_from: str
    call_until: str
    cancel_by: str


def zone_of(site: Site | None) -> str:
    return site.time_zone if site else UTC_ZONE


def care_name(offered: Service | None, appointment: Appointment | None = None) -> Markup | str:
    """The kind of care, labelled in the page's language where we know it; '' when the source gives none."""
    if offered is not None:
        return words.labelled(offered.name, offered.language)
    return words.labelled(appointment.description, "en-GB") if appointment else ""


def clinician(practitioner: Practitioner | None, now: datetime) -> Markup | str:
    """Name and role. No titles, no gender (S34)."""
    if practitioner is None:
        return ""
    name = shown_name(practitioner.names, now.date())
    role = words.labelled(practitioner.role, "en-GB")
    return joined(words.named(name) if name else "", role)


def place_name(site: Site | None) -> Markup | str:
    return words.in_source_words(site.name, site.language) if site else ""


def list_page(found: service.Listed, viewer: AccountId, *, everything: bool) -> ListPage:
    def rows(appointments: tuple[Appointment, ...]) -> tuple[Row, ...]:
        shown = appointments if everything else appointments[:SHOWN_AT_FIRST]
        return tuple(row(appointment, found.known, found.now, viewer) for appointment in shown)

    longest = max(len(found.past), len(found.cancelled))
    return ListPage(
        upcoming=tuple(row(appointment, found.known, found.now, viewer) for appointment in found.upcoming),
        past=rows(found.past),
        cancelled=rows(found.cancelled),
        waiting=tuple(
            Waiting(
                id=watch.id,
                care=care_name(found.known.services.get(watch.services[0])) if watch.services else "",
                until=dates.day(watch.until, UTC_ZONE),
            )
            for watch in found.watches
        ),
        more=longest > SHOWN_AT_FIRST and not everything,
    )


def row(appointment: Appointment, facts: service.Known, now: datetime, viewer: AccountId) -> Row:
    """A visit in one line, for lists and questions about another one."""
    offered = facts.services.get(appointment.service) if appointment.service else None
    site = facts.sites.get(appointment.site) if appointment.site else None
    practitioner = facts.practitioners.get(appointment.practitioner) if appointment.practitioner else None
    return Row(
        href=url_for("appointments.show", appointment=appointment.id),
        when=dates.day_and_time(appointment.starts_at, zone_of(site)),
        facts=joined(
            care_name(offered, appointment),
            words.MODES[appointment.mode] if appointment.mode else "",
            place_name(site),
            clinician(practitioner, now),
        ),
        tag=words.status(appointment, now),
        tag_class=words.status_colour(appointment),
        by=words.booked_by(appointment, viewer),
    )


def card(shown: service.Shown, grant: AccessGrant) -> Card:
    appointment, site, offered = shown.appointment, shown.site, shown.service
    zone = zone_of(site)
    cancelled = shown.stage is rules.Stage.CANCELLED
    end = appointment.cancellation
    return Card(
        appointment=appointment,
        when=dates.day_and_time(appointment.starts_at, zone),
        care=care_name(offered, appointment),
        place=place_name(site),
        address=_lines(site.address, site.language) if site else "",
        how=str(words.MODES[appointment.mode]) if appointment.mode else "",
        who=clinician(shown.practitioner, shown.now),
        mode=appointment.mode.value if appointment.mode else "",
        tag=words.status(appointment, shown.now),
        tag_class=words.status_colour(appointment),
        by=words.booked_by(appointment, grant.actor),
        ended=_ended(appointment, grant.actor, zone) if cancelled else "",
        why=str(words.CANCEL_REASONS[end.reason]) if cancelled and end else "",
        bring=words.in_source_words(offered.bring, offered.language) if offered else "",
        directions=words.in_source_words(site.directions, site.language) if site else "",
        access=words.in_source_words(site.access_notes, site.language) if site else "",
        needs=needs_told(appointment),
        reason=str(words.REASONS[appointment.reason]),
        own_words=appointment.words,
        late_phone=(site.late_phone or site.phone or "") if site else "",
        practice_phone=practice_phone(shown),
        call_from=dates.clock_time(appointment.starts_at, zone),
        call_until=dates.clock_time(
            appointment.ends_at + (offered.policy if offered else _USUAL).call_late, zone
        ),
        cancel_by=dates.day_and_time(shown.cancel_by, zone) if shown.cancel_by else "",
    )


def _ended(appointment: Appointment, viewer: AccountId, zone: str) -> str:
    end = appointment.cancellation
    return words.ended_by(appointment, viewer, dates.day(end.at, zone) if end else "")


def _lines(lines: tuple[str, ...], tag: str) -> Markup | str:
    return words.in_source_words(", ".join(lines), tag)


def needs_told(appointment: Appointment) -> tuple[str, ...]:
    return tuple(words.need(need, appointment.needs) for need in Need if need in appointment.needs.all)


def practice_phone(shown: service.Shown) -> str:
    """Whom to ring: the site, else its organisation; '' when the source gives neither."""
    site = shown.site.phone if shown.site else None
    return site or (shown.organisation.phone if shown.organisation else None) or ""


def calendar_of(shown: service.Shown) -> bytes:
    """The calendar file, in the language of the page."""
    appointment, site = shown.appointment, shown.site
    phone = practice_phone(shown)
    where = ", ".join((site.name, *site.address)) if site and appointment.mode is Mode.IN_PERSON else ""
    description = _("To change or cancel, ring %(phone)s.", phone=phone) if phone else ""
    return calendar_file(
        Visit(
            uid=shown.uid,
            sequence=appointment.sequence,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            written_at=shown.now,
            cancelled=shown.stage is rules.Stage.CANCELLED,
            summary=_("Appointment"),
            description=description,
            place=where,
            language=language().lang,
        )
    )

"""Rows of organisations, sites, services and people, to domain and back. Makes no query, decides nothing."""

from datetime import date
from typing import Any

from sqlalchemy import Row

from portal.domain.appointments import Mode
from portal.domain.people import HumanName, NameUse, NhsNumber, PartialDate, Patient, Practitioner
from portal.domain.places import BookingPolicy, Organisation, Service, Site

AnyRow = Row[*tuple[Any, ...]]
Values = dict[str, Any]


def organisation_values(value: Organisation) -> Values:
    return {"id": value.id, "name": value.name, "code": value.code, "phone": value.phone}


def organisation_of(row: AnyRow) -> Organisation:
    return Organisation(id=row.id, name=row.name, code=row.code, phone=row.phone)


def site_values(value: Site) -> Values:
    return {
        "id": value.id,
        "organisation_id": value.organisation,
        "name": value.name,
        "address": list(value.address),
        "phone": value.phone,
        "late_phone": value.late_phone,
        "directions": value.directions,
        "access_notes": value.access_notes,
        "step_free": value.step_free,
        "time_zone": value.time_zone,
        "language": value.language,
    }


def site_of(row: AnyRow) -> Site:
    return Site(
        id=row.id,
        organisation=row.organisation_id,
        name=row.name,
        address=tuple(row.address),
        phone=row.phone,
        late_phone=row.late_phone,
        directions=row.directions,
        access_notes=row.access_notes,
        step_free=row.step_free,
        time_zone=row.time_zone,
        language=row.language,
    )


def service_values(value: Service) -> Values:
    policy = value.policy
    return {
        "id": value.id,
        "organisation_id": value.organisation,
        "site_id": value.site,
        "kind": value.kind,
        "name": value.name,
        "minutes": value.minutes,
        "modes": [mode.value for mode in value.modes],
        "bring": value.bring,
        "language": value.language,
        "online": policy.online,
        "max_open": policy.max_open,
        "notice": policy.notice,
        "booking_window": policy.window,
        "released_before": policy.released_before,
        "cancel_cutoff": policy.cancel_cutoff,
        "call_late": policy.call_late,
        "consequence": policy.consequence,
        "minimum_age": policy.minimum_age,
        "maximum_age": policy.maximum_age,
        "same_day_twice": policy.same_day_twice,
    }


def service_of(row: AnyRow) -> Service:
    return Service(
        id=row.id,
        organisation=row.organisation_id,
        site=row.site_id,
        kind=row.kind,
        name=row.name,
        minutes=row.minutes,
        modes=tuple(Mode(mode) for mode in row.modes),
        bring=row.bring,
        language=row.language,
        policy=BookingPolicy(
            online=row.online,
            max_open=row.max_open,
            notice=row.notice,
            window=row.booking_window,
            released_before=row.released_before,
            cancel_cutoff=row.cancel_cutoff,
            call_late=row.call_late,
            consequence=row.consequence,
            minimum_age=row.minimum_age,
            maximum_age=row.maximum_age,
            same_day_twice=row.same_day_twice,
        ),
    )


def practitioner_values(value: Practitioner) -> Values:
    return {
        "id": value.id,
        "names": _names_json(value.names),
        "role": value.role,
        "gender": value.gender,
        "organisation_id": value.organisation,
    }


def practitioner_of(row: AnyRow) -> Practitioner:
    return Practitioner(
        id=row.id,
        names=names_of(row.names),
        role=row.role,
        gender=row.gender,
        organisation=row.organisation_id,
    )


def patient_values(value: Patient) -> Values:
    return {
        "id": value.id,
        "names": _names_json(value.names),
        "nhs_number": value.nhs_number.digits if value.nhs_number else None,
        "birth_date": _date_text(value.birth_date) if value.birth_date else None,
        "died": value.died,
        "active": value.active,
        "organisation_id": value.organisation,
        "language": value.language,
        "interpreter_required": value.interpreter_required,
        "phone": value.phone,
    }


def patient_of(row: AnyRow) -> Patient:
    return Patient(
        id=row.id,
        names=names_of(row.names),
        nhs_number=NhsNumber(row.nhs_number) if row.nhs_number else None,
        birth_date=_date_of(row.birth_date) if row.birth_date else None,
        died=row.died,
        active=row.active,
        organisation=row.organisation_id,
        language=row.language,
        interpreter_required=row.interpreter_required,
        phone=row.phone,
    )


def names_of(found: list[dict[str, Any]]) -> tuple[HumanName, ...]:
    """Names as kept in a `names` column."""
    return tuple(
        HumanName(
            use=NameUse(name["use"]) if name.get("use") else None,
            text=name.get("text"),
            given=tuple(name.get("given", ())),
            family=name.get("family"),
            ended_on=date.fromisoformat(name["ended_on"]) if name.get("ended_on") else None,
        )
        for name in found
    )


def _names_json(names: tuple[HumanName, ...]) -> list[dict[str, Any]]:
    """What each name says; what it does not say is left out."""
    found = (
        {
            "use": name.use.value if name.use else None,
            "text": name.text,
            "given": list(name.given),
            "family": name.family,
            "ended_on": name.ended_on.isoformat() if name.ended_on else None,
        }
        for name in names
    )
    return [{key: value for key, value in name.items() if value} for name in found]


def _date_text(value: PartialDate) -> str:
    parts = [f"{value.year:04}"] + [f"{part:02}" for part in (value.month, value.day) if part is not None]
    return "-".join(parts)


def _date_of(text: str) -> PartialDate:
    year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
    return PartialDate(year=year, month=month or None, day=day or None)

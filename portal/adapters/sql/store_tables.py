"""Writes what the portal reads from resources, many rows at once. Of FHIR it knows which type is whose."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from portal.adapters.sql.rows_places import (
    Values,
    organisation_values,
    patient_values,
    practitioner_values,
    service_values,
    site_values,
)
from portal.adapters.sql.tables_clinical import organisation, patient, practitioner, service, site
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.fhir import healthcare_service, location
from portal.fhir import organisation as fhir_organisation
from portal.fhir import patient as fhir_patient
from portal.fhir import practitioner as fhir_practitioner

_Resource = Mapping[str, object]


def _place(
    read: Callable[[_Resource], Any], values: Callable[[Any], Values]
) -> Callable[[_Resource], Values]:
    return lambda resource: values(read(resource))


# Types that become one row, whatever else is known.
PLAIN: dict[str, tuple[Table, Callable[[_Resource], Values]]] = {
    "Organization": (organisation, _place(fhir_organisation.from_fhir, organisation_values)),
    "Location": (site, _place(location.from_fhir, site_values)),
    "HealthcareService": (service, _place(healthcare_service.from_fhir, service_values)),
    "Practitioner": (practitioner, _place(fhir_practitioner.from_fhir, practitioner_values)),
    "Patient": (patient, _place(fhir_patient.from_fhir, patient_values)),
}


def write(
    unit: SqlUnit, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Iterable[str] = ("id",)
) -> None:
    """Insert, or set every column that the rows name where the row is there already. Inside a change."""
    if not rows:
        return
    insert = upsert(unit.database, table)
    named = [name for name in rows[0] if name not in set(key)]
    statement = insert.on_conflict_do_update(
        index_elements=list(key), set_={name: insert.excluded[name] for name in named}
    )
    unit.writer.execute(statement, list(rows))

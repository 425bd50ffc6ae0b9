"""`flask fhir check`: whether the FHIR server of the settings keeps what booking leans on."""

from typing import Any

import click
from flask import current_app

from portal.adapters.fhir_r4.checking import Check, Report
from portal.adapters.fhir_r4.claims import Mode
from portal.adapters.fhir_r4.client import Conversation
from portal.adapters.fhir_r4.modes import keep
from portal.adapters.sql.store import SqlStore
from portal.adapters.sql.unit import SqlUnit
from portal.cli.fhir import fhir_group
from portal.web.services import EXTENSION, Parts

__all__ = ["check_command", "fhir_group", "lines"]
CHECK_SECONDS = 120.0
_MODES = {
    Mode.CLAIM: "Booking is on: we claim a slot, then book it.",
    Mode.SERVER: "Booking is on: the server fills and opens its slots itself.",
    Mode.OFF: "Booking is off until this check passes. People are told to ring.",
}


@fhir_group.command("check")
def check_command() -> None:
    """Try the FHIR server of the settings with things of no patient, and decide how booking may be done."""
    parts: Parts = current_app.extensions[EXTENSION]
    client: Any = parts.fhir
    if client is None:
        raise click.ClickException("PORTAL_FHIR_URL is not set: there is no server to check.")
    report = Check(Conversation(client, CHECK_SECONDS)).run()
    for line in lines(report):
        click.echo(line)
    unit = SqlUnit(parts.database)
    try:
        with unit.change():
            keep(SqlStore(unit), client.connection.url, report.mode)
    finally:
        unit.close()
    if report.mode is Mode.OFF:
        raise SystemExit(1)


def lines(report: Report) -> list[str]:
    """The report as a person reads it."""
    said = []
    for finding in report.findings:
        mark = "yes" if finding.good else "NO " if finding.needed else "no, but not needed"
        said.append(f"{mark}: {finding.words}" + (f" ({finding.detail})" if finding.detail else ""))
    return [*said, "", _MODES[report.mode]]

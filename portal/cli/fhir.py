"""`flask fhir import` and `flask fhir export`: whole resources in and out. Holds the commands only."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.access.policy import decide_for_job
from portal.cli.fhir_export import NotEmpty, lines, write_folder
from portal.cli.fhir_import import import_files
from portal.web.services import EXTENSION, Parts

fhir_group = AppGroup("fhir", help="Bring FHIR R4 resources in and give them back.")


@fhir_group.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def import_command(paths: tuple[Path, ...]) -> None:
    """Import Bundles, resource files and NDJSON (each also .gz), or folders of them.

    Ends with 1 when anything could not be used; everything else is kept all the same.
    """
    parts = _parts()
    with parts.ports("cli") as use:
        store = parts.open_store(decide_for_job("import"), use)
        report = import_files(store, use.unit, paths)
    for line in report.lines():
        click.echo(line)
    if not report.clean:
        raise SystemExit(1)


@fhir_group.command("export")
@click.option("--out", default="-", help="An empty folder for one file a type, or - for one stream.")
def export_command(out: str) -> None:
    """Export every resource as NDJSON. The files are people's records: keep them where only you can read."""
    parts = _parts()
    with parts.ports("cli") as use:
        store = parts.open_store(decide_for_job("export"), use)
        if out == "-":
            for line in lines(store):
                sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
            return
        try:
            count = write_folder(store, Path(out))
        except NotEmpty as error:
            raise click.ClickException(f"{error} is not empty. Name a new folder.") from None
    click.echo(f"{count} resources written to {out}")


def _parts() -> Parts:
    """Raises ClickException where people and their care live on a FHIR server: that is the place to ask."""
    parts: Parts = current_app.extensions[EXTENSION]
    if parts.fhir is not None:
        raise click.ClickException("PORTAL_FHIR_URL is set: bring resources in and out at that server.")
    return parts

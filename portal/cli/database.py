"""`flask database upgrade`: bring the tables of a deployment up to date. Knows no table."""

import click
from flask import current_app
from flask.cli import AppGroup

from portal.adapters.sql.schema import upgrade
from portal.web.services import EXTENSION, Parts

database_group = AppGroup("database", help="Look after the database.")


@database_group.command("upgrade")
def upgrade_command() -> None:
    """Make or change tables until they are the newest."""
    parts: Parts = current_app.extensions[EXTENSION]
    click.echo(
        "The tables are new now." if upgrade(parts.database) else "The tables were the newest already."
    )

"""`flask access-log`: verify the access log and put fresh rows under a seal. Shows numbers, never a row."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from portal.jobs.access_log import seal_access_log
from portal.web.services import EXTENSION, Parts

access_log_group = AppGroup("access-log", help="Check and seal the log of who saw and changed what.")
_SHOWN = 50  # numbers of rows listed one by one


def _noted(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[int, str]]:
    """NUMBER:MAC, as the ordinary log shows them."""
    noted = []
    for value in values:
        number, _, mac = value.partition(":")
        if not (number.isascii() and number.isdigit() and mac):
            raise click.BadParameter("write it as NUMBER:MAC, both from the ordinary log")
        noted.append((int(number), mac))
    return noted


@access_log_group.command("verify")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="NUMBER:MAC",
    callback=_noted,
    help="A seal noted in the ordinary log (seq and mac): shows a return to an older copy. May be repeated.",
)
def verify(checkpoints: list[tuple[int, str]]) -> None:
    """Check every row and every seal. Ends with 1 when something was changed, removed, swapped or added."""
    parts: Parts = current_app.extensions[EXTENSION]
    with parts.ports("cli") as use:
        found = use.access_log.verify()
        missing = [number for number, mac in checkpoints if not use.access_log.holds(number, mac)]
    click.echo(f"sealed: {found.sealed}")
    click.echo(f"unsealed: {found.unsealed}")
    click.echo(f"broken: {len(found.broken)}")
    if found.broken:
        rest = len(found.broken) - _SHOWN
        numbers = ", ".join(str(number) for number in found.broken[:_SHOWN])
        click.echo(f"Rows that do not fit: {numbers}" + (f", and {rest} more" if rest > 0 else ""))
    for number in missing:
        click.echo(f"Seal {number} is not the one that was noted.")
    if found.broken or missing:
        sys.exit(1)


@access_log_group.command("seal")
def seal() -> None:
    """Put every row that no seal covers yet under one. `flask work` does so every few seconds."""
    parts: Parts = current_app.extensions[EXTENSION]
    with parts.ports("cli") as use:
        click.echo(f"sealed now: {seal_access_log(use)}")

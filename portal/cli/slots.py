"""`flask slots publish FILE.csv`: publish sessions of slots; nothing unless every line is right."""

from collections.abc import Mapping
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.access.permissions import Permission
from portal.access.policy import RECEPTIONIST_SCOPES, Actor, Level, SiteGrant, StaffRelation, decide_for_site
from portal.domain.ids import AccountId, OrganisationId, ServiceId
from portal.errors import NotFound
from portal.ports.bundle import Ports
from portal.practice import service
from portal.practice.rules import BadPlan, Row, Trouble, read_csv
from portal.web.services import EXTENSION, Parts

slots_group = AppGroup("slots", help="Publish the times people can book.")
OPERATOR = AccountId("operator")  # whoever has a shell on the server; stands in the access log

WORDS = {
    Trouble.ENDS_FIRST: "it ends before it starts",
    Trouble.TOO_SHORT: "it is shorter than one slot",
    Trouble.TOO_MANY: "it makes more than 1,000 slots; split it",
    Trouble.IN_THE_PAST: "it starts in the past",
    Trouble.TOO_FAR: "it starts more than two years ahead",
    Trouble.NOT_A_TIME: "the clocks go forward that night and skip that time",
    Trouble.OPENS_OTHERWISE: "some of its slots are there already and open at another time; they stay so",
    Trouble.OVERLAPS: "there are other slots at that time, in the portal or in a line above",
}


def operator_grant(organisation: OrganisationId, use: Ports) -> SiteGrant:
    """The desk of one organisation for whoever runs the server; made by the policy like any other grant."""
    now = use.clock.now()
    return decide_for_site(
        Actor(account=OPERATOR, level=Level.P9, authenticated_at=now),
        wanted=organisation,
        permission=Permission.PRACTICE_PUBLISH,
        relations=[
            StaffRelation(
                account=OPERATOR, organisation=organisation, scopes=RECEPTIONIST_SCOPES, starts_on=now.date()
            )
        ],
        today=now.date(),
    )


class NothingPublished(Exception):
    """Some lines cannot be published, so none was. `problems` says which and why, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def publish_rows(rows: tuple[Row, ...], use: Ports) -> tuple[int, int]:
    """Publish every line's session in one transaction: (made, already there).

    Each line is judged against what the lines above it made, too. Raises NothingPublished, CannotSave.
    """
    owners = {found.id: found.organisation for found in use.source.directory().services()}
    made = there = 0
    problems: list[str] = []
    with use.unit.change():
        for row in rows:
            try:
                new, old = _publish_row(row, owners, use)
            except _BadLine as bad:
                problems.append(f"line {row.line}: {bad}")
            else:
                made, there = made + new, there + old
        if problems:
            raise NothingPublished(problems)
    return made, there


class _BadLine(Exception):
    """What is wrong with one line, in words."""


def _publish_row(row: Row, owners: Mapping[ServiceId, OrganisationId], use: Ports) -> tuple[int, int]:
    if row.plan is None:
        raise _BadLine(f"column {row.column} cannot be read")
    if row.plan.service not in owners:
        raise _BadLine("no such service")
    grant = operator_grant(owners[row.plan.service], use)
    try:
        return service.publish_within(grant, row.plan, use=use)
    except BadPlan as bad:
        raise _BadLine(WORDS[bad.trouble]) from bad
    except NotFound as missing:
        raise _BadLine(f"no such {missing.detail} there") from missing


@slots_group.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def publish(file: Path) -> None:
    """Publish the sessions in FILE.csv: nothing unless every line is right; twice changes nothing."""
    parts: Parts = current_app.extensions[EXTENSION]
    use = parts.make_ports("cli")
    try:
        try:
            rows = read_csv(file.read_text(encoding="utf-8-sig"))
        except (ValueError, UnicodeDecodeError) as unreadable:
            raise click.ClickException(f"{file.name} cannot be read: {unreadable}") from unreadable
        try:
            made, there = publish_rows(rows, use)
        except NothingPublished as refused:
            raise click.ClickException("Nothing was published.\n" + str(refused)) from refused
        click.echo(f"{made} slots published, {there} were there already.")
    finally:
        use.unit.close()

"""`flask slots publish FILE.csv`: publish sessions of slots; nothing unless every line is right."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.access.permissions import Permission
from portal.access.policy import RECEPTIONIST_SCOPES, Actor, Level, SiteGrant, StaffRelation, decide_for_site
from portal.domain.ids import AccountId, OrganisationId
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
    Trouble.NOT_A_TIME: "the clocks go forward that night and skip that time",
    Trouble.OVERLAPS: "the clinician already has a slot at that time",
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


def problem_with(row: Row, use: Ports) -> str | None:
    """What is wrong with one line, in words; None when it can be published."""
    if row.plan is None:
        return f"line {row.line}: column {row.column} cannot be read"
    owner = next((found for found in use.source.directory().services() if found.id == row.plan.service), None)
    if owner is None:
        return f"line {row.line}: no such service"
    try:
        service.planned(operator_grant(owner.organisation, use), row.plan, use=use)
    except BadPlan as bad:
        return f"line {row.line}: {WORDS[bad.trouble]}"
    except NotFound as missing:
        return f"line {row.line}: no such {missing.detail} there"
    return None


def publish_rows(rows: tuple[Row, ...], use: Ports) -> tuple[int, int]:
    """Publish every line's session: (made, already there)."""
    owners = {found.id: found.organisation for found in use.source.directory().services()}
    made = there = 0
    for row in rows:
        if row.plan is not None:
            new, old = service.publish(operator_grant(owners[row.plan.service], use), row.plan, use=use)
            made, there = made + new, there + old
    return made, there


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
        problems = [problem for row in rows if (problem := problem_with(row, use)) is not None]
        if problems:
            raise click.ClickException("Nothing was published.\n" + "\n".join(problems))
        made, there = publish_rows(rows, use)
        click.echo(f"{made} slots published, {there} were there already.")
    finally:
        use.unit.close()

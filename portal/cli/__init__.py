"""Commands, one module a subject; take their parts from the application. Must hold no rule of the portal."""

from click import Command


def commands() -> tuple[Command, ...]:
    """What `flask --app app` offers beside Flask's own."""
    from portal.cli.access_log import access_log_group
    from portal.cli.database import database_group
    from portal.cli.fhir_check import fhir_group
    from portal.cli.people import people_group
    from portal.cli.slots import slots_group
    from portal.cli.work import work_command

    return (access_log_group, database_group, fhir_group, people_group, slots_group, work_command)

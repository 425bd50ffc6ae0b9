"""Commands, one module a subject; take their parts from the application. Must hold no rule of the portal."""

from click import Command


def commands() -> tuple[Command, ...]:
    """What `flask --app app` offers beside Flask's own."""
    from portal.cli.slots import slots_group

    return (slots_group,)

"""The line on every page about a patient that says whom it is about.

Must not put a name into titles or addresses.
"""

from typing import Any

from flask import Flask, g

from portal.access.policy import AccessGrant
from portal.domain.people import shown_name
from portal.web.services import ports
from portal.web.written import html_of

_here = g._get_current_object


def install(app: Flask) -> None:
    """Give templates `person` (the name) and `acting_for_other`."""
    app.context_processor(_of_this_grant)


def person_of(grant: AccessGrant) -> str:
    """The shown name of the patient a grant opens; read once a request."""
    name: str | None = _here().get("person")
    if name is None:
        use = ports()
        name = g.person = shown_name(use.source.open(grant).patient().names, use.clock.today())
    return name


def _of_this_grant() -> dict[str, Any]:
    grant: AccessGrant | None = _here().get("grant")
    if grant is None:
        return {"acting_for_other": False}
    return {
        "person": html_of("<bdi>%s</bdi>", person_of(grant)),
        "acting_for_other": grant.acting_for_other,
    }

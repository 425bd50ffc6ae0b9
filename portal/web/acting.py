"""The line on every page about a patient that says whom it is about.

Must not put a name into titles or addresses.
"""

from typing import Any

from flask import Flask, g, url_for
from markupsafe import Markup

from portal.access.policy import AccessGrant
from portal.domain.people import shown_name
from portal.web.services import ports


def install(app: Flask) -> None:
    """Give templates `person` (the name), `acting_for_other` and the address of this person's home."""
    app.context_processor(_of_this_grant)


def person_of(grant: AccessGrant) -> str:
    """The shown name of the patient a grant opens; read once a request."""
    name: str | None = g.get("person")
    if name is None:
        use = ports()
        name = g.person = shown_name(use.source.open(grant).patient().names, use.clock.today())
    return name


def _of_this_grant() -> dict[str, Any]:
    grant: AccessGrant | None = g.get("grant")
    if grant is None:
        return {"acting_for_other": False}
    return {
        "person": Markup("<bdi>%s</bdi>") % person_of(grant),
        "acting_for_other": grant.acting_for_other,
        "home_url": url_for("home.home"),
    }

"""The day's visits, the day's slots, and people to tell."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import SiteGrant
from portal.domain.ids import TaskId
from portal.practice import present, service
from portal.practice.views.routes import AT, asked_page, asked_site, blueprint, page_address
from portal.web.guards import requires_site
from portal.web.services import ports


@blueprint.get(f"{AT}/")
@requires_site(Permission.PRACTICE_VIEW)
def day(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    on = service.asked_day(request.args.get("on", ""), use)
    found = service.visits_of_day(grant, asked_site(grant), on, asked_page(), use=use)
    services = service.services_of(grant, use)
    return _listed(
        "day",
        grant,
        found,
        visits=[present.visit(row, services, found.site.time_zone) for row in found.part.rows],
    )


@blueprint.get(f"{AT}/slots")
@requires_site(Permission.PRACTICE_VIEW)
def slots(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    on = service.asked_day(request.args.get("on", ""), use)
    found = service.slots_of_day(grant, asked_site(grant), on, asked_page(), use=use)
    rows = present.slot_rows(found, service.services_of(grant, use), service.clinicians_of(grant, use))
    return _listed("slots", grant, found, slots=rows)


def _listed(name: str, grant: SiteGrant, found: service.Day[Any], **rows: Any) -> str:
    use, part = ports(), found.part
    page: str = render_template(
        f"practice/{name}.html",
        organisation=service.organisation_of(grant, use),
        sites=service.sites_of(grant, use),
        found=found,
        before=(found.on - timedelta(days=1)).isoformat(),
        after=(found.on + timedelta(days=1)).isoformat(),
        earlier=page_address(f".{name}", found, part.number - 1) if part.number > 1 else None,
        later=page_address(f".{name}", found, part.number + 1) if part.number < part.last else None,
        **rows,
    )
    return page


@blueprint.get(f"{AT}/tell")
@requires_site(Permission.PRACTICE_TASKS)
def tell(grant: SiteGrant) -> ResponseReturnValue:
    use = ports()
    zones = {site.id: site.time_zone for site in service.sites_of(grant, use)}
    groups = present.to_tell(service.to_tell(grant, use=use), service.services_of(grant, use), zones)
    return render_template("practice/tell.html", groups=groups)


@blueprint.post(f"{AT}/tell/<id:task>")
@requires_site(Permission.PRACTICE_TASKS)
def told(grant: SiteGrant, task: str) -> ResponseReturnValue:
    service.told(grant, TaskId(task), use=ports())
    return redirect(url_for(".tell"))

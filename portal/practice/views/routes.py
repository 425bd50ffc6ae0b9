"""Where the practice's pages stand, and what their addresses ask for. Holds no page."""

from typing import Final

from flask import Blueprint, request, url_for

from portal.access.policy import SiteGrant
from portal.domain.ids import SiteId
from portal.practice import service
from portal.web.services import ports

blueprint: Final = Blueprint("practice", __name__)
AT: Final = "/practice/<code:organisation_code>"


def asked_site(grant: SiteGrant) -> SiteId:
    """The site in the query, else the organisation's first."""
    return SiteId(request.args.get("site") or service.sites_of(grant, ports())[0].id)


def asked_page() -> int:
    return request.args.get("page", 1, type=int)


def page_address(endpoint: str, found: service.Day[object], number: int) -> str:
    """Another page of the same list."""
    return url_for(endpoint, site=found.site.id, on=found.on.isoformat(), page=number)

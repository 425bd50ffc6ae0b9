"""A slot out of use: the question, what was seen when it was asked, and the answer."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.access.policy import SiteGrant
from portal.domain.ids import AppointmentId, SlotId
from portal.errors import ChangedMeanwhile
from portal.ports.clinical import Seen
from portal.practice import present, service
from portal.practice.forms import WithdrawForm
from portal.practice.views.routes import AT, blueprint
from portal.web import dates
from portal.web.guards import requires_site
from portal.web.services import ports


@blueprint.route(f"{AT}/slots/<id:slot>/out-of-use", methods=["GET", "POST"])
@requires_site(Permission.PRACTICE_CANCEL)
def withdraw(grant: SiteGrant, slot: str) -> ResponseReturnValue:
    form, wanted = WithdrawForm(), SlotId(slot)
    if not form.validate_on_submit():
        return _question(grant, wanted, form)
    try:
        somebody = service.withdraw(grant, wanted, _read(form.seen.data), use=ports())
    except ChangedMeanwhile:
        return _question(grant, wanted, form, changed=True), 409
    return redirect(url_for(".tell") if somebody else _day_of(grant, wanted))


def _question(grant: SiteGrant, wanted: SlotId, form: WithdrawForm, *, changed: bool = False) -> str:
    use = ports()
    found, row = service.slot_with_visit(grant, wanted, use=use)
    form.seen.data = _written(service.seen_in(row))
    services = service.services_of(grant, use)
    zone = service.zone_of(grant, found, use)
    page: str = render_template(
        "practice/withdraw.html",
        form=form,
        slot=found,
        zone=zone,
        back_href=_day_of(grant, wanted),
        what=present.care_name(services, found.service),
        visit=None if row is None else present.visit(row, services, zone),
        changed=changed,
    )
    return page


def _day_of(grant: SiteGrant, wanted: SlotId) -> str:
    """The list that the slot stands in."""
    use = ports()
    slot = use.source.open_site(grant).slot(wanted)
    on = dates.local(slot.starts_at, service.zone_of(grant, slot, use)).date()
    return url_for(".slots", site=slot.site, on=on.isoformat())


def _written(seen: Seen | None) -> str:
    return "" if seen is None else f"{seen[1]}.{seen[0]}"


def _read(text: str | None) -> Seen | None:
    """What a form brings back; what cannot be read is nobody, which is right or refused."""
    version, _, appointment = (text or "").partition(".")
    if not (version.isascii() and version.isdigit() and len(version) < 10 and appointment):
        return None
    return AppointmentId(appointment), int(version)

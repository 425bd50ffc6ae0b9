"""The practice's pages: the day, new slots, a slot out of use, people to tell."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from portal.access.permissions import Permission
from portal.access.policy import Actor, Level, SiteGrant, decide_for_site
from portal.domain.appointments import Slot, SlotStatus
from portal.domain.ids import SiteId
from portal.ports.bundle import Ports
from portal.practice import service
from tests.browser import records
from tests.browser.control import ANCHOR
from tests.browser.states import PageState, opened, sent_empty
from tests.browser.walker import Walker

_PLAN: Final = {
    "service": "",
    "practitioner": "",
    "mode": "in-person",
    "day-day": "27",
    "day-month": "7",
    "day-year": "2026",
    "starts": "18:00",
    "ends": "19:00",
    "minutes": "15",
    "weeks": "2",
    "opens": "48",
}


def _grant(walker: Walker, use: Ports, permission: Permission) -> SiteGrant:
    account = walker.portal.sign_in("receptionist").account
    now = walker.portal.orders.now
    relations = use.relations.staff_of(account)
    return decide_for_site(
        Actor(account=account, level=Level.P9, authenticated_at=now),
        wanted=relations[0].organisation,
        permission=permission,
        relations=relations,
        today=now.date(),
    )


def _slot(walker: Walker, status: SlotStatus, from_day: date) -> Slot:
    """The first slot in this status at Harbour Street from a day on."""
    with walker.portal.ports() as use:
        desk = use.source.open_site(_grant(walker, use, Permission.PRACTICE_VIEW))
        for ahead in range(40):
            for slot in desk.slots(SiteId(records.HARBOUR), from_day + timedelta(days=ahead)):
                if slot.status is status:
                    return slot
    raise LookupError(f"no slot is {status.value}")


def _withdraw(status: SlotStatus) -> Callable[[Walker], None]:
    def reach(walker: Walker) -> None:
        walker.open("practice.withdraw", slot=_slot(walker, status, ANCHOR + timedelta(days=1)).id)

    return reach


def _busy_day(walker: Walker) -> None:
    day = _slot(walker, SlotStatus.BUSY, ANCHOR + timedelta(days=1)).starts_at.date()
    walker.open("practice.day", site=records.HARBOUR, on=day.isoformat())


def _check(walker: Walker) -> None:
    """By the form itself: what is typed becomes the draft."""
    walker.open("practice.new_slots")
    care = walker.page.locator('[name="service"] option').nth(1).get_attribute("value") or ""
    walker.send(**{**_PLAN, "service": care})


def _wrong(walker: Walker) -> None:
    walker.open("practice.new_slots")
    walker.send(
        **{
            "day-day": "31",
            "day-month": "2",
            "day-year": "2026",
            "starts": "99",
            "minutes": "1",
            "weeks": "x",
        }
    )


def _to_tell(walker: Walker) -> None:
    """A slot with a visit is taken out of use, once, far ahead so that no other state misses it."""
    if "withdrawn" not in walker.portal.made:
        slot = _slot(walker, SlotStatus.BUSY, ANCHOR + timedelta(days=28))
        with walker.portal.ports() as use:
            service.withdraw(_grant(walker, use, Permission.PRACTICE_CANCEL), slot.id, use=use)
        walker.portal.made["withdrawn"] = slot.id
    walker.open("practice.tell")


def _state(
    endpoint: str, state: str, reach: Callable[[Walker], None], *, mistakes: bool = False
) -> PageState:
    return PageState(
        endpoint=f"practice.{endpoint}", state=state, person="receptionist", reach=reach, mistakes=mistakes
    )


PRACTICE: Final[tuple[PageState, ...]] = (
    _state("day", "filled", _busy_day),
    _state("day", "empty", opened("practice.day", on="2026-12-25")),
    _state("new_slots", "empty", opened("practice.new_slots")),
    _state("new_slots", "error", sent_empty("practice.new_slots"), mistakes=True),
    _state("new_slots", "wrong", _wrong, mistakes=True),
    _state("check_slots", "filled", _check),
    _state("published", "done", opened("practice.published", made=8, there=2, day="2026-07-27")),
    _state("withdraw", "free", _withdraw(SlotStatus.FREE)),
    _state("withdraw", "booked", _withdraw(SlotStatus.BUSY)),
    _state("tell", "filled", _to_tell),
)

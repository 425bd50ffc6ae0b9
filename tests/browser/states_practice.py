"""The practice's pages: the day, new slots, a slot out of use, people to tell."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from portal.access.permissions import Permission
from portal.access.policy import Actor, Level, SiteGrant, decide_for_site
from portal.domain.appointments import Slot, SlotStatus
from portal.domain.ids import SiteId
from portal.ports.bundle import Ports
from portal.ports.tasks import TaskKind
from tests.browser import records
from tests.browser.control import ANCHOR
from tests.browser.states import PageState, opened
from tests.browser.walker import Walker

_TIMES: Final = {
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


def _busy(endpoint: str) -> Callable[[Walker], None]:
    """A list of a day that somebody comes on."""

    def reach(walker: Walker) -> None:
        day = _slot(walker, SlotStatus.BUSY, ANCHOR + timedelta(days=1)).starts_at.date()
        walker.open(endpoint, site=records.HARBOUR, on=day.isoformat())

    return reach


def _begun_anew(walker: Walker) -> None:
    """The first question, with nothing answered before."""
    with walker.portal.ports() as use:
        grant = _grant(walker, use, Permission.PRACTICE_PUBLISH)
        use.drafts.drop(grant.actor, None, f"publish-slots:{grant.organisation}")
    walker.open("practice.new_slots", step="care")


def _care(walker: Walker) -> None:
    """By the form itself: what is answered becomes the draft."""
    _begun_anew(walker)
    care = walker.page.locator('[name="service"] option').nth(1).get_attribute("value") or ""
    walker.send(service=care, mode="in-person")


def _then(first: Callable[[Walker], None], **sent: str) -> Callable[[Walker], None]:
    """The page after `first` sent with these answers."""

    def reach(walker: Walker) -> None:
        first(walker)
        walker.send(**sent)

    return reach


def _stale(walker: Walker) -> None:
    """Somebody took the slot after the page was made."""
    walker.open("practice.withdraw", slot=_slot(walker, SlotStatus.BUSY, ANCHOR + timedelta(days=1)).id)
    walker.change('main [name="seen"]', "9.another-visit")
    walker.send()


def _check_of_another_tab(walker: Walker) -> None:
    """The check page of a tab whose answers another tab has changed since."""
    _then(_care, **_TIMES)(walker)
    walker.change('main [name="key"]', "an older key")
    walker.send()


def _to_tell(walker: Walker) -> None:
    """A slot with a visit is taken out of use, once, far ahead so that no other state misses it."""
    if "withdrawn" not in walker.portal.made:
        slot = _slot(walker, SlotStatus.BUSY, ANCHOR + timedelta(days=28))
        walker.open("practice.withdraw", slot=slot.id)
        walker.send()
        walker.portal.made["withdrawn"] = slot.id
    _answer_other_tasks(walker)
    walker.open("practice.tell")


def _answer_other_tasks(walker: Walker) -> None:
    """What other states left to do is not part of this one."""
    with walker.portal.ports() as use, use.unit.change():
        grant = _grant(walker, use, Permission.PRACTICE_TASKS)
        for task in use.tasks.open_of(grant.organisation):
            if task.kind is not TaskKind.TELL_CANCELLED:
                use.tasks.done(task.id, grant.organisation, grant.actor, walker.portal.orders.now)


_NONE: Final = {"site": records.HARBOUR, "on": "2026-12-25"}
_WRONG: Final = {"day-day": "31", "day-month": "2", "day-year": "2026", "starts": "99", "minutes": "1"}


def _state(
    endpoint: str, state: str, reach: Callable[[Walker], None], *, mistakes: bool = False, **more: object
) -> PageState:
    name = f"practice.{endpoint}"
    given: dict[str, object] = {"person": "receptionist", "mistakes": mistakes, **more}
    return PageState(endpoint=name, state=state, reach=reach, **given)  # type: ignore[arg-type]


PRACTICE: Final[tuple[PageState, ...]] = (
    _state("day", "filled", _busy("practice.day")),
    _state("day", "empty", opened("practice.day", **_NONE)),
    _state("slots", "filled", _busy("practice.slots")),
    _state("slots", "empty", opened("practice.slots", **_NONE)),
    _state("new_slots", "care", _begun_anew),
    _state("new_slots", "care-error", _then(_begun_anew), mistakes=True),
    _state("new_slots", "times", _care),
    _state("new_slots", "times-error", _then(_care), mistakes=True),
    _state("new_slots", "times-wrong", _then(_care, **_WRONG), mistakes=True),
    _state("new_slots", "check", _then(_care, **_TIMES), title="publish-check"),
    _state("new_slots", "check-conflict", _check_of_another_tab, title="publish-check", status=409),
    _state(
        "published",
        "done",
        opened("practice.published", made=8, there=2, day="2026-07-27"),
    ),
    _state("withdraw", "free", _withdraw(SlotStatus.FREE)),
    _state("withdraw", "booked", _withdraw(SlotStatus.BUSY)),
    _state("withdraw", "conflict", _stale, status=409),
    _state("tell", "filled", _to_tell),
)

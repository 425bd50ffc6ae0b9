"""What somebody has answered before the check page of booking, as the draft keeps it. Asks no page."""

import secrets
from collections.abc import Mapping, Sequence

from portal.domain.ids import PatientId, SlotId
from tests import builders
from tests.faults.world import Somebody, World

JOURNEY = "book"


def booking_answers(slot: SlotId | str, key: str, **changes: str) -> dict[str, str]:
    """All answers of the first practice's GP, chosen to be the plainest."""
    return {
        "started": "yes",
        "care": "gp",
        "site": builders.HILL,
        "sole_site": "yes",
        "clinician": "any",
        "sole_clinician": "yes",
        "needs": "none",
        "when": "soon",
        "how": "any",
        "slot": slot,
        "reason": "not-said",
        "words": "",
        "company": "no",
        "key": key,
        **changes,
    }


def answer_all(world: World, who: Somebody, patient: PatientId, slot: SlotId | str, **changes: str) -> str:
    """Put somebody on the check page for a slot; the idempotency key that page carries."""
    key = changes.pop("key", "") or secrets.token_urlsafe(16)
    save(world, who, patient, booking_answers(slot, key, **changes))
    return key


def answer_for_all(world: World, wanted: Sequence[tuple[Somebody, PatientId, SlotId]]) -> list[str]:
    """The same for many, in one transaction; their keys in order."""
    keys = [secrets.token_urlsafe(16) for _ in wanted]
    with world.ports() as use, use.unit.change():
        for (who, patient, slot), key in zip(wanted, keys, strict=True):
            use.drafts.save(who.account, patient, JOURNEY, booking_answers(slot, key), world.now)
    return keys


def save(world: World, who: Somebody, patient: PatientId, answers: Mapping[str, str]) -> None:
    with world.ports() as use:
        use.drafts.save(who.account, patient, JOURNEY, answers, world.now)


def check_page(who: Somebody, patient: PatientId, language: str = "en") -> str:
    """Its address."""
    return f"/{language}/for/{who.refs[patient]}/book/check"

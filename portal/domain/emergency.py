"""Whom to ring in an emergency, by nation (safety rule S27). Must hold no words: they stand in templates.

Sources: 999 BSL, Relay UK and emergencySMS serve the whole United Kingdom. NHS 111 in England and Wales and
NHS 24 in Scotland answer 111, each with a mental health option. Northern Ireland has no 111: a practice's own
number leads to GP out of hours, and Lifeline answers people in crisis. Nobody outside has confirmed this
table yet.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentHelp:
    """The numbers of one nation, as a person dials them. `advice` is None where no such number exists."""

    emergency: str = "999"
    relay: str = "18000"  # Relay UK's own number for 999
    bsl: str = "999bsl.co.uk"  # video relay to 999 in British Sign Language
    text: str = "999"  # emergencySMS, after signing up
    advice: str | None = "111"  # with a mental health option
    advice_relay: str | None = "18001 111"
    crisis: str | None = None  # where 111 has no mental health option
    crisis_relay: str | None = None


BY_NATION = {
    "england": UrgentHelp(),
    "wales": UrgentHelp(),
    "scotland": UrgentHelp(),
    "northern-ireland": UrgentHelp(
        advice=None, advice_relay=None, crisis="0808 808 8000", crisis_relay="18001 0808 808 8000"
    ),
}


def urgent_help(nation: str) -> UrgentHelp:
    """The numbers of a nation (config.Nation). Raises KeyError for a nation nobody listed."""
    return BY_NATION[nation]

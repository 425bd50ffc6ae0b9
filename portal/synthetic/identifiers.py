"""Ids, NHS numbers and phone numbers that can belong to nobody. Real ranges are never entered."""

from functools import cache
from hashlib import blake2b
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f0c6a5e-3c6b-5d0e-9a52-0d9f3f0f7a11")
_FIRST_BODY = 999_000_000  # the range kept for tests: 999 000 0000 to 999 999 9999
_DECADES = 100_000  # tens of bodies in that range; each holds nine or ten valid numbers
NHS_NUMBERS = 909_091


def stable_id(*parts: object) -> str:
    """The same id for the same parts, always (UUID version 5)."""
    return str(uuid5(_NAMESPACE, "|".join(map(str, parts))))


class IdMaker:
    """Ids of one person's resources: a stem from (seed, person), then a count. Cheap to make."""

    __slots__ = ("_count", "_stem")

    def __init__(self, seed: int, person: int) -> None:
        digest = blake2b(f"{seed}|person|{person}".encode(), digest_size=12).hexdigest()
        self._stem = f"{digest[:8]}-{digest[8:12]}-5{digest[12:15]}-a{digest[15:18]}-"
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{self._stem}{self._count:012x}"


def nhs_number(person: int) -> str | None:
    """The number of the k-th person, from the 999 range alone; None beyond its 909,091 valid numbers."""
    if person < 9 * _DECADES:
        decade, place = divmod(person, 9)
        return _valid_in(decade)[place]
    full = _full_decades()
    beyond = person - 9 * _DECADES
    return _valid_in(full[beyond])[9] if beyond < len(full) else None


def _valid_in(decade: int) -> list[str]:
    bodies = (str(_FIRST_BODY + 10 * decade + last) for last in range(10))
    return [body + str(check) for body in bodies if (check := _check_digit(body)) < 10]


def _check_digit(body: str) -> int:
    """Modulus 11 (NHS data dictionary); 10 means that the body makes no number."""
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11) % 11


@cache
def _full_decades() -> tuple[int, ...]:
    """Decades with ten valid numbers; looked at only for more than 900,000 people."""
    return tuple(decade for decade in range(_DECADES) if _missing_digit(decade) == 10)


def _missing_digit(decade: int) -> int:
    """The last digit d for which 2d + the sum of the others is 1 modulo 11; 10 when no digit is."""
    others = sum(int(digit) * (10 - place) for place, digit in enumerate(str(_FIRST_BODY // 10 + decade)))
    return (1 - others) * 6 % 11


def mobile(person: int) -> str:
    """07700 900000 to 900999: kept by Ofcom for drama, rings nobody."""
    return f"07700 900{person % 1000:03d}"


def landline(line: int) -> str:
    """01632 960000 to 960999: the same for an area that does not exist."""
    return f"01632 960{line % 1000:03d}"

"""Numbers that can belong to nobody."""

import pytest

from portal.domain.people import is_nhs_number
from portal.synthetic.identifiers import NHS_NUMBERS, IdMaker, landline, mobile, nhs_number, stable_id


def test_the_first_nhs_number_is_the_first_valid_one_of_the_range() -> None:
    assert nhs_number(0) == "9990000018"


@pytest.mark.parametrize("start", [0, 450_000, 899_000, 899_999, 900_000, NHS_NUMBERS - 1_000])
def test_nhs_numbers_are_valid_and_of_the_999_range(start: int) -> None:
    numbers = [nhs_number(person) for person in range(start, start + 1_000)]
    assert all(number and number.startswith("999") and is_nhs_number(number) for number in numbers)
    assert len(set(numbers)) == 1_000


def test_numbers_past_900_000_are_none_of_those_before() -> None:
    late = nhs_number(900_000)
    assert late is not None
    decade = int(late[3:8])
    assert late not in {nhs_number(person) for person in range(9 * decade, 9 * decade + 9)}


def test_beyond_909_091_people_there_is_no_number() -> None:
    assert nhs_number(NHS_NUMBERS - 1) is not None
    assert nhs_number(NHS_NUMBERS) is None
    assert nhs_number(2_000_000) is None


def test_phones_are_those_kept_for_drama() -> None:
    assert mobile(0) == "07700 900000"
    assert mobile(123_999) == "07700 900999"
    assert landline(1_013) == "01632 960013"


def test_ids_are_stable_and_of_their_own_person() -> None:
    assert stable_id(1, "site", "x") == stable_id(1, "site", "x") != stable_id(2, "site", "x")
    first, again, other = IdMaker(1, 5), IdMaker(1, 5), IdMaker(1, 6)
    ids = [first.next() for _ in range(50)]
    assert ids == [again.next() for _ in range(50)]
    assert len({*ids, *(other.next() for _ in range(50))}) == 100

"""Names, numbers and dates of birth."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids import PatientId
from portal.domain.people import (
    HumanName,
    NameUse,
    NhsNumber,
    PartialDate,
    Patient,
    is_nhs_number,
    shown_name,
)

TODAY = date(2026, 11, 26)


def test_the_usual_name_is_shown_before_the_official_one() -> None:
    official = HumanName(use=NameUse.OFFICIAL, given=("Robert",), family="Ó Briain")
    usual = HumanName(use=NameUse.USUAL, given=("Bob",), family="Ó Briain")
    assert shown_name((official, usual), TODAY) == "Bob Ó Briain"
    assert shown_name((official,), TODAY) == "Robert Ó Briain"


@pytest.mark.parametrize(
    "use", [NameUse.OLD, NameUse.MAIDEN, NameUse.NICKNAME, NameUse.TEMP, NameUse.ANONYMOUS]
)
def test_a_name_somebody_has_left_behind_is_never_shown(use: NameUse) -> None:
    assert shown_name((HumanName(use=use, text="Former Name"),), TODAY) == ""


def test_a_name_that_has_ended_is_never_shown() -> None:
    ended = HumanName(use=NameUse.USUAL, text="Former Name", ended_on=date(2026, 11, 25))
    assert shown_name((ended, HumanName(text="Now")), TODAY) == "Now"


def test_nhs_numbers_are_judged_by_modulus_11() -> None:
    assert is_nhs_number("9990000018")
    assert not is_nhs_number("9990000019")
    assert not is_nhs_number("٩٩٩٠٠٠٠٠١٨")
    assert NhsNumber("9990000018").grouped() == "999 000 0018"
    with pytest.raises(ValueError, match="NHS number"):
        NhsNumber("123")


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_each_nine_digits_have_at_most_one_check_digit(body: str) -> None:
    assert sum(is_nhs_number(body + digit) for digit in "0123456789") <= 1


def test_a_partial_date_knows_its_first_and_last_day() -> None:
    assert PartialDate(year=2010).earliest() == date(2010, 1, 1)
    assert PartialDate(year=2010).latest() == date(2010, 12, 31)
    assert PartialDate(year=2024, month=2).latest() == date(2024, 2, 29)
    assert PartialDate(year=2024, month=12).latest() == date(2024, 12, 31)
    with pytest.raises(ValueError, match="month"):
        PartialDate(year=2024, day=3)


def test_age_is_the_least_and_the_most_it_can_be() -> None:
    patient = Patient(id=PatientId("p"), birth_date=PartialDate(year=2010))
    assert (patient.youngest_age(TODAY), patient.oldest_age(TODAY)) == (15, 16)
    assert Patient(id=PatientId("p")).youngest_age(TODAY) is None


def test_somebody_born_on_29_february_turns_a_year_older_on_1_march() -> None:
    leap = Patient(id=PatientId("p"), birth_date=PartialDate(year=2010, month=2, day=28))
    assert leap.youngest_age(date(2026, 2, 28)) == 16
    born = Patient(id=PatientId("p"), birth_date=PartialDate(year=2012, month=2, day=29))
    assert born.youngest_age(date(2026, 2, 28)) == 13
    assert born.youngest_age(date(2026, 3, 1)) == 14

"""What people type, cleaned."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.typed import Unreadable, clean, western_digits


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  plain  ", "plain"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("bell\x07 and \x9b escape", "bell and  escape"),
        ("\u202eback\u202c and \u2066isolated\u2069", "back and isolated"),
        ("one\r\ntwo\tthree", "one two three"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
    ],
)
def test_a_line_is_kept_without_what_could_harm(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_several_lines_keep_their_lines() -> None:
    assert clean("one\r\ntwo\rthree\n", lines=True) == "one\ntwo\nthree"


@pytest.mark.parametrize("typed", ["a\x00b", "half \ud83d of a sign"])
def test_what_no_database_takes_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        clean(typed)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_cleaning_again_changes_nothing(typed: str) -> None:
    once = clean(typed, lines=True)
    assert clean(once, lines=True) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize("typed", ["٩٩٩", "۹۹۹", "৯৯৯", "੯੯੯", "९\u200f९९", "９９９"])
def test_digits_of_any_script_are_digits(typed: str) -> None:
    assert western_digits(typed) == "999"

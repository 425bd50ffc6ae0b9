"""The calendar file: folded, escaped, neutral, and read back by another program."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.appointments.present.calendar import FOLD, Visit, calendar_file

START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


def visit(**changes: object) -> Visit:
    values: dict[str, object] = {
        "uid": "a",
        "sequence": 2,
        "starts_at": START,
        "ends_at": START + timedelta(minutes=90),
        "written_at": START,
        "cancelled": False,
        "summary": "Appointment",
        "description": "",
        "place": "",
        "language": "en-GB",
    }
    return Visit(**(values | changes))  # type: ignore[arg-type]


@given(summary=TEXT, description=TEXT, place=TEXT)
def test_whatever_the_texts_lines_are_short_and_come_back_as_they_were(
    summary: str, description: str, place: str
) -> None:
    made = calendar_file(visit(summary=summary, description=description, place=place))
    assert all(len(line) <= FOLD for line in made.split(b"\r\n"))
    event = icalendar.Calendar.from_ical(made).walk("VEVENT")[0]
    assert str(event["SUMMARY"]) == summary
    assert str(event["DESCRIPTION"]) == description
    assert str(event.get("LOCATION", "")) == place


def test_a_text_cannot_add_a_property() -> None:
    made = calendar_file(visit(place="Here\r\nATTENDEE:mailto:x\x00\x1b"))
    assert [line for line in made.split(b"\r\n") if line.startswith(b"LOCATION")] == [
        b"LOCATION:Here\\nATTENDEE:mailto:x"
    ]


@pytest.mark.parametrize("cancelled", [True, False])
def test_an_hour_that_happens_twice_is_told_in_utc(cancelled: bool) -> None:
    calendar = icalendar.Calendar.from_ical(calendar_file(visit(cancelled=cancelled)))
    event = calendar.walk("VEVENT")[0]
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=90)
    assert (calendar["METHOD"], event["STATUS"]) == (
        ("CANCEL", "CANCELLED") if cancelled else ("PUBLISH", "CONFIRMED")
    )

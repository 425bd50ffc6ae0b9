"""The ordinary log holds events and scalars, whatever anybody sends or raises."""

import json
import logging

import pytest
from flask.testing import FlaskClient

from portal.web.logs import EVENTS, JsonLines, log, scrubbed

CANARY = "Canary-9990000018"


def written(name: str, message: str, *args: object, **fields: object) -> dict[str, object]:
    record = logging.LogRecord(name, logging.INFO, __file__, 1, message, args, None)
    record.fields = fields
    line: dict[str, object] = json.loads(JsonLines().format(record))
    return line


def test_an_event_keeps_the_fields_of_its_list_and_no_other() -> None:
    line = written("portal", "request", status=200, route="/x", query=CANARY, request="id")
    assert (line["status"], line["route"], line["request"]) == (200, "/x", "id")
    assert CANARY not in json.dumps(line)


def test_another_librarys_line_loses_its_values() -> None:
    assert CANARY not in json.dumps(written("gunicorn.error", "Error handling request %s", f"/en/{CANARY}"))


def test_an_exception_leaves_its_kind_and_where_it_was_never_its_text() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        record = logging.LogRecord(
            "portal", logging.ERROR, __file__, 1, "fault", (), (type(error), error, error.__traceback__)
        )
    line = JsonLines().format(record)
    assert CANARY not in line
    assert json.loads(line)["kind"] == "ValueError"
    assert "test_logs.py" in json.loads(line)["frames"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("999 000 0018 and 9990000018", "[number] and [number]"),
        ("1234567890", "1234567890"),  # no check digit: an id
        ("a.b+c@example.org", "[e-mail]"),
        ("Bearer abc.def", "[token]"),
        ("?code=xyz&state=q", "?code=[left out]&state=[left out]"),
        ("07700 900123 +44 1632 960100", "[phone] [phone]"),
        ("at ZZ99 3WZ", "at [postcode]"),
        ("line\nbreak\x1b[31m \u202eright", "line?break?[31m ?right"),
    ],
)
def test_the_second_net_takes_what_looks_personal_or_breaks_lines(text: str, clean: str) -> None:
    assert scrubbed(text) == clean


def test_each_request_leaves_one_line_with_its_route_and_never_its_path_or_query(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "portal"):
        client.get(
            f"/en/sign-in?name={CANARY}",
            headers={"User-Agent": CANARY, "Referer": f"http://localhost/{CANARY}"},
        )
        client.get(f"/en/{CANARY}")
        client.post("/en/sign-in/try-out", data={"person": CANARY, "back": CANARY, "held": CANARY})
    fields = [vars(record)["fields"] for record in caplog.records if record.msg == "request"]
    assert [found["route"] for found in fields] == [
        "/<language:language>/sign-in",
        "-",
        "/<language:language>/sign-in/try-out",
    ]
    assert len({found["request"] for found in fields}) == 3
    assert CANARY not in "".join(JsonLines().format(record) for record in caplog.records)


def test_every_event_written_has_its_list(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "portal"):
        log("limited", limit="site", wait=1, route="/x")
    assert caplog.records[0].msg in EVENTS

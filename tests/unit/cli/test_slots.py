"""`flask slots publish`: every line of the file or none, and each problem by its line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from portal.bootstrap import over_ports
from portal.cli.slots import slots_group
from portal.config import Settings
from portal.ports.access_log import Action
from portal.web.services import EXTENSION
from tests import builders
from tests.pages.world import World, furnished

HEADER = "service,clinician,mode,day,from,to,minutes,weeks,opens_hours_before\n"
MORNING = f"{builders.GP},{builders.OKAFOR},in-person,2026-06-04,09:00,10:00,15,,\n"
AFTERNOON = f"{builders.GP},{builders.OKAFOR},phone,2026-06-04,14:00,15:00,20,2,48\n"
Publish = Callable[[str | bytes], Result]


@pytest.fixture
def world() -> World:
    return furnished(World())


@pytest.fixture
def publish(world: World, tmp_path: Path) -> Publish:
    keys: dict[str, Any] = {
        "secret_key": "0123456789 abcdefghijklmnopqrstuvwxyz",
        "log_key": "zyxwvutsrqponmlkj 9876543210abcdef",
    }
    app = Flask("portal")
    app.extensions[EXTENSION] = over_ports(Settings(**keys), world.ports)
    app.cli.add_command(slots_group)

    def run(content: str | bytes) -> Result:
        file = tmp_path / "slots.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return app.test_cli_runner().invoke(args=["slots", "publish", str(file)])

    return run


def starts(world: World) -> list[str]:
    desk = world.clinical.open_site(builders.make_site_grant())
    days = (builders.NOW.date().replace(day=day) for day in (4, 11))
    return [f"{slot.starts_at:%d %H:%M}" for on in days for slot in desk.slots(builders.HILL, on)]


def test_a_file_is_published_and_a_second_time_changes_nothing(world: World, publish: Publish) -> None:
    first = publish(HEADER + MORNING + AFTERNOON)
    assert (first.exit_code, first.output) == (0, "10 slots published, 0 were there already.\n")
    made = starts(world)
    assert made[:4] == ["04 08:00", "04 08:15", "04 08:30", "04 08:45"]
    assert made[4:] == [f"{day} {time}" for day in ("04", "11") for time in ("13:00", "13:20", "13:40")]
    again = publish(HEADER + MORNING + AFTERNOON)
    assert again.output == "0 slots published, 10 were there already.\n"
    assert starts(world) == made
    rows = [row for row in world.portal.access_log.entries if row.action is Action.SLOTS_PUBLISHED]
    assert [(row.actor, row.organisation) for row in rows] == [("operator", builders.NORTH)] * 4


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (MORNING.replace("09:00", "09:00Z"), "line 3: column from cannot be read"),
        (MORNING.replace("2026-06-04", "9999-12-01"), "line 3: it starts more than two years ahead"),
        (MORNING.replace("2026-06-04", "2026-05-04"), "line 3: it starts in the past"),
        (MORNING.replace(builders.GP, "nowhere"), "line 3: no such service"),
        (MORNING.replace(builders.OKAFOR, "nobody"), "line 3: no such clinician there"),
        (MORNING.replace("in-person", "video"), "line 3: no such mode there"),
    ],
)
def test_one_bad_line_publishes_nothing_of_the_good_ones(
    world: World, publish: Publish, line: str, said: str
) -> None:
    refused = publish(HEADER + AFTERNOON + line + MORNING.replace("15,,", "0,,"))
    assert refused.exit_code == 1
    assert "Nothing was published." in refused.output
    assert said in refused.output
    assert "line 4: column minutes cannot be read" in refused.output
    assert starts(world) == []
    assert not [row for row in world.portal.access_log.entries if row.action is Action.SLOTS_PUBLISHED]


@pytest.mark.parametrize("clinician", [builders.OKAFOR, ""])
def test_a_line_is_judged_against_the_lines_above_it(world: World, publish: Publish, clinician: str) -> None:
    lines = [MORNING, MORNING.replace("09:00,10:00", "09:10,10:10")]
    refused = publish(HEADER + "".join(line.replace(builders.OKAFOR, clinician) for line in lines))
    assert refused.exit_code == 1
    assert "line 3: there are other slots at that time, in the portal or in a line above" in refused.output
    assert starts(world) == []


def test_a_line_is_judged_against_slots_that_stand_already(world: World, publish: Publish) -> None:
    assert publish(HEADER + MORNING).exit_code == 0
    refused = publish(HEADER + AFTERNOON + MORNING.replace("in-person", "phone"))
    assert "line 3: there are other slots at that time" in refused.output
    assert len(starts(world)) == 4


def test_a_line_that_opens_its_slots_at_another_time_is_named_and_changes_nothing(
    world: World, publish: Publish
) -> None:
    assert publish(HEADER + MORNING).exit_code == 0
    refused = publish(HEADER + AFTERNOON + MORNING.rstrip() + "24\n")
    assert refused.exit_code == 1
    assert "line 3: some of its slots are there already and open at another time" in refused.output
    assert len(starts(world)) == 4


@pytest.mark.parametrize("content", [b"\xff\xfe", b"day,from\n", HEADER.encode() + b"x" * 200_000])
def test_what_is_no_such_file_is_said_in_words(publish: Publish, content: bytes) -> None:
    refused = publish(content)
    assert refused.exit_code == 1
    assert "slots.csv cannot be read" in refused.output

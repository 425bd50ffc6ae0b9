"""What the directory promises: the same lists by id, and what is true now, whoever changed it and how."""

from unittest import mock

import pytest
from sqlalchemy import delete, update

from portal.adapters.sql import directory
from portal.adapters.sql.tables_clinical import organisation, practitioner, service, site
from portal.errors import NotFound
from tests.builders import HILL, NURSE, OKAFOR, make_practitioner, make_service, make_site
from tests.contract.conftest import World, add_rows
from tests.contract.portal.parts import failed_change

SQL = pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)


def test_everything_is_known_by_id_in_the_order_of_the_lists(world: World) -> None:
    found = world.source.directory()
    known = found.known()
    assert list(known.organisations.values()) == list(found.organisations())
    assert list(known.sites.values()) == list(found.sites())
    assert list(known.services.values()) == list(found.services())
    assert list(known.practitioners.values()) == list(found.practitioners())
    assert known.site(HILL).name == "Hill Surgery"
    assert known.service(NURSE).kind == "nurse"
    with pytest.raises(NotFound):
        known.site(NURSE)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        known.service(HILL)  # type: ignore[arg-type]


@SQL
def test_another_request_sees_what_was_written_changed_or_taken_away_past_every_port(world: World) -> None:
    assert world.database is not None
    known = world.source.directory().known()
    add_rows(world.database, make_site(id="new"), make_service(id="new"), make_practitioner(id="new"))
    assert world.source.directory().known() is known  # one request sees one state
    later = world.again().source.directory().known()
    assert set(later.sites) - set(known.sites) == {"new"}
    assert set(later.services) - set(known.services) == {"new"}
    assert "new" in later.practitioners
    with world.database.connect_changes() as connection:
        connection.exec_driver_sql(world.database.begin)
        connection.execute(update(organisation).values(name="Renamed"))
        connection.execute(delete(practitioner).where(practitioner.c.id == OKAFOR))
        connection.exec_driver_sql("COMMIT")
    last = world.again().source.directory().known()
    assert {each.name for each in last.organisations.values()} == {"Renamed"}
    assert OKAFOR not in last.practitioners


@SQL
def test_what_did_not_change_is_read_once_for_many_requests(world: World) -> None:
    world.again().source.directory().known()
    with mock.patch.object(directory.SqlDirectory, "_read", side_effect=AssertionError("read again")):
        assert world.again().source.directory().known() is world.again().source.directory().known()


@SQL
def test_a_change_that_is_given_up_is_seen_by_nobody_else_before_or_after(world: World) -> None:
    assert world.database is not None

    with failed_change(world.unit):
        world.unit.writer.execute(update(site).values(name="Never"))  # type: ignore[attr-defined]
        inside = world.source.directory().known()
        assert {each.name for each in inside.sites.values()} == {"Never"}
    add_rows(world.database, make_site(id="other", name="Other"))  # the number is now what it was inside
    names = {each.name for each in world.again().source.directory().known().sites.values()}
    assert "Never" not in names
    assert "Other" in names


@SQL
def test_a_change_reads_what_it_wrote(world: World) -> None:
    world.source.directory().known()
    with world.unit.change():
        world.unit.writer.execute(update(service).values(name="Written"))  # type: ignore[attr-defined]
        inside = world.source.directory().known()
    assert {each.name for each in inside.services.values()} == {"Written"}
    assert {each.name for each in world.again().source.directory().services()} == {"Written"}

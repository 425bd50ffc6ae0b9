"""The application refuses to start unsafely, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Blueprint, Flask

from portal import bootstrap
from portal.access.policy import decide_for_job
from portal.adapters.sql.schema import upgrade
from portal.bootstrap import create_app
from portal.cli import instance
from portal.cli.people import SYNTHETIC
from portal.cli.run import invitation
from portal.config import BadSettings, Settings, any_set
from portal.ports.identity import DemoPerson
from portal.web.guards import UndeclaredRoutes
from tests.pages.world import World

PATIENT = {"resourceType": "Patient", "id": "real", "name": [{"use": "official", "family": "Real"}]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret_key": "secret" * 8}, "PORTAL_SECRET_KEY"),
        ({"secret_key": "a" * 40}, "PORTAL_SECRET_KEY"),
        ({"log_key": "short"}, "PORTAL_LOG_KEY"),
        ({"debug": True}, "PORTAL_DEBUG"),
        ({"hosts": ()}, "PORTAL_HOSTS"),
    ],
)
def test_unsafe_settings_are_named(
    settings: Settings, world: World, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadSettings, match=words):
        create_app(replace(settings, **changes), world.ports)  # type: ignore[arg-type]


def test_flasks_own_debug_switch_is_refused(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(BadSettings, match="FLASK_DEBUG"):
        create_app(settings, world.ports)


def test_a_route_without_an_access_mark_is_named(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = Blueprint("forgetful", __name__)
    forgetful.add_url_rule("/open", "door", lambda: "anybody")
    monkeypatch.setattr(bootstrap, "FEATURES", (*bootstrap.FEATURES, forgetful))
    with pytest.raises(UndeclaredRoutes, match="forgetful.door"):
        create_app(settings, world.ports)


def test_outside_demo_mode_nobody_signs_in_as_a_made_up_person(settings: Settings, world: World) -> None:
    client = create_app(replace(settings, demo=False), world.ports).test_client()
    assert client.post("/en/sign-in/try-out", data={"person": "amina"}).status_code == 404
    page = client.get("/en/sign-in")
    assert page.status_code == 200
    assert 'name="person"' not in page.text


def over_real_patients(settings: Settings, folder: Path, mark: str | None) -> Settings:
    found = replace(settings, database_url=f"sqlite:///{folder / 'x.sqlite3'}")
    parts = bootstrap.over_database(found)
    upgrade(parts.database)
    with parts.ports() as use, use.unit.change():
        store = parts.open_store(decide_for_job("top-up-slots"), use)
        store.put(PATIENT)
        if mark:
            store.mark(mark, "1")
    parts.database.dispose()
    return found


def test_demo_mode_refuses_a_database_of_people_it_did_not_make_up(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings, match="PORTAL_DEMO"):
        create_app(over_real_patients(settings, tmp_path, None))


def test_demo_mode_takes_a_database_marked_as_made_up(settings: Settings, tmp_path: Path) -> None:
    assert isinstance(create_app(over_real_patients(settings, tmp_path, SYNTHETIC)), Flask)


def test_a_deployment_takes_a_database_of_real_people(settings: Settings, tmp_path: Path) -> None:
    assert isinstance(create_app(replace(over_real_patients(settings, tmp_path, None), demo=False)), Flask)


def test_secrets_of_the_try_out_service_are_random_private_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    instance.make(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    instance.make(folder)
    assert first == {path.name: path.read_text() for path in folder.iterdir()}
    assert len(set(first.values())) == 2
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert Settings.from_env({}, otherwise=instance.environment(folder)).demo


def test_a_half_made_deployment_never_runs_on_try_out_values(tmp_path: Path) -> None:
    instance.make(tmp_path / "instance")
    otherwise = instance.environment(tmp_path / "instance")
    assert any_set({"PORTAL_HOSTS": "x"})
    with pytest.raises(BadSettings, match="PORTAL_SECRET_KEY"):
        Settings.from_env({"PORTAL_HOSTS": "portal.example"}, otherwise=otherwise)


def test_the_invitation_names_who_can_sign_in() -> None:
    people = [DemoPerson(subject="demo-000", name="Maya Thompson", story="patient")]
    text = invitation("http://127.0.0.1:5000", people)
    assert "http://127.0.0.1:5000" in text
    assert "Maya Thompson (patient)" in text


def test_the_made_up_language_of_tests_is_no_page_of_a_running_portal(
    settings: Settings, world: World
) -> None:
    client = create_app(settings, world.ports).test_client()
    assert client.get("/eo/").status_code == 404
    assert client.get("/en/").status_code == 200

"""Fixtures of page tests: `world` (fakes), `app` over it, `visit`, and people to visit as."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.access.policy import Basis
from portal.bootstrap import ROOT, create_app
from portal.cli import catalogues
from portal.config import Settings
from portal.domain.ids import AccountId
from portal.ports.bundle import Ports
from tests import builders
from tests.pages.client import Visit
from tests.pages.world import Person, World, furnished


@pytest.fixture(scope="session")
def pseudo_translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up language, compiled from the marks in the code as it is now."""
    return catalogues.pseudo(tmp_path_factory.mktemp("pseudo"))


@pytest.fixture
def settings() -> Settings:
    """Try-out mode, padding off so that sizes are fixed."""
    return Settings(
        secret_key="kV3xQ9pLr7TzWb2NfYc5HsDm8GjA4eUo",
        log_key="Zt6RwP1yMq8XvKd3BnLg7JfCs5HhE2aU",
        demo=True,
        padding=False,
    )


@pytest.fixture
def world() -> World:
    return furnished(World())


class _Stage:
    """Whichever world is on now. Applications outlive a test, for their compiled templates; worlds do not."""

    def __init__(self) -> None:
        self.world: World | None = None

    def ports(self, request_id: str) -> Ports:
        assert self.world is not None
        return self.world.ports(request_id)


@pytest.fixture(scope="session")
def stages() -> dict[Settings, tuple[Flask, _Stage]]:
    return {}


@pytest.fixture
def own_app() -> None:
    """Asked for by tests that change the application, as by adding a route: nobody shares theirs."""


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    settings: Settings,
    world: World,
    pseudo_translations: Path,
    stages: dict[Settings, tuple[Flask, _Stage]],
) -> Iterator[Flask]:
    """Override `settings` in a test module for another nation or without try-out mode."""
    if "own_app" in request.fixturenames:
        stages.clear()
    if settings not in stages:
        stage = _Stage()
        translations = f"{ROOT / 'translations'};{pseudo_translations}"
        made = create_app(settings, stage.ports, translations=translations)
        made.testing = True
        stages[settings] = made, stage
    made, stage = stages[settings]
    stage.world = world
    for kept in made.extensions["porth-constants"].values():
        kept.clear()  # the sign-in page lists the people of one world
    yield made
    if "own_app" in request.fixturenames:
        stages.clear()


@pytest.fixture
def visit(app: Flask, world: World) -> Visit:
    return Visit(app, world.portal.sessions, world.clock)


@pytest.fixture
def amina(world: World) -> Person:
    """A patient who acts for herself."""
    account = world.account("amina")
    return Person(account=account, patient=builders.AMINA, ref=world.lets_act(account, builders.AMINA))


@pytest.fixture
def bryn(world: World) -> Person:
    """Another patient, a stranger to Amina."""
    account = world.account("bryn")
    return Person(account=account, patient=builders.BRYN, ref=world.lets_act(account, builders.BRYN))


@pytest.fixture
def carer(world: World, amina: Person) -> Person:
    """Somebody else who acts for Amina, with all scopes. `ref` is the carer's own for her."""
    account = world.account("carer", story="carer")
    return replace(amina, account=account, ref=world.lets_act(account, builders.AMINA, basis=Basis.CONSENT))


@pytest.fixture
def receptionist(world: World) -> AccountId:
    """Staff of the North Practice (code ZZ001)."""
    account = world.account("receptionist", story="receptionist", staff=True)
    world.employs(builders.NORTH, account)
    return account

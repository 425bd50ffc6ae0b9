"""An application over fakes, and a bare client: for what `visit` takes for granted."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.bootstrap import create_app
from portal.config import Settings
from tests.pages.world import World, furnished


@pytest.fixture
def settings() -> Settings:
    return Settings(
        secret_key="kV3xQ9pLr7TzWb2NfYc5HsDm8GjA4eUo", log_key="Zt6RwP1yMq8XvKd3BnLg7JfCs5HhE2aU", demo=True
    )


@pytest.fixture
def world() -> World:
    made = furnished(World())
    made.account("amina")
    return made


@pytest.fixture
def app(settings: Settings, world: World) -> Flask:
    return create_app(settings, world.ports)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(client: FlaskClient) -> FlaskClient:
    """The same client with a session, by the real sign-in."""
    assert client.post("/en/sign-in/try-out", data={"person": "amina"}).status_code == 303
    return client

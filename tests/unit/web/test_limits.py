"""Who is asked to wait, and who is never."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.errors import TooManyRequests
from portal.ports.rate_limits import Limit, check_limit
from portal.web import limits
from tests.pages.world import World

FAR = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("nonsense", ""),
    ],
)
def test_limits_count_by_whole_ipv4_addresses_and_ipv6_networks(app: Flask, address: str, key: str) -> None:
    with app.test_request_context("/en/", environ_overrides={"REMOTE_ADDR": address}):
        assert limits.address() == key


def test_an_address_may_ask_300_times_in_five_minutes_without_a_session(client: FlaskClient) -> None:
    statuses = [client.get("/en/nowhere", environ_overrides=FAR).status_code for _ in range(301)]
    assert statuses == [404] * 300 + [429]


def test_a_session_may_ask_300_times_a_minute_wherever_it_is(signed_in: FlaskClient) -> None:
    statuses = [signed_in.get("/en/account/sessions", environ_overrides=FAR).status_code for _ in range(301)]
    assert statuses == [200] * 300 + [429]


def test_whoever_is_signed_in_is_not_held_up_by_their_address(client: FlaskClient, world: World) -> None:
    for _ in range(301):
        client.get("/en/nowhere", environ_overrides=FAR)
    with world.portal.unit.change():
        pass
    assert client.get("/en/nowhere", environ_overrides=FAR).status_code == 429
    client.post("/en/sign-in/try-out", data={"person": "amina"})
    assert client.get("/en/account/sessions", environ_overrides=FAR).status_code == 200


def test_constant_pages_and_files_cost_nothing_and_are_never_refused(client: FlaskClient) -> None:
    client.get("/en/sign-in")
    for _ in range(310):
        answer = client.get("/en/sign-in", environ_overrides=FAR)
    assert answer.status_code == 200


def test_a_limit_says_how_long_to_wait(world: World) -> None:
    limit = Limit(name="x", count=1, seconds=60)
    check_limit(world.portal.rate_limits, limit, "k")
    with pytest.raises(TooManyRequests) as refusal:
        check_limit(world.portal.rate_limits, limit, "k")
    assert refusal.value.retry_after == 60


def test_a_decorated_view_counts_posts_only(app: Flask, world: World) -> None:
    @limits.limit("post", 1, 60, key=lambda: "k")
    def view() -> str:
        return "done"

    for _ in range(3):
        with app.test_request_context("/en/"):
            assert view() == "done"
    with app.test_request_context("/en/", method="POST"):
        assert view() == "done"
    with app.test_request_context("/en/", method="POST"), pytest.raises(TooManyRequests):
        view()

"""`flask fhir check` and the settings of a FHIR server: what is tried, what it decides, how we are let in."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from portal import bootstrap
from portal.adapters.fhir_r4.checking import Check
from portal.adapters.fhir_r4.claims import Mode
from portal.adapters.fhir_r4.client import Conversation, FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.fhir_r4.signing import private_key
from portal.adapters.fhir_r4.trouble import Refused
from portal.adapters.sql.schema import upgrade
from portal.bootstrap import create_app, fhir_client
from portal.config import BadSettings, Settings
from portal.domain.ids import SlotId
from portal.errors import PortalError, RingUs
from tests import builders
from tests.builders import make_booking, make_grant, make_slot
from tests.contract import fhir_resources
from tests.contract.conftest import fake_world, furnish
from tests.fakes_unit import FixedClock
from tests.fhir_server import FhirServer, started
from tests.pages.conftest import settings
from tests.spoiler import spoiling

__all__ = ["settings"]
CLIENT = "porth"


def pem(key: Any) -> str:
    kind, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    text: bytes = key.private_bytes(serialization.Encoding.PEM, kind, none)
    return text.decode()


def public(key: Any) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    text: bytes = key.public_key().public_bytes(serialization.Encoding.PEM, kind)
    return text.decode()


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P384 = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def over_fhir(settings: Settings, fhir_server: FhirServer, tmp_path: Path) -> Settings:
    """Settings of a deployment over a furnished server, its own database empty."""
    world = furnish(fake_world(FixedClock(builders.NOW)))
    fhir_server.put(*fhir_resources.resources(*world.source.rows.values()))  # type: ignore[attr-defined]
    made = replace(
        settings, demo=False, fhir_url=fhir_server.url, database_url=f"sqlite:///{tmp_path / 'p.sqlite3'}"
    )
    parts = bootstrap.over_database(made)
    upgrade(parts.database)
    parts.database.dispose()
    return made


def check(url: str) -> Any:
    client = FhirClient(Connection(url=url, page_seconds=60))
    with closing(client):
        return Check(Conversation(client)).run()


@pytest.mark.usefixtures("over_fhir")
def test_a_server_that_keeps_what_booking_leans_on_passes(fhir_server: FhirServer) -> None:
    report = check(fhir_server.url)
    assert [finding for finding in report.findings if not finding.good] == []
    assert report.mode is Mode.CLAIM


@pytest.mark.usefixtures("over_fhir")
def test_nothing_of_the_check_stays_in_use(fhir_server: FhirServer) -> None:
    check(fhir_server.url)
    assert {each["status"] for each in fhir_server.all("Slot")} == {"entered-in-error"}
    assert {each["status"] for each in fhir_server.all("Appointment")} == {"entered-in-error"}
    assert [each["active"] for each in fhir_server.all("Schedule")] == [False]


def test_an_empty_server_does_not_pass(fhir_server: FhirServer) -> None:
    report = check(fhir_server.url)
    assert report.mode is Mode.OFF
    assert "Location" in " ".join(finding.detail for finding in report.findings)


def test_a_server_that_does_not_answer_is_asked_no_more(fhir_server: FhirServer) -> None:
    with spoiling(fhir_server) as spoiler:
        spoiler.spoil("500")
        report = check(spoiler.url)
    assert (len(report.findings), report.mode) == (1, Mode.OFF)


@pytest.mark.usefixtures("over_fhir")
def test_too_many_hidden_visits_do_not_pass(fhir_server: FhirServer) -> None:
    label = {"meta": {"security": [{"system": "urn:test", "code": "x"}]}}
    (visit,) = fhir_resources.resources(builders.make_appointment())
    fhir_server.put(visit | label)
    report = check(fhir_server.url)
    assert report.mode is Mode.OFF
    assert [finding.detail for finding in report.findings if not finding.good][0].endswith(
        "PORTAL_FHIR_LABELS"
    )


def test_booking_is_off_until_the_check_has_passed(over_fhir: Settings, fhir_server: FhirServer) -> None:
    app = create_app(over_fhir)
    fhir_server.put(*fhir_resources.resources(make_slot(starts_at=builders.TOMORROW.replace(year=2099))))

    def book() -> str:
        with app.extensions["porth"].ports() as use, use.unit.change():
            made: str = use.source.open(make_grant()).book(make_booking(slot=SlotId("slot"))).id
            return made

    with pytest.raises(RingUs):
        book()
    answer = app.test_cli_runner().invoke(args=["fhir", "check"])
    assert answer.exit_code == 0, answer.output
    assert "Booking is on" in answer.output
    assert [each["id"] for each in fhir_server.all("Appointment") if each["status"] == "booked"] == []
    assert book() in {each["id"] for each in fhir_server.all("Appointment")}
    app.extensions["porth"].fhir.close()
    app.extensions["porth"].database.dispose()


def test_the_command_says_no_and_why(
    settings: Settings, over_fhir: Settings, fhir_server: FhirServer
) -> None:
    fhir_server.empty()
    app = create_app(over_fhir)
    answer = app.test_cli_runner().invoke(args=["fhir", "check"])
    assert answer.exit_code == 1
    assert "NO : Sites, services and clinicians can be read" in answer.output
    assert "Booking is off" in answer.output
    for command in (["fhir", "export"], ["fhir", "import", __file__]):
        assert "PORTAL_FHIR_URL" in app.test_cli_runner().invoke(args=command).output
    app.extensions["porth"].fhir.close()
    app.extensions["porth"].database.dispose()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fhir_url": "http://fhir.example/r4"}, "PORTAL_FHIR_URL"),
        ({"fhir_url": "https://u:p@fhir.example/r4"}, "PORTAL_FHIR_URL"),
        ({"fhir_url": "https://fhir.example/r4?x=1"}, "PORTAL_FHIR_URL"),
        ({"fhir_url": "ftp://fhir.example/r4"}, "PORTAL_FHIR_URL"),
        ({"fhir_auth": "magic"}, "PORTAL_FHIR_AUTH"),
        ({"fhir_auth": "bearer"}, "PORTAL_FHIR_TOKEN"),
        ({"fhir_auth": "basic", "fhir_user": "x"}, "PORTAL_FHIR_PASSWORD"),
        ({"fhir_auth": "smart", "fhir_client": "x"}, "PORTAL_FHIR_KEY"),
        ({"fhir_auth": "smart", "fhir_client": "x", "fhir_key": "no key"}, "PORTAL_FHIR_KEY"),
        ({"fhir_seconds": 0}, "PORTAL_FHIR_SECONDS"),
        ({"fhir_labels": ("no-system",)}, "PORTAL_FHIR_LABELS"),
        ({"demo": True}, "PORTAL_DEMO"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: Settings, changes: dict[str, Any], words: str) -> None:
    base = replace(settings, demo=False, fhir_url="https://fhir.example/r4")
    with pytest.raises(BadSettings, match=words):
        create_app(replace(base, **changes))


def test_weak_and_foreign_keys_are_refused() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - meant to be weak
    for key in (small, ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(ValueError, match="P-384"):
            private_key(pem(key))
    for good in (RSA, P384):
        assert private_key(pem(good)).key_size == good.key_size


def reads(chosen: Settings) -> int:
    """How many patients can be read with these settings."""
    with closing(fhir_client(chosen, FixedClock(_now()))) as client:
        return len(Conversation(client, 30).search("Patient", [("_count", "5")]))


def _now() -> Any:
    from portal.adapters.clock import SystemClock

    return SystemClock("Europe/London").now()


@pytest.fixture(params=["rsa", "p384"])
def smart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[FhirServer, str]]:
    """A server that wants SMART Backend Services, and our key."""
    key = RSA if request.param == "rsa" else P384
    path = tmp_path / "public.pem"
    path.write_text(public(key))
    client = {"client_id": CLIENT, "public_key_path": str(path), "scopes": "system/*.cruds"}
    with started({"types": ["smart"], "smart_clients": [client]}) as server:
        yield server, pem(key)


def test_smart_backend_services_lets_us_in(settings: Settings, smart: tuple[FhirServer, str]) -> None:
    server, key = smart
    chosen = replace(
        settings, fhir_url=server.url, fhir_auth="smart", fhir_client=CLIENT, fhir_key=key, fhir_key_id="k1"
    )
    assert reads(chosen) == 0
    with pytest.raises(PortalError):
        reads(replace(chosen, fhir_client="somebody-else"))
    with pytest.raises(Refused):
        reads(replace(chosen, fhir_auth="none"))


def test_a_bearer_token_and_a_password_let_us_in(settings: Settings) -> None:
    auth = {"types": ["bearer", "basic"], "tokens": ["let-me-in"], "users": {"porth": "pass"}}
    with started(auth) as server:
        base = replace(settings, fhir_url=server.url)
        assert reads(replace(base, fhir_auth="bearer", fhir_token="let-me-in")) == 0
        assert reads(replace(base, fhir_auth="basic", fhir_user="porth", fhir_password="pass")) == 0
        with pytest.raises(Refused):
            reads(replace(base, fhir_auth="bearer", fhir_token="wrong"))


def test_secrets_are_not_written_out(settings: Settings) -> None:
    chosen = replace(settings, fhir_token="t0ken-x", fhir_password="passw0rd-x", fhir_key="k3y-x")
    assert not any(secret in repr(chosen) for secret in ("t0ken-x", "passw0rd-x", "k3y-x"))

"""Settings, frozen.

The only reader of the environment; lists every problem at once; each value may come from NAME_FILE.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Nation = Literal["england", "wales", "scotland", "northern-ireland"]
_NATIONS: tuple[Nation, ...] = ("england", "wales", "scotland", "northern-ireland")
FhirAuth = Literal["none", "bearer", "basic", "smart"]
_FHIR_NEEDS: Mapping[FhirAuth, tuple[str, ...]] = {
    "none": (),
    "bearer": ("fhir_token",),
    "basic": ("fhir_user", "fhir_password"),
    "smart": ("fhir_client", "fhir_key"),
}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_WEAK = {"secret", "changeme", "password", "dev", "development", "test", "default", "porth"}
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


class BadSettings(Exception):
    """Raised at start-up with every problem found, one a line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Porth cannot start:\n" + "\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


def _setting(name: str, help_text: str, default: str) -> str:
    return field(default=default, metadata={"name": name, "help": help_text})


def _secret(name: str, help_text: str) -> str:
    return field(default="", repr=False, metadata={"name": name, "help": help_text})


def any_set(environment: Mapping[str, str] | None = None) -> bool:
    """Whether any PORTAL_ variable is set."""
    return any(name.startswith("PORTAL_") for name in (os.environ if environment is None else environment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment can set.

    Field metadata holds the variable's name and its line in the settings table.
    """

    secret_key: str = field(
        repr=False,
        metadata={
            "name": "PORTAL_SECRET_KEY",
            "help": "At least 32 random characters. Signs forms, encrypts held answers.",
        },
    )
    log_key: str = field(
        repr=False,
        metadata={
            "name": "PORTAL_LOG_KEY",
            "help": "At least 32 random characters, another one. Seals the access log.",
        },
    )
    database_url: str = _setting(
        "PORTAL_DATABASE_URL",
        "SQLAlchemy address: sqlite:///… or postgresql+psycopg://…",
        "sqlite:///instance/porth.sqlite3",
    )
    demo: bool = field(
        default=False,
        metadata={
            "name": "PORTAL_DEMO",
            "help": "Try-out mode: anybody may sign in as a made-up person. Never with real people.",
        },
    )
    debug: bool = field(
        default=False,
        metadata={"name": "PORTAL_DEBUG", "help": "Refused: the portal does not start with it."},
    )
    nation: Nation = field(
        default="england",
        metadata={
            "name": "PORTAL_NATION",
            "help": "england, wales, scotland or northern-ireland: whose emergency numbers to show.",
        },
    )
    time_zone: str = _setting(
        "PORTAL_TIME_ZONE", "Whose day it is: access ends and ages turn with it.", "Europe/London"
    )
    hosts: tuple[str, ...] = field(
        default=("127.0.0.1", "localhost"),
        metadata={
            "name": "PORTAL_HOSTS",
            "help": "Host names people use, parted by commas. Others are refused.",
        },
    )
    https: bool = field(
        default=False,
        metadata={
            "name": "PORTAL_HTTPS",
            "help": "Whether people reach the portal over https. Turns HSTS on.",
        },
    )
    proxies: int = field(
        default=0,
        metadata={
            "name": "PORTAL_PROXIES",
            "help": "How many reverse proxies stand in front and set X-Forwarded-*.",
        },
    )
    limits_url: str = _setting(
        "PORTAL_LIMITS_URL", "Where rate limits are counted: memory:// (each worker its own).", "memory://"
    )
    padding: bool = field(
        default=True,
        metadata={
            "name": "PORTAL_PADDING",
            "help": "Random padding of 0 to 64 bytes in personal pages (against BREACH).",
        },
    )
    support_phone: str = _setting(
        "PORTAL_SUPPORT_PHONE", "Whom to ring when the portal does not work.", "01632 960100"
    )

    fhir_url: str = _setting(
        "PORTAL_FHIR_URL",
        "Base address of a FHIR R4 server that holds people and appointments. Empty: our own database does.",
        "",
    )
    fhir_auth: FhirAuth = field(
        default="none",
        metadata={"name": "PORTAL_FHIR_AUTH", "help": "none, bearer, basic or smart (Backend Services)."},
    )
    fhir_token: str = _secret("PORTAL_FHIR_TOKEN", "For bearer: the token.")
    fhir_user: str = _setting("PORTAL_FHIR_USER", "For basic: the name.", "")
    fhir_password: str = _secret("PORTAL_FHIR_PASSWORD", "For basic: the password.")
    fhir_client: str = _setting("PORTAL_FHIR_CLIENT", "For smart: our client id at the server.", "")
    fhir_key: str = _secret(
        "PORTAL_FHIR_KEY", "For smart: our private key as PEM, RSA or P-384; best by PORTAL_FHIR_KEY_FILE."
    )
    fhir_key_id: str = _setting("PORTAL_FHIR_KEY_ID", "For smart: the key's `kid`, if the server asks.", "")
    fhir_token_url: str = _setting(
        "PORTAL_FHIR_TOKEN_URL", "For smart: where tokens are given. Empty: the server says.", ""
    )
    fhir_scope: str = _setting("PORTAL_FHIR_SCOPE", "For smart: what we ask for.", "system/*.cruds")
    fhir_seconds: int = field(
        default=5,
        metadata={"name": "PORTAL_FHIR_SECONDS", "help": "How long all calls of one page may take together."},
    )
    fhir_labels: tuple[str, ...] = field(
        default=(),
        metadata={
            "name": "PORTAL_FHIR_LABELS",
            "help": "Security labels of other systems that hide nothing, as system#code parted by commas.",
        },
    )

    @classmethod
    def from_env(
        cls, environment: Mapping[str, str] | None = None, *, otherwise: Mapping[str, str] | None = None
    ) -> "Settings":
        """Read and judge the settings. Raises BadSettings with all problems.

        `otherwise` stands in only where no PORTAL_ variable is set at all, so that a half-made deployment
        never runs on try-out values.
        """
        given = os.environ if environment is None else environment
        if otherwise is not None and not any_set(given):
            given = otherwise
        reader = _Reader(given)
        values = reader.values(cls)
        problems = reader.problems + (_judge(values) if not reader.problems else [])
        if problems:
            raise BadSettings(problems)
        return cls(**values)  # type: ignore[arg-type]

    def problems(self) -> list[str]:
        """What is unsafe about these values, for settings that did not come from the environment."""
        return _judge({name: getattr(self, name) for name in self.__dataclass_fields__})


class _Reader:
    """Turns text from the environment into the types of the fields, noting each problem."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        path = self._environment.get(f"{name}_FILE")
        if path is None:
            return self._environment.get(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            self.problems.append(f"{name}_FILE names a file that cannot be read")
            return None

    def values(self, settings: type[Settings]) -> dict[str, object]:
        found: dict[str, object] = {}
        for spec in settings.__dataclass_fields__.values():
            text = self.text(spec.metadata["name"])
            if text is not None:
                found[spec.name] = self._converted(spec.metadata["name"], str(spec.type), text)
        return found

    def _converted(self, name: str, kind: str, text: str) -> object:
        if "bool" in kind:
            if text.lower() not in _TRUE | _FALSE:
                self.problems.append(f"{name} must be yes or no")
            return text.lower() in _TRUE
        if "int" in kind:
            if not (text.isascii() and text.isdigit()):
                self.problems.append(f"{name} must be a whole number")
                return 0
            return int(text)
        if "tuple" in kind:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return text


def _weak(secret: object) -> bool:
    text = str(secret or "")
    return len(text) < 32 or len(set(text)) < 10 or any(text.lower().startswith(word) for word in _WEAK)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _judge(values: Mapping[str, object]) -> list[str]:
    problems = [
        f"{name} must be at least 32 random characters"
        for name, key in (("PORTAL_SECRET_KEY", "secret_key"), ("PORTAL_LOG_KEY", "log_key"))
        if _weak(values.get(key))
    ]
    if values.get("secret_key") and values.get("secret_key") == values.get("log_key"):
        problems.append("PORTAL_LOG_KEY must differ from PORTAL_SECRET_KEY")
    if values.get("debug"):
        problems.append("PORTAL_DEBUG must be off: debug pages show people's data")
    if values.get("nation", "england") not in _NATIONS:
        problems.append("PORTAL_NATION must be one of: " + ", ".join(_NATIONS))
    if not _is_zone(str(values.get("time_zone", "Europe/London"))):
        problems.append("PORTAL_TIME_ZONE must be a time zone such as Europe/London")
    if not values.get("hosts", ("localhost",)):
        problems.append("PORTAL_HOSTS must name at least one host")
    return problems + (_judge_fhir(values) if values.get("fhir_url") else [])


def _judge_fhir(values: Mapping[str, object]) -> list[str]:
    problems = _judge_address("PORTAL_FHIR_URL", str(values["fhir_url"]))
    auth = str(values.get("fhir_auth", "none"))
    needed = _FHIR_NEEDS.get(auth)  # type: ignore[call-overload]
    if needed is None:
        problems.append("PORTAL_FHIR_AUTH must be one of: " + ", ".join(_FHIR_NEEDS))
    problems += [
        f"PORTAL_{name.upper()} must be set for PORTAL_FHIR_AUTH={auth}"
        for name in needed or ()
        if not values.get(name)
    ]
    if values.get("fhir_token_url"):
        problems += _judge_address("PORTAL_FHIR_TOKEN_URL", str(values["fhir_token_url"]))
    seconds = values.get("fhir_seconds", 5)
    if not isinstance(seconds, int) or not 1 <= seconds <= 20:
        problems.append("PORTAL_FHIR_SECONDS must be from 1 to 20")
    labels = values.get("fhir_labels", ())
    if not isinstance(labels, tuple) or not all("#" in each for each in labels):
        problems.append("PORTAL_FHIR_LABELS must be system#code, parted by commas")
    if values.get("demo") and urlsplit(str(values["fhir_url"])).hostname not in _LOOPBACK:
        problems.append("PORTAL_DEMO must be off with a FHIR server that is not on this machine")
    return problems


def _judge_address(name: str, url: str) -> list[str]:
    """An https address; plain http only on this machine. Nothing secret and no query may stand in it."""
    found = urlsplit(url)
    safe = found.scheme == "https" or (found.scheme == "http" and found.hostname in _LOOPBACK)
    if not safe or not found.hostname or found.username is not None or found.query or found.fragment:
        return [f"{name} must be an https address without a query (http only on this machine)"]
    return []

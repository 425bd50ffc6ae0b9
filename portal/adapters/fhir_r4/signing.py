"""SMART Backend Services: a signed assertion for an access token. Keeps the token in memory only.

https://hl7.org/fhir/smart-app-launch/backend-services.html
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from portal.adapters.fhir_r4.trouble import Lost
from portal.ports.clock import Clock

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE = 300  # seconds; the specification's longest
_EARLY = 30.0  # seconds before its end that a token counts as old
_ES384_BYTES = 48

# Sends a form, or asks without one, and answers with the JSON that comes back.
Ask = Callable[[str, bytes | None], dict[str, object]]


class Authorizer(Protocol):
    """What stands in the Authorization header."""

    def header(self, ask: Ask) -> str | None:
        """The header's value. May ask for a token with `ask`, whose troubles it passes on."""
        ...

    def refused(self) -> bool:
        """The server said 401. Whether another try with something new makes sense."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Nothing, a bearer token or a name and password: always the same."""

    value: str | None = None

    @classmethod
    def bearer(cls, token: str) -> "Fixed":
        return cls(f"Bearer {token}")

    @classmethod
    def basic(cls, user: str, password: str) -> "Fixed":
        return cls("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())

    def header(self, ask: Ask) -> str | None:
        return self.value

    def refused(self) -> bool:
        return False


class BackendServices:
    """Implements Authorizer by private_key_jwt.

    Without a `token_url` the server is asked where its tokens are given; it may name its own origin only.
    """

    def __init__(
        self,
        *,
        base: str,
        client_id: str,
        key_pem: str,
        key_id: str,
        scope: str,
        token_url: str,
        clock: Clock,
    ) -> None:
        """Raises ValueError for a key that is neither RSA nor on the curve P-384."""
        self._base, self._token_url = base, token_url
        self._client, self._key_id, self._scope = client_id, key_id, scope
        self._key = private_key(key_pem)
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def header(self, ask: Ask) -> str | None:
        with self._lock:
            if time.monotonic() >= self._until:
                self._fetch(ask)
            return f"Bearer {self._token}"

    def refused(self) -> bool:
        with self._lock:
            self._until = 0.0
        return True

    def _fetch(self, ask: Ask) -> None:
        url = self._token_url or self._discovered(ask)
        form = {
            "grant_type": "client_credentials",
            "scope": self._scope,
            "client_assertion_type": _ASSERTION,
            "client_assertion": self.assertion(url),
        }
        said = ask(url, urlencode(form).encode())
        token, life = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise Lost("token")
        self._token = token
        seconds = life if isinstance(life, int) and not isinstance(life, bool) else _LIFE
        self._until = time.monotonic() + max(0.0, seconds - _EARLY)

    def _discovered(self, ask: Ask) -> str:
        found = ask(f"{self._base}/.well-known/smart-configuration", None).get("token_endpoint")
        if not isinstance(found, str) or _origin(found) != _origin(self._base):
            raise Lost("token-endpoint")
        return found

    def assertion(self, audience: str) -> str:
        """The signed statement of who we are, good for five minutes and once."""
        now = int(self._clock.now().timestamp())
        header = {"alg": "RS384" if isinstance(self._key, rsa.RSAPrivateKey) else "ES384", "typ": "JWT"}
        if self._key_id:
            header["kid"] = self._key_id
        claims = {
            "iss": self._client,
            "sub": self._client,
            "aud": audience,
            "iat": now,
            "exp": now + _LIFE,
            "jti": secrets.token_urlsafe(24),
        }
        signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        return f"{signed}.{_part(self._sign(signed.encode()))}"

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(message, padding.PKCS1v15(), hashes.SHA384())
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA384())))
        return r.to_bytes(_ES384_BYTES) + s.to_bytes(_ES384_BYTES)


def private_key(pem: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A key to sign with. Raises ValueError for anything but RSA of 2048 bits or more, or P-384."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
        return key
    raise ValueError("an RSA key of at least 2048 bits, or one on the curve P-384")


def _origin(url: str) -> tuple[str, str]:
    found = urlsplit(url)
    return found.scheme, found.netloc


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

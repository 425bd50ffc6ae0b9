"""Encrypts the few things kept encrypted: answers held after a session's end. Not for data to be searched."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12  # NIST SP 800-38D 8.2.2: 96 random bits
_KEY_BYTES = 32


class CannotOpen(Exception):
    """The text was changed, meant for another use, or sealed with a key this vault no longer has."""


class Vault:
    """AES-256-GCM with a key id, so that a secret can be replaced: the first seals, every one opens.

    Keys are derived by HKDF-SHA256 (RFC 5869) from secrets of 32 characters or more. ValueError without.
    """

    def __init__(self, *secrets: str) -> None:
        if not secrets:
            raise ValueError("a vault needs a secret")
        self._keys = dict(_derived(secret) for secret in reversed(secrets))
        self._current = _derived(secrets[0])[0]

    def seal(self, text: bytes, use: Sequence[str]) -> bytes:
        """Encrypt. `use` says what for and for whom; the same must be given to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        head = _FORMAT + self._current
        return head + nonce + self._keys[self._current].encrypt(nonce, text, head + _bound(use))

    def open(self, sealed: bytes, use: Sequence[str]) -> bytes:
        """Decrypt. Raises CannotOpen, never saying why."""
        head, rest = sealed[: 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        key = self._keys.get(head[1:])
        if key is None or head[:1] != _FORMAT or len(rest) < _NONCE_BYTES:
            raise CannotOpen
        try:
            return key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + _bound(use))
        except InvalidTag:
            raise CannotOpen from None


def derive(secret: str, use: str, length: int = _KEY_BYTES) -> bytes:
    """`length` bytes of key for one use; other uses of the same secret tell nothing about it (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"porth " + use.encode()).derive(
        secret.encode()
    )


def _derived(secret: str) -> tuple[bytes, AESGCM]:
    material = derive(secret, "vault", _KEY_ID_BYTES + _KEY_BYTES)
    return material[:_KEY_ID_BYTES], AESGCM(material[_KEY_ID_BYTES:])


def _bound(use: Sequence[str]) -> bytes:
    """Each part with its length, so that no two lists read alike."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in use)

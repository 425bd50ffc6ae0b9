"""The vault: what it seals only it opens, for the same use, whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.vault import CannotOpen, Vault, derive

OLD, NEW = "the old secret of thirty-two letters", "the new secret of thirty-two letters"
VAULT = Vault(NEW)
USE = ("held answers", "handle", "account")


@given(text=st.binary(max_size=200), use=st.lists(st.text(max_size=8), max_size=3))
def test_what_was_sealed_opens_for_the_same_use(text: bytes, use: list[str]) -> None:
    assert VAULT.open(VAULT.seal(text, use), use) == text


def test_the_same_text_is_never_sealed_alike() -> None:
    assert VAULT.seal(b"my knee", USE) != VAULT.seal(b"my knee", USE)


@pytest.mark.parametrize(
    "other", [("held answers", "handle", "somebody else"), ("held answershandle", "account"), ()]
)
def test_it_does_not_open_for_another_use(other: tuple[str, ...]) -> None:
    with pytest.raises(CannotOpen):
        VAULT.open(VAULT.seal(b"my knee", USE), other)


@given(where=st.integers(0, 39), bit=st.integers(0, 7))
def test_any_one_changed_bit_is_found(where: int, bit: int) -> None:
    sealed = bytearray(VAULT.seal(b"my knee", USE))
    sealed[where % len(sealed)] ^= 1 << bit
    with pytest.raises(CannotOpen):
        VAULT.open(bytes(sealed), USE)


@given(length=st.integers(0, 39))
def test_a_part_of_it_does_not_open(length: int) -> None:
    with pytest.raises(CannotOpen):
        VAULT.open(VAULT.seal(b"my knee", USE)[:length], USE)


def test_a_replaced_secret_still_opens_and_the_new_one_seals() -> None:
    both = Vault(NEW, OLD)
    assert both.open(Vault(OLD).seal(b"my knee", USE), USE) == b"my knee"
    assert VAULT.open(both.seal(b"my knee", USE), USE) == b"my knee"


def test_a_secret_that_is_gone_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        VAULT.open(Vault(OLD).seal(b"my knee", USE), USE)


def test_a_vault_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        Vault()


def test_keys_for_different_uses_differ() -> None:
    assert derive(NEW, "access log row") != derive(NEW, "access log seal")
    assert derive(NEW, "access log row") == derive(NEW, "access log row")

"""Secrets of inactive keys: at hand, bounded, and gone with the next change of their key."""

from __future__ import annotations

import pytest

from akia.authority.inactive_secrets import CAPACITY, InactiveSecrets
from akia.sigv4 import SigningSecret


def secret() -> SigningSecret:
    return SigningSecret(b"x" * 40)


def test_a_secret_is_loaded_once_until_its_key_changes() -> None:
    known, loaded = InactiveSecrets(), []

    def load() -> SigningSecret:
        loaded.append(secret())
        return loaded[-1]

    assert known.get("AKIA1", load) is known.get("AKIA1", load) is loaded[0]
    known.forget(["AKIA2"])
    assert known.get("AKIA1", load) is loaded[0]
    for subject in ("AKIA1", "*"):
        known.forget([subject])
        assert known.get("AKIA1", load) is loaded[-1]
    assert len(loaded) == 3


def test_what_is_not_there_is_not_remembered() -> None:
    known = InactiveSecrets()
    assert known.get("AKIA1", lambda: None) is None
    assert known.get("AKIA1", secret) is not None


@pytest.mark.covers("NT-14")
def test_whoever_tries_many_keys_fills_no_memory() -> None:
    known = InactiveSecrets()
    for number in range(CAPACITY + 10):
        known.get(f"AKIA{number}", secret)
    assert len(known._secrets) == CAPACITY
    assert "AKIA0" not in known._secrets

"""The cache of credentials: bounded, found by what it depends on, and never by a signature."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from akia.authority.credential import Credential
from akia.authority.credential_cache import EVERYTHING, CredentialCache
from akia.sigv4 import SigningSecret

pytestmark = pytest.mark.covers("I2.store.cache")


def credential(handle: Any, *subjects: str) -> Credential:
    placeholder: Any = None
    return Credential(handle, str(handle), SigningSecret(b"x"), placeholder, placeholder, frozenset(subjects))


def test_what_a_change_concerns_is_forgotten_and_nothing_else() -> None:
    cache = CredentialCache(10)
    for credential_of in (credential("a", "u1", "g1"), credential("b", "u2", "g1"), credential(("c", b"token"), "u3")):
        cache.add(credential_of)
    cache.forget(["u1"])
    assert (cache.get("a"), len(cache)) == (None, 2)
    cache.forget(["nobody", "g1"])
    assert (cache.get("b"), len(cache)) == (None, 1)
    assert cache.get(("c", b"token")) is not None
    assert cache.get("c") is None and cache.get(("c", b"other")) is None
    cache.forget([EVERYTHING])
    assert len(cache) == 0


def test_it_is_bounded_and_its_index_is_too() -> None:
    cache = CredentialCache(3)
    for number in range(100):
        cache.add(credential(f"k{number}", f"u{number}", "group"))
    assert len(cache) == 3
    assert [cache.get(f"k{number}") is not None for number in (96, 97, 98, 99)] == [False, True, True, True]
    assert cache._by_subject.keys() == {"u97", "u98", "u99", "group"}
    assert cache._by_subject["group"] == {"k97", "k98", "k99"}
    cache.forget(["group"])
    assert (len(cache), cache._by_subject) == (0, {})


def test_adding_again_changes_nothing() -> None:
    cache = CredentialCache(2)
    first = credential("a", "u")
    cache.add(first)
    cache.add(credential("a", "other"))
    assert cache.get("a") is first
    cache.forget(["u"])
    assert len(cache) == 0


def test_a_credential_knows_no_signature() -> None:
    assert not [field.name for field in fields(Credential) if "signature" in field.name]

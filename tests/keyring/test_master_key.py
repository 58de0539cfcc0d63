"""The master key: its text form, and which bytes cannot be one."""

from __future__ import annotations

import secrets

import pytest

from akia.keyring import MasterKey


def test_a_key_survives_its_text_form() -> None:
    key = MasterKey.generate()
    assert MasterKey.parse(key.text).raw == key.raw
    assert len(key.raw) == 32
    assert len(key.text) == 44


def test_two_generated_keys_differ() -> None:
    assert MasterKey.generate().raw != MasterKey.generate().raw


@pytest.mark.parametrize(
    "damaged",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text.replace(text[0], "-", 1),
        lambda text: text + text,
        lambda text: "",
        lambda text: text[:-2] + chr(ord(text[-2]) + 1) + "=",  # spare bits: the same 32 bytes to a careless decoder
        lambda text: "\N{FULLWIDTH LATIN CAPITAL LETTER A}" + text[1:],
    ],
)
def test_python_trap_base64_is_read_strictly(damaged: object) -> None:
    text = MasterKey(bytes(range(100, 164, 2))[:31] + b"\x00").text
    assert callable(damaged)
    with pytest.raises(ValueError, match="base64"):
        MasterKey.parse(damaged(text))


@pytest.mark.parametrize(
    "weak",
    [
        bytes(32),
        b"\xff" * 32,
        b"ab" * 16,
        bytes(range(32)),
        bytes(range(255, 223, -1)),
        bytes(range(0, 96, 3)),
        b"correct horse battery staple !!!",
        b"0123456789abcdefghijklmnopqrstuv",
    ],
)
def test_nt_31_constant_counted_and_typed_keys_are_refused(weak: bytes) -> None:
    assert len(weak) == 32
    with pytest.raises(ValueError, match="random"):
        MasterKey(weak)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(secrets.token_bytes(length))


def test_random_keys_are_not_taken_for_weak_ones() -> None:
    for _ in range(2_000):
        MasterKey.generate()


def test_nt_67_neither_repr_nor_error_shows_the_key() -> None:
    key = MasterKey.generate()
    shown = repr(key) + str(key) + f"{[key]}"
    assert key.text not in shown
    assert key.raw.hex() not in shown
    assert key.fingerprint in shown
    with pytest.raises(ValueError) as caught:
        MasterKey.parse(key.text[:-1] + "x")
    assert key.text[:-1] not in str(caught.value)


def test_the_fingerprint_names_one_key() -> None:
    key = MasterKey.generate()
    assert key.fingerprint == MasterKey.parse(key.text).fingerprint
    assert key.fingerprint != MasterKey.generate().fingerprint
    assert len(key.fingerprint) == 16

"""Sealing, wrapping, and the keyring: whatever is not exactly what was sealed, where it was sealed, does not open."""

from __future__ import annotations

import pytest

from akia.keyring import DataKey, Keyring, MasterKey, Purpose, Unsealable, seal, unseal, unwrap, wrap

SECRET = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYcanary40ch"
ROW = b"access_keys\0AKIA1"


@pytest.fixture
def key() -> DataKey:
    return DataKey.generate(Purpose.SECRETS, 1_700_000_000)


def test_what_was_sealed_opens(key: DataKey) -> None:
    assert unseal(key, seal(key, SECRET, additional=ROW), additional=ROW) == SECRET
    assert unseal(key, seal(key, b"", additional=b""), additional=b"") == b""


def test_sealing_twice_never_gives_the_same_blob(key: DataKey) -> None:
    blobs = {seal(key, SECRET, additional=ROW) for _ in range(100)}
    assert len(blobs) == 100
    assert len({blob[9:21] for blob in blobs}) == 100  # the nonces


def test_nt_32_every_flipped_bit_is_refused(key: DataKey) -> None:
    sealed = seal(key, SECRET, additional=ROW)
    for place in range(len(sealed)):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[place] ^= 1 << bit
            with pytest.raises(Unsealable):
                unseal(key, bytes(damaged), additional=ROW)
            with pytest.raises(Unsealable):
                Keyring([key]).unseal(Purpose.SECRETS, bytes(damaged), additional=ROW)


def test_nt_32_shortened_lengthened_and_joined_blobs_are_refused(key: DataKey) -> None:
    one, other = seal(key, SECRET, additional=ROW), seal(key, SECRET, additional=ROW)
    middle = len(one) // 2
    for damaged in [b"", one[:1], one[:36], one[:-1], one[1:], one + b"\0", one + other, one[:middle] + other[middle:]]:
        with pytest.raises(Unsealable):
            unseal(key, damaged, additional=ROW)
        with pytest.raises(Unsealable):
            Keyring([key]).unseal(Purpose.SECRETS, damaged, additional=ROW)


@pytest.mark.parametrize("elsewhere", [b"", b"access_keys\0AKIA2", ROW + b"\0", ROW[:-1]])
def test_a_seal_is_bound_to_its_additional_data(key: DataKey, elsewhere: bytes) -> None:
    with pytest.raises(Unsealable):
        unseal(key, seal(key, SECRET, additional=ROW), additional=elsewhere)


def test_another_key_does_not_open_it(key: DataKey) -> None:
    with pytest.raises(Unsealable):
        unseal(DataKey.generate(Purpose.SECRETS, 1), seal(key, SECRET, additional=ROW), additional=ROW)


def test_nt_31_a_key_of_one_purpose_opens_nothing_of_another(key: DataKey) -> None:
    ring = Keyring([key, DataKey.generate(Purpose.SESSION_TOKENS, 1)])
    sealed = ring.seal(Purpose.SECRETS, SECRET, additional=ROW)
    with pytest.raises(Unsealable):
        ring.unseal(Purpose.SESSION_TOKENS, sealed, additional=ROW)
    assert ring.unseal(Purpose.SECRETS, sealed, additional=ROW) == SECRET


def test_nt_31_the_purpose_is_part_of_what_is_proved() -> None:
    one = DataKey(b"12345678", Purpose.SECRETS, 1, bytes(range(32)))
    same_bytes = DataKey(b"12345678", Purpose.SESSION_TOKENS, 1, bytes(range(32)))
    with pytest.raises(Unsealable):
        unseal(same_bytes, seal(one, SECRET, additional=ROW), additional=ROW)


def test_nt_31_a_purpose_without_a_key_seals_nothing(key: DataKey) -> None:
    with pytest.raises(LookupError):
        Keyring([key]).seal(Purpose.PAGE_MARKERS, b"x", additional=b"")


def test_nt_32_a_sealed_text_has_one_spelling(key: DataKey) -> None:
    ring = Keyring([key])
    text = ring.seal_text(Purpose.SECRETS, SECRET, additional=ROW)
    assert ring.unseal_text(Purpose.SECRETS, text, additional=ROW) == SECRET
    for other in ("", "x", "\u00e4", f"{text}=", f"{text} ", f"!{text}", text[:-4], text.rstrip("=") + "A", f"{text[:8]}\n{text[8:]}"):
        with pytest.raises(Unsealable):
            ring.unseal_text(Purpose.SECRETS, other, additional=ROW)


def test_rotation_seals_with_the_new_key_and_still_opens_what_the_old_one_sealed(key: DataKey) -> None:
    before = Keyring([key])
    old = before.seal(Purpose.SECRETS, SECRET, additional=ROW)
    newer = DataKey.generate(Purpose.SECRETS, key.created + 1)
    after = before.with_key(newer)
    new = after.seal(Purpose.SECRETS, SECRET, additional=ROW)
    assert new[1:9] == newer.id
    assert old[1:9] == key.id
    assert after.unseal(Purpose.SECRETS, old, additional=ROW) == after.unseal(Purpose.SECRETS, new, additional=ROW) == SECRET
    with pytest.raises(Unsealable):
        before.unseal(Purpose.SECRETS, new, additional=ROW)


def test_a_wrapped_key_opens_with_its_master_key(key: DataKey) -> None:
    master = MasterKey.generate()
    opened = unwrap(master, wrap(master, key), key_id=key.id, purpose=key.purpose, created=key.created)
    assert (opened.id, opened.purpose, opened.created) == (key.id, key.purpose, key.created)
    assert unseal(opened, seal(key, SECRET, additional=ROW), additional=ROW) == SECRET


def test_a_wrapped_key_opens_with_no_other_master_key(key: DataKey) -> None:
    with pytest.raises(Unsealable):
        unwrap(MasterKey.generate(), wrap(MasterKey.generate(), key), key_id=key.id, purpose=key.purpose, created=key.created)


def test_a_wrapped_key_is_bound_to_its_id_purpose_and_time(key: DataKey) -> None:
    master = MasterKey.generate()
    wrapped = wrap(master, key)
    with pytest.raises(Unsealable):
        unwrap(master, wrapped, key_id=b"another!", purpose=key.purpose, created=key.created)
    with pytest.raises(Unsealable):
        unwrap(master, wrapped, key_id=key.id, purpose=Purpose.SESSION_TOKENS, created=key.created)
    with pytest.raises(Unsealable):
        unwrap(master, wrapped, key_id=key.id, purpose=key.purpose, created=key.created + 1)


def test_every_flipped_byte_of_a_wrapped_key_is_refused(key: DataKey) -> None:
    master = MasterKey.generate()
    wrapped = wrap(master, key)
    for place in range(len(wrapped)):
        damaged = wrapped[:place] + bytes([wrapped[place] ^ 0x80]) + wrapped[place + 1 :]
        with pytest.raises(Unsealable):
            unwrap(master, damaged, key_id=key.id, purpose=key.purpose, created=key.created)


def test_nt_67_no_repr_and_no_error_shows_key_material_or_plaintext() -> None:
    material = bytes(range(7, 39))
    key = DataKey(b"12345678", Purpose.SECRETS, 1, material)
    ring = Keyring([key])
    shown = f"{key!r} {key} {ring!r} {[key]} {vars(DataKey).get('__doc__')}"
    for form in (material.hex(), repr(material), str(list(material))):
        assert form not in shown
    with pytest.raises(Unsealable) as caught:
        ring.unseal(Purpose.SECRETS, ring.seal(Purpose.SECRETS, SECRET, additional=ROW), additional=b"")
    assert SECRET.decode() not in str(caught.value)
    assert caught.value.__cause__ is None

"""Secrets at rest: sealed, bound to their row, and nowhere in the clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.ids import Prefix, new_id, new_secret
from akia.identity.access_key import AccessKey
from akia.identity.saml_provider import SamlKey, SamlProvider
from akia.keyring import Purpose, Unsealable
from akia.store.data_keys import add_key
from akia.store.opening import open_store

if TYPE_CHECKING:
    from akia.identity.user import User
    from akia.store.database import Database
    from akia.store.master_key import MasterKeyInMemory
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I2.store.sealing")
ACCOUNT = "111122223333"


def sealed_of(store: Store, key_id: str) -> bytes:
    found = store.principals.key(key_id)
    assert found is not None
    return found.sealed


def overwrite(store: Store, key_id: str, sealed: bytes) -> None:
    store.connection.execute("UPDATE access_keys SET sealed = :sealed WHERE id = :id", sealed=sealed, id=key_id)


def test_nt_67_no_secret_and_no_key_material_is_in_any_file_in_the_clear(
    store: Store, database: Database, master: MasterKeyInMemory, alice: User
) -> None:
    secrets = [new_secret() for _ in range(50)]
    for secret in secrets:
        store.access_keys.add(AccessKey(ACCOUNT, new_id(Prefix.ACCESS_KEY, ACCOUNT), alice.id, 1), secret)
    master_key = master.read()
    assert master_key is not None

    def search() -> None:
        content = b"".join(path.read_bytes() for path in database.path.parent.iterdir())
        assert alice.id.encode() in content, "the search must be able to find what is there"
        for secret in secrets:
            assert secret.encode() not in content
        assert master_key.raw not in content
        assert master_key.text.encode() not in content
        for purpose in Purpose:
            assert store.keyring.current(purpose)._bytes not in content

    search()  # the write-ahead log included
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    search()


def test_a_blob_moved_to_another_key_or_owner_does_not_open(store: Store, alice: User, bob: User, key: AccessKey) -> None:
    other = AccessKey(ACCOUNT, "AKIABOB0000000000001", bob.id, 1)
    store.access_keys.add(other, "x" * 40)
    mine, theirs = sealed_of(store, key.id), sealed_of(store, other.id)
    overwrite(store, key.id, theirs)
    overwrite(store, other.id, mine)
    for key_id in (key.id, other.id):
        with pytest.raises(Unsealable):
            store.access_keys.secret(key_id)
    overwrite(store, key.id, mine)
    assert store.access_keys.secret(key.id) == b"canary+secret/of+alice+0000000000000000A"
    store.connection.execute("UPDATE access_keys SET user_id = :bob WHERE id = :id", bob=bob.id, id=key.id)
    with pytest.raises(Unsealable):
        store.access_keys.secret(key.id)  # a stolen row would otherwise act for its new owner
    store.connection.execute("UPDATE access_keys SET user_id = NULL WHERE id = :id", id=key.id)
    with pytest.raises(Unsealable):
        store.access_keys.secret(key.id)  # nor for root


def test_every_flipped_byte_of_a_stored_secret_is_refused(store: Store, key: AccessKey) -> None:
    sealed = sealed_of(store, key.id)
    for place in range(len(sealed)):
        overwrite(store, key.id, sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        with pytest.raises(Unsealable):
            store.access_keys.secret(key.id)
    overwrite(store, key.id, sealed[:-1])
    with pytest.raises(Unsealable):
        store.access_keys.secret(key.id)


def test_a_secret_survives_closing_and_opening(store: Store, database: Database, master: MasterKeyInMemory, key: AccessKey) -> None:
    store.close()
    again = open_store(database, master)
    assert again.access_keys.secret(key.id) == b"canary+secret/of+alice+0000000000000000A"
    again.close()


def test_data_keys_rotate_and_old_secrets_stay_readable(
    store: Store, database: Database, master: MasterKeyInMemory, alice: User, key: AccessKey
) -> None:
    master_key = master.read()
    assert master_key is not None
    old = store.keyring.current(Purpose.SECRETS)
    new = add_key(store.connection, master_key, store.keyring, Purpose.SECRETS).current(Purpose.SECRETS)
    assert new.id != old.id  # though both were made in the same second
    store.close()
    again = open_store(database, master)
    again.access_keys.add(AccessKey(ACCOUNT, "AKIANEW0000000000001", alice.id, 1), "n" * 40)
    assert sealed_of(again, "AKIANEW0000000000001")[1:9] == new.id
    assert sealed_of(again, key.id)[1:9] == old.id
    assert again.access_keys.secret("AKIANEW0000000000001") == b"n" * 40
    assert again.access_keys.secret(key.id) == b"canary+secret/of+alice+0000000000000000A"
    again.close()


def test_nt_31_each_purpose_has_a_key_of_its_own(store: Store) -> None:
    keys = [store.keyring.current(purpose) for purpose in Purpose]
    assert len({key.id for key in keys}) == len({key._bytes for key in keys}) == len(Purpose)


def test_a_private_key_of_a_saml_provider_is_bound_to_its_row_and_its_provider(store: Store) -> None:
    first, second = (SamlProvider(ACCOUNT, name, f"SAMLSP{name}", 1, ()) for name in ("1", "2"))
    for provider in (first, second):
        store.saml_providers.add(provider, "<x/>")
        store.saml_providers.add_key(provider, SamlKey(f"SAMLPK{provider.name}", 1), f"pem {provider.name}")
    assert store.saml_providers.private_keys(first) == [b"pem 1"]
    stored = store.connection.execute("SELECT sealed FROM saml_private_keys WHERE id = 'SAMLPK1'")[0][0]
    assert b"pem" not in stored
    store.connection.execute("UPDATE saml_private_keys SET sealed = :sealed WHERE id = 'SAMLPK2'", sealed=stored)
    with pytest.raises(Unsealable):
        store.saml_providers.private_keys(second)
    store.connection.execute("UPDATE saml_private_keys SET provider = 'SAMLSP2' WHERE id = 'SAMLPK1'")
    with pytest.raises(Unsealable):
        store.saml_providers.private_keys(second)

"""The data keys in the database, wrapped by the master key: opening them is the proof that the master key is the right one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from akia.keyring import DataKey, Keyring, MasterKey, Purpose, Unsealable, unwrap, wrap
from akia.store.core import base, p, sa
from akia.store.errors import DatabaseUnusable, MasterKeyWrong
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection

CHANGED = "data-keys"
"""The subject of a change of the data keys: every process reads them anew."""

_ALL = Query("data_keys.all", lambda: sa.select(base.data_keys))
_ADD = Query("data_keys.add", lambda: sa.insert(base.data_keys))
_DELETE_OLDER = Query(
    "data_keys.delete_older",
    lambda: sa.delete(base.data_keys).where(base.data_keys.c.purpose == p("purpose"), base.data_keys.c.created < p("before")),
)


def load_keyring(connection: Connection, master: MasterKey) -> Keyring:
    """All data keys of the database. Raises MasterKeyWrong if `master` does not open all of them, DatabaseUnusable if there are none."""
    rows = connection.rows(_ALL)
    if not rows:
        raise DatabaseUnusable(f"the database {connection.path} holds no data keys")
    try:
        return Keyring(
            unwrap(master, wrapped, key_id=id_, purpose=Purpose(purpose), created=created) for id_, purpose, created, wrapped in rows
        )
    except Unsealable:
        raise MasterKeyWrong(
            f"the master key (fingerprint {master.fingerprint}) is not the one that the database {connection.path} was made with"
        ) from None
    except ValueError as error:
        raise DatabaseUnusable(f"the database {connection.path} holds a data key that this akia does not know: {error}") from None


def add_missing_keys(connection: Connection, master: MasterKey, keyring: Keyring) -> Keyring:
    """`keyring` with a new data key, stored, for each purpose that has none: all of them in a fresh database."""
    for purpose in Purpose:
        if not keyring.serves(purpose):
            keyring = add_key(connection, master, keyring, purpose)
    return keyring


def add_key(connection: Connection, master: MasterKey, keyring: Keyring, purpose: Purpose) -> Keyring:
    """`keyring` with one more data key for `purpose`, stored and current from now on: how keys rotate."""
    newest = keyring.current(purpose).created if keyring.serves(purpose) else 0
    key = DataKey.generate(purpose, max(int(time.time()), newest + 1))  # newer than the one before, whatever the clock says
    connection.run(_ADD, id=key.id, purpose=purpose.value, created=key.created, wrapped=wrap(master, key))
    return keyring.with_key(key)


def retire_keys(connection: Connection, purpose: Purpose, before: int) -> int:
    """Deletes the keys of `purpose` that were made before `before` (epoch seconds); how many. What they sealed opens no more."""
    return connection.run(_DELETE_OLDER, purpose=purpose.value, before=before)

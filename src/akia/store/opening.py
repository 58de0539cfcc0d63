"""Opening the store: lock, master key, schema, data keys, in this order."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akia.keyring import Keyring, MasterKey
from akia.store import schema
from akia.store.data_keys import add_missing_keys, load_keyring
from akia.store.errors import DatabaseUnusable, MasterKeyMisplaced, MasterKeyMissing, StoreUnavailable
from akia.store.master_key import MasterKeyFile, MasterKeySource
from akia.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from akia.store.connection import Connection
    from akia.store.database import Database


def open_store(database: Database, source: MasterKeySource) -> Store:
    """The store in `database`, made if there is none, migrated if it is older than this program.

    Raises CannotOpen (MasterKeyMissing, MasterKeyWrong, MasterKeyExposed, MasterKeyMisplaced, DatabaseNewer, DatabaseUnusable), whose text
    is for the operator. Several processes may start at once: a file lock lets one after the other do this.
    """
    _require_apart(database, source)
    with start_lock(database.path):
        master = _master_key(database, source)
        connection = database.connect()
        try:
            return Store(connection, _prepare(connection, master), reload_keys=lambda current: _reloaded(current, database, source))
        except StoreUnavailable as error:
            connection.close()
            raise DatabaseUnusable(f"cannot use the database {database.path}: {error.detail}") from error
        except BaseException:
            connection.close()
            raise


def _require_apart(database: Database, source: MasterKeySource) -> None:
    if isinstance(source, MasterKeyFile) and source.path.resolve().is_relative_to(database.path.parent.resolve()):
        raise MasterKeyMisplaced(f"{source} lies in the data directory {database.path.parent}: whoever copies the data would have the key")


def _master_key(database: Database, source: MasterKeySource) -> MasterKey:
    key = source.read()
    if key is not None:
        return key
    if database.exists():
        raise MasterKeyMissing(f"the database {database.path} exists, but {source} holds no master key: put back the key it was made with")
    return source.create()


def _reloaded(connection: Connection, database: Database, source: MasterKeySource) -> Keyring:
    """The data keys as they are now. The master key is read for it and not kept."""
    return load_keyring(connection, _master_key(database, source))


def _prepare(connection: Connection, master: MasterKey) -> Keyring:
    version = schema.stored_version(connection)
    if version is not None and version != schema.HEAD:
        load_keyring(connection, master)  # a wrong key changes nothing, the schema neither
        schema.migrate(connection, version, _copy_name(connection.path, version))
    connection.begin_immediate()
    try:
        if version is None:
            schema.create(connection)
        keyring = Keyring([]) if version is None else load_keyring(connection, master)
        keyring = add_missing_keys(connection, master, keyring)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return keyring


def _copy_name(path: Path, version: str) -> Path:
    return path.with_name(f"{path.name}.before-{version}-to-{schema.HEAD}")


@contextmanager
def start_lock(path: Path) -> Iterator[None]:
    """Held while the database at `path` is made, migrated or restored; makes its directory if there is none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnusable(f"cannot use the data directory {path.parent}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

"""A database to copy: the schema and AWS's managed policies. Making it takes a fifth of a second, a copy some milliseconds."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from akia.keyring import Keyring, MasterKey
from akia.store.data_keys import add_missing_keys
from akia.store.database import Database, Durability
from akia.store.iam.aws_managed_policies import bring_managed_policies
from akia.store.master_key import MasterKeyInMemory
from akia.store.opening import open_store
from akia.store.store import Store


def fresh_store(path: Path) -> Store:
    """A new store in the file `path`, with data keys of its own, under a master key that nobody keeps."""
    path.write_bytes(_template())
    path.chmod(0o600)
    connection = Database(path, Durability.OFF).connect()
    connection.begin_immediate()
    keyring = add_missing_keys(connection, MasterKey.generate(), Keyring([]))
    connection.commit()
    return Store(connection, keyring)


@cache
def _template() -> bytes:
    """The file's content, without data keys: no two copies can read each other's secrets."""
    directory = Path(tempfile.mkdtemp(prefix="akia-template-"))
    try:
        store = open_store(Database(directory / "akia.db", Durability.OFF), MasterKeyInMemory())
        store.connection.begin_immediate()
        bring_managed_policies(store)
        store.connection.execute("DELETE FROM data_keys")
        store.connection.commit()
        store.close()
        return (directory / "akia.db").read_bytes()
    finally:
        shutil.rmtree(directory)

"""Backup and restore: a directory with a copy of the database, the journals, and a manifest that says what must be in it.

The master key is never part of it: who has the backup alone has no secret, and who lost the key cannot restore.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from typing import TYPE_CHECKING

from akia.store.connection import make_private
from akia.store.data_keys import load_keyring
from akia.store.database import Database
from akia.store.errors import BackupFailed, MasterKeyMissing, StoreUnavailable
from akia.store.manifest import DATABASE, JOURNALS, Manifest, describe, read_manifest, write_manifest
from akia.store.opening import start_lock
from akia.store.schema import require_known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from akia.store.master_key import MasterKeySource
    from akia.store.store import Store

_COUNTED = ("accounts", "users", "groups", "roles", "access_keys", "managed_policies", "events")


def back_up(store: Store, destination: Path, *, journals: Path | None = None, files: Sequence[Path] = ()) -> Manifest:
    """Copies the database, while it is in use, the journals in `journals` and other `files` into the new directory `destination`.

    The result is verified before it gets its name. Raises BackupFailed.
    """
    partial = destination.with_name(f"{destination.name}.partial")
    if destination.exists():
        raise BackupFailed(f"{destination} exists: choose another place for the backup")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        if journals is not None:
            _copy_journals(journals, partial / JOURNALS)  # first: what is indexed and removed meanwhile is in the database then
        store.connection.copy_to(partial / DATABASE)
        for file in files:
            _copy_file(file, partial / file.name)
        counts, schema = _inspect(partial / DATABASE)
        write_manifest(partial, Manifest(made=int(time.time()), schema=schema, counts=counts, files=describe(partial)))
        manifest = verify(partial)
        partial.rename(destination)
    except (OSError, StoreUnavailable) as error:
        raise BackupFailed(f"cannot make a backup in {destination}: {_reason(error)}") from error
    return manifest


def verify(backup: Path) -> Manifest:
    """The backup's manifest, after every file was compared with it and the database was checked through. Raises BackupFailed."""
    manifest = read_manifest(backup)
    try:
        found = describe(backup)
    except OSError as error:
        raise BackupFailed(f"cannot read the backup {backup}: {error.strerror}") from error
    for name in sorted(manifest.files.keys() | found.keys()):
        if manifest.files.get(name) != found.get(name):
            raise BackupFailed(f"the backup {backup} is damaged: {name} is not what the manifest says")
    if _inspect(backup / DATABASE) != (manifest.counts, manifest.schema):
        raise BackupFailed(f"the backup {backup} is damaged: the database is not what the manifest says")
    return manifest


def restore(backup: Path, database: Database, source: MasterKeySource, *, journals: Path | None = None) -> Manifest:
    """Puts the verified backup where `database` says and its journals into the directory `journals`. Nothing is ever overwritten.

    Raises BackupFailed, DatabaseNewer, MasterKeyMissing, or MasterKeyWrong if the master key is not the one that the backup was made with.
    """
    manifest = verify(backup)
    require_known(manifest.schema, backup / DATABASE)
    _require_nothing_at(database, journals)
    with start_lock(database.path):
        incoming = database.path.with_name(f"{database.path.name}.incoming")
        try:
            incoming.unlink(missing_ok=True)
            _copy_file(backup / DATABASE, incoming)
            _prepare(Database(incoming), source)
            if journals is not None and (backup / JOURNALS).is_dir():
                _copy_journals(backup / JOURNALS, journals)
            os.link(incoming, database.path)  # unlike a rename, refuses if something is there by now
        except OSError as error:
            raise BackupFailed(f"cannot restore to {database.path}: {_reason(error)}") from error
        finally:
            incoming.unlink(missing_ok=True)
    return manifest


def _require_nothing_at(database: Database, journals: Path | None) -> None:
    if database.exists():
        raise BackupFailed(f"the database {database.path} exists, and is not overwritten: restore into an empty data directory")
    if journals is not None and journals.is_dir() and any(journals.iterdir()):
        raise BackupFailed(f"the directory {journals} holds journals already: restore into an empty data directory")


def _prepare(database: Database, source: MasterKeySource) -> None:
    """Checks the master key, and lets the journals be indexed from their beginning: those in the backup end elsewhere than was noted."""
    master = source.read()
    if master is None:
        raise MasterKeyMissing(f"{source} holds no master key: restoring needs the one that the backup was made with")
    connection = database.connect()
    try:
        load_keyring(connection, master)
        connection.execute("DELETE FROM journal_positions")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _inspect(path: Path) -> tuple[dict[str, int], str]:
    """Counts of rows and the schema's revision, after SQLite's own checks. Leaves the file and its directory untouched."""
    try:
        driver = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        try:
            if driver.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or driver.execute("PRAGMA foreign_key_check").fetchall():
                raise BackupFailed(f"the database in the backup {path.parent} is damaged")
            counts = {table: driver.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _COUNTED}  # noqa: S608 - our own names
            return counts, driver.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        finally:
            driver.close()
    except (sqlite3.Error, TypeError) as error:  # TypeError: no row where one must be
        raise BackupFailed(f"the database in the backup {path.parent} is damaged: {error}") from error


def _copy_journals(source: Path, destination: Path) -> None:
    destination.mkdir(mode=0o700, parents=True, exist_ok=True)
    for segment in sorted(source.glob("*.journal")):
        try:
            _copy_file(segment, destination / segment.name)
        except FileNotFoundError:  # indexed and removed while we looked
            continue


def _copy_file(source: Path, destination: Path) -> None:
    with source.open("rb") as original:
        make_private(destination)
        with destination.open("wb") as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            os.fsync(copy.fileno())


def _reason(error: OSError | StoreUnavailable) -> str:
    return error.detail if isinstance(error, StoreUnavailable) else str(error)

"""A data directory: what lies in it, how it comes to be, and who may use it.

    akia.db        the database              journal/   events of reads, before they are indexed
    akia.json      the identity of this akia feed       which process has changed something
    profile        a ready-made AWS profile  tls/       the private certificate authority of --tls
    root-profile   the same, of `root-key`   models/    AWS's service models, prepared
    lock           held by the running server buckets   how much of each limit is used up
    sinks/         how the sinks stand

The master key is not in it: it lies in the configuration directory, under the identity of this akia.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.settings import Settings, configuration_directory
from akia.store.database import Database, Durability
from akia.store.master_key import MasterKeySource, master_key_source
from akia.store.opening import open_store
from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from akia.store.store import Store

IDENTITY = "akia.json"


class InstallationError(Exception):
    """The data directory cannot be used. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One akia on disk. `id` is random and names its master key; `account` is the first account's id."""

    directory: Path
    id: str
    account: str

    @property
    def identity(self) -> Path:
        return self.directory / IDENTITY

    @property
    def database(self) -> Path:
        return self.directory / "akia.db"

    @property
    def journals(self) -> Path:
        return self.directory / "journal"

    @property
    def feed(self) -> Path:
        return self.directory / "feed"

    @property
    def profile(self) -> Path:
        return self.directory / "profile"

    @property
    def root_profile(self) -> Path:
        return self.directory / "root-profile"

    @property
    def sinks(self) -> Path:
        return self.directory / "sinks"

    @property
    def model_cache(self) -> Path:
        return self.directory / "models"

    def master_key(self, settings: Settings, environment: Mapping[str, str]) -> MasterKeySource:
        """Where the master key of this akia is."""
        default = configuration_directory(environment) / "keys" / f"{self.id}.key"
        return master_key_source(environment, settings.master_key_file or default)

    def open_store(self, settings: Settings, environment: Mapping[str, str]) -> Store:
        """The store, made or migrated if need be. Raises store.errors.CannotOpen."""
        durability = Durability.OFF if settings.ephemeral else Durability.FULL
        return open_store(Database(self.database, durability), self.master_key(settings, environment))


def find(directory: Path) -> Installation | None:
    """The akia in `directory`, or None if there is none. Raises InstallationError for one that cannot be read."""
    path = directory / IDENTITY
    try:
        facts = json.loads(path.read_text("utf-8"))
        if not _is_identity(facts):
            raise ValueError("it does not hold the identity of an akia")
        return Installation(directory, facts["id"], facts["account"])
    except FileNotFoundError:
        if (directory / "akia.db").exists():
            raise InstallationError(
                f"{directory} holds a database but not its akia.json: restore the file, or the directory from a backup"
            ) from None
        return None
    except (OSError, ValueError) as error:
        raise InstallationError(f"{path} cannot be read: {error}") from None


def _is_identity(facts: object) -> bool:
    """An id of 16 hex digits, which names a file, and an account of twelve digits."""
    if not isinstance(facts, dict):
        return False
    values = {"id": "[0-9a-f]{16}", "account": "[0-9]{12}"}
    return all(isinstance(facts.get(name), str) and re.fullmatch(form, facts[name]) for name, form in values.items())


def adopt(identity: Path, directory: Path) -> Installation:
    """The akia whose akia.json is `identity`, to be restored in `directory`. Nothing is written. Raises InstallationError."""
    found = existing(identity.parent)
    return Installation(directory, found.id, found.account)


def existing(directory: Path) -> Installation:
    """The akia in `directory`. Raises InstallationError if there is none."""
    installation = find(directory)
    if installation is None:
        raise InstallationError(
            f"{directory} holds no akia: name its data directory with --data, or make one with `akia up` or `akia init`"
        )
    return installation


def create(directory: Path, account: str) -> Installation:
    """A new akia in `directory`, where there is none. Raises InstallationError if the directory cannot be written."""
    installation = Installation(directory, secrets.token_hex(8), account)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(installation.identity, json.dumps({"id": installation.id, "account": account}) + "\n")
    except OSError as error:
        raise InstallationError(f"{directory} cannot be made: {error.strerror}") from None
    return installation


@contextmanager
def in_use(directory: Path) -> Iterator[int]:
    """Hold the data directory, made if there is none, for a server; the lock's descriptor.

    Raises InstallationError if another server holds it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InstallationError(f"{directory} cannot be used: {error.strerror}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstallationError(
                f"{directory} is in use by another akia: stop that one, or choose another directory with --data"
            ) from None
        yield lock
    finally:
        os.close(lock)

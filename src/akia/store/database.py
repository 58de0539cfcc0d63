"""The SQLite file: how it is opened."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from akia.store.connection import Connection, make_private
from akia.store.errors import DatabaseUnusable, StoreUnavailable, translated

if TYPE_CHECKING:
    from pathlib import Path

_BUSY_SECONDS = 10.0
"""How long a statement waits for another process's write transaction: many times the longest group commit."""
_CACHED_STATEMENTS = 512
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",  # what is sorted never reaches a temporary file
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
)


class Durability(Enum):
    """FULL: a commit returns when it is on the disk. OFF: for databases that are thrown away."""

    FULL = "FULL"
    OFF = "OFF"


@dataclass(frozen=True, slots=True)
class Database:
    """A database file and how firmly it is kept."""

    path: Path
    durability: Durability = Durability.FULL

    def exists(self) -> bool:
        """Whether there is anything at the path. An empty file, as left by a start that failed at once, is nothing."""
        try:
            return self.path.stat().st_size > 0
        except FileNotFoundError:
            return False
        except OSError as error:
            raise DatabaseUnusable(f"cannot read the database {self.path}: {error.strerror}") from error

    def connect(self) -> Connection:
        """A new connection, in write-ahead mode. Raises DatabaseUnusable if the file cannot be opened or is not SQLite's."""
        try:
            with suppress(FileExistsError):
                make_private(self.path)
            driver = sqlite3.connect(
                self.path, _BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=_CACHED_STATEMENTS
            )
        except (sqlite3.Error, OSError) as error:
            raise DatabaseUnusable(f"cannot open the database {self.path}: {error}") from error
        connection = Connection(driver, self.path, self.connect)
        try:
            self._prepare(connection)
        except StoreUnavailable as error:
            connection.close()
            raise DatabaseUnusable(f"cannot use the database {self.path}: {error.detail}") from error
        return connection

    def _prepare(self, connection: Connection) -> None:
        if connection.execute("PRAGMA journal_mode = WAL") != [("wal",)]:
            raise translated(sqlite3.OperationalError("this file system does not support SQLite's write-ahead log"))
        connection.execute(f"PRAGMA synchronous = {self.durability.value}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)

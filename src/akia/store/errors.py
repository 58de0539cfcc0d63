"""What the store raises. Errors of the database driver never leave it."""

from __future__ import annotations

import sqlite3

from akia.aws.errors import ServiceUnavailable


class StoreUnavailable(ServiceUnavailable):
    """The database cannot answer now: full disk, locked, I/O error, damaged, closed. Nothing of the statement happened; answers 503."""

    def __init__(self, detail: str) -> None:
        super().__init__("The service is temporarily unable to read or store data. Try again later.", detail=detail)


class Conflict(Exception):
    """A constraint of the database refused the row. The statement had no effect; the transaction goes on."""


class IdTaken(Conflict):
    """A row of this id exists: make another id and try again (W10.9)."""


class NameTaken(Conflict):
    """Something of this name exists, perhaps in other case (P5.4-21)."""


class StillReferred(Conflict):
    """The row is needed by others, or needs one that is not there."""


class CannotOpen(Exception):
    """akia does not start. The text is for its operator: it names the path and the way out, and holds no secret (NT-67)."""


class MasterKeyMissing(CannotOpen):
    """There is a database and no master key: a new one could not open it, so none is made."""


class MasterKeyWrong(CannotOpen):
    """The master key is unreadable, or not the one that this database was made with."""


class MasterKeyExposed(CannotOpen):
    """Others than its owner can read the master key's file (NT-68)."""


class MasterKeyMisplaced(CannotOpen):
    """The master key's file lies beside the database: whoever copies the directory has both."""


class DatabaseNewer(CannotOpen):
    """A newer akia wrote this database. Schemas never go backwards."""


class DatabaseUnusable(CannotOpen):
    """The file is not akia's database, is damaged, or cannot be read or written."""


class BackupFailed(Exception):
    """A backup cannot be made, is damaged, or must not be restored here. The text is for the operator, and holds no secret."""


_CONFLICTS: dict[str, type[Conflict]] = {
    "SQLITE_CONSTRAINT_PRIMARYKEY": IdTaken,
    "SQLITE_CONSTRAINT_UNIQUE": NameTaken,
    "SQLITE_CONSTRAINT_FOREIGNKEY": StillReferred,
}


def translated(error: sqlite3.Error) -> Exception:
    """Our exception for the driver's."""
    if isinstance(error, sqlite3.IntegrityError):
        return _CONFLICTS.get(error.sqlite_errorname, Conflict)(str(error))
    return StoreUnavailable(f"{type(error).__name__}: {error}")

"""A connection: executes compiled queries and speaks of transactions. Errors of the driver become the store's own."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

from akia.aws.errors import MalformedInput
from akia.store.errors import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from akia.store.statement import Query

Row = tuple[Any, ...]
Value = str | int | bytes | None


class Connection:
    """May be used from any thread, by one at a time. Outside a transaction each statement is a transaction of its own.

    Every method raises StoreUnavailable if the database cannot answer, Conflict (IdTaken, NameTaken, StillReferred) if a constraint
    refuses, and MalformedInput for values that no database can hold: text that is not Unicode, integers beyond 64 bits.
    """

    def __init__(self, driver: sqlite3.Connection, path: Path, reopen: Callable[[], Connection]) -> None:
        self.path = path
        self.another = reopen
        """Opens one more connection to the same database."""
        self._driver = driver
        self._begins = False

    def rows(self, query: Query, **parameters: Value) -> list[Row]:
        """All rows that `query` answers."""
        try:
            if self._begins:
                self.begin()
            return self._driver.execute(query.sqlite, parameters).fetchall()
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise _ours(error) from error

    def row(self, query: Query, **parameters: Value) -> Row | None:
        """The first row, if there is one."""
        try:
            if self._begins:
                self.begin()
            found: Row | None = self._driver.execute(query.sqlite, parameters).fetchone()
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise _ours(error) from error
        return found

    def count(self, query: Query, **parameters: Value) -> int:
        """The one number that `query` answers, a count, a sum or the greatest of a column; 0 for the sum or the greatest of nothing."""
        found: int | None = self.rows(query, **parameters)[0][0]
        return found or 0

    def run(self, query: Query, **parameters: Value) -> int:
        """Executes what answers no rows; returns how many rows it touched."""
        try:
            return self._driver.execute(query.sqlite, parameters).rowcount
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise _ours(error) from error

    def run_many(self, query: Query, rows: Sequence[Sequence[Value]]) -> int:
        """Executes an INSERT once for each row, whose values stand in the order of the table's columns; returns how many it touched."""
        try:
            return self._driver.executemany(query.sqlite_positional, rows).rowcount
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise _ours(error) from error

    def execute(self, text: str, **parameters: Value) -> list[Row]:
        """Executes SQL written in our sources: pragmas, schema, transaction words. Never text that came from outside (NT-39)."""
        try:
            return self._driver.execute(text, parameters).fetchall()
        except sqlite3.Error as error:
            raise translated(error) from error

    def begin(self) -> None:
        """Begins a transaction that reads one state of the database throughout."""
        self._begins = False
        self.execute("BEGIN")

    def begin_at_first_read(self) -> None:
        """As `begin`, but costs nothing if nothing is read before `end_reading`."""
        self._begins = True

    def end_reading(self) -> None:
        """Ends what `begin_at_first_read` or `begin` began; harmless otherwise."""
        self._begins = False
        if self._driver.in_transaction:
            self.execute("COMMIT")

    def begin_immediate(self) -> None:
        """Begins a transaction that may write; waits for the writer before it, at most the busy time-out."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Undoes the whole transaction. Harmless if SQLite has already done so itself, as it does when the disk is full."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def savepoint(self, name: str = "operation") -> None:
        self.execute(f"SAVEPOINT {name}")

    def release(self, name: str = "operation") -> None:
        self.execute(f"RELEASE {name}")

    def rollback_to(self, name: str = "operation") -> None:
        """Undoes everything since `savepoint`, which stays open: release it."""
        self.execute(f"ROLLBACK TO {name}")

    @property
    def in_transaction(self) -> bool:
        return self._driver.in_transaction

    def copy_to(self, path: Path) -> None:
        """Copies the database, as it is at one moment, into the new file `path`, while others write (SQLite's online backup).

        Raises OSError if the file is there or cannot be made.
        """
        make_private(path)
        try:
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                self._driver.backup(copy)
            finally:
                copy.close()
        except sqlite3.Error as error:
            raise translated(error) from error

    def close(self) -> None:
        self._driver.close()


def make_private(path: Path) -> None:
    """Makes an empty file that its owner alone can read, from its first moment (NT-68): SQLite would leave that to the umask."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _ours(error: Exception) -> Exception:
    if isinstance(error, sqlite3.Error):
        return translated(error)
    return MalformedInput("The request holds a value that cannot be stored.", detail=str(error))

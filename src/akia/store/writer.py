"""Group commit: the operations that wait share one write transaction, each in a savepoint of its own.

A batch has three parts. `open` and `operation` run where Python runs; `commit` only waits for the disk and may run in another thread.
If the commit fails (a full disk), nothing of the batch has happened: each of its operations is answered with ServiceUnavailable and no
cache changes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akia.store.feed import Slots
    from akia.store.store import Store


T = TypeVar("T")


class Batch:
    """One open write transaction. `changed` are the subjects that its operations have changed so far."""

    def __init__(self, store: Store, slots: Slots | None) -> None:
        self.store = store
        self._slots = slots
        self.changed: list[str] = []
        self.generation = 0
        self.size = 0
        store.changed.clear()
        store.connection.begin_immediate()

    @property
    def is_lost(self) -> bool:
        """Whether the database has undone the whole transaction by itself, as SQLite does when the disk is full."""
        return not self.store.connection.in_transaction

    @contextmanager
    def operation(self) -> Iterator[Store]:
        """A savepoint: whatever is raised inside undoes what this operation wrote, and nothing else."""
        connection, store = self.store.connection, self.store
        self.size += 1
        connection.savepoint()
        try:
            yield store
        except BaseException:
            store.changed.clear()
            if not self.is_lost:
                connection.rollback_to()
                connection.release()
            raise
        connection.release()
        self.changed += store.changed
        store.changed.clear()

    def commit(self) -> None:
        """Commit and wait for the disk. Raises StoreUnavailable; the whole batch is undone then."""
        connection = self.store.connection
        try:
            self.generation = self.store.changes.latest()
            with self._announced():
                connection.commit()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Undo everything."""
        if self.store.connection.in_transaction:
            self.store.connection.rollback()

    @contextmanager
    def _announced(self) -> Iterator[None]:
        if self._slots is None or not self.changed:
            yield
            return
        self._slots.step()
        try:
            yield
        finally:
            self._slots.step()


class Writer:
    """Opens batches on the one connection of this process that writes. One batch at a time."""

    def __init__(self, store: Store, slots: Slots | None) -> None:
        self._store = store
        self._slots = slots

    def open(self) -> Batch:
        """A new batch. Waits for other processes' writes to end; raises StoreUnavailable if they do not, or if the store is broken."""
        return Batch(self._store, self._slots)

    def alone(self, work: Callable[[Batch], T]) -> T:
        """What `work` returns, in a batch of its own that is committed then. Whatever is raised undoes it all; StoreUnavailable, too."""
        batch = self.open()
        try:
            done = work(batch)
            batch.commit()
        except BaseException:
            batch.abandon()
            raise
        return done

    def close(self) -> None:
        self._store.close()

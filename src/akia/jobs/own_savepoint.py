"""A job's piece of work in a batch that it shares with requests: what goes wrong with it is its own affair."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.store.store import Store
    from akia.store.writer import Batch

T = TypeVar("T")

log = logging.getLogger("akia.jobs")


def in_own_savepoint(batch: Batch, what: str, work: Callable[[Store], T]) -> T | None:
    """What `work` returns; None if it fails, which is logged as `what` and undoes nothing but its own. Raises only if the batch is lost."""
    try:
        with batch.operation() as store:
            return work(store)
    except Exception as error:
        if batch.is_lost:
            raise
        log.error("%s: %s", what, type(error).__name__)  # not its text, which may quote what was recorded, or a secret (NT-67)
        return None

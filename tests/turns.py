"""Turns to write, as jobs take them, in an akia without a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.assembly import Akia
    from akia.jobs.periodic import Do
    from akia.store.writer import Batch


def turns(akia: Akia) -> Do:
    """Does each piece of work in a transaction of its own, and tells `akia` what it has changed."""

    async def do(work: Callable[[Batch], Any]) -> Any:
        with akia.writer.alone() as batch:
            done = work(batch)
        akia.committed(batch)
        return done

    return do

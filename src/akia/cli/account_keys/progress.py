"""How far a long look has come: a bar on stderr when that is a terminal, else nothing."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 6
"""How many calls are made at once. IAM lets an account make some twenty calls of a kind a second; what is too much is tried again."""


def each(label: str, items: Sequence[T], ask: Callable[[T], R]) -> list[R]:
    """What `ask` answers for each of `items`, in their order; asked side by side. Raises what it raises first."""
    if WORKERS == 1 or len(items) < 2:
        return list(tracked(label, map(ask, items), len(items)))
    with ThreadPoolExecutor(WORKERS) as pool:
        asked = [pool.submit(ask, item) for item in items]
        try:
            return [each.result() for each in tracked(label, asked, len(items))]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def tracked(label: str, items: Iterable[T], total: int | None = None) -> Iterable[T]:
    """`items`, with a bar that goes with them."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    shown: Any = track(items, label, total, console=Console(stderr=True), transient=True)
    return shown  # type: ignore[no-any-return]  # rich's own type is narrower

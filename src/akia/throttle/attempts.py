"""How often a guess may be made (NT-38): some are free, then each one has to wait, twice as long as the one before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

FREE = 5
"""Wrong guesses in a row that cost nothing: fingers slip."""
SHORTEST_WAIT = 15
LONGEST_WAIT = 900
"""In seconds. A quarter of an hour leaves who guesses 96 attempts a day, and who is guessed at a quarter of an hour."""
MOST_KEYS = 50_000


def wait_after(failures: int, free: int = FREE) -> int:
    """How many seconds must pass after the last of `failures` wrong guesses in a row before the next one is looked at."""
    return 0 if failures < free else min(SHORTEST_WAIT << min(failures - free, 10), LONGEST_WAIT)


def may_try(failures: int, failed: int, now: int, free: int = FREE) -> bool:
    """Whether a guess is looked at now, after `failures` wrong ones in a row, the last one at `failed`. In seconds of one clock."""
    return now >= failed + wait_after(failures, free)


@dataclass(slots=True)
class Attempts:
    """Wrong guesses in a row by whom or at whom they were made, in memory. `now` is monotonic, in seconds.

    Whoever has waited as long as anybody must is forgotten. Memory is bounded: beyond MOST_KEYS, strangers share one count.
    """

    free: int = FREE
    _failures: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    def may_try(self, key: Hashable, now: int) -> bool:
        failures, failed = self._failures.get(self._known(key), (0, 0))
        return may_try(failures, failed, now, self.free)

    def failed(self, key: Hashable, now: int) -> None:
        """Count one wrong guess."""
        if key not in self._failures and len(self._failures) >= MOST_KEYS:
            self._failures = {known: told for known, told in self._failures.items() if now < told[1] + LONGEST_WAIT}
        known = self._known(key)
        failures, failed = self._failures.get(known, (0, 0))
        self._failures[known] = (1 if now >= failed + 2 * LONGEST_WAIT else failures + 1, now)

    def succeeded(self, key: Hashable) -> None:
        """Start counting anew."""
        self._failures.pop(key, None)

    def _known(self, key: Hashable) -> Hashable:
        return key if key in self._failures or len(self._failures) < MOST_KEYS else _OTHERS


_OTHERS = "others"

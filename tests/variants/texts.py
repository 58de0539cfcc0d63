"""Texts at the edges of their constraints: as short and as long as may be, and outside of a pattern."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.wire.conftest import Values

from akia.wire.patterns import matcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.wire.schema import Shape

UNBOUNDED = 3_000
"""How long the longest text is where the model names no length."""
_STRANGE = (" ", "☃", "!", "/", "\x07", "-")
"""What some pattern does not let through."""


def bounds(shape: Shape) -> tuple[int, int]:
    """The shortest and the longest that `shape` allows."""
    return int(shape.traits.get("min", 0)), int(shape.traits.get("max", UNBOUNDED))


def fits(shape: Shape, text: str) -> bool:
    """Whether the model allows `text`."""
    low, high = int(shape.traits.get("min", 0)), int(shape.traits.get("max", 10**9))
    pattern, enum = shape.traits.get("pattern"), shape.traits.get("enum")
    return low <= len(text) <= high and (pattern is None or matcher(pattern)(text)) and (enum is None or text in enum)


def shortest(shape: Shape) -> str:
    """The shortest text that the model allows, as far as taking away single characters leads to it."""
    low, _ = bounds(shape)
    pattern = shape.traits.get("pattern")
    if pattern is None or (low == 0 and matcher(pattern)("")):
        return "x" * low
    text = _some(pattern, low, bounds(shape)[1])
    while shorter := next((cut for cut in _without_one(text) if len(cut) >= low and matcher(pattern)(cut)), None):
        text = shorter
    return text


def longest(shape: Shape) -> str:
    """The longest text that the model allows, as far as repeating one character leads to it."""
    low, high = bounds(shape)
    pattern = shape.traits.get("pattern")
    return "x" * high if pattern is None else next(_stretched(pattern, low, high, high), _some(pattern, low, high))


def too_short(shape: Shape) -> str | None:
    """A text with one character less than it must have, which is right otherwise if it can be."""
    low, _ = bounds(shape)
    return None if low == 0 else shortest(shape)[: low - 1]


def too_long(shape: Shape) -> str | None:
    """A text with one character more than it may have, which is right otherwise if it can be."""
    low, high = bounds(shape)
    if "max" not in shape.traits:
        return None
    pattern = shape.traits.get("pattern")
    return "x" * (high + 1) if pattern is None else next(_stretched(pattern, low, high, high + 1), longest(shape).ljust(high + 1, "x"))


def out_of_pattern(shape: Shape) -> str | None:
    """A text of a good length that the pattern does not let through; None if it lets everything through."""
    pattern = shape.traits.get("pattern")
    if pattern is None:
        return None
    low, high = bounds(shape)
    good = _some(pattern, low, high)
    tries = (text for strange in _STRANGE for text in (good[:-1] + strange, strange + good[1:], strange * max(low, 1)))
    return next((text for text in tries if low <= len(text) <= high and not matcher(pattern)(text)), None)


@cache
def _some(pattern: str, low: int, high: int) -> str:
    """Some text of `low` to `high` characters."""
    return Values(f"{pattern} {low}")._matching(pattern, low, high)


def _without_one(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))


def _stretched(pattern: str, low: int, high: int, length: int) -> Iterator[str]:
    """Some text, with one of its characters repeated until there are `length`."""
    text = _some(pattern, low, high)
    missing = length - len(text)
    if missing >= 0:
        tries = (text[:at] + text[at] * missing + text[at:] for at in range(len(text)))
        yield from (stretched for stretched in tries if matcher(pattern)(stretched))

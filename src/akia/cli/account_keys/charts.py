"""Bars as inline SVG: no script, no style of their own, readable aloud."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from akia.cli.printing import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _ROW, _LABEL, _NUMBER = 400, 26, 120, 44


class Bar(NamedTuple):
    """`tone` is a class of the page's style."""

    label: str
    number: int
    tone: str


def bars(title: str, rows: Sequence[Bar]) -> str:
    """A chart of horizontal bars with their numbers, as long as the largest allows."""
    longest = max((row.number for row in rows), default=0) or 1
    room = _WIDTH - _LABEL - _NUMBER
    told = ", ".join(f"{row.label}: {row.number}" for row in rows)
    drawn = "".join(_bar(place, row, round(room * row.number / longest, 1)) for place, row in enumerate(rows))
    spoken = f'role="img" aria-label="{text(title)}. {text(told)}"'
    drawing = f'<svg viewBox="0 0 {_WIDTH} {_ROW * len(rows)}" {spoken}>{drawn}</svg>'
    return f"<figure><figcaption>{text(title)}</figcaption>{drawing}</figure>"


def _bar(place: int, row: Bar, width: float) -> str:
    top = _ROW * place
    shown = f'<rect class="{row.tone}" x="{_LABEL}" y="{top + 5}" width="{width}" height="16" rx="3"/>' if row.number else ""
    return (
        f'<text x="{_LABEL - 10}" y="{top + 17}" text-anchor="end">{text(row.label)}</text>{shown}'
        f'<text x="{_LABEL + width + 8}" y="{top + 17}">{row.number}</text>'
    )


def text(value: str) -> str:
    """Text of others for HTML, in an element or a quoted attribute."""
    return escape(printable(value), quote=True)

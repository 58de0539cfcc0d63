"""The chart: CPU per request as bars on a logarithmic scale, one group a case. Plain SVG, readable on light and dark."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.figures import Results

WIDTH, LABELS, FIGURES = 860, 150, 150
"""The whole width, and the margins for the servers' names on the left and the figures on the right."""
BAR, GAP, HEADING = 16, 6, 30
_COLOURS = {"akia": "#d9480f", "floor": "#868e96", "moto": "#1971c2", "ministack": "#6741d9"}
_OTHER = "#d9480f"
_STYLE = "text{font:13px system-ui,sans-serif;fill:#212529}.case{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#e9ecef}}"


def draw(results: Results) -> str:
    """The chart of all figures as an SVG document."""
    bars = list(_bars(results))
    height = int(max((bottom for bottom, _ in bars), default=0)) + 36
    body = "\n".join(text for _, text in bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">\n'
        f"<title>CPU per request in microseconds, logarithmic</title>\n<style>{_STYLE}</style>\n{body}\n"
        f'<text x="{LABELS}" y="{height - 10}">server CPU per request, µs, logarithmic scale; shorter is better</text>\n</svg>\n'
    )


def _bars(results: Results) -> Iterator[tuple[float, str]]:
    """Each piece of the drawing, with the height it reaches down to."""
    largest = max((seen.cpu_us for servers in results.figures.values() for seen in servers.values()), default=1.0)
    top = 8.0
    for case, servers in results.figures.items():
        yield top + HEADING, f'<text class="case" x="8" y="{top + 16}">{escape(case)}</text>'
        top += HEADING
        for server, seen in servers.items():
            length = (WIDTH - LABELS - FIGURES) * _share(seen.cpu_us, largest)
            yield top + BAR, _bar(top, length, server, f"{seen.cpu_us:,.0f} µs · {seen.rate:,.0f}/s")
            top += BAR + GAP


def _share(value: float, largest: float) -> float:
    """How much of the full length a bar takes: logarithmic from 10 µs up."""
    return max(math.log10(max(value, 10.0) / 10) / math.log10(max(largest, 100.0) / 10), 0.004)


def _bar(top: float, length: float, server: str, figure: str) -> str:
    name = f"{int(server):,}" if server.isdigit() else server
    middle = top + BAR - 4
    return (
        f'<text x="{LABELS - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2" fill="{_COLOURS.get(server, _OTHER)}"/>'
        f'<text x="{LABELS + length + 6:.1f}" y="{middle}">{escape(figure)}</text>'
    )

"""What is told at the end: tables on the terminal, the same in Markdown, everything in JSON."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from bench.figures import Figures, Results
    from bench.targets import Verdict

METHOD = """\
Every request is signed beforehand and differs from every other; its key is drawn uniformly from the whole population: a
hundred users, each with a key and five policy statements. Connections are kept alive: 64, or 8 for writes and
`ListUsers` (moto's server closes each one after its answer, as it does to every client). The floor is the same HTTP
server answering a constant to the same requests. Rounds alternate between the servers; CPU and rate are medians of
rounds. "Cold" is the first request of each key: akia has been restarted before. akia runs on a data directory on the
disk, everything on. Decisions are made in the benchmark's own process, in rounds that alternate with the floor's.

"Not recorded" is an akia that the benchmark puts together without a recorder, which the product cannot do; the CPU of both is
read when everything is done that the answers have left behind, so the indexing of events and the rules of suspicion are in it.
Events to the disk are written 64 at a time. `LookupEvents` is asked over one connection, by keys with 5,000 events each; before
it answers it brings in what was answered before. A trail's delivery runs in a process of its own: every event written into log
files, each file delivered to a directory, digests signed; its memory is compared with that after the first tenth of the events.
"""

HEADINGS = ("case", "server", "CPU µs/request", "cold CPU µs", "requests/s", "p50 ms", "p99 ms", "of akia's CPU")


def machine() -> dict[str, str]:
    """What the figures depend on: processor, system, versions. No names of hosts or people."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine()
    )
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{processor}, {cores} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "granian": version("granian"),
    }


def rows(results: Results) -> Iterator[tuple[str, ...]]:
    """One row of text for each case and server, in the order of HEADINGS."""
    for case, servers in results.figures.items():
        ours = servers.get("akia")
        for server, seen in servers.items():
            yield (
                case,
                f"{int(server):,}" if server.isdigit() else server,
                f"{seen.cpu_us:,.1f}",
                f"{seen.cold_cpu_us:,.1f}" if seen.cold_cpu_us is not None else "",
                f"{seen.rate:,.0f}",
                f"{seen.p50_ms:.2f}",
                f"{seen.p99_ms:.2f}",
                _beside(seen, ours),
            )


def verdict_row(verdict: Verdict) -> tuple[str, str, str, str]:
    """Target, limit, what was seen, and the word for it."""
    target = verdict.target
    limit = f"{'≤' if target.most else '≥'} {target.limit:g} {target.unit}" + (f" (stretch {target.stretch:g})" if target.stretch else "")
    return (
        target.text,
        limit,
        f"{verdict.seen:.2f} {target.unit}",
        "stretch met" if verdict.stretched else "met" if verdict.met else "NOT met",
    )


def show(console: Console, results: Results, verdicts: Sequence[Verdict]) -> None:
    """Print everything to the terminal."""
    console.print(_table("Figures", HEADINGS, list(rows(results))))
    if results.values:
        console.print(_table("Values", ("what", "seen"), [(name, f"{value:.6g}") for name, value in results.values.items()]))
    if verdicts:
        console.print(_table("Targets", ("target", "limit", "seen", ""), [verdict_row(verdict) for verdict in verdicts]))
    for case, reason in results.failures.items():
        console.print(f"FAILED {case}: {reason}", style="bold red", markup=False)


def markdown(results: Results, verdicts: Sequence[Verdict]) -> str:
    """The whole report as Markdown."""
    facts = "; ".join(f"{name} {value}" for name, value in results.machine.items())
    values = [(name, f"{value:.6g}") for name, value in results.values.items()]
    parts = [
        "# Benchmarks\n",
        "Written by `make bench`. Every ratio is within one run on one machine. CPU is that of the whole server for one request.\n",
        f"{facts}\n",
        METHOD,
        "![CPU per request](latest.svg)\n",
        "## Targets\n",
        _markdown_table(("target", "limit", "seen", ""), [verdict_row(verdict) for verdict in verdicts]),
        "## Figures\n",
        _markdown_table(HEADINGS, list(rows(results))),
        "## Values\n",
        _markdown_table(("what", "seen"), values),
    ]
    return "\n".join(parts)


def as_json(results: Results, verdicts: Sequence[Verdict]) -> str:
    """Everything, for programs."""
    judged = [
        {"target": v.target.text, "limit": v.target.limit, "stretch": v.target.stretch, "seen": v.seen, "met": v.met} for v in verdicts
    ]
    return json.dumps({**asdict(results), "targets": judged}, indent=2, ensure_ascii=False) + "\n"


def _beside(seen: Figures, ours: Figures | None) -> str:
    return f"{seen.cpu_us / ours.cpu_us:.2f}" if ours is not None and ours.cpu_us else ""


def _table(title: str, headings: Sequence[str], body: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number >= 2 else "left")
    for row in body:
        table.add_row(*row)
    return table


def _markdown_table(headings: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []

"""`python -m bench`: measure, print, and write the results of a whole run beside this file."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from bench import profiling, report, suite
from bench.cases import QUICK, WHOLE
from bench.chart import draw
from bench.contenders import NAMES
from bench.profiling import CASES
from bench.targets import Verdict, judge

if TYPE_CHECKING:
    from bench.figures import Results

RESULTS = Path(__file__).parent / "results"


@click.command()
@click.option("--quick", is_flag=True, help="Shorter rounds and smaller sizes, in less than 90 seconds; results are not kept.")
@click.option(
    "--case", "cases", multiple=True, type=click.Choice(suite.CASES), help="Only this case (may be repeated); results are not kept."
)
@click.option(
    "--server", "servers", multiple=True, type=click.Choice(NAMES), help="Only this server (may be repeated); results are not kept."
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    help=f"Keep the results in this directory (a whole run keeps them in bench/{RESULTS.name}).",
)
@click.option("--profile", type=click.Choice(list(CASES)), help="Measure nothing: show which functions of akia's worker take the time.")
def main(quick: bool, cases: tuple[str, ...], servers: tuple[str, ...], results: Path | None, profile: str | None) -> None:
    """Measure akia beside the bare HTTP server and beside moto and ministack.

    Targets that are missed are reported and do not fail the run; a case that could not be measured does.
    """
    if profile is not None:
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
            click.echo(profiling.profile(profile, Path(scratch) / "profiled"))
        return
    console, started = Console(width=None if sys.stdout.isatty() else 140), time.monotonic()

    def say(what: str) -> None:
        console.print(f"[{time.monotonic() - started:5.0f} s] {what}", style="dim", markup=False)

    found = suite.run(QUICK if quick else WHOLE, cases or suite.CASES, servers or NAMES, say)
    found.machine = {**report.machine(), **found.machine}
    verdicts = judge(found)
    report.show(console, found, verdicts)
    whole = not (quick or cases or servers)
    if results or whole:
        keep(results or RESULTS, found, verdicts)
    say("done")
    sys.exit(1 if found.failures else 0)


def keep(directory: Path, found: Results, verdicts: list[Verdict]) -> None:
    """Write latest.json, latest.md and latest.svg."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "latest.json").write_text(report.as_json(found, verdicts), encoding="utf-8")
    (directory / "latest.md").write_text(report.markdown(found, verdicts), encoding="utf-8")
    (directory / "latest.svg").write_text(draw(found), encoding="utf-8")


if __name__ == "__main__":
    main()

"""`akia replay`: what a draft of a policy would have changed, with the recorded requests of a period."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from akia.cli import changed_decisions, options
from akia.cli.event_history import Moment, period
from akia.cli.own_service import connection, document, given, own_service, pages
from akia.cli.printing import bar, counted, json_option, tell, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from akia.cli.event_history import Said

POLL_SECONDS = 0.3


@click.command()
@click.option("--policy", "path", type=options.PATH, metavar="FILE", required=True, help="The draft: an identity-based policy.")
@click.option("--principal", metavar="ARN", help="A user or role.  [default: everybody]")
@click.option("--since", type=Moment(), default="7d", show_default=True, metavar="TIME", help="From when on: 12h, 7d, 2026-11-01.")
@click.option("--until", type=Moment(), metavar="TIME", help="Until when.  [default: now]")
@click.option("--replaces", metavar="POLICY", help="Try it in place of this managed policy (ARN) or inline policy (name).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many requests to list at most.")
@click.option("--keep", is_flag=True, help="Keep the replay, for `aws akia get-replay` and list-replay-results.")
@json_option
@connection
def replay(
    path: Path,
    principal: str | None,
    since: Said,
    until: Said | None,
    replaces: str | None,
    limit: int,
    keep: bool,
    as_json: bool,
    data: Path | None,
    aws_profile: str | None,
) -> None:
    """Decide past requests once more, as if a draft were in force, and list what would change. Asks the running akia."""
    text = document(path)
    start, end = period(since, until)
    with own_service(data, aws_profile) as akia:
        wanted = given(PrincipalArn=principal, StartTime=start, EndTime=end, Replaces=replaces)
        replay_id = akia.start_replay(PolicyDocument=text, **wanted)["ReplayId"]
        try:
            done = _followed(akia, replay_id)
            results = pages(akia.list_replay_results, "Results", limit, ReplayId=replay_id)
        except KeyboardInterrupt:
            with suppress(akia.exceptions.ConflictException):  # it was over already
                akia.stop_replay(ReplayId=replay_id)
            if not keep:
                akia.delete_replay(ReplayId=replay_id)
            raise
        if not keep:
            akia.delete_replay(ReplayId=replay_id)
    if done["Status"] == "FAILED":
        raise click.ClickException("the replay failed; the server's log tells where")
    if as_json:
        click.echo(to_json({"Replay": done, "Results": results}))
    else:
        _tell(done, results)


def _followed(akia: Any, replay_id: str) -> Any:
    """The replay when it is over; until then a bar shows on the terminal how far it has come."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[events]} events")
    with bar(*columns) as progress:
        task = progress.add_task("replaying", total=100, events=0)
        while True:
            told = akia.get_replay(ReplayId=replay_id)["Replay"]
            progress.update(task, completed=told["PercentComplete"], events=told["ExaminedEventCount"])
            if told["Status"] != "RUNNING":
                return told
            time.sleep(POLL_SECONDS)


def _tell(done: Any, results: list[Any]) -> None:
    denied, allowed = done["NewlyDeniedCount"], done["NewlyAllowedCount"]
    click.echo(f"{counted(done['DecisionCount'], 'decision')} of {counted(done['ExaminedEventCount'], 'request')} made once more.")
    if done["UnanswerableCount"]:
        click.echo(f"{done['UnanswerableCount']} could not be: who made the request, or the role it was about, is gone.")
    if done["OutdatedCount"]:
        click.echo(f"{done['OutdatedCount']} turned out otherwise then, draft or not: policies have changed since.")
    click.echo(f"With the draft {denied} would be denied that are allowed, and {allowed} allowed that are denied.")
    tell(changed_decisions.lines(results))
    if denied + allowed > len(results):
        click.echo(f"… and {denied + allowed - len(results)} more")

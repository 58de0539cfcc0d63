"""`akia shadow`: policies that are tried and not enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from akia.cli import changed_decisions, options
from akia.cli.own_service import connection, document, given, own_service, pages
from akia.cli.printing import counted, json_option, tell, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAME = click.argument("name")
_TARGET = click.argument("target", metavar="ARN")
_MOST = 100_000


@click.group()
def shadow() -> None:
    """Try policies without enforcing them. Asks the running akia."""


@shadow.command()
@_TARGET
@_NAME
@click.option("--policy", "path", type=options.PATH, metavar="FILE", help="The document to try.")
@click.option("--policy-arn", metavar="ARN", help="A managed policy to try.")
@click.option("--replaces", metavar="POLICY", help="Try it in place of this managed policy (ARN) or inline policy (name).")
@connection
def attach(
    target: str, name: str, path: Path | None, policy_arn: str | None, replaces: str | None, data: Path | None, aws_profile: str | None
) -> None:
    """Try a policy as NAME on the user, group or role ARN."""
    if (path is None) == (policy_arn is None):
        raise click.UsageError("name either --policy or --policy-arn")
    text = document(path) if path is not None else None
    with own_service(data, aws_profile) as akia:
        akia.attach_shadow_policy(TargetArn=target, Name=name, **given(PolicyArn=policy_arn, PolicyDocument=text, Replaces=replaces))
    click.echo(f"{name} is tried on {target} from now on, and enforced nowhere.")


@shadow.command()
@_TARGET
@_NAME
@connection
def detach(target: str, name: str, data: Path | None, aws_profile: str | None) -> None:
    """End the trial of NAME on the user, group or role ARN. Its findings are forgotten."""
    with own_service(data, aws_profile) as akia:
        akia.detach_shadow_policy(TargetArn=target, Name=name)
    click.echo(f"{name} is tried on {target} no longer.")


@shadow.command("list")
@click.argument("target", metavar="[ARN]", required=False)
@json_option
@connection
def list_(target: str | None, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """List what is tried: everywhere, or on the user, group or role ARN."""
    with own_service(data, aws_profile) as akia:
        found = pages(akia.list_shadow_policies, "ShadowPolicies", _MOST, **given(TargetArn=target))
    if as_json:
        click.echo(to_json(found))
    elif not found:
        click.echo("nothing is tried")
    else:
        tell(_line(each) for each in found)


def _line(each: Mapping[str, Any]) -> str:
    replaced = f", in place of {each['Replaces']}" if "Replaces" in each else ""
    return f"{each['Name']} on {each['TargetArn']}: {each.get('PolicyArn', 'a document of its own')}{replaced}"


@shadow.command()
@_TARGET
@_NAME
@click.option("--requests", is_flag=True, help="List the requests one by one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many lines at most.")
@json_option
@connection
def report(target: str, name: str, requests: bool, limit: int, as_json: bool, data: Path | None, aws_profile: str | None) -> None:
    """Tell what NAME on the user, group or role ARN would have changed."""
    shadow_policy = {"TargetArn": target, "Name": name}
    with own_service(data, aws_profile) as akia:
        told = akia.get_shadow_report(**shadow_policy, MaxResults=min(limit, 1000))
        findings = pages(akia.list_shadow_findings, "Findings", limit, **shadow_policy) if requests else []
    del told["ResponseMetadata"]
    if as_json:
        click.echo(to_json(told | ({"Findings": findings} if requests else {})))
        return
    click.echo(f"{counted(told['NewlyDeniedCount'], 'decision')} would have been denied, {told['NewlyAllowedCount']} allowed.")
    tell(changed_decisions.summary(each["Count"], each) for each in told["Summaries"])
    tell(changed_decisions.lines(findings))

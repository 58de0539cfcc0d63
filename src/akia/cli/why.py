"""`akia why`: what decided, with the text of every statement that counted, and the smallest change that would allow it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from akia.cli import endpoint
from akia.cli.explanation import ALLOW, EXPLICIT_DENY, IMPLICIT_DENY, NO_IMPACT, Explanation, Layer
from akia.cli.own_service import connection
from akia.cli.printing import json_option, tell, to_json
from akia.cli.refused_request import explain_request
from akia.cli.remedy import changes
from akia.cli.simulated_request import explain_simulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LAYERS = {
    "SERVICE_CONTROL_POLICY": "service control policies",
    "RESOURCE_CONTROL_POLICY": "resource control policies",
    "VPC_ENDPOINT": "VPC endpoint policy",
    "RESOURCE": "resource's own policy",
    "PRINCIPAL": "identity-based policies",
    "PERMISSIONS_BOUNDARY": "permissions boundary",
    "SESSION": "session policies",
    "ACCESS_KEY": "restrictions of the access key",
    "": "policies",
}
_EFFECTS = {ALLOW: "allow", EXPLICIT_DENY: "DENY", IMPLICIT_DENY: "do not allow", NO_IMPACT: "are not needed"}
_OUTCOMES = {ALLOW: "Allowed", EXPLICIT_DENY: "Denied explicitly", IMPLICIT_DENY: "Denied for want of an Allow"}

GONE = "its text is gone: that version has been deleted"
UNREADABLE = "the document cannot be read, and so denies everything"


@click.command()
@click.argument("request_id", required=False)
@click.option("--principal", metavar="ARN", help="Ask about a user, group or role instead of a request.")
@click.option("--action", metavar="ACTION", help="What it would do, such as iam:CreateUser.")
@click.option("--resource", metavar="ARN", help="To what.  [default: *]")
@click.option("--context", "pairs", metavar="KEY=VALUE", multiple=True, help="A condition key of the imagined request. May be repeated.")
@connection
@json_option
def why(
    request_id: str | None,
    principal: str | None,
    action: str | None,
    resource: str | None,
    pairs: tuple[str, ...],
    data: Path | None,
    aws_profile: str | None,
    as_json: bool,
) -> None:
    """Explain a request that was refused, by its REQUEST_ID or its event's id, or one that somebody might make. Asks the running akia."""
    if (request_id is None) == (principal is None) or (principal is None) != (action is None):
        raise click.UsageError("name a REQUEST_ID, or --principal and --action")
    if request_id is not None and (pairs or resource is not None):
        raise click.UsageError("--resource and --context belong to --principal and --action: a request has its own")
    entries = [_entry(pair) for pair in pairs]
    with endpoint.readable_errors():
        client = endpoint.clients(data, aws_profile)
        if request_id is not None:
            explanation = explain_request(client("iam-toolbox"), request_id)
        else:
            assert principal is not None and action is not None
            explanation = explain_simulation(client("iam"), principal, action, resource or "*", entries)
    if as_json:
        click.echo(_as_json(explanation))
    else:
        tell(_lines(explanation))


def _entry(pair: str) -> dict[str, Any]:
    key, equals, value = pair.partition("=")
    if not key or not equals:
        raise click.UsageError(f"{pair!r} is not KEY=VALUE")
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}


def _as_json(explanation: Explanation) -> str:
    told = asdict(explanation) | {"changes": [asdict(change) for change in changes(explanation)] if not explanation.allowed else []}
    return to_json(told)


def _lines(explanation: Explanation) -> Iterator[str]:
    yield f"{_OUTCOMES[explanation.outcome]}: {explanation.action} on {explanation.resource or 'no resource'}"
    yield f"by {explanation.principal}"
    if explanation.limit:
        yield f"Turned away all the same, by the limit {explanation.limit}: see `akia limits list`."
    yield ""
    for layer in explanation.layers:
        yield from _layer(layer)
    if explanation.context or explanation.missing:
        yield from ("", "Condition keys of the request")
        yield from (f"  {key} = {_value(value)}" for key, value in explanation.context.items())
        yield from (f"  {key} was absent, and a policy asks for it" for key in explanation.missing)
    if not explanation.allowed:
        yield from _remedy(explanation)


def _layer(layer: Layer) -> Iterator[str]:
    where = f" ({layer.where})" if layer.where else ""
    yield f"{_LAYERS[layer.type]}{where}: {_EFFECTS[layer.effect]}"
    for statement in layer.statements:
        yield f"  {'Deny' if statement.denies else 'Allow'}: statement {statement.sid} of {statement.policy}"
        yield from _indented(statement.text or (UNREADABLE if statement.is_whole_document else GONE))


def _remedy(explanation: Explanation) -> Iterator[str]:
    needed = list(changes(explanation))
    yield from ("", "The smallest change that would allow it")
    for change in needed:
        yield f"  {change.instruction}"
        if change.statement is not None:
            yield from _indented(change.statement)


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}" for line in text.splitlines())


def _value(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)

"""Requests that a policy would change, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WORDS = {"NEWLY_DENIED": "would be denied", "NEWLY_ALLOWED": "would be allowed"}


def lines(changed: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Of findings of a shadow policy or results of a replay."""
    for each in changed:
        yield f"{each['EventTime']:%Y-%m-%d %H:%M:%S}  {_WORDS[each['Change']]}: {_what(each)}{_why(each)}"
        yield f"    event {each['EventId']}"


def summary(number: int, each: Mapping[str, Any]) -> str:
    """Of `number` findings alike."""
    times = "once" if number == 1 else f"{number} times"
    return f"{_WORDS[each['Change']]} {times}: {_what(each)}, last {each['LastTime']:%Y-%m-%d %H:%M:%S}"


def _what(each: Mapping[str, Any]) -> str:
    return f"{each['Action']} on {each['Resource']} by {each['PrincipalArn'].rpartition(':')[2]}"


def _why(each: Mapping[str, Any]) -> str:
    statements = each.get("DecidingStatements") or ()
    told = ", ".join(f"{statement.get('Sid') or '#' + str(statement['Position'])} of {statement['Policy']}" for statement in statements)
    return f" (statement {told})" if told else " (nothing allows it)"

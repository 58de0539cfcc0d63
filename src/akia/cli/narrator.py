"""Tells a story of AWS calls: each one is really made, printed as the AWS CLI would spell it, and compared with how it is told to end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console


class NotAsTold(Exception):
    """A call ended otherwise than the story says."""


class Narrator:
    """Prints to `console`. `calls` counts the calls that went as told."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.calls = 0

    def chapter(self, title: str) -> None:
        self._console.print(f"\n[bold]{escape(title)}[/bold]", soft_wrap=True)

    def call(
        self, who: Person, service: str, operation: str, *, shows: str = "", refused: str = "", **parameters: Any
    ) -> Mapping[str, Any]:
        """Have `who` call an operation; what it answers ({} if refused).

        `shows` is the path of the answer's member to print, `refused` the error code that must come. Raises NotAsTold.
        """
        self._console.print(f"  [cyan]{who.name:>13}[/cyan] $ {escape(command(service, operation, parameters))}", soft_wrap=True)
        try:
            answer: Mapping[str, Any] = getattr(who.client(service), operation)(**parameters)
        except ClientError as error:
            self._refused(error.response["Error"], refused)
            return {}
        if refused:
            raise NotAsTold(f"{operation} was allowed, and should have been refused with {refused}")
        self.calls += 1
        self._console.print(f"                [green]ok[/green] {escape(_shown(answer, shows))}", soft_wrap=True)
        return answer

    def _refused(self, error: Mapping[str, Any], expected: str) -> None:
        code, reason = error["Code"], error.get("Message", "")
        self._console.print(
            f"                [red]refused[/red] {escape(code)}: {escape(reason.splitlines()[0] if reason else '')}", soft_wrap=True
        )
        if code != expected:
            raise NotAsTold(f"it was refused with {code}, and should have been {f'refused with {expected}' if expected else 'allowed'}")
        self.calls += 1


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs calls: `client` makes the boto3 client of a service."""

    name: str
    client: Callable[[str], Any]


def command(service: str, operation: str, parameters: Mapping[str, Any]) -> str:
    """The call as the AWS CLI spells it."""
    words = [f"--{xform_name(name, '-')} {_word(value)}" for name, value in parameters.items()]
    return " ".join(["aws", service, operation.replace("_", "-"), *words])


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}'" if set(text) & set(' {}"*') else text


def _shown(answer: Mapping[str, Any], path: str) -> str:
    """The member of `answer` at the dotted `path`; of a list, each element's."""
    value: Any = answer
    for position, name in enumerate(path.split(".") if path else ()):
        if isinstance(value, list):
            rest = ".".join(path.split(".")[position:])
            return ", ".join(_shown(element, rest) for element in value)
        value = value[name]
    return str(value) if path else ""

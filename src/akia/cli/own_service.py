"""How commands call akia's own service: its client, documents from files, and lists of several pages."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from akia.cli import endpoint, options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

F = TypeVar("F", bound="Callable[..., Any]")

_PROFILE = click.option(
    "--profile", "aws_profile", metavar="NAME", help="Use this profile of your own AWS files, not the one in the data directory."
)


def connection(command: F) -> F:
    """The options that say which akia is meant, and who asks."""
    return options.data(_PROFILE(command))


@contextmanager
def own_service(data: Path | None, aws_profile: str | None) -> Iterator[Any]:
    """A boto3 client of the service `akia`. Its refusals end the command with their text."""
    with endpoint.readable_errors():
        yield endpoint.clients(data, aws_profile)("akia")


def document(path: Path) -> str:
    """The text of a policy's file."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error


def given(**parameters: Any) -> dict[str, Any]:
    """The parameters that have a value."""
    return {name: value for name, value in parameters.items() if value is not None}


def pages(operation: Callable[..., Any], member: str, limit: int, **parameters: Any) -> list[Any]:
    """At most `limit` items of a list."""
    found: list[Any] = []
    token: dict[str, str] = {}
    while len(found) < limit:
        answer = operation(**parameters, **token, MaxResults=min(limit - len(found), 1000))
        found += answer[member]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    return found

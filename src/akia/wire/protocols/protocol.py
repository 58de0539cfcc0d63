"""What a protocol must offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from akia.wire.request import Answer, HttpRequest

if TYPE_CHECKING:
    from akia.aws.errors import AwsError, Family
    from akia.wire.schema import Shape

Parse = Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]
"""(request, what routing has read already: a form's fields or a path's labels) -> the members of the input."""

Succeed = Callable[[Mapping[str, Any], str], Answer]
"""(result, request id) -> response."""


@dataclass(frozen=True, slots=True)
class Interface:
    """What the model says about an operation's input and output."""

    name: str
    input: Shape | None
    output: Shape | None
    result_wrapper: str | None
    status: int
    """Of a successful response (W6.1)."""


class WireProtocol(Protocol):
    """One service's way to speak."""

    family: Family

    def parser(self, interface: Interface) -> Parse:
        """Compiles what reads the operation's input. It raises MalformedInput for what is no value of the members' types."""

    def succeeder(self, interface: Interface) -> Succeed:
        """Compiles what writes the operation's results."""

    def refuse(self, error: AwsError, request_id: str) -> Answer:
        """The response for an error."""


class Refuser(Protocol):
    """Whoever can word an error for the client: a service, or `Stranger` where no service was recognised."""

    @property
    def family(self) -> Family:
        """The family whose codes and statuses it uses."""

    def error(self, error: AwsError, request_id: str, *, accept_json: bool = False) -> Answer:
        """The response for an error."""

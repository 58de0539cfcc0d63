"""An akia in process whose limits go by a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from akia.authority.limits import Limits
from akia.authority.limits_file import OperatorLimits

if TYPE_CHECKING:
    from tests.conftest import World

REFUSED = ("Throttling", "ThrottlingException", "TooManyRequestsException")


@dataclass
class Clock:
    """Monotonic seconds, as a test says."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def stopped(akia: World) -> Clock:
    """The clock of the limits of `akia`, which stands still from now on."""
    clock = Clock()
    akia.akia.authority.limits.clock = clock
    return clock


def operated(akia: World, **limits: Any) -> Clock:
    """The clock of `akia`, for which the operator has set `limits`: fields of OperatorLimits."""
    clock, authority = Clock(), akia.akia.authority
    authority.limits = Limits(OperatorLimits(**{"published": False} | limits), authority.limits.limiter, clock)
    return clock


def granted(call: Any, tries: int, /, **parameters: Any) -> int:
    """How many of so many calls are not turned away by a limit. Whatever else is refused fails."""
    through = 0
    for _ in range(tries):
        try:
            call(**parameters)
        except ClientError as error:
            assert error.response["Error"]["Code"] in REFUSED, error
        else:
            through += 1
    return through


def refusal(call: Any, /, **parameters: Any) -> dict[str, Any]:
    """The whole answer to a call that is turned away."""
    try:
        call(**parameters)
    except ClientError as error:
        return dict(error.response)
    raise AssertionError("it was granted")

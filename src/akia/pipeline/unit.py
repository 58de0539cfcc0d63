"""The unit of work: one request, from its bytes to its answer and its event. Whatever happens on the way, it ends in exactly one of
each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.wire import STRANGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.authority.caller import Caller
    from akia.authority.judgement import Judgement
    from akia.aws.errors import AwsError
    from akia.operation import Parameters
    from akia.pipeline.authorize import Grant
    from akia.pipeline.identify import Call
    from akia.pipeline.request import Request
    from akia.sigv4 import ClaimedScope
    from akia.store.store import Store
    from akia.throttle import Exceeded, NearlyUsed
    from akia.wire import Refuser


@dataclass(slots=True)
class Unit:
    """How far a request has come: what is not reached yet is None. The recorder reads it, the pipeline fills it in."""

    request: Request
    claimed: ClaimedScope | None = None
    refuser: Refuser = STRANGER
    call: Call | None = None
    caller: Caller | None = None
    params: Parameters | None = None
    grant: Grant | None = None
    judged: list[Judgement] = field(default_factory=list)
    remembered: list[Callable[[Store], None]] = field(default_factory=list)
    result: Mapping[str, Any] | None = None
    error: AwsError | None = None
    limits: Exceeded | tuple[NearlyUsed, ...] = ()
    """What is to be remembered of limits: the one that refuses, or those that are nearly used up."""

    @property
    def accepts_json(self) -> bool:
        """Whether the client asked a query service for JSON (W4.9)."""
        return (self.request.header(b"accept") or b"").startswith(b"application/json")

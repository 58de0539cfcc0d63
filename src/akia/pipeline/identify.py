"""Which operation of which service do these bytes ask for? Nothing about the sender is known or needed yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.sigv4 import normalised_path, scope_of
from akia.wire import Routed, Unrouted, route

if TYPE_CHECKING:
    from akia.operation import Operation
    from akia.pipeline.request import Request
    from akia.pipeline.services import Services
    from akia.sigv4 import ClaimedScope
    from akia.wire import HttpRequest, Models


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it asks for, on the wire (`routed`) and here (`operation`)."""

    request: Request
    routed: Routed
    operation: Operation


def identify(request: Request, claimed: ClaimedScope | None, models: Models, services: Services) -> Call | Unrouted:
    """The call that `request` makes, or why it makes none and who words the answer.

    An operation of the model that akia does not perform yet is a call like any other up to `execute`, so that nobody learns more from it
    than they may know.
    """
    routed = route(models, _as_signed(request.http), claimed.service if claimed is not None else None)
    if isinstance(routed, Unrouted):
        return routed
    return Call(request, routed, services.operation(routed.service.name, routed.operation.name))


def claimed_scope(request: Request) -> ClaimedScope | None:
    """What the sender claims (W3.3). Proves nothing."""
    return scope_of(request.http.headers, request.http.query)


def _as_signed(http: HttpRequest) -> HttpRequest:
    """`http` with the path that its signature covers: one signature, one resource (NT-08)."""
    path = http.raw_path
    return http._replace(raw_path=normalised_path(path)) if b"//" in path or b"/." in path else http

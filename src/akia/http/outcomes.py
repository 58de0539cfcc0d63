"""What a finished request counts as, in the figures that are told to Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import AccessDenied, InternalFailure, ServiceUnavailable, Throttling
from akia.metrics.requests import THROTTLED

if TYPE_CHECKING:
    from akia.metrics.requests import Kind
    from akia.pipeline.unit import Unit


def kind_of(unit: Unit) -> Kind:
    """The service, access level and outcome of `unit`. What names no operation of ours is of the service `unknown`."""
    call = unit.call
    if call is None:
        return "unknown", "unknown", outcome_of(unit)
    return call.operation.service, call.operation.action.access._value_, outcome_of(unit)


def outcome_of(unit: Unit) -> str:
    """`ok`, or why not: `denied` by policy, `unverified` sender, `throttled`, `rejected` for what it asks, `unavailable`, `failed`."""
    error = unit.error
    if error is None:
        return "ok"
    if isinstance(error, AccessDenied):
        return "denied" if unit.caller is not None else "unverified"
    if isinstance(error, Throttling):
        return THROTTLED
    if isinstance(error, ServiceUnavailable):
        return "unavailable"
    if isinstance(error, InternalFailure):
        return "failed"
    return "rejected" if unit.caller is not None else "unverified"

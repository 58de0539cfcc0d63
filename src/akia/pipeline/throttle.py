"""Is it this caller's turn already? The last question before a call is done, asked once: a write whose turn comes later has been asked.

What is refused has an event like any other call. Which limit it was stands in the event (`additionalEventData.limit`) and in a header: the
text of the error is AWS's, which clients look for.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from akia.authority.limits import key_of
from akia.aws.errors import RateExceeded
from akia.throttle import Exceeded

if TYPE_CHECKING:
    from akia.authority.limits import Limits
    from akia.aws.errors import Throttling
    from akia.pipeline.authorize import Grant
    from akia.pipeline.unit import Unit
    from akia.throttle import Claim
    from akia.wire import Answer

HEADER = b"x-akia-limit"
LONGEST_RETRY = 20.0
"""Seconds, the longest that any client waits by itself (W8.1): a hint of more would have it hang."""
_DAY = 86_400


def throttle(grant: Grant, limits: Limits, unit: Unit) -> None:
    """Take from every limit that concerns the granted call. Raises RateExceeded, and ServiceUnavailable if that cannot be told.

    `unit.limits` is what the event is to say of it.
    """
    context, operation = grant.context, grant.call.operation
    claims = limits.concerning(context.caller, operation.action.text, context.facts.source_ip, context.store)
    if not claims:
        return
    verdict = limits.limiter.admit(claims, key_of(context.caller), limits.clocks)
    if not verdict:
        return
    unit.limits = verdict
    if isinstance(verdict, Exceeded):
        raise RateExceeded(_message(verdict, context.facts.received), grant.call.routed.service.throttling, _retry(verdict))


def with_hints(answer: Answer, error: Throttling, unit: Unit) -> Answer:
    """`answer` with the limit's name, and when to try again: in whole seconds, rounded up, and in milliseconds."""
    headers = list(answer.headers)
    if isinstance(unit.limits, Exceeded):
        headers.append((HEADER, named(unit.limits.claim).encode()))
    if isinstance(error, RateExceeded) and error.retry_seconds is not None:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(error.retry_seconds))))
        headers.append((b"x-amz-retry-after", b"%d" % max(1, math.ceil(error.retry_seconds * 1000))))
    return answer._replace(headers=headers)


def limits_noted(unit: Unit) -> dict[str, Any]:
    """What the event says of limits: the one that has refused the call, or those of which it has used the fifth part from the end."""
    if isinstance(unit.limits, Exceeded):
        return {"limit": {**_described(unit.limits.claim), "exceeded": True}}
    nearly = max(unit.limits, key=lambda each: each.use)
    return {"limit": {**_described(nearly.claim), "usedPercent": int(nearly.use * 100)}}


def _retry(exceeded: Exceeded) -> float | None:
    """Of a daily budget nothing is said: a client that honoured it would hang until midnight."""
    return None if exceeded.of_budget else min(exceeded.seconds, LONGEST_RETRY)


def _message(exceeded: Exceeded, now: float) -> str:
    if not exceeded.of_budget:
        return "Rate exceeded"
    midnight = datetime.fromtimestamp((int(now) // _DAY + 1) * _DAY, UTC)
    budget = exceeded.claim.allowance.daily
    return f"Rate exceeded. The key's budget of {budget} requests a day is used up until {midnight:%Y-%m-%dT%H:%M:%SZ}."


def _described(claim: Claim) -> dict[str, Any]:
    allowance = claim.allowance
    told = {
        "scope": claim.scope,
        "of": claim.told,
        "rate": allowance.rate,
        "burst": allowance.burst if allowance.rate else 0,
        "dailyBudget": allowance.daily,
    }
    return {name: value for name, value in told.items() if value}


def named(claim: Claim) -> str:
    """The limit in a few words: its scope, what it is of, and how much it gives."""
    allowance = claim.allowance
    rate = f"{allowance.rate:g}/s" if allowance.rate else ""
    budget = f"{allowance.daily}/day" if allowance.daily else ""
    return " ".join(filter(None, (claim.scope, claim.told, rate, budget)))

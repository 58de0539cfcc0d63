"""What limits cost: the same requests by the same keys, admitted in this process by akias without limits and with them, alternating.

The rates of the limits are so high that nobody is turned away; bursts are those of AWS's rates, since they say how often what is at hand
must be drawn anew.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from typing import TYPE_CHECKING

from akia.authority.limits import Limits
from akia.authority.limits_file import Bound, OperatorLimits
from akia.aws.rates import published
from akia.store.shared_buckets import SharedBuckets, since_boot
from akia.throttle import Limiter
from bench.admission import admit, opened_here
from bench.akia_server import Authority
from bench.bulk import settle_crowd
from bench.cases import GET_CALLER_IDENTITY
from bench.figures import summarize
from bench.signing import Scope
from bench.traffic import Traffic

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cases import Plan
    from bench.figures import Results
    from bench.load import Run

CASE = "GetCallerIdentity verified+authorized, by limits"
KEYS = 100
FAST = 1_000_000.0
"""Requests a second: more than there are."""


def measure(plan: Plan, directory: Path, results: Results) -> None:
    """Adds one case, whose servers are `none`, `others` (limits that do not concern the call), `one worker` and `two workers` (as AWS's
    rate of STS, its bucket shared by so many). Raises StartError."""
    authority = Authority(directory / "limits")
    with authority.running():
        pass  # the first start makes the account
    crowd = settle_crowd(authority, KEYS)
    with ExitStack() as stack:
        akia = opened_here(stack, authority)
        traffic = Traffic(Scope("sts", "127.0.0.1:2542"), list(crowd), GET_CALLER_IDENTITY.body)
        kinds = _kinds(directory)
        runs: dict[str, list[Run]] = {name: [] for name in kinds}
        cold = admit(akia, traffic.once_each())
        for _, (name, limits) in itertools.product(range(plan.rounds * 3), kinds.items()):
            akia.authority.limits = limits
            runs[name].append(admit(akia, traffic.drawn(plan.admissions)))
        for name, seen in runs.items():
            results.add(CASE, name, summarize(seen, cold))


def _kinds(directory: Path) -> dict[str, Limits]:
    rate = published("sts:GetCallerIdentity")
    assert rate is not None
    fast = OperatorLimits(published=False, actions={"sts:*": Bound(FAST, rate.burst)})
    others = OperatorLimits(published=False, actions={"iam:CreateUser": Bound(1.0, 1.0)})

    def limits(operator: OperatorLimits, name: str, workers: int) -> Limits:
        return Limits(operator, Limiter(SharedBuckets(directory / f"buckets-{name}"), workers), since_boot)

    return {
        "none": limits(OperatorLimits(published=False), "none", 1),
        "others": limits(others, "others", 1),
        "one worker": limits(fast, "one", 1),
        "two workers": limits(fast, "two", 2),
    }

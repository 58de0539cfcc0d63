"""Decisions of the policy engine, in this process: their cost beside the bare server's, among unrelated statements, and at its worst."""

from __future__ import annotations

import gc
import itertools
import json
import random
import statistics
import time
from typing import TYPE_CHECKING, Any

from akia.policy import Kind, Policies, PolicySet, Request, compile, decide, parse, principal  # noqa: A004 - read as `policy.compile`
from bench import worst
from bench.cases import GET_CALLER_IDENTITY, enough, exchange, warm_up
from bench.figures import summarize
from bench.load import Run
from bench.targets import AMONG, LAYERED, THIRTY_STARS, WORST, WORST_OF_TWENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.cases import Plan
    from bench.contenders import Contender
    from bench.figures import Results

SIZES = (100, 1_000, 10_000)
ACCOUNT = "123456789012"
CALLER = principal.role_session(
    f"arn:aws:sts::{ACCOUNT}:assumed-role/clerk/ann", f"arn:aws:iam::{ACCOUNT}:role/clerk", "AROAQEAAAAAAAAAAAAAAA", ACCOUNT
)
SERVICES = [f"service{number}" for number in range(10)]
ACTIONS = [f"{service}:{verb}Thing" for service in SERVICES for verb in ("Get", "Put", "Delete", "List", "Tag")]
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def measure(floor: Contender, plan: Plan, results: Results) -> None:
    """Adds the case of all layers, beside the floor's, the case of growth, and the times of the slowest. Raises LoadError."""
    _beside_floor(floor, plan, results)
    _among_statements(plan, results)
    results.values[THIRTY_STARS] = _seconds([_document({**EVERYTHING, "Condition": {"StringLike": {"aws:UserAgent": f"{'*a' * 30}*b*"}}})])
    alone = {f"decision of a policy of {name} (s)": _seconds([text]) for name, text in worst.documents(worst.INLINE).items()}
    results.values |= alone
    results.values[WORST] = max(alone.values())
    results.values[WORST_OF_TWENTY] = max(_seconds([text] * 20) for text in worst.documents(worst.MANAGED).values())


def _beside_floor(floor: Contender, plan: Plan, results: Results) -> None:
    """Rounds of decisions and rounds of requests to the floor in turn."""
    case, policies, runs = GET_CALLER_IDENTITY, all_layers(), {"floor": list[Run](), "akia": list[Run]()}
    rate = warm_up(case, floor).rate
    cold = decided([requested(action) for action in ACTIONS], policies)
    for _ in range(plan.rounds):
        requests = case.traffic(floor).drawn(enough(rate, plan.seconds))
        runs["floor"].append(exchange(case, floor, requests, case.connections, plan.seconds))
        runs["akia"].append(decided(drawn(plan.admissions), policies))
    results.add(LAYERED, "floor", summarize(runs["floor"]))
    results.add(LAYERED, "akia", summarize(runs["akia"], cold))


def _among_statements(plan: Plan, results: Results) -> None:
    every = {size: among(size) for size in SIZES}
    cold = {size: decided([requested(action) for action in ACTIONS], policies) for size, policies in every.items()}
    runs = {size: list[Run]() for size in SIZES}
    for _, size in itertools.product(range(plan.rounds * 2), SIZES):
        runs[size].append(decided(drawn(plan.admissions), every[size]))
    for size in SIZES:
        results.add(AMONG, str(size), summarize(runs[size], cold[size]))


def all_layers() -> Policies:
    """Ten policies of ten statements, a boundary, a session policy and two levels of SCPs, each of which has its say on every action."""
    guard = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}},
    }
    return Policies(
        identity=_set(Kind.IDENTITY_MANAGED, *_related(denials=True)),
        boundary=_set(Kind.BOUNDARY, _document({**EVERYTHING, "Action": [f"{service}:*" for service in SERVICES]}, guard)),
        session=_set(Kind.SESSION, _document({**EVERYTHING, "Action": "service*:*"})),
        scps=(
            _set(Kind.SCP, _document(EVERYTHING), _document(guard)),
            _set(Kind.SCP, _document(EVERYTHING), _document({**guard, "Action": "service9:*"})),
        ),
    )


def among(size: int) -> Policies:
    """Ten policies whose statements concern what is asked, and others, ten statements each, until there are `size` statements."""
    others = [
        {**EVERYTHING, "Action": [f"other{n}:Get*", f"other{n}:Put{n}"], "Resource": f"arn:aws:other{n}:::*"} for n in range(size - 50)
    ]
    texts = [*_related(denials=False), *(_document(*others[n : n + 10]) for n in range(0, len(others), 10))]
    return Policies(identity=_set(Kind.IDENTITY_MANAGED, *texts))


def drawn(count: int) -> list[Request]:
    """So many requests, each different."""
    return [requested(action) for action in random.Random(2542).choices(ACTIONS, k=count)]


_SERIAL = itertools.count()


def requested(action: str) -> Request:
    """A request that is allowed and that differs from every other."""
    number = next(_SERIAL)
    context = {
        "aws:username": f"ann-{number}",
        "aws:requestedregion": "us-east-1",
        "aws:sourceip": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "aws:principaltag/team": "blue",
        "aws:useragent": f"aws-cli/2.0 {number}",
    }
    service = action.partition(":")[0]
    return Request(CALLER, action, f"arn:aws:{service}:us-east-1:{ACCOUNT}:thing/blue/{number}", context, ACCOUNT)


def decided(requests: Sequence[Request], policies: Policies) -> Run:
    """Decide each; CPU of this process. Raises ValueError if one is not allowed."""
    latencies, clock, allowed = list[float](), time.perf_counter, 0
    gc.collect()
    gc.freeze()
    cpu, started = time.process_time(), clock()
    for request in requests:
        begun = clock()
        allowed += decide(request, policies).allowed
        latencies.append(clock() - begun)
    run = Run(clock() - started, latencies, time.process_time() - cpu)
    gc.unfreeze()
    if allowed != len(requests):
        raise ValueError(f"{len(requests) - allowed} of {len(requests)} requests were not allowed")
    return run


def _related(*, denials: bool) -> list[str]:
    """A policy for each service: for each of its five actions an Allow and, with `denials`, a Deny whose condition is not met."""
    return [_document(*itertools.chain.from_iterable(_of_action(action, denials) for action in group)) for group in _by_service()]


def _by_service() -> list[list[str]]:
    return [[action for action in ACTIONS if action.startswith(f"{service}:")] for service in SERVICES]


def _of_action(action: str, denials: bool) -> list[dict[str, Any]]:
    service = action.partition(":")[0]
    allow = {
        "Effect": "Allow",
        "Action": action,
        "Resource": f"arn:aws:{service}:*:{ACCOUNT}:thing/${{aws:PrincipalTag/team}}/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringLike": {"aws:UserAgent": "aws-cli/*"}},
    }
    deny = {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    return [allow, deny] if denials else [allow]


def _seconds(texts: Sequence[str], rounds: int = 7) -> float:
    """The median CPU time of a decision on the worst context with these policies in force, each of which passes IAM's checks on saving."""
    for text in set(texts):
        parse(text, Kind.IDENTITY_INLINE)
    policies = Policies(identity=_set(Kind.IDENTITY_INLINE, *texts))
    request = Request(CALLER, "s3:GetObject", worst.RESOURCE, worst.CONTEXT, ACCOUNT)
    return statistics.median(_timed(lambda: decide(request, policies)) for _ in range(rounds))


def _timed(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _set(kind: Kind, *texts: str) -> PolicySet:
    return PolicySet(compile(text, kind, policy=f"{kind.name}-{place}") for place, text in enumerate(texts))


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

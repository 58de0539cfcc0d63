"""Verifying and authorizing without a network: the half of the pipeline that a gateway runs, in this process, several akias alternating."""

from __future__ import annotations

import gc
import itertools
import time
from typing import TYPE_CHECKING

from akia.assembly import assemble
from akia.authority.facts import RequestFacts
from akia.pipeline.request import Request
from akia.pipeline.unit import Unit
from akia.wire import HttpRequest
from bench.bulk import opened
from bench.cases import GET_USER
from bench.figures import Figures, summarize
from bench.load import Run
from bench.signing import USER_AGENT, Credential, Scope
from bench.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import ExitStack

    from akia.assembly import Akia
    from bench.akia_server import Authority
    from bench.cases import Plan

SCOPE = Scope("iam", "127.0.0.1:2542")


def compare(stack: ExitStack, crowds: Mapping[str, tuple[Authority, Sequence[Credential]]], plan: Plan) -> Iterator[tuple[str, Figures]]:
    """Admit `GetUser` calls by each crowd, every key once and then all at random. Yields each one's name and figures; CPU of this process.

    Raises what the pipeline refuses with.
    """
    gates = {name: (opened_here(stack, authority), Traffic(SCOPE, keys, GET_USER.body)) for name, (authority, keys) in crowds.items()}
    cold, runs = {}, {name: list[Run]() for name in gates}
    for name, (akia, traffic) in gates.items():
        everybody = traffic.once_each()
        admit(akia, everybody[:1])
        cold[name] = admit(akia, everybody[1:])
        admit(akia, traffic.drawn(2_000))
    for _, (name, (akia, traffic)) in itertools.product(range(plan.rounds * 2), gates.items()):
        runs[name].append(admit(akia, traffic.drawn(plan.admissions)))
    for name, seen in runs.items():
        yield name, summarize(seen, cold[name])


def opened_here(stack: ExitStack, authority: Authority) -> Akia:
    """The akia of a data directory whose server is stopped, in this process."""
    store = stack.enter_context(opened(authority))
    akia = assemble(store, authority.data, account=store.accounts.all()[0].id)
    stack.callback(akia.close)
    return akia


def admit(akia: Akia, requests: Sequence[bytes]) -> Run:
    """Admit each of these requests and let go of it. Raises the first refusal."""
    arrived = [Unit(arrival(request)) for request in reversed(requests)]
    latencies, clock = [], time.perf_counter
    gc.collect()
    gc.freeze()
    cpu, started = time.process_time(), clock()
    while arrived:
        begun, unit = clock(), arrived.pop()  # nothing of a request outlives it, as in the server
        akia.pipeline.admit(unit)
        akia.authority.end_reading()
        latencies.append(clock() - begun)
    run = Run(clock() - started, latencies, time.process_time() - cpu)
    gc.unfreeze()
    return run


def arrival(request: bytes) -> Request:
    """The request as the HTTP server would hand it over."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")[1:]
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    facts = RequestFacts(
        "01234567-89ab-4cde-af01-23456789abcd", time.time(), "127.0.0.1", secure=False, user_agent=USER_AGENT, host=SCOPE.host
    )
    return Request(HttpRequest(b"POST", b"/", b"", headers, body), facts)

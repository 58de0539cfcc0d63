"""The cases that every contender runs, and how they are measured.

In short rounds that alternate between the contenders, so that all of them share the machine's moods.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.figures import Figures, summarize
from bench.load import Run, hold, replay
from bench.population import key_in
from bench.traffic import Traffic, form

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from bench.contenders import Contender
    from bench.signing import Credential

FIRST_TOUCH = 5.0
"""Seconds at most for the requests to a cold server."""
WARM_UP = 0.4
"""Seconds of load before the first round, from which the number of requests to prepare is told."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure: so many `rounds` of so many `seconds` at each server, and the sizes at which growth is measured."""

    rounds: int
    seconds: float
    keys: tuple[int, ...]
    statements: tuple[int, ...]
    starts: int
    admissions: int
    """How many requests are admitted in process in a round."""
    events: int
    """How large the history is in which events are looked up."""
    delivered: int
    """How many events a trail delivers."""


WHOLE = Plan(
    rounds=3,
    seconds=1.5,
    keys=(100, 10_000, 1_000_000),
    statements=(10, 100, 1_000, 10_000),
    starts=5,
    admissions=10_000,
    events=5_000_000,
    delivered=1_000_000,
)
QUICK = Plan(
    rounds=2,
    seconds=0.7,
    keys=(100, 10_000),
    statements=(10, 100, 1_000),
    starts=2,
    admissions=5_000,
    events=100_000,
    delivered=50_000,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to ask, over and over. `proof` stands in each right answer.

    `floored` says whether the bare server's constant answer is a fair companion.
    """

    name: str
    service: str
    body: Callable[[Credential], bytes]
    proof: bytes
    connections: int = 64
    floored: bool = True

    def traffic(self, contender: Contender) -> Traffic:
        return Traffic(contender.server.scope(self.service), contender.population, self.body)


GET_CALLER_IDENTITY = Case("GetCallerIdentity", "sts", lambda _: form("sts", "GetCallerIdentity"), b"<UserId>")
GET_USER = Case("GetUser", "iam", lambda caller: form("iam", "GetUser", UserName=caller.user), b"<UserId>")
LIST_USERS = Case(
    "ListUsers", "iam", lambda _: form("iam", "ListUsers", MaxItems=1000), b"<UserName>user-0998</UserName>", connections=8, floored=False
)
ACCESS_KEYS = "CreateAccessKey+DeleteAccessKey"
WRITERS = 8
"""Connections of the write case."""


def compare(case: Case, contenders: Sequence[Contender], plan: Plan) -> Iterator[tuple[str, Figures]]:
    """Measure a reading case at every contender; yields each one's name and figures. Raises LoadError, StartError."""
    chosen = [contender for contender in contenders if case.floored or contender.name != "floor"]
    cold = {contender.name: first_touch(case, contender) for contender in chosen}
    rates = {contender.name: warm_up(case, contender).rate for contender in chosen}
    runs: dict[str, list[Run]] = {contender.name: [] for contender in chosen}
    for _, contender in itertools.product(range(plan.rounds), chosen):
        requests = case.traffic(contender).drawn(enough(rates[contender.name], plan.seconds))
        runs[contender.name].append(exchange(case, contender, requests, case.connections, plan.seconds))
    for name, seen in runs.items():
        yield name, summarize(seen, cold[name])


def first_touch(case: Case, contender: Contender) -> Run:
    """One request by every key, after a single one that opens the server's modules.

    A server that keeps its data is restarted first and remembers nothing.
    """
    contender.go_cold()
    everybody = case.traffic(contender).once_each()
    exchange(case, contender, everybody[:1], 1, 60)
    return exchange(case, contender, everybody[1:], 8, FIRST_TOUCH)


def warm_up(case: Case, contender: Contender) -> Run:
    return exchange(case, contender, case.traffic(contender).drawn(10_000), case.connections, WARM_UP)


def exchange(case: Case, contender: Contender, requests: Sequence[bytes], connections: int, seconds: float) -> Run:
    server = contender.server
    server.settle()
    return replay(server.address, requests, connections, proof=case.proof, seconds=seconds, cpu=server.cpu_seconds)


def enough(rate: float, seconds: float) -> int:
    """How many requests last for `seconds`, if the server is half as fast again as it was in warming up."""
    return int(rate * seconds * 1.5) + 200


def compare_writes(contenders: Sequence[Contender], plan: Plan) -> Iterator[tuple[str, Figures]]:
    """Measure making and deleting keys at every contender but the floor. Raises LoadError."""
    chosen = [contender for contender in contenders if contender.name != "floor"]
    runs: dict[str, list[Run]] = {contender.name: [] for contender in chosen}
    for contender in chosen:
        write(contender, WARM_UP)
    for _, contender in itertools.product(range(plan.rounds), chosen):
        runs[contender.name].append(write(contender, plan.seconds))
    for name, seen in runs.items():
        yield name, summarize(seen)


def write(contender: Contender, seconds: float) -> Run:
    """Eight connections, each replacing second keys of users of its own.

    Signed on the way, since a key can be deleted only once its id is known.
    """
    contender.server.settle()
    traffic = Traffic(contender.server.scope("iam"), contender.population, lambda _: b"")
    until = time.perf_counter() + seconds
    shares = [contender.population[number::WRITERS] for number in range(WRITERS)]
    return hold(contender.server.address, [replace_keys(traffic, share, until) for share in shares], cpu=contender.server.cpu_seconds)


def replace_keys(traffic: Traffic, owners: Sequence[Credential], until: float) -> Generator[bytes, bytes, None]:
    """A conversation: each user in turn makes a second key for itself and deletes it, until the clock says `until`. Leaves none."""
    for owner in itertools.cycle(owners):
        if time.perf_counter() > until:
            return
        answer = yield traffic.asking(owner, form("iam", "CreateAccessKey", UserName=owner.user))
        made = key_in(answer, owner.user)
        yield traffic.asking(owner, form("iam", "DeleteAccessKey", UserName=owner.user, AccessKeyId=made.access_key_id))

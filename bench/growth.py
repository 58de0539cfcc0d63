"""Growth: what verifying and authorizing one request costs when there are many keys, or many statements.

An akia for each size, first all in this process, then all as servers side by side, so that rounds alternate between the sizes.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.akia_server import Authority
from bench.cases import GET_USER, compare
from bench.contenders import Contender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bench.cases import Plan
    from bench.crowd import Crowd
    from bench.figures import Results
    from bench.servers import Server
    from bench.signing import Credential

SAMPLE = 10_000
"""How many keys, drawn uniformly from the whole population, send requests: each once when akia is cold, then all at random."""
LOOK_UPS = 2_000
"""How many of them are looked up in the store."""

IN_PROCESS = "verify+authorize among {}"
SERVED = "GetUser among {}"
KEYS, STATEMENTS = "keys", "statements"

Crowds = dict[str, tuple[Authority, list["Credential"]]]


def measure_keys(plan: Plan, directory: Path, results: Results) -> None:
    """Adds two cases, in process and served, whose servers are called `100`, `10000` …, and the time of a look-up at each size.

    Raises StartError, LoadError.
    """
    from bench import lookup  # akia's store is needed only where akia is measured
    from bench.bulk import settle_crowd

    crowds = _settle(directory, KEYS, plan.keys, settle_crowd)
    for size, (authority, keys) in crowds.items():
        results.values[f"cold look-up among {size} keys (s)"] = lookup.median_seconds(authority, keys[:LOOK_UPS])
    _measure(KEYS, crowds, plan, results)


def measure_statements(plan: Plan, directory: Path, results: Results) -> None:
    """Adds two cases, in process and served, whose servers are called `10`, `100` … Raises StartError, LoadError."""
    from bench.bulk import settle_scholars  # as above

    _measure(STATEMENTS, _settle(directory, STATEMENTS, plan.statements, settle_scholars), plan, results)


def _settle(directory: Path, what: str, sizes: Sequence[int], settle: Callable[[Authority, int], Crowd]) -> Crowds:
    """An akia with a crowd for each size, stopped, and the keys that will ask."""
    crowds: Crowds = {}
    for size in sizes:
        authority = Authority(directory / f"{what}-{size}")
        with authority.running():
            pass  # the first start makes the account
        crowds[str(size)] = authority, sample(settle(authority, size), SAMPLE)
    return crowds


def _measure(what: str, crowds: Crowds, plan: Plan, results: Results) -> None:
    from bench import admission  # as above

    with ExitStack() as stack:
        for name, figures in admission.compare(stack, crowds, plan):
            results.add(IN_PROCESS.format(what), name, figures)
    with ExitStack() as stack:
        for name, figures in compare(GET_USER, _served(stack, crowds), plan):
            results.add(SERVED.format(what), name, figures)


def _served(stack: ExitStack, crowds: Mapping[str, tuple[Authority, Sequence[Credential]]]) -> list[Contender]:
    return [_contender(stack.enter_context(ExitStack()), size, *crowd) for size, crowd in crowds.items()]


def _contender(life: ExitStack, size: str, authority: Authority, keys: Sequence[Credential]) -> Contender:
    def restart() -> Server:
        life.close()
        server = life.enter_context(authority.running())
        server.name = size
        return server

    return Contender(restart(), keys, restart)


def sample(crowd: Crowd, most: int) -> list[Credential]:
    """At most so many different keys, drawn uniformly from the whole crowd."""
    return random.Random(len(crowd)).sample(crowd, min(len(crowd), most))

"""Where the time goes: akia's worker under the load of one case, with a profiler that counts every call."""

from __future__ import annotations

import io
import pstats
from typing import TYPE_CHECKING

from bench import population
from bench.akia_server import Authority
from bench.cases import GET_CALLER_IDENTITY, GET_USER, LIST_USERS, exchange, warm_up
from bench.contenders import KEYED, USERS, Contender
from bench.profiled import STATS

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cases import Case

CASES: dict[str, Case] = {"get-caller-identity": GET_CALLER_IDENTITY, "get-user": GET_USER, "list-users": LIST_USERS}
REQUESTS = 10_000
LINES = 60


def profile(name: str, directory: Path) -> str:
    """The functions that cost most of their own, and with what they call, while akia answers requests of the case `name`.

    Profiling makes small functions look dearer than they are. Raises StartError, LoadError.
    """
    case, authority = CASES[name], Authority(directory)
    with authority.running() as server:
        keys = population.settle(server, authority.administrator(), USERS[:KEYED])
    with authority.running_as("bench.profiled") as server:
        contender = Contender(server, keys)
        warm_up(case, contender)
        exchange(case, contender, case.traffic(contender).drawn(REQUESTS), case.connections, 60)
    told = io.StringIO()
    stats = pstats.Stats(str(authority.data / STATS), stream=told)
    for order in ("tottime", "cumtime"):
        stats.sort_stats(order).print_stats(LINES)
    return told.getvalue()

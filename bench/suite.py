"""The suite: every case under the name it is chosen by, run one after the other; one that fails leaves its reason and the others go on."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench import growth, peers, startup
from bench.akia_server import Authority
from bench.cases import ACCESS_KEYS, GET_CALLER_IDENTITY, GET_USER, LIST_USERS, Plan, compare, compare_writes
from bench.contenders import Contender, contenders
from bench.disk import fdatasync_seconds
from bench.figures import Results
from bench.load import LoadError
from bench.servers import StartError, floor_command, running
from bench.targets import FSYNC

if TYPE_CHECKING:
    from bench.signing import Credential

COMPARED = ("get-caller-identity", "get-user", "access-keys", "list-users")
ALONE = ("keys", "statements", "decisions", "audit", "journal", "lookup-events", "trail", "limits")
CASES = (*COMPARED, "startup", *ALONE)

Say = Callable[[str], None]


def run(plan: Plan, cases: Collection[str], servers: Collection[str], say: Say) -> Results:
    """Run the named cases at the named servers. `say` is told what is going on."""
    results = Results()
    if {"moto", "ministack"} & set(servers):
        peers.make_environment()
        results.machine.update(peers.versions())
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        directory = Path(scratch)
        if set(cases) - set(ALONE):
            _beside_peers(plan, cases, servers, directory / "compared", results, say)
        if "akia" in servers:
            _alone(plan, cases, directory, results, say)
    return results


def _beside_peers(plan: Plan, cases: Collection[str], servers: Collection[str], data: Path, results: Results, say: Say) -> None:
    """The cases in which contenders run side by side, then how fast akia starts on what they left behind."""
    say(f"starting {', '.join(servers)}")
    with contenders(servers, data, results.failures) as present:
        for name in (name for name in COMPARED if name in cases):
            say(name)
            with reported(name, results):
                _compare(name, present, plan, data, results)
        callers = {contender.name: contender.population[0] for contender in present}
    if "startup" in cases:
        say("startup")
        with reported("startup", results):
            _start(callers, Authority(data), plan, results)


def _compare(name: str, present: list[Contender], plan: Plan, data: Path, results: Results) -> None:
    if name == "access-keys":
        before = fdatasync_seconds(data.parent)
        for server, figures in compare_writes(present, plan):
            results.add(ACCESS_KEYS, server, figures)
        results.values[FSYNC] = (before + fdatasync_seconds(data.parent)) / 2  # disks have moods: the same moments, the same directory
        return
    case = {"get-caller-identity": GET_CALLER_IDENTITY, "get-user": GET_USER, "list-users": LIST_USERS}[name]
    if case is LIST_USERS:
        for contender in present:
            contender.admit_everybody()
    for server, figures in compare(case, present, plan):
        results.add(case.name, server, figures)


def _start(callers: dict[str, Credential], authority: Authority, plan: Plan, results: Results) -> None:
    """akia starts on existing data; the others have none to keep."""
    if "akia" in callers:
        startup.measure("akia", authority.running, callers["akia"], plan.starts, results)
    if "floor" in callers:
        startup.measure("floor", lambda: running("floor", floor_command), callers["floor"], plan.starts, results)
    if "moto" in callers:
        startup.measure("moto", lambda: running("moto", peers.moto_command), peers.MOTO_FIRST, 1, results)
    if "ministack" in callers:
        start = lambda: running("ministack", peers.ministack_command, peers.ministack_variables)  # noqa: E731 - beside its like
        startup.measure("ministack", start, peers.MINISTACK_FIRST, 1, results)


def _alone(plan: Plan, cases: Collection[str], directory: Path, results: Results, say: Say) -> None:
    """The cases in which akia is measured against itself, and its policy engine beside a floor of its own."""
    for name, measure in (("keys", growth.measure_keys), ("statements", growth.measure_statements)):
        if name in cases:
            say(f"growth with {name}")
            with reported(name, results):
                measure(plan, directory, results)
    if "limits" in cases:
        say("limits")
        with reported("limits", results):
            _limit(plan, directory, results)
    if "decisions" in cases:
        say("decisions")
        with reported("decisions", results), contenders(["floor"], directory, results.failures) as present:
            _decide(present, plan, results)
    for name, measure in _TRAIL.items():
        if name in cases:
            say(name)
            with reported(name, results):
                measure(plan, directory / name, results)


def _audit(plan: Plan, directory: Path, results: Results) -> None:
    from bench import auditing  # as below

    auditing.measure_cost(plan, directory, results)


def _journal(plan: Plan, directory: Path, results: Results) -> None:
    from bench import auditing  # as below

    auditing.measure_journal(plan, directory, results)


def _look_up(plan: Plan, directory: Path, results: Results) -> None:
    from bench import history  # as below

    history.measure_lookup(plan, directory, results)


def _deliver(plan: Plan, directory: Path, results: Results) -> None:
    from bench import delivery  # as below

    delivery.measure(plan, directory, results)


_TRAIL = {"audit": _audit, "journal": _journal, "lookup-events": _look_up, "trail": _deliver}


def _decide(present: list[Contender], plan: Plan, results: Results) -> None:
    from bench import decisions  # akia's engine is needed only where akia is measured

    for floor in present:
        decisions.measure(floor, plan, results)


def _limit(plan: Plan, directory: Path, results: Results) -> None:
    from bench import limits  # as below

    limits.measure(plan, directory, results)


@contextlib.contextmanager
def reported(name: str, results: Results) -> Iterator[None]:
    """A case that fails leaves its reason in the results, and the next one runs."""
    try:
        yield
    except (LoadError, StartError, OSError, ValueError, ImportError) as error:
        results.failures[name] = f"{type(error).__name__}: {error}"

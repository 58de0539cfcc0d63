"""The contenders: floor, akia and its peers, running side by side with the same population, so that rounds can alternate between them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import peers, population
from bench.akia_server import Authority
from bench.load import LoadError
from bench.servers import Server, StartError, floor_command, running
from bench.signing import Credential

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

NAMES = ("floor", "akia", "moto", "ministack")
USERS = [f"user-{number:04d}" for number in range(1000)]
"""All users that `ListUsers` lists."""
KEYED = 100
"""The first so many have a policy and a key, and send the requests."""


@dataclass(slots=True)
class Contender:
    """A running server and its users' keys. `restart`, where the server keeps its data, starts it anew, with nothing in memory."""

    server: Server
    population: Sequence[Credential]
    restart: Callable[[], Server] | None = None

    @property
    def name(self) -> str:
        return self.server.name

    def go_cold(self) -> None:
        """Forget everything in memory, if the server can."""
        if self.restart is not None:
            self.server = self.restart()

    def admit_everybody(self) -> None:
        """Create the users that have no key. Raises LoadError."""
        if self.name != "floor":
            population.settle(self.server, self.population[0], USERS[KEYED:], keys=False)


@contextmanager
def contenders(names: Collection[str], directory: Path, failures: dict[str, str]) -> Iterator[list[Contender]]:
    """Start and populate the named servers; akia's data goes to `directory`. The reason why one cannot start is put into `failures`."""
    starts = {"floor": _floor, "akia": lambda stack: _akia(stack, directory), "moto": _moto, "ministack": _ministack}
    with ExitStack() as stack:
        found = []
        for name in names:
            try:
                found.append(starts[name](stack))
            except (StartError, LoadError, ValueError) as error:
                failures[f"start of {name}"] = str(error)
        yield found


def _floor(stack: ExitStack) -> Contender:
    server = stack.enter_context(running("floor", floor_command))
    keys = [Credential(f"AKIAFLOOR{number:011d}", "floor" * 8, name) for number, name in enumerate(USERS[:KEYED])]
    return Contender(server, keys)


def _akia(stack: ExitStack, directory: Path) -> Contender:
    authority = Authority(directory)
    life = stack.enter_context(ExitStack())

    def restart() -> Server:
        life.close()
        return life.enter_context(authority.running())

    server = restart()
    return Contender(server, population.settle(server, authority.administrator(), USERS[:KEYED]), restart)


def _moto(stack: ExitStack) -> Contender:
    server = stack.enter_context(running("moto", peers.moto_command))
    keys = population.settle(server, peers.MOTO_FIRST, USERS[:KEYED])
    peers.enforce_moto(server)
    return Contender(server, keys)


def _ministack(stack: ExitStack) -> Contender:
    server = stack.enter_context(running("ministack", peers.ministack_command, peers.ministack_variables))
    return Contender(server, population.settle(server, peers.MINISTACK_FIRST, USERS[:KEYED]))

"""The load generator: N keep-alive connections on one epoll, each sending its next request as soon as it has the answer to the last.

A closed loop, so the rate is what the server sustains and latency is the time of one whole exchange. No framework, no asyncio: about thirty
microseconds a request, system calls included, so that on two cores the server is the bottleneck.
A conversation is a generator that yields requests and is sent the bodies of their answers.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Conversation = Generator[bytes, bytes, None] | Iterator[bytes]

STALLED = 20.0
"""Seconds without any answer after which a run has failed."""
CHECKED_ONE_IN = 32


class LoadError(Exception):
    """The server answered something else than it should, or nothing."""


@dataclass(slots=True)
class Run:
    """What one run saw, in seconds: wall time from the first request to the last answer, each exchange's latency, the server's CPU time."""

    seconds: float
    latencies: list[float]
    cpu: float

    @property
    def requests(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_request(self) -> float:
        return self.cpu / self.requests if self.latencies else 0.0


@dataclass(slots=True)
class Connection:
    """One connection and its conversation."""

    address: tuple[str, int]
    conversation: Conversation
    socket: socket.socket = field(init=False)
    received: bytes = b""
    sent_at: float = 0.0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(self.address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def send(self, request: bytes) -> None:
        """Send a request that fits the socket's buffer whole."""
        self.sent_at = time.perf_counter()
        if self.socket.send(request) != len(request):
            raise LoadError("a request did not fit the socket's buffer")


@dataclass(slots=True)
class Load:
    """A run in progress. `proof` must stand in every checked answer (one in 32)."""

    address: tuple[str, int]
    proof: bytes
    deadline: float
    epoll: select.epoll = field(default_factory=select.epoll)
    open: dict[int, Connection] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    def start(self, conversation: Conversation) -> None:
        """Open a connection and send the conversation's first request, if it has one."""
        first = next(conversation, None)
        if first is None:
            return
        connection = Connection(self.address, conversation)
        self._watch(connection)
        connection.send(first)

    def run(self) -> None:
        """Exchange requests and answers until every conversation is over or the deadline has come, then wait for what is under way."""
        while self.open:
            ready = self.epoll.poll(STALLED)
            if not ready:
                raise LoadError(f"no answer for {STALLED:.0f} s with {len(self.open)} requests under way")
            for fd, _ in ready:
                self._receive(self.open[fd])

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(1 << 20)
        except BlockingIOError:
            return
        received = connection.received + data if connection.received else data
        head_end = received.find(b"\r\n\r\n")
        length = answer_length(received, head_end, closed=not data)
        if length is None or len(received) < length:
            if not data:
                raise LoadError(f"the connection was closed in the middle of an answer: {received[:200]!r}")
            connection.received = received
            return
        connection.received = b""
        self._answered(connection, received, head_end)

    def _answered(self, connection: Connection, received: bytes, head_end: int) -> None:
        now = time.perf_counter()
        self.latencies.append(now - connection.sent_at)
        if received[9:12] != b"200":
            raise LoadError(f"refused: {received[9:12].decode()} {received[head_end + 4 : head_end + 600].decode(errors='replace')}")
        if len(self.latencies) % CHECKED_ONE_IN == 1 and self.proof not in received:
            raise LoadError(f"an answer lacks {self.proof!r}: {received[head_end : head_end + 400].decode(errors='replace')}")
        request = next_request(connection.conversation, received, head_end) if now < self.deadline else None
        if request is None:
            self._forget(connection)
            return
        if b"onnection: close\r\n" in received[: head_end + 2]:
            self._reopen(connection)
        connection.send(request)

    def _watch(self, connection: Connection) -> None:
        self.open[connection.socket.fileno()] = connection
        self.epoll.register(connection.socket.fileno(), select.EPOLLIN)

    def _forget(self, connection: Connection) -> None:
        self.epoll.unregister(connection.socket.fileno())
        del self.open[connection.socket.fileno()]
        connection.socket.close()

    def _reopen(self, connection: Connection) -> None:
        self._forget(connection)
        connection.open()
        self._watch(connection)


def next_request(conversation: Conversation, received: bytes, head_end: int) -> bytes | None:
    """What the conversation says next, told the body of the answer if it listens."""
    if isinstance(conversation, Generator):
        try:
            return conversation.send(received[head_end + 4 :])
        except StopIteration:
            return None
    return next(conversation, None)


def answer_length(received: bytes, head_end: int, *, closed: bool) -> int | None:
    """The length of the answer at the beginning of `received`, None while that cannot be told. `head_end`: where its head ends, or -1."""
    if head_end < 0:
        return None
    head = received[:head_end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        return head_end + 4 + int(head[at + 17 :].split(b"\r", 1)[0])
    if b"\r\ntransfer-encoding: chunked" in head:
        return len(received) if received.endswith(b"0\r\n\r\n") else None
    return len(received) if closed else None


def hold(
    address: tuple[str, int],
    conversations: Iterable[Conversation],
    *,
    proof: bytes = b"",
    seconds: float = 1e9,
    cpu: Callable[[], float] = lambda: 0.0,
) -> Run:
    """Hold all conversations at once, one connection each, for at most `seconds`. `cpu` reads the server's CPU time. Raises LoadError."""
    load = Load(address, proof, time.perf_counter() + seconds)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        cpu_before, started = cpu(), time.perf_counter()
        for conversation in conversations:
            load.start(conversation)
        load.run()
        return Run(time.perf_counter() - started, load.latencies, cpu() - cpu_before)
    finally:
        gc.enable()
        gc.unfreeze()
        for connection in load.open.values():
            connection.socket.close()
        load.epoll.close()


def replay(
    address: tuple[str, int],
    requests: Sequence[bytes],
    connections: int,
    *,
    proof: bytes = b"",
    seconds: float = 1e9,
    cpu: Callable[[], float] = lambda: 0.0,
) -> Run:
    """Send prepared requests over `connections` connections, in order, each connection taking the next. Raises LoadError."""
    supply = iter(requests)
    return hold(address, (iter(supply) for _ in range(connections)), proof=proof, seconds=seconds, cpu=cpu)

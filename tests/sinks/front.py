"""TLS in front of a plain HTTP server, for programs that speak none: bytes go to and fro as they are."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def tls_before(port: int, folder: Path, at: int = 0) -> Iterator[int]:
    """The port (`at`, if it is given) of a TLS server with the certificate in `folder` that hands everything on to `port`. At the end its
    connections are cut: what has not been answered by then never will be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    front = _Front(socket.create_server(("127.0.0.1", at)), context, port)
    threading.Thread(target=front.serve, daemon=True).start()
    try:
        yield front.listening.getsockname()[1]
    finally:
        front.end()


@dataclass
class _Front:
    listening: socket.socket
    context: ssl.SSLContext
    port: int
    ended: threading.Event = field(default_factory=threading.Event)
    live: set[ssl.SSLSocket] = field(default_factory=set)

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self.listening.accept()
                threading.Thread(target=self._one, args=(plain,), daemon=True).start()

    def end(self) -> None:
        self.ended.set()
        for one in (self.listening, *self.live):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes up who waits for it, which a mere close does not
        self.listening.close()

    def _one(self, plain: socket.socket) -> None:
        with suppress(OSError), self.context.wrap_socket(plain, server_side=True) as front:
            self.live.add(front)
            with socket.create_connection(("127.0.0.1", self.port)) as behind:
                if not self.ended.is_set():
                    threading.Thread(target=_copy, args=(front, behind), daemon=True).start()
                    _copy(behind, front)
            self.live.discard(front)


def _copy(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            goal.sendall(part)

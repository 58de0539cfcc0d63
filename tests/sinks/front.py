"""TLS in front of a plain HTTP server, for programs that speak none: bytes go to and fro as they are."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def tls_before(port: int, folder: Path) -> Iterator[int]:
    """The port of a TLS server with the certificate in `folder` that hands everything on to `port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listening, context, port), daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _serve(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listening.accept()
            threading.Thread(target=_one, args=(plain, context, port), daemon=True).start()


def _one(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError), context.wrap_socket(plain, server_side=True) as front, socket.create_connection(("127.0.0.1", port)) as behind:
        threading.Thread(target=_copy, args=(front, behind), daemon=True).start()
        _copy(behind, front)


def _copy(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            goal.sendall(part)

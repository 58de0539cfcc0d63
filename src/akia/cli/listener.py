"""The port, held from before anything is made until the program ends.

The server's workers share a port by SO_REUSEPORT, which would let a second akia share it too. Hence this socket: it is bound
first, alone, and never listens.
"""

from __future__ import annotations

import errno
import socket


class PortTaken(Exception):
    """The address cannot be listened on. The message says which, and what to do."""


def claim(host: str, port: int) -> socket.socket:
    """A socket that keeps `host` and `port` (0: any free one) from others, and lets this program's workers listen there.

    Raises PortTaken.
    """
    try:
        holder = _bound(*_resolved(host, port))
    except OSError as error:
        raise PortTaken(_explanation(host, port, error)) from None
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return holder


def numeric(host: str) -> str:
    """`host` as the address it resolves to."""
    return str(_resolved(host, 0)[1][0])


def answers(host: str, port: int, *, tls: bool) -> bool:
    """Whether an akia there is healthy. Whose certificate it shows does not matter here."""
    try:
        with socket.create_connection((host, port), timeout=5) as plain, _secured(plain) if tls else plain as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: akia\r\nconnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _secured(connection: socket.socket) -> socket.socket:
    import ssl  # only who serves TLS needs it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


def _resolved(host: str, port: int) -> tuple[int, tuple[str | int | bytes, ...]]:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, (str(address[0]), *address[1:])


def _bound(family: int, address: tuple[str | int | bytes, ...]) -> socket.socket:
    """The second try is for a port that an akia has just left: connections of its own still linger there."""
    for reuse in (0, 1):
        holder = socket.socket(family, socket.SOCK_STREAM)
        try:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            holder.bind(address)
        except OSError as error:
            holder.close()
            if reuse or error.errno != errno.EADDRINUSE:
                raise
        else:
            return holder
    raise AssertionError


def _explanation(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken: stop what listens there, or choose another one with --port (0 finds a free one)"
    return f"cannot listen on {host}, port {port}: {error.strerror}"

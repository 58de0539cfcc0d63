"""A syslog server: messages as RFC 5424 has them, each with its length before it (RFC 5425), over TLS unless plain TCP is asked for.

Syslog confirms nothing by itself. So each delivery has a connection of its own, which ends with an exchange of TLS closure alerts: the
server answers ours when it has read all that stood before it (RFC 5425, section 4.4). Over plain TCP the end of the server's half says it.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from akia.outbound.errors import OutboundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.outbound.client import OutboundClient

TLS_PORT, PLAIN_PORT = 6514, 601
AUTHPRIV, AUDIT = 10, 13
"""Facilities: `security/authorization messages (private)`, `log audit`."""
CRITICAL, ERROR, WARNING, NOTICE = 2, 3, 4, 5
"""Severities."""
LONGEST_ID, LONGEST_HOST = 32, 255
"""Characters of MSGID and HOSTNAME."""


def message(
    text: str, *, facility: int, severity: int, at_ms: int, id_: str, data: tuple[str, Mapping[str, str]], hostname: str = ""
) -> bytes:
    """One message of the application `akia`. `at_ms` is epoch milliseconds, `data` the name of the structured data and its parameters,
    `hostname` this machine's unless it is given. What HOSTNAME and MSGID cannot hold is left out of them."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at_ms % 1000:03d}Z"
    host, name = _printable(hostname or socket.gethostname(), LONGEST_HOST), _printable(id_, LONGEST_ID)
    told = "".join(f' {key}="{_parameter(value)}"' for key, value in data[1].items())
    return f"<{facility * 8 + severity}>1 {at} {host} akia - {name} [{data[0]}{told}] \ufeff{text}".encode()


def _printable(text: str, longest: int) -> str:
    return re.sub(r"[^!-~]", "", text)[:longest] or "-"


def _parameter(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)


def counted(message: bytes) -> bytes:
    """`message` with its length in bytes before it."""
    return b"%d %b" % (len(message), message)


def deliver(client: OutboundClient, host: str, port: int, messages: bytes, *, tls: bool = True, needs_alert: bool = True) -> None:
    """Send `messages`, each counted, and wait until the other side has read them. `needs_alert`: whether a connection that it just closes,
    without the alert, is no confirmation. Raises OutboundError."""
    with closing(client.connected(host, port) if tls else client.connected_plainly(host, port)) as stream:
        try:
            stream.sendall(messages)
            _confirm(stream, needs_alert=needs_alert)
        except OSError as error:
            raise OutboundError(f"{host}:{port} does not confirm what it was sent: {type(error).__name__}") from None


def _confirm(stream: socket.socket, *, needs_alert: bool) -> None:
    """Say that this was all, and wait until the other side has read it. Raises OSError if it does not say so."""
    if not isinstance(stream, ssl.SSLSocket):
        stream.shutdown(socket.SHUT_WR)
        if stream.recv(1):
            raise ConnectionError("a syslog server says nothing")
        return
    try:
        stream.unwrap()
    except ssl.SSLEOFError:  # not a reset, which tells of bytes that nobody has read
        if needs_alert:
            raise

"""A syslog server: messages as RFC 5424 has them, over TLS, each with its length before it (RFC 5425).

Syslog confirms nothing by itself. So each delivery has a connection of its own, which ends with an exchange of TLS closure alerts: the
server answers ours when it has read all that stood before it (RFC 5425, section 4.4). Without that answer the delivery is made again.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import akia
from akia.outbound.destination import host_and_port
from akia.outbound.errors import OutboundError, OutboundRefused
from akia.sinks.sink import Limits, Undelivered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.outbound.client import OutboundClient
    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=500, bytes=2_000_000)
PORT = 6514
AUDIT = 13
"""The facility `log audit`."""
NOTICE, WARNING = 5, 4
LONGEST_ID = 32
"""Characters of MSGID."""


class Syslog:
    limits = LIMITS

    def __init__(
        self, client: OutboundClient, host: str, port: int, *, facility: int = AUDIT, hostname: str = "-", needs_alert: bool = True
    ) -> None:
        """`needs_alert`: whether a connection that the other side just closes, without the alert, is no confirmation."""
        self._client = client
        self._host = host
        self._port = port
        self._facility = facility
        self._hostname = hostname
        self._needs_alert = needs_alert

    def send(self, events: Sequence[EventRow]) -> int:
        data = b"".join(counted(self.message(event)) for event in events)
        try:
            with closing(self._client.connected(self._host, self._port)) as stream:
                stream.sendall(data)
                confirm(stream, needs_alert=self._needs_alert)
        except OutboundError as error:
            raise Undelivered(str(error)) from None
        except OSError as error:
            raise Undelivered(f"{self._host}:{self._port} does not confirm what it was sent: {type(error).__name__}") from None
        return 0

    def message(self, event: EventRow) -> bytes:
        """The record as the text of one message; its MSGID is the operation, a refusal is a warning."""
        priority = self._facility * 8 + (WARNING if event.error_code else NOTICE)
        at = datetime.fromtimestamp(event.at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{event.at_ms % 1000:03d}Z"
        id_ = "".join(letter for letter in event.name if "!" <= letter <= "~")[:LONGEST_ID] or "-"
        origin = f'[origin software="akia" swVersion="{akia.__version__}"]'
        return f"<{priority}>1 {at} {self._hostname} akia - {id_} {origin} \ufeff{event.record}".encode()


def counted(message: bytes) -> bytes:
    """`message` with its length in bytes before it."""
    return b"%d %b" % (len(message), message)


def confirm(stream: ssl.SSLSocket, *, needs_alert: bool) -> None:
    """Say that this was all, and wait until the other side has read it. Raises OSError if it does not say so."""
    try:
        stream.unwrap()
    except ssl.SSLEOFError:  # not a reset, which tells of bytes that nobody has read
        if needs_alert:
            raise


def read(table: Table) -> Syslog:
    """A sink from its settings: `host`; `port`, `facility`, `hostname`, `confirmation`."""
    host, port = table.text("host"), table.integer("port", PORT, 1, 65_535)
    try:
        host_and_port(host, port)
    except OutboundRefused:
        raise table.wrong("host", "expected a name or an address, without brackets") from None
    facility, own = table.integer("facility", AUDIT, 0, 23), table.text("hostname", socket.gethostname())
    if any(not "!" <= letter <= "~" for letter in own) or len(own) > 255:
        raise table.wrong("hostname", "expected at most 255 printable characters without spaces")
    needs_alert = table.choice("confirmation", "alert", ("alert", "close")) == "alert"
    return Syslog(table.client(), host, port, facility=facility, hostname=own, needs_alert=needs_alert)

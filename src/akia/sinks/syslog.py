"""A syslog server, over TLS (`outbound.syslog`): the text of a message is the record."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import akia
from akia.outbound import syslog
from akia.outbound.destination import host_and_port
from akia.outbound.errors import OutboundError, OutboundRefused
from akia.sinks.sink import Limits, Undelivered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.outbound.client import OutboundClient
    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=500, bytes=2_000_000)
_ORIGIN = "origin", {"software": "akia", "swVersion": akia.__version__}


class Syslog:
    limits = LIMITS

    def __init__(
        self, client: OutboundClient, host: str, port: int, *, facility: int = syslog.AUDIT, hostname: str = "", needs_alert: bool = True
    ) -> None:
        """`needs_alert`: whether a connection that the other side just closes, without the alert, is no confirmation."""
        self._client = client
        self._host = host
        self._port = port
        self._facility = facility
        self._hostname = hostname
        self._needs_alert = needs_alert

    def send(self, events: Sequence[EventRow]) -> int:
        data = b"".join(syslog.counted(self._message(event)) for event in events)
        try:
            syslog.deliver(self._client, self._host, self._port, data, needs_alert=self._needs_alert)
        except OutboundError as error:
            raise Undelivered(str(error)) from None
        return 0

    def _message(self, event: EventRow) -> bytes:
        """Its MSGID is the operation; a refusal is a warning."""
        return syslog.message(
            event.record,
            facility=self._facility,
            severity=syslog.WARNING if event.error_code else syslog.NOTICE,
            at_ms=event.at_ms,
            id_=event.name,
            data=_ORIGIN,
            hostname=self._hostname,
        )


def read(table: Table) -> Syslog:
    """A sink from its settings: `host`; `port`, `facility`, `hostname`, `confirmation`."""
    host, port = table.text("host"), table.integer("port", syslog.TLS_PORT, 1, 65_535)
    try:
        host_and_port(host, port)
    except OutboundRefused:
        raise table.wrong("host", "expected a name or an address, without brackets") from None
    facility, own = table.integer("facility", syslog.AUDIT, 0, 23), table.text("hostname", socket.gethostname())
    if any(not "!" <= letter <= "~" for letter in own) or len(own) > syslog.LONGEST_HOST:
        raise table.wrong("hostname", "expected at most 255 printable characters without spaces")
    needs_alert = table.choice("confirmation", "alert", ("alert", "close")) == "alert"
    return Syslog(table.client(), host, port, facility=facility, hostname=own, needs_alert=needs_alert)

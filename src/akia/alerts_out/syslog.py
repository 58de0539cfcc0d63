"""A syslog server (`outbound.syslog`), over TLS, or over plain TCP where that is asked for: one message an alert."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from akia.alerts_out.channel import NotSent
from akia.alerts_out.reaching import client
from akia.outbound import syslog
from akia.outbound.errors import OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.message import Message
    from akia.alerts_out.settings_file import ChannelSettings

_SEVERITIES = {"LOW": syslog.NOTICE, "MEDIUM": syslog.WARNING, "HIGH": syslog.ERROR, "CRITICAL": syslog.CRITICAL}
_PORTS = {"implicit": syslog.TLS_PORT, "none": syslog.PLAIN_PORT}
_NO_ENTERPRISE = "akia@32473"
"""The id of our structured data, under the number that RFC 5612 reserves for those who have none."""
_NAMES = ("id", "rule", "severity", "account", "subject", "detail")


class Syslog:
    def __init__(self, settings: ChannelSettings, allowed_networks: Iterable[str]) -> None:
        self._settings = settings
        self._allowed = tuple(allowed_networks)
        self._tls = settings.tls or "implicit"

    def send(self, message: Message) -> None:
        """Returns when the server has read the message and closed the connection, however it does that: many close without a word of TLS.
        Raises NotSent."""
        settings = self._settings
        port, frame = settings.port or _PORTS[self._tls], syslog.counted(formatted(message))
        out = client(settings, self._allowed)
        try:
            syslog.deliver(out, settings.host, port, frame, tls=self._tls == "implicit", needs_alert=False)
        except OutboundError as error:
            raise NotSent(str(error)) from None


def formatted(message: Message) -> bytes:
    """The message as RFC 5424 has it, without its frame."""
    told = {name: str(message[name]) for name in _NAMES if message[name]}  # type: ignore[literal-required]  # _NAMES are its own
    at = datetime.fromisoformat(message["time"])
    return syslog.message(
        message["summary"],
        facility=syslog.AUTHPRIV,
        severity=_SEVERITIES[message["severity"]],
        at_ms=round(at.timestamp() * 1000),
        id_="alert",
        data=(_NO_ENTERPRISE, told),
    )

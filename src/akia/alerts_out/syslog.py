"""Syslog: one RFC 5424 message, framed by its length (RFC 5425), over TLS, or over plain TCP where that is asked for."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from akia.alerts_out.channel import NotSent
from akia.alerts_out.guarded import connected, trusting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.message import Message
    from akia.alerts_out.settings_file import ChannelSettings

_AUTHPRIV = 10
_SEVERITIES = {"LOW": 5, "MEDIUM": 4, "HIGH": 3, "CRITICAL": 2}
_PORTS = {"implicit": 6514, "none": 601}
_NO_ENTERPRISE = "akia@32473"
"""The id of our structured data, under the number that RFC 5612 reserves for those who have none."""


class Syslog:
    def __init__(self, settings: ChannelSettings, allowed_networks: Iterable[str]) -> None:
        self._settings = settings
        self._allowed = tuple(allowed_networks)
        self._tls = settings.tls or "implicit"

    def send(self, message: Message) -> None:
        """Syslog says nothing back: sent is what TCP has taken. Raises NotSent."""
        settings = self._settings
        text = formatted(message)
        try:
            with connected(settings.host, settings.port or _PORTS[self._tls], self._allowed) as plain:
                if self._tls == "none":
                    _deliver(plain, text)
                else:
                    with trusting(settings.ca_file).wrap_socket(plain, server_hostname=settings.host) as secured:
                        _deliver(secured, text)
        except ssl.SSLCertVerificationError as error:
            raise NotSent(f"the certificate of {settings.host} is not valid: {error.verify_message}") from None
        except OSError as error:
            raise NotSent(f"{settings.host} does not take the message: {type(error).__name__}") from None


def formatted(message: Message) -> bytes:
    """The message as RFC 5424 has it, without its frame."""
    priority = _AUTHPRIV * 8 + _SEVERITIES[message["severity"]]
    names = ("id", "rule", "severity", "account", "subject", "detail")
    # mypy does not see that `names` are the message's own
    data = "".join(f' {name}="{_parameter(str(message[name]))}"' for name in names if message[name])  # type: ignore[literal-required]
    host = re.sub(r"[^!-~]", "", socket.gethostname())[:255] or "-"
    text = f"<{priority}>1 {message['time']} {host} akia - alert [{_NO_ENTERPRISE}{data}] "
    return text.encode() + b"\xef\xbb\xbf" + message["summary"].encode()


def _parameter(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)


def _deliver(connection: socket.socket, text: bytes) -> None:
    connection.sendall(b"%d %s" % (len(text), text))
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError):  # many collectors close without a word of TLS
            connection.unwrap()
    else:
        connection.shutdown(socket.SHUT_WR)

"""Mail, over SMTP with TLS. Without TLS only to this machine, where a relay of its own may wait."""

from __future__ import annotations

import logging
import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from akia.alerts_out.channel import NotSent
from akia.alerts_out.message import facts, title
from akia.alerts_out.reaching import client
from akia.outbound.errors import OutboundError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from akia.alerts_out.message import Message
    from akia.alerts_out.settings_file import ChannelSettings
    from akia.outbound import OutboundClient

log = logging.getLogger("akia.alerts")

_FOR_GOOD = 500
"""Codes of SMTP from here on are final."""
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


class Mail:
    def __init__(self, settings: ChannelSettings, allowed_networks: Iterable[str]) -> None:
        self._settings = settings
        self._allowed = tuple(allowed_networks)
        self._tls = settings.tls or "starttls"

    def send(self, message: Message) -> None:
        """Returns when the server has taken the mail for every recipient but those whom it will never take. Raises NotSent."""
        settings = self._settings
        try:
            with self._session() as smtp:
                if settings.username:
                    smtp.login(settings.username, settings.password)
                refused = smtp.send_message(self._mail(message), settings.sender, list(settings.recipients))
        except smtplib.SMTPResponseException as error:  # its text is the server's, which may quote what it was told
            raise NotSent(f"{settings.host} answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"{settings.host} does not take the mail: {type(error).__name__}") from None
        if refused:
            told = f"{settings.host} refuses {len(refused)} of the {len(settings.recipients)} recipients"
            if any(code < _FOR_GOOD for code, _ in refused.values()):
                raise NotSent(told)
            log.error("%s for good; the others have the mail", told)  # and must not get it again and again

    def _session(self) -> smtplib.SMTP:
        port = self._settings.port or _PORTS[self._tls]
        out = client(self._settings, self._allowed)
        smtp = _Guarded(out, is_implicit=self._tls == "implicit")
        try:
            smtp.connect(self._settings.host, port)
            if self._tls == "starttls":
                smtp.starttls(context=out.context)
            elif self._tls == "none" and (smtp.sock is None or not is_loopback(smtp.sock)):
                raise NotSent(f"{self._settings.host} is another machine: mail is sent there with TLS only")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = title(message)
        mail["From"] = self._settings.sender
        mail["To"] = ", ".join(self._settings.recipients)
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{message['id']}@akia.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        lines = [message["summary"], "", *(f"{name}: {value}" for name, value in facts(message))]
        mail.set_content("\n".join(lines) + "\n")
        return mail


class _Guarded(smtplib.SMTP):
    """Connects by `client`, so only to addresses that may be reached; speaks TLS from the first byte if it `is_implicit`."""

    def __init__(self, client: OutboundClient, *, is_implicit: bool) -> None:
        self._client = client
        self._is_implicit = is_implicit
        super().__init__(local_hostname="akia.invalid")

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self._host = host  # what `starttls` compares the certificate with
        return super().connect(host, port, source_address)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        try:
            return self._client.connected(host, port) if self._is_implicit else self._client.connected_plainly(host, port)
        except OutboundError as error:
            raise NotSent(str(error)) from None


def is_loopback(connection: socket.socket) -> bool:
    """Whether the other side is this machine."""
    return ip_address(connection.getpeername()[0].partition("%")[0]).is_loopback

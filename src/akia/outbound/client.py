"""The client: HTTPS only, no redirect that was not looked at, no proxy, no cookie, an end to every answer and to all waiting (NT-23)."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

import httpcore

from akia.outbound import trust
from akia.outbound.addresses import Addresses
from akia.outbound.connection import Checked, Deadline
from akia.outbound.destination import Destination, destination, host_and_port
from akia.outbound.errors import NotTrusted, OutboundError, OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

SECONDS = 10.0
"""How long a request may take, redirects and all."""
LONGEST_BODY = 1 << 20
"""Bytes of an answer."""
_Connection = TypeVar("_Connection", bound=socket.socket)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _joined(goal: Destination, location: str) -> str:
    try:
        return urljoin(goal.url, location)
    except ValueError:
        raise OutboundRefused(f"{goal.authority} redirects to what is no URL") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Header names are in lower case; of several with one name the last is kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class OutboundClient:
    """May be used by any thread. Blocks: never use it on the thread that serves requests."""

    def __init__(
        self,
        allowed_networks: Iterable[str] = (),
        *,
        seconds: float = SECONDS,
        longest_body: int = LONGEST_BODY,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        authorities: Path | None = None,
        certificate: Path | None = None,
        certificate_key: Path | None = None,
    ) -> None:
        """`allowed_networks` are those beside the public ones that may be asked. `authorities` (PEM) are believed in place of the system's;
        `certificate` and its key (PEM) are shown to who asks for one. Raises OutboundError if one of these files is of no use."""
        self._addresses = Addresses(allowed_networks, resolve)
        private = authorities is not None or certificate is not None
        self._context = trust.private(authorities, certificate, certificate_key) if private else None
        self._seconds = seconds
        self._longest_body = longest_body

    def get(self, url: str, *, thumbprints: Collection[str] = (), redirects: int = 0) -> Reply:
        """The answer to GET `url`, after at most `redirects` redirects, each looked at like the first URL.

        `thumbprints` (SHA-1, hex) are believed where the system's authorities do not know a certificate. Raises OutboundError
        (OutboundRefused, NotTrusted).
        """
        deadline = Deadline(self._seconds)
        for _ in range(redirects + 1):
            goal = destination(url)
            reply = self._exchanged(goal, "GET", b"", {}, thumbprints, deadline)
            if reply.status not in _REDIRECTS:
                return reply
            url = _joined(goal, reply.headers.get("location", ""))
        raise OutboundRefused(f"{goal.authority} redirects too often")

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, thumbprints: Collection[str] = ()) -> Reply:
        """The answer to POST `url`. No redirect is followed. Raises as `get`."""
        return self._exchanged(destination(url), "POST", body, headers, thumbprints, Deadline(self._seconds))

    @property
    def context(self) -> ssl.SSLContext:
        """Whom it believes, and what it shows of itself: for TLS that begins amid another protocol."""
        return self._context or trust.system()

    def connected(self, host: str, port: int) -> ssl.SSLSocket:
        """A connection to `host`, over TLS, for what is not HTTP. Whoever has it closes it; no step on it may last longer than
        a request. Raises as `get`."""
        return self._first(host_and_port(host, port), self._secured)

    def connected_plainly(self, host: str, port: int) -> socket.socket:
        """The same without TLS: for what begins it later, or does without."""
        return self._first(host_and_port(host, port), self._plain)

    def _first(self, goal: Destination, connect: Callable[[Destination, str, Deadline], _Connection]) -> _Connection:
        deadline, reason = Deadline(self._seconds), "no address"
        for address in self._addresses.of(goal):
            try:
                return connect(goal, address, deadline)
            except ssl.SSLCertVerificationError as error:
                raise NotTrusted(f"the certificate of {goal.host} is not valid: {error.verify_message}") from None
            except (OSError, httpcore.ReadTimeout) as error:
                reason = type(error).__name__
        raise OutboundError(f"no connection to {goal.authority}: {reason}")

    def _plain(self, goal: Destination, address: str, deadline: Deadline) -> socket.socket:
        plain = socket.create_connection((address, goal.port), deadline.left())
        plain.settimeout(self._seconds)
        return plain

    def _secured(self, goal: Destination, address: str, deadline: Deadline) -> ssl.SSLSocket:
        plain = self._plain(goal, address, deadline)
        try:
            plain.settimeout(deadline.left())
            secured = self.context.wrap_socket(plain, server_hostname=goal.host)
        except BaseException:
            plain.close()
            raise
        secured.settimeout(self._seconds)
        return secured

    def thumbprint(self, url: str) -> str:
        """The thumbprint of the top certificate that the host of `url` presents, trusted or not. Raises OutboundError."""
        goal, deadline = destination(url), Deadline(self._seconds)
        return trust.thumbprint(trust.presented_chain(goal, self._addresses.of(goal), deadline))

    def _exchanged(
        self, goal: Destination, method: str, body: bytes, headers: Mapping[str, str], thumbprints: Collection[str], deadline: Deadline
    ) -> Reply:
        addresses = self._addresses.of(goal)
        try:
            try:
                return self._sent(goal, addresses, method, body, headers, self.context, deadline)
            except NotTrusted:
                if not thumbprints:
                    raise
            context = trust.pinned(trust.presented_chain(goal, addresses, deadline), thumbprints)
            return self._sent(goal, addresses, method, body, headers, context, deadline)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            raise OutboundError(f"no connection to {goal.authority}") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise OutboundError(f"no answer from {goal.authority}: {type(error).__name__}") from None

    def _sent(
        self,
        goal: Destination,
        addresses: Sequence[str],
        method: str,
        body: bytes,
        headers: Mapping[str, str],
        context: ssl.SSLContext,
        deadline: Deadline,
    ) -> Reply:
        own = {"Host": goal.authority, "User-Agent": "akia", "Accept-Encoding": "identity", "Connection": "close"}
        with (
            httpcore.ConnectionPool(ssl_context=context, max_connections=1, network_backend=Checked(addresses, deadline)) as pool,
            pool.stream(method, goal.url, headers=list((own | dict(headers)).items()), content=body or None) as response,
        ):
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Reply(response.status, found, self._body(goal, found, response))

    def _body(self, goal: Destination, headers: Mapping[str, str], response: httpcore.Response) -> bytes:
        if headers.get("content-encoding", "identity") != "identity":
            raise OutboundError(f"{goal.authority} answers in an encoding that was not asked for")
        announced = headers.get("content-length", "")
        body = bytearray()
        if not (announced.isdecimal() and (len(announced) > 15 or int(announced) > self._longest_body)):
            for part in response.iter_stream():
                body += part
                if len(body) > self._longest_body:
                    break
            else:
                return bytes(body)
        raise OutboundError(f"the answer of {goal.authority} is too large")

"""One connection to one of the addresses that were looked at, with one end of its time for everything that happens on it."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

import httpcore

from akia.outbound.errors import NotTrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Deadline:
    """A moment, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then. Raises httpcore.ReadTimeout if it is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return left


class Checked(httpcore.NetworkBackend):
    """Connects to `addresses`, whatever name the request bears: nothing is resolved a second time (NT-23)."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the first address that answers. Raises httpcore's errors of connecting."""
        error: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                return _Timed(self._sockets.connect_tcp(address, port, timeout=self._deadline.left()), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error


class _Timed(httpcore.NetworkStream):
    """A stream on which nothing lasts beyond the deadline: a sender who drips is not waited for."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Raises NotTrusted, in place of an error of connecting, if it is the certificate that is wrong."""
        try:
            return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise NotTrusted(f"the certificate of {server_hostname} is not valid: {error.__cause__.verify_message}") from None
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

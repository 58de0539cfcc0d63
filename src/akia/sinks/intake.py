"""An intake that takes deliveries by POST: what its answers mean, for all sinks that speak HTTP."""

from __future__ import annotations

import gzip
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from akia.outbound.destination import destination
from akia.outbound.errors import OutboundError
from akia.sinks.sink import Refused, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.outbound.client import OutboundClient, Reply

_NEVER = frozenset({400, 413, 422})
"""Answers that the same bytes would get again."""
LEVEL = 6


class Intake:
    """`url` and `headers` may hold secrets: neither is ever told. Bodies go out as gzip, unless `compresses` is False."""

    def __init__(
        self,
        client: OutboundClient,
        url: str,
        headers: Mapping[str, str],
        *,
        compresses: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._url = url
        self._headers = {**headers, "Content-Encoding": "gzip"} if compresses else dict(headers)
        self._compresses = compresses
        self._clock = clock

    def post(self, body: bytes, more: Mapping[str, str] | None = None) -> Reply:
        """The answer that confirms `body`, sent with the headers `more`. Raises Undelivered, Refused."""
        sent = gzip.compress(body, LEVEL, mtime=0) if self._compresses else body
        try:
            reply = self._client.post(self._url, sent, self._headers | dict(more or {}))
        except OutboundError as error:
            raise Undelivered(str(error)) from None
        if 200 <= reply.status < 300:
            return reply
        told = f"{destination(self._url).authority} answers {reply.status}"
        if reply.status in _NEVER:
            raise Refused(told)
        raise Undelivered(told, retry_after(reply.headers.get("retry-after", ""), self._clock()))


def retry_after(value: str, now: float) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None if it cannot be read (RFC 9110, section 10.2.3)."""
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None

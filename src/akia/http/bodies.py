"""Bodies of requests: read to their end, within bounds of size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from akia.aws.errors import RequestEntityTooLarge, RequestTimeout

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LONGEST_BODY = 1 << 20
"""Bytes. The largest AWS request that akia serves is a policy of 131,072 characters, percent-encoded; read before anything is verified
(NT-71)."""
SECONDS_FOR_BODY = 10.0
"""How long a client may take to send its body: as long as for its headers, and shorter than a server that ends waits for what is in
flight."""
LOOK_EVERY_SECONDS = 1.0


class Bodies:
    """Belongs to one event loop. `run` gives up those that take too long: one look at all of them costs less than a timer for each."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any] | None, float] = {}

    async def read(self, headers: list[tuple[bytes, bytes]], receive: Receive) -> bytes | None:
        """The whole body, or None if its sender has gone or its end never comes. Raises RequestEntityTooLarge before reading more than
        LONGEST_BODY, and RequestTimeout."""
        task = asyncio.current_task()
        self._since[task] = time.monotonic()
        try:
            return await _body(headers, receive)
        except asyncio.CancelledError:
            if task is None or task in self._since:
                raise  # it was not `run` who cancelled it
            task.uncancel()
            raise RequestTimeout("Reading the request timed out.") from None
        finally:
            self._since.pop(task, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            late = time.monotonic() - SECONDS_FOR_BODY
            for task in [task for task, since in self._since.items() if task is not None and since <= late]:
                del self._since[task]
                task.cancel()


async def _body(headers: list[tuple[bytes, bytes]], receive: Receive) -> bytes | None:
    announced = next((value for name, value in headers if name == b"content-length"), None)
    expected = int(announced) if announced is not None and announced.isdigit() and len(announced) < 12 else None
    if expected is not None and expected > LONGEST_BODY:
        raise RequestEntityTooLarge("The request is too large.")
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None  # a part of a body is no body
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > LONGEST_BODY:
            raise RequestEntityTooLarge("The request is too large.")
        if length == expected or not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)

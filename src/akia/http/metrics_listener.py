"""`/metrics` for Prometheus, on an address of its own that only this machine reaches. Of several workers one listens, and tells for all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from akia.metrics.exposition import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.store.only_one import OnlyOne

LOOK_EVERY_SECONDS = 1.0
SECONDS_TO_ASK = 5.0
LONGEST_HEAD = 8_192
_PLAIN = b"text/plain; charset=utf-8"

log = logging.getLogger("akia.http")


class MetricsListener:
    """Listens at `host` and `port` while `turn` is ours; `page` makes the text."""

    def __init__(self, host: str, port: int, turn: OnlyOne, page: Callable[[], bytes]) -> None:
        self._host = host
        self._port = port
        self._turn = turn
        self._page = page

    async def run(self) -> None:
        """Until cancelled. An address that is taken is tried again."""
        told = False
        while True:
            try:
                if self._turn.take():
                    await self._listen()
            except OSError as error:
                if not told:
                    log.error("no metrics on %s, port %d: %s", self._host, self._port, error.strerror)
                told = True
            finally:
                self._turn.release()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._asked, self._host, self._port, limit=LONGEST_HEAD)
        try:
            await server.serve_forever()
        finally:
            server.close()

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the connection ends."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS_TO_ASK)
            writer.write(self._answer(head))
            await asyncio.wait_for(writer.drain(), SECONDS_TO_ASK)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        if method != b"GET":
            return _response(b"405 Method Not Allowed", _PLAIN, b"method not allowed\n")
        if rest.partition(b" ")[0].partition(b"?")[0] != b"/metrics":
            return _response(b"404 Not Found", _PLAIN, b"not found\n")
        try:
            return _response(b"200 OK", CONTENT_TYPE, self._page())
        except Exception as error:
            log.error("no metrics: %s", type(error).__name__)
            return _response(b"503 Service Unavailable", _PLAIN, b"unavailable\n")


def _response(status: bytes, kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    return head % (status, kind, len(body)) + body

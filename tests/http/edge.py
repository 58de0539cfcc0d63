"""The edge of one worker, driven as an ASGI server would drive it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from akia.http.addresses import Proxies
from akia.http.asgi import Edge
from akia.http.disk import Disk
from akia.http.flusher import Flusher
from akia.http.group_commit import GroupCommit
from akia.http.pages import HEALTH, Health
from akia.http.strangers import Strangers
from akia.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.assembly import Akia
    from akia.wire import HttpRequest


WAITING = b"the client sends nothing more and does not go"


@dataclass
class Served:
    """What a test holds while its worker runs."""

    akia: Akia
    edge: Edge
    writes: GroupCommit
    strangers: Strangers
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, http: HttpRequest, *, client: tuple[str, int] | None = ("192.0.2.1", 1), **scope: Any) -> Answer:
        """The answer to `http`, whose body arrives in one piece."""
        return await self.pieces(http, [http.body], client=client, **scope)

    async def pieces(
        self, http: HttpRequest, parts: list[bytes | None], *, client: tuple[str, int] | None = ("192.0.2.1", 1), **more: Any
    ) -> Answer:
        """As above, with the body in several pieces; None stands for a client that has gone. No answer at all is status 0."""
        scope = {
            "type": "http",
            "method": http.method.decode("latin-1"),
            "scheme": "http",
            "raw_path": http.raw_path,
            "path": "/decoded/and/never/used",
            "query_string": http.query,
            "headers": http.headers,
            "client": client,
            **more,
        }
        waiting = [
            {"type": "http.disconnect"} if part is None else {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
            for number, part in enumerate(parts)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            if waiting[0].get("body") is WAITING:
                await asyncio.Event().wait()
            return waiting.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await self.edge(scope, receive, send)
        self.sent = sent
        self.unread = len(waiting)
        if not sent:
            return Answer(0, [], b"")
        start, body = sent
        return Answer(start["status"], start["headers"], body["body"])


def run(akia: Akia, test: Callable[[Served], Awaitable[None]], *, proxies: Proxies | None = None, journal: Any = None) -> None:
    """Run `test` with a worker of its own; `journal` stands in for akia's where it is written, on a disk that is slow."""

    async def main() -> None:
        writes, flusher, strangers = (
            GroupCommit(akia.writer, akia.committed, Disk("commit")),
            Flusher(journal or akia.journal, Disk("journal", slow=journal is not None, clock=count().__next__)),
            Strangers(rate=20, burst=400),
        )
        edge = Edge(akia.pipeline, writes, flusher, strangers, proxies or Proxies(), {HEALTH: Health(akia.authority)})
        try:
            await test(Served(akia, edge, writes, strangers))
        finally:
            await writes.close()
            await flusher.close()

    asyncio.run(main())

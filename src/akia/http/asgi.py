"""ASGI: bytes to Request, Answer to bytes. The AWS APIs need no framework: one endpoint, routed by what is signed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from akia.authority.facts import RequestFacts
from akia.authority.limits import place_of
from akia.aws.errors import MalformedHttpRequest, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable, Throttling
from akia.aws.ids import new_guid
from akia.http.bodies import Bodies, Receive
from akia.http.fetches import MOST_PER_REQUEST, Fetches
from akia.http.outcomes import kind_of
from akia.metrics.requests import RequestCounts
from akia.operation import Waits
from akia.pipeline.request import Request
from akia.pipeline.serve import Write
from akia.wire import Answer, HttpRequest

if TYPE_CHECKING:
    from akia.aws.errors import AwsError
    from akia.http.addresses import Proxies
    from akia.http.flusher import Flusher
    from akia.http.group_commit import GroupCommit
    from akia.http.strangers import Strangers
    from akia.pipeline.serve import Pipeline
    from akia.pipeline.unit import Unit

Scope = Mapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Page = Callable[[HttpRequest], Awaitable[Answer]]

SERVER = (b"server", b"akia")

log = logging.getLogger("akia.http")


class Edge:
    """The application. `pages` are the few paths that are not AWS's (`/healthz`), each with its answer."""

    def __init__(
        self,
        pipeline: Pipeline,
        writes: GroupCommit,
        flusher: Flusher,
        strangers: Strangers,
        proxies: Proxies,
        pages: Mapping[bytes, Page],
        requests: RequestCounts | None = None,
    ) -> None:
        self._requests = requests or RequestCounts()
        self._pipeline = pipeline
        self._writes = writes
        self._flusher = flusher
        self._strangers = strangers
        self._proxies = proxies
        self._fetches = Fetches()
        self.bodies = Bodies()
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        raw_path = scope.get("raw_path") or b""
        headers = list(scope["headers"])
        http = HttpRequest(scope["method"].encode("latin-1"), raw_path, scope["query_string"], headers, b"")
        try:
            body = await self.bodies.read(headers, receive)
        except (RequestEntityTooLarge, RequestTimeout) as error:
            unit, answer = await self._refused(self._request(http, scope), error)
            self._requests.count(kind_of(unit), 0.0)
            await _send(answer, send, close=True)
            return
        if body is None:  # no call, and no event; who is still there has sent chunks that are none
            unit = self._pipeline.unread(self._request(http, scope))
            await _send(self._pipeline.refuse(unit, MalformedHttpRequest("The body is not complete.")), send, close=True)
            return
        http = http._replace(body=body)
        page = self._pages.get(raw_path)
        if page is not None:
            answer = await page(http)
        elif not raw_path.startswith(b"/"):
            answer = Answer(400, [], b"")  # rule 1: a bare 400
        else:
            answer = await self._answer(self._request(http, scope))
        await _send(answer, send)

    def _request(self, http: HttpRequest, scope: Scope) -> Request:
        client = scope.get("client")
        source, secure = self._proxies.origin(client[0] if client else None, scope["scheme"], http.headers)
        return Request(http, _facts(http, source, secure))

    async def _answer(self, request: Request) -> Answer:
        began = time.monotonic()
        unit, answer = await self._told(request, began)
        self._requests.count(kind_of(unit), time.monotonic() - began)
        return answer

    async def _told(self, request: Request, now: float) -> tuple[Unit, Answer]:
        address = place_of(request.facts.source_ip)
        if self._strangers.turned_away(address, now):
            return await self._refused(request, Throttling("Rate exceeded"))
        unit, answer = self._pipeline.serve(request)
        if isinstance(answer, Waits):
            unit, answer = await self._served_later(request, answer)
        if unit.caller is None and unit.error is not None and not isinstance(unit.error, ServiceUnavailable):
            self._strangers.failed(address, now)
        if isinstance(answer, Write):
            return unit, await self._written(unit, answer)
        return unit, await self._recorded(unit, answer)

    async def _served_later(self, request: Request, waits: Waits) -> tuple[Unit, Answer | Write]:
        """The answer to a request that waits for something from outside."""
        for _ in range(MOST_PER_REQUEST):
            await self._fetches.done(waits)
            unit, answer = self._pipeline.serve(request)
            if not isinstance(answer, Waits):
                return unit, answer
            waits = answer
        return unit, self._pipeline.gave_up(unit)

    async def _recorded(self, unit: Unit, answer: Answer) -> Answer:
        """`answer`, when its event is on the disk; if that cannot be, ServiceUnavailable."""
        try:
            await self._flusher.safe()
        except OSError as error:
            log.error("the journal cannot be written: %s", error.strerror)
            return self._pipeline.not_recorded(unit)
        return answer

    async def _refused(self, request: Request, error: AwsError) -> tuple[Unit, Answer]:
        """The answer to a request that is refused before anybody has looked at it."""
        unit = self._pipeline.unread(request)
        return unit, await self._recorded(unit, self._pipeline.refuse_and_record(unit, error))

    async def _written(self, unit: Unit, write: Write) -> Answer:
        """The answer to a write, after its turn."""
        try:
            if write.is_slow:
                write = await asyncio.get_running_loop().run_in_executor(None, write.prepare)
            return await self._writes.do(lambda batch: self._pipeline.perform(write, batch))
        except Exception as error:
            if isinstance(error, ServiceUnavailable):
                log.error("a change cannot be written: %s", error.detail)
            return await self._recorded(unit, self._pipeline.refuse_and_record(unit, error))


def _facts(http: HttpRequest, source: str | None, secure: bool) -> RequestFacts:
    agent = host = b""
    referer: str | None = None
    for name, value in http.headers:
        if name == b"user-agent":
            agent = value
        elif name == b"host":
            host = value
        elif name == b"referer":
            referer = value.decode("latin-1")
    return RequestFacts(
        request_id=new_guid(),
        received=time.time(),
        source_ip=source,
        secure=secure,
        user_agent=agent.decode("latin-1"),
        host=host.decode("latin-1"),
        referer=referer,
    )


async def _send(answer: Answer, send: Send, *, close: bool = False) -> None:
    headers = [*answer.headers, SERVER, (b"content-length", b"%d" % len(answer.body))]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})

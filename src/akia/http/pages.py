"""The few paths that are not AWS's. Each is on this list with its rule (NT-47):

/healthz              needs no authentication and tells nothing but health
/sdk/models/…          akia's own service models, which are no secret, for `aws configure add-model` (W11.6)
/_akia/reset/<token>  exists in a throw-away akia only; who knows the token, which no other page tells, may empty it (`akia.reset`)
"""

from __future__ import annotations

from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from akia.aws.errors import ServiceUnavailable
from akia.wire import Answer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from akia.authority.authority import Authority
    from akia.http.asgi import Page

HEALTH = b"/healthz"
_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]


class Health:
    """200 `ok` if this worker can read its store, else 503. No configuration, no counts, no names."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    async def __call__(self, request: HttpRequest) -> Answer:
        if request.method not in {b"GET", b"HEAD"}:
            return _not_allowed()
        try:
            self._authority.begin_reading()
            self._authority.end_reading()
        except ServiceUnavailable:
            return Answer(503, list(_TEXT), b"unavailable\n")
        return Answer(200, list(_TEXT), b"ok\n")


class ModelFile:
    """A service model of akia's own, as anybody who has installed akia has it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __call__(self, request: HttpRequest) -> Answer:
        if request.method not in {b"GET", b"HEAD"}:
            return _not_allowed()
        return Answer(200, [(b"content-type", b"application/json")], self._content)

    @cached_property
    def _content(self) -> bytes:
        return self._file.read_bytes()


def _not_allowed() -> Answer:
    return Answer(405, [*_TEXT, (b"allow", b"GET, HEAD")], b"method not allowed\n")


class WithSecretPage(dict[bytes, "Page"]):
    """Pages by path, and one more whose path is a secret: looking it up takes as long for a good guess as for a bad one."""

    def __init__(self, pages: Mapping[bytes, Page], secret_path: bytes, page: Page) -> None:
        super().__init__(pages)
        self._secret_path = secret_path
        self._page = page

    def get(self, path: bytes, default: Any = None, /) -> Any:
        """The page at `path`."""
        return self._page if compare_digest(path, self._secret_path) else super().get(path, default)

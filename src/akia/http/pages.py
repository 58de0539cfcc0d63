"""The few paths that are not AWS's. Each is on this list with its rule (NT-47):

/healthz              needs no authentication and tells nothing but health
/sdk/models/…          akia's own service models, which are no secret, for `aws configure add-model` (W11.6)
/outbound/<issuer>/…   what an account that issues tokens for others publishes of itself: OpenID Connect Discovery, and public keys (SI17.5)
/_akia/reset/<token>  exists in a throw-away akia only; who knows the token, which no other page tells, may empty it (`akia.reset`)
"""

from __future__ import annotations

from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

import orjson

from akia.authority.outbound_tokens import described, published
from akia.aws.errors import ServiceUnavailable
from akia.identity.outbound_issuer import DISCOVERY, KEYS, PATH, issuer_url
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


class IssuerPage:
    """The two public documents of every account that issues web identity tokens, or did.

    Disabling the feature ends new tokens, not those that were issued: its keys stay published as long as there is the issuer.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    async def __call__(self, request: HttpRequest) -> Answer:
        if request.method not in {b"GET", b"HEAD"}:
            return _not_allowed()
        try:
            self._authority.begin_reading()
            try:
                document = self._document(request.raw_path.decode("latin-1"))
            finally:
                self._authority.end_reading()
        except ServiceUnavailable:
            return Answer(503, list(_TEXT), b"unavailable\n")
        if document is None:
            return Answer(404, list(_TEXT), b"not found\n")
        return Answer(200, [(b"content-type", b"application/json"), (b"cache-control", b"public, max-age=900")], orjson.dumps(document))

    def _document(self, path: str) -> Mapping[str, Any] | None:
        id_, _, what = path.removeprefix(PATH).partition("/")
        issuer = self._authority.store.outbound_issuers.with_id(id_)
        if issuer is None:
            return None
        if f"/{what}" == KEYS:
            return published(self._authority.store)
        url = issuer_url(self._authority.endpoint, issuer.id)
        return described(url, url + KEYS) if f"/{what}" == DISCOVERY else None


def _not_allowed() -> Answer:
    return Answer(405, [*_TEXT, (b"allow", b"GET, HEAD")], b"method not allowed\n")


class Pages(dict[bytes, "Page"]):
    """Pages by path; and `below`, for every path that begins like that."""

    def __init__(self, pages: Mapping[bytes, Page], below: Mapping[bytes, Page]) -> None:
        super().__init__(pages)
        self._below = below

    def get(self, path: bytes, default: Any = None, /) -> Any:
        """The page at `path`."""
        found = super().get(path)
        return found or next((page for prefix, page in self._below.items() if path.startswith(prefix)), default)


class WithSecretPage(dict[bytes, "Page"]):
    """`pages`, and one more whose path is a secret: looking it up takes as long for a good guess as for a bad one."""

    def __init__(self, pages: Mapping[bytes, Page], secret_path: bytes, page: Page) -> None:
        super().__init__(pages)
        self._pages = pages
        self._secret_path = secret_path
        self._page = page

    def get(self, path: bytes, default: Any = None, /) -> Any:
        """The page at `path`."""
        return self._page if compare_digest(path, self._secret_path) else self._pages.get(path, default)

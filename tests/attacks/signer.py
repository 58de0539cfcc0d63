"""Raw requests and their signatures, sensible or not: what no SDK would send."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from tests.sigv4.conftest import Client

from akia.wire import HttpRequest

if TYPE_CHECKING:
    from akia.sigv4 import SignedRequest
    from akia.store.founding import KeyPair

HOST = (b"host", b"akia.local:2542")
FORM = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")
JSON = (b"content-type", b"application/x-amz-json-1.1")
FABRICATED = b"0" * 64
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


def form(action: str, service: str = "iam", **fields: str) -> HttpRequest:
    """A call of a query service, unsigned."""
    body = urlencode({"Action": action, "Version": VERSIONS[service], **fields}).encode()
    return HttpRequest(b"POST", b"/", b"", [HOST, FORM], body)


def json_call(target: str, body: bytes = b"{}") -> HttpRequest:
    """A call of a JSON service, unsigned."""
    return HttpRequest(b"POST", b"/", b"", [HOST, JSON, (b"x-amz-target", target.encode())], body)


def timestamp(at: float) -> bytes:
    """`20150830T123600Z` of epoch seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ").encode()


@dataclass(frozen=True)
class Signer:
    """Signs `HttpRequest`s with one key."""

    key_id: str
    secret: str
    token: str | None = None

    @classmethod
    def of(cls, pair: KeyPair, token: str | None = None) -> Signer:
        return cls(pair.access_key_id, pair.secret_access_key, token)

    def header(
        self,
        request: HttpRequest,
        service: str = "iam",
        *,
        region: str = "us-east-1",
        at: float | None = None,
        scope: bytes | None = None,
        **odd: Any,
    ) -> HttpRequest:
        """`request` with an Authorization header. `odd` is what `Client.sign` takes: whatever shall be otherwise."""
        stamp = odd.pop("timestamp", None) or timestamp(time.time() if at is None else at)
        headers = [*request.headers]
        if self.token is not None:
            headers.append((b"x-amz-security-token", self.token.encode()))
        signed = Client(self.key_id.encode(), self.secret.encode()).sign(
            **{
                "method": request.method,
                "path": request.raw_path,
                "query": request.query,
                "headers": headers,
                "body": request.body,
                "date": (b"x-amz-date", stamp),
                "timestamp": stamp,
                "scope": scope or b"%b/%b/%b/aws4_request" % (stamp[:8], region.encode(), service.encode()),
                "canonical_path": quote(request.raw_path, safe="/-._~").encode(),
                "canonical_query": canonical_query(request.query),
                **odd,
            }
        )
        return _http(signed)

    def query(
        self,
        fields: dict[str, str],
        service: str = "iam",
        *,
        region: str = "us-east-1",
        at: float | None = None,
        expires: bytes | None = b"60",
        **odd: Any,
    ) -> HttpRequest:
        """A presigned GET of a query service."""
        stamp = odd.pop("timestamp", None) or timestamp(time.time() if at is None else at)
        parameters = [(name.encode(), value.encode()) for name, value in {"Version": VERSIONS[service], **fields}.items()]
        if self.token is not None:
            parameters.append((b"X-Amz-Security-Token", self.token.encode()))
        signed = Client(self.key_id.encode(), self.secret.encode()).presign(
            **{
                "parameters": parameters,
                "expires": expires,
                "timestamp": stamp,
                "scope": b"%b/%b/%b/aws4_request" % (stamp[:8], region.encode(), service.encode()),
                "headers": [HOST],
                **odd,
            }
        )
        return _http(signed)


def _http(signed: SignedRequest) -> HttpRequest:
    return HttpRequest(signed.method, signed.path, signed.query, list(signed.headers), signed.body)


def canonical_query(query: bytes) -> bytes:
    """SV1.3-1."""
    pairs = (part.partition(b"=") for part in query.split(b"&") if part)
    return "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, _, value in pairs)).encode()


def with_header(request: HttpRequest, name: bytes, value: bytes) -> HttpRequest:
    """`request` with one more header, which nobody signed."""
    return request._replace(headers=[*request.headers, (name, value)])


def replaced(request: HttpRequest, old: bytes, new: bytes) -> HttpRequest:
    """`request` with a piece of its Authorization header exchanged."""
    headers = [(name, value.replace(old, new) if name == b"authorization" else value) for name, value in request.headers]
    assert headers != request.headers
    return request._replace(headers=headers)


def forged(request: HttpRequest, signature: bytes = FABRICATED) -> HttpRequest:
    """A signed `request` with another signature in its Authorization header."""
    value = dict(request.headers)[b"authorization"]
    return replaced(request, value.rpartition(b"Signature=")[2], signature)


def _encoded(text: bytes) -> str:
    return quote(unquote_to_bytes(text), safe="-._~")

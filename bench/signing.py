"""Signed requests as raw HTTP/1.1 bytes: what an AWS SDK would send, made cheaply enough that a hundred thousand are ready in seconds.

The signature is Signature Version 4 in the Authorization header (SV1), written a second time on purpose: the load must not depend on the
code that it measures.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import time
from dataclasses import dataclass
from functools import lru_cache

USER_AGENT = "Boto3/1.43.0 md/Botocore#1.43.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython cfg/retry-mode#legacy"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.1"
SIGNED_HEADERS = "amz-sdk-invocation-id;content-type;host;x-amz-date"
TARGET = "x-amz-target"
"""The header in which the JSON protocol names the operation. It comes behind the others when they are sorted, as they are signed."""

_run = secrets.token_hex(4)
_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class Credential:
    """A key pair, and the name of its user (empty for root)."""

    access_key_id: str
    secret: str
    user: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.access_key_id})"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where requests go: service (signing name), region, and `host` as it stands in the Host header."""

    service: str
    host: str
    region: str = "us-east-1"


def fresh_invocation() -> str:
    """A value for `amz-sdk-invocation-id` that no other request of this run has; it is signed, so no two signatures are equal either."""
    return f"{_run}-0000-4000-8000-{next(_serial):012x}"


def signed_post(credential: Credential, scope: Scope, body: bytes, *, at: int, invocation: str, target: str = "") -> bytes:
    """The whole request: a POST of `body` to `/`, dated `at` (epoch seconds), ready for the socket.

    Of the query protocol; with a `target` of the JSON protocol.
    """
    stamp = amz_date(at)
    canonical = canonical_request(scope, body, stamp, invocation, target)
    content_type, named = (JSON, f"X-Amz-Target: {target}\r\n") if target else (CONTENT_TYPE, "")
    signature = hmac.digest(
        signing_key(credential.secret, stamp[:8], scope.region, scope.service), string_to_sign(scope, canonical, stamp).encode(), "sha256"
    ).hex()
    return (
        f"POST / HTTP/1.1\r\nHost: {scope.host}\r\nAccept-Encoding: identity\r\nContent-Type: {content_type}\r\n{named}"
        f"User-Agent: {USER_AGENT}\r\nX-Amz-Date: {stamp}\r\namz-sdk-invocation-id: {invocation}\r\namz-sdk-request: attempt=1\r\n"
        f"Authorization: AWS4-HMAC-SHA256 Credential={credential.access_key_id}/{stamp[:8]}/{scope.region}/{scope.service}/aws4_request, "
        f"SignedHeaders={signed_headers(target)}, Signature={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def signed_headers(target: str) -> str:
    return f"{SIGNED_HEADERS};{TARGET}" if target else SIGNED_HEADERS


def canonical_request(scope: Scope, body: bytes, stamp: str, invocation: str, target: str = "") -> str:
    """SV1's canonical request; path `/`, no query."""
    content_type, named = (JSON, f"{TARGET}:{target}\n") if target else (CONTENT_TYPE, "")
    return (
        f"POST\n/\n\namz-sdk-invocation-id:{invocation}\ncontent-type:{content_type}\nhost:{scope.host}\nx-amz-date:{stamp}\n{named}\n"
        f"{signed_headers(target)}\n{hashlib.sha256(body).hexdigest()}"
    )


def string_to_sign(scope: Scope, canonical: str, stamp: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"AWS4-HMAC-SHA256\n{stamp}\n{stamp[:8]}/{scope.region}/{scope.service}/aws4_request\n{digest}"


@lru_cache(maxsize=50_000)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key derived from a secret for one day (`YYYYMMDD`), region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=4096)
def amz_date(at: int) -> str:
    """Epoch seconds as `YYYYMMDDTHHMMSSZ`."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))

"""A client that signs by hand, so that tests can also sign what no SDK would send."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from akia.aws.errors import AwsError, Family
from akia.sigv4 import Expectation, Presented, SignedRequest, SigningSecret, read, verify

NOW = 1440938160
"""2015-08-30 12:36:00 UTC"""
TIMESTAMP = b"20150830T123600Z"

Headers = list[tuple[bytes, bytes]]


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


@dataclass
class Client:
    """Signs and verifies with one key. Each parameter of the signing methods is what is written, sensible or not."""

    key_id: bytes = b"AKIAIOSFODNN7EXAMPLE"
    secret: bytes = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    now: float = NOW

    def expectation(self, family: Family = Family.QUERY, **changes: object) -> Expectation:
        return Expectation(family, ("iam",), **changes)  # type: ignore[arg-type]  # keywords of the dataclass, as given by the tests

    def signature(self, canonical: bytes, timestamp: bytes, scope: bytes, secret: bytes | None = None) -> bytes:
        key = b"AWS4" + (self.secret if secret is None else secret)
        for part in scope.split(b"/"):
            key = hmac.digest(key, part, "sha256")
        string_to_sign = b"\n".join([b"AWS4-HMAC-SHA256", timestamp, scope, _hash(canonical)])
        return hmac.digest(key, string_to_sign, "sha256").hex().encode()

    def sign(
        self,
        *,
        method: bytes = b"POST",
        path: bytes = b"/",
        query: bytes = b"",
        headers: Headers | None = None,
        body: bytes = b"Action=ListUsers&Version=2010-05-08",
        unsigned: Headers | None = None,
        signed: bytes | None = None,
        date: tuple[bytes, bytes] | None = (b"x-amz-date", TIMESTAMP),
        timestamp: bytes = TIMESTAMP,
        scope: bytes = b"20150830/us-east-1/iam/aws4_request",
        canonical_path: bytes | None = None,
        canonical_query: bytes | None = None,
        lines: bytes | None = None,
        payload: bytes | None = None,
        secret: bytes | None = None,
        signature: bytes | None = None,
    ) -> SignedRequest:
        """A request with an Authorization header, signed over `headers` (values in canonical form) and the date."""
        sent = [(b"host", b"akia.local:2542")] if headers is None else list(headers)
        sent += [date] if date else []
        listed = signed if signed is not None else b";".join(sorted({name for name, _ in sent}))
        if lines is None:
            lines = b"".join(b"%b:%b\n" % (name, b",".join(v for n, v in sent if n == name)) for name in sorted({name for name, _ in sent}))
        canonical = b"\n".join(
            [
                method,
                path if canonical_path is None else canonical_path,
                query if canonical_query is None else canonical_query,
                lines,
                listed,
                payload or _hash(body),
            ]
        )
        proof = self.signature(canonical, timestamp, scope, secret) if signature is None else signature
        value = b"AWS4-HMAC-SHA256 Credential=%b/%b, SignedHeaders=%b, Signature=%b" % (self.key_id, scope, listed, proof)
        return SignedRequest(method, path, query, [*sent, *(unsigned or []), (b"authorization", value)], body)

    def presign(
        self,
        *,
        parameters: Headers | None = None,
        expires: bytes | None = b"60",
        timestamp: bytes = TIMESTAMP,
        scope: bytes = b"20150830/us-east-1/iam/aws4_request",
        headers: Headers | None = None,
        signed: bytes = b"host",
        body: bytes = b"",
        payload: bytes | None = None,
        path: bytes = b"/",
    ) -> SignedRequest:
        """A GET signed in its query."""
        sent = [(b"host", b"akia.local:2542")] if headers is None else headers
        own = [
            (b"X-Amz-Algorithm", b"AWS4-HMAC-SHA256"),
            (b"X-Amz-Credential", self.key_id + b"/" + scope),
            (b"X-Amz-Date", timestamp),
            (b"X-Amz-SignedHeaders", signed),
        ]
        if expires is not None:
            own.append((b"X-Amz-Expires", expires))
        pairs = sorted((quote(n, safe="-._~"), quote(v, safe="-._~")) for n, v in [*own, *(parameters or [])])
        query = "&".join(f"{name}={value}" for name, value in pairs).encode()
        lines = b"".join(b"%b:%b\n" % pair for pair in sorted(sent))
        canonical = b"\n".join([b"GET", path, query, lines, signed, payload or _hash(body)])
        proof = self.signature(canonical, timestamp, scope)
        return SignedRequest(b"GET", path, query + b"&X-Amz-Signature=" + proof, sent, body)

    def reworded(self, request: SignedRequest, old: bytes, new: bytes) -> SignedRequest:
        """The request with a piece of its Authorization header replaced."""
        headers = [(name, value.replace(old, new) if name == b"authorization" else value) for name, value in request.headers]
        assert headers != list(request.headers)
        return request._replace(headers=headers)

    def accept(self, request: SignedRequest, expected: Expectation | None = None, *, now: float | None = None) -> Presented:
        """Reads and verifies, raising what akia raises."""
        presented = read(request, expected or self.expectation(), self.now if now is None else now)
        verify(presented, SigningSecret(self.secret))
        return presented

    def refusal(self, request: SignedRequest, expected: Expectation | None = None, *, now: float | None = None) -> AwsError:
        """The error that akia raises; it must raise one, and no other kind of exception."""
        with pytest.raises(AwsError) as caught:
            self.accept(request, expected, now=now)
        error = caught.value
        assert not isinstance(error.message, bytes)
        assert self.secret.decode() not in error.message + error.detail
        return error


@pytest.fixture
def client() -> Client:
    return Client()


MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@pytest.fixture
def mismatch() -> str:
    """The text of rule 16."""
    return MISMATCH

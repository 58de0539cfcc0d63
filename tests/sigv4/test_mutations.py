"""Every single-byte change to what is signed is refused, except for the spellings that a rule makes equal.

`EQUAL_SPELLINGS` lists these, part by part. The test asserts both directions: a mutant is accepted if and only if
each of its parts has the same standard spelling as before. The standard spellings share no code with akia.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from io import BytesIO
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest
from awscrt.auth import (  # type: ignore[import-untyped]  # awscrt ships no types
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpHeaders, HttpRequest  # type: ignore[import-untyped]  # awscrt ships no types
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from akia.aws.errors import AwsError, Family
from akia.sigv4 import Expectation, SignedRequest, SigningSecret, read, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.covers("I2.sigv4.mutation", "I2.sigv4.differential")

KEY_ID, SECRET, TOKEN = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2Vj/+token=="
SIGNING_SECRET = SigningSecret(SECRET.encode())
IAM = Expectation(Family.QUERY, ("iam",), sigv4a=True)
URL = "http://akia.local:2542/a%20b/c*d/?x=1&y=a%20%2F&x=0&empty=&Version=2010-05-08"
BODY = b"Action=ListUsers&a=%2F"


def _path(path: bytes) -> object:
    """SV1.2-1: `.`, `..` and empty segments do not count; a trailing slash does."""
    normal = normpath(b"/" + path.lstrip(b"/"))
    return normal, path.endswith(b"/") and normal != b"/"


def _query(query: bytes) -> object:
    """SV1.3: order does not count, nor how a byte is escaped; `a` is `a=`. A literal plus is a plus. Malformed escapes are refused."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", query):
        return None
    pairs = [part.partition(b"=") for part in query.split(b"&")]
    return sorted((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs)


def _header(value: bytes) -> object:
    """SV1.4-1: white space at the ends does not count; a run of it is one blank."""
    return value.split()


def _authorization(value: bytes) -> object:
    """SV2-1: blanks and tabs beside the commas and after the algorithm's blank do not count."""
    return re.sub(rb"[ \t]*,[ \t]*", b",", re.sub(rb"^(\S+) [ \t]*", rb"\1 ", value))


EQUAL_SPELLINGS: dict[str, Callable[[bytes], object]] = {
    "path": _path,
    "query": _query,
    "header": _header,
    "authorization": _authorization,
}


def _spelling(request: SignedRequest) -> object:
    headers = [(name, EQUAL_SPELLINGS["authorization" if name == b"authorization" else "header"](value)) for name, value in request.headers]
    path, query = EQUAL_SPELLINGS["path"](request.path), EQUAL_SPELLINGS["query"](request.query)
    return request.method, path, query, sorted(headers, key=lambda header: header[0]), request.body


def _accepted(request: SignedRequest) -> bool:
    """Whether akia finds that our key has signed it. A mutated key id belongs to nobody."""
    try:
        presented = read(request, IAM, time.time())
        if presented.access_key_id != KEY_ID:
            return False
        verify(presented, SIGNING_SECRET)
    except AwsError:
        return False
    return True


def _changed(raw: bytes, replacements: bytes) -> Iterator[bytes]:
    """Each byte replaced by each of `replacements`, left out, and doubled; and each bit flipped."""
    for place in range(len(raw)):
        before, byte, after = raw[:place], raw[place], raw[place + 1 :]
        yield before + after
        yield before + bytes([byte, byte]) + after
        for other in {*replacements, *(byte ^ 1 << bit for bit in range(8))} - {byte}:
            yield before + bytes([other]) + after


def _mutants(request: SignedRequest, replacements: bytes) -> Iterator[SignedRequest]:
    for method in _changed(request.method, replacements):
        yield request._replace(method=method)
    for path in _changed(request.path[1:], replacements):
        yield request._replace(path=b"/" + path)
    for query in _changed(request.query, replacements):
        yield request._replace(query=query)
    for body in [*_changed(request.body, replacements), request.body + b"\0"]:
        yield request._replace(body=body)
    for place, (name, value) in enumerate(request.headers):
        for other in [
            *((changed, value) for changed in _changed(name, b"")),
            *((name, changed) for changed in _changed(value, replacements)),
        ]:
            yield request._replace(headers=[*request.headers[:place], other, *request.headers[place + 1 :]])


def _by_botocore(auth: type[SigV4Auth], method: str, headers: dict[str, str], body: bytes) -> SignedRequest:
    request = AWSRequest(method, URL, headers=dict(headers), data=body)
    auth(Credentials(KEY_ID, SECRET, TOKEN), "iam", "us-east-1").add_auth(request)
    path, _, query = str(request.url).removeprefix("http://akia.local:2542").partition("?")
    lines = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return SignedRequest(method.encode(), path.encode(), query.encode(), [(b"host", b"akia.local:2542"), *lines], body)


def _by_crt(algorithm: AwsSigningAlgorithm, form: AwsSignatureType, body: bytes) -> SignedRequest:
    headers = [("host", "akia.local:2542"), ("content-type", "text/plain;  charset=utf-8")]
    request = HttpRequest("POST", URL.removeprefix("http://akia.local:2542"), HttpHeaders(headers), BytesIO(body))
    config = AwsSigningConfig(
        algorithm=algorithm,
        signature_type=form,
        credentials_provider=AwsCredentialsProvider.new_static(KEY_ID, SECRET),
        region="us-east-1",
        service="iam",
        date=datetime.now(UTC),
        expiration_in_seconds=60 if form == AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS else None,
    )
    aws_sign_request(request, config).result(10)
    path, _, query = request.path.partition("?")
    return SignedRequest(b"POST", path.encode(), query.encode(), [(n.lower().encode(), v.encode()) for n, v in request.headers], body)


HEADERS, QUERY = AwsSignatureType.HTTP_REQUEST_HEADERS, AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS
V4, V4A = AwsSigningAlgorithm.V4, AwsSigningAlgorithm.V4_ASYMMETRIC
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "My-Header": 'a  "b  c", d'}
PUNCTUATION = b"\0\t\n\r !\"%&'*+,-./0:;=?AZ_az~\x7f\xff"
FEW = b" %,/="
EVERY_BYTE = bytes(range(256))

SIGNERS: dict[str, tuple[Callable[[], SignedRequest], bytes]] = {
    "botocore header": (lambda: _by_botocore(SigV4Auth, "POST", FORM, BODY), EVERY_BYTE),
    "botocore query": (lambda: _by_botocore(SigV4QueryAuth, "GET", {}, b""), EVERY_BYTE),
    "crt header": (lambda: _by_crt(V4, HEADERS, BODY), PUNCTUATION),
    "crt query": (lambda: _by_crt(V4, QUERY, b""), FEW),
    "crt header V4A": (lambda: _by_crt(V4A, HEADERS, BODY), FEW),
    "crt query V4A": (lambda: _by_crt(V4A, QUERY, b""), FEW),
}


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_mutant_is_accepted_only_if_a_rule_makes_it_equal(signer: str) -> None:
    sign, replacements = SIGNERS[signer]
    request = sign()
    assert _accepted(request)
    spelling = _spelling(request)
    seen = accepted = 0
    for mutant in _mutants(request, replacements):
        seen += 1
        equal = _spelling(mutant) == spelling
        accepted += equal
        assert _accepted(mutant) is equal, mutant
    assert seen > 2500
    assert accepted > 0


def test_equal_spellings_that_no_single_byte_makes() -> None:
    request = _by_botocore(SigV4Auth, "POST", FORM, BODY)
    assert _accepted(request._replace(headers=list(reversed(request.headers))))  # SV1.4-2: the order of different headers
    assert _accepted(request._replace(query=b"empty&Version=2010-05-08&%78=0&y=a%20%2f&x=1"))  # SV1.3
    assert _accepted(request._replace(path=b"/./a%20b//e/../c*d/"))  # SV1.2-1
    assert not _accepted(request._replace(path=b"/a%20b/c%2Ad/"))  # SV1.2-4: outside S3 the wire path is authoritative
    assert not _accepted(request._replace(query=request.query.replace(b"%20", b"+")))  # SX-3


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_dropped_or_doubled_header_is_refused(signer: str) -> None:
    request = SIGNERS[signer][0]()
    for place, header in enumerate(request.headers):
        for lines in ([], [header, header]):
            changed = [*request.headers[:place], *lines, *request.headers[place + 1 :]]
            assert not _accepted(request._replace(headers=changed)), header


def test_sv1_4_4_unsigned_headers_may_change() -> None:
    request = _by_botocore(SigV4Auth, "POST", FORM | {"User-Agent": "one"}, BODY)
    headers = [(name, b"two" if name == b"user-agent" else value) for name, value in request.headers]
    assert headers != request.headers
    assert _accepted(request._replace(headers=headers))

"""Points on which sources differ: one test each, so that a measurement of AWS changes one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import (
    Family,
    IncompleteSignature,
    InvalidClientTokenId,
    MalformedQueryString,
    MissingAuthenticationToken,
    SignatureDoesNotMatch,
)
from akia.sigv4 import read, refuse_unknown_key

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

HOST = (b"host", b"akia.local:2542")


def test_contested_missing_authentication_token_is_403(client: Client) -> None:
    # SX-1, SV7-1
    error = client.refusal(client.sign()._replace(headers=[HOST]))
    assert isinstance(error, MissingAuthenticationToken)
    assert error.seen_through(Family.QUERY) == ("MissingAuthenticationToken", 403)


def test_contested_malformed_query_string_is_400(client: Client) -> None:
    # SX-2, SV7-18, rule 4
    error = client.refusal(client.sign(query=b"%"))
    assert isinstance(error, MalformedQueryString)
    assert error.seen_through(Family.QUERY) == ("MalformedQueryString", 400)


def test_contested_plus_in_query_is_literal(client: Client) -> None:
    # SX-3, SV1.3-2
    client.accept(client.sign(query=b"a=b+c", canonical_query=b"a=b%2Bc"))
    assert isinstance(client.refusal(client.sign(query=b"a=b+c", canonical_query=b"a=b%20c")), SignatureDoesNotMatch)


@pytest.mark.parametrize("name", [b"content-type", b"accept", b"user-agent", b"x-amzn-trace-id", b"amz-sdk-invocation-id", b"connection"])
def test_contested_unsigned_headers_outside_s3(client: Client, name: bytes) -> None:
    # SX-4, SV1.4-5, rule 8: host and all x-amz-* must be signed, others need not
    client.accept(client.sign(unsigned=[(name, b"x")]))
    assert isinstance(client.refusal(client.sign(unsigned=[(b"x-amz-" + name, b"x")])), SignatureDoesNotMatch)


def test_contested_inactive_key_as_unknown_key(client: Client) -> None:
    # SX-5, SV6-4, SV7-3: whoever finds a key that may not be used calls the same function as for an unknown one
    with pytest.raises(InvalidClientTokenId) as caught:
        refuse_unknown_key(read(client.sign(), client.expectation(), client.now))
    error = caught.value
    assert error.seen_through(Family.QUERY) == ("InvalidClientTokenId", 403)
    assert error.seen_through(Family.JSON) == ("UnrecognizedClientException", 400)
    assert error.seen_through(Family.REST_JSON) == ("UnrecognizedClientException", 403)


def test_contested_unnormalised_path_fallback_is_off(client: Client) -> None:
    # SX-6, SV1.2-6: one form per service, never both
    raw, normal = client.sign(path=b"/a/../b"), client.sign(path=b"/a/../b", canonical_path=b"/b")
    client.accept(normal)
    assert isinstance(client.refusal(raw), SignatureDoesNotMatch)
    switched = client.expectation(normalised=False)
    client.accept(raw, switched)
    assert isinstance(client.refusal(normal, switched), SignatureDoesNotMatch)


def test_contested_unsorted_signed_headers_refused(client: Client, mismatch: str) -> None:
    # SX-7, SV1.4-2
    lines = b"x-amz-date:20150830T123600Z\nhost:akia.local:2542\n"
    error = client.refusal(client.sign(signed=b"x-amz-date;host", lines=lines))
    assert error.message == mismatch
    assert error.detail == mismatch + " (SignedHeaders is not sorted)"


def test_contested_incomplete_signature_status(client: Client) -> None:
    # SX-8, SV7-2
    error = client.refusal(client.sign(date=None))
    assert isinstance(error, IncompleteSignature)
    assert error.seen_through(Family.QUERY) == ("IncompleteSignature", 400)
    assert error.seen_through(Family.JSON) == ("IncompleteSignatureException", 400)
    assert error.seen_through(Family.REST_JSON) == ("IncompleteSignatureException", 403)

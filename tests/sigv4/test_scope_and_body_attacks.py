"""Signatures for another service, region, day or body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import Family, SignatureDoesNotMatch
from akia.sigv4 import Expectation, SigningSecret

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

pytestmark = pytest.mark.covers("I2.sigv4.body")

HOST = (b"host", b"akia.local:2542")


def test_nt_11_a_signature_for_another_service(client: Client) -> None:
    request = client.sign(scope=b"20150830/us-east-1/sts/aws4_request")
    client.accept(request, Expectation(Family.QUERY, ("sts",)))
    assert "correct service: 'iam'" in client.refusal(request).message


def test_nt_11_a_signature_for_another_region(client: Client) -> None:
    request = client.sign(scope=b"20150830/eu-west-1/iam/aws4_request")
    client.accept(request, client.expectation(region="eu-west-1"))
    error = client.refusal(request, client.expectation(region="us-east-1"))
    assert error.message == "Credential should be scoped to a valid region, not 'eu-west-1'."


@pytest.mark.parametrize("region", [b"*", b"", b"us-*", b"US-EAST-1", b"us-east-1\xc2\xb9", b"us_east_1", b"us east"])
def test_nt_11_a_region_that_cannot_be(client: Client, region: bytes) -> None:
    scope = b"20150830/%b/iam/aws4_request" % region
    for request in (client.sign(scope=scope), client.presign(scope=scope)):
        assert isinstance(client.refusal(request), SignatureDoesNotMatch)


def test_nt_11_yesterdays_signing_key(client: Client) -> None:
    """The scope says today, the key was derived for yesterday."""
    request = client.sign()
    presented = client.accept(request)
    old = SigningSecret(client.secret).signing_key(presented.claim.scope._replace(text=b"20150829/us-east-1/iam/aws4_request"))
    forged = client.sign(signature=old.sign(presented.string_to_sign))
    assert isinstance(client.refusal(forged), SignatureDoesNotMatch)


def test_nt_11_terminator(client: Client) -> None:
    assert "terminator" in client.refusal(client.sign(scope=b"20150830/us-east-1/iam/aws4_request2")).message


def test_nt_12_another_body(client: Client, mismatch: str) -> None:
    for headers in ([HOST], [HOST, (b"x-amz-content-sha256", b"3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3")]):
        request = client.sign(headers=headers, body=b"two")
        client.accept(request)
        for body in (b"", b"twO", b"two\n", b"two\0"):
            assert client.refusal(request._replace(body=body)).message == mismatch


TWO = b"3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


@pytest.mark.parametrize(
    "claimed",
    [
        b"UNSIGNED-PAYLOAD",
        b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        b"STREAMING-AWS4-HMAC-SHA256-EVENTS",
        TWO.upper(),
        TWO[:63],
        TWO + b"0",
        TWO + b"," + TWO,
        b"",
        b"required",
    ],
)
def test_nt_12_claims_that_bind_no_body(client: Client, mismatch: str, claimed: bytes) -> None:
    """Whichever hash was signed, the claimed one or the true one."""
    header = (b"x-amz-content-sha256", claimed)
    for payload in (claimed, TWO):
        for request in (
            client.sign(headers=[HOST, header], body=b"two", payload=payload),
            client.presign(headers=[HOST, header], signed=b"host;x-amz-content-sha256", body=b"two", payload=payload),
        ):
            error = client.refusal(request)
            assert error.message == mismatch
            assert "body" in error.detail


def test_nt_12_presigned_get_with_a_body(client: Client) -> None:
    request = client.presign()
    client.accept(request)
    assert isinstance(client.refusal(request._replace(body=b"Action=CreateUser")), SignatureDoesNotMatch)
    assert isinstance(client.refusal(client.presign(payload=b"UNSIGNED-PAYLOAD")), SignatureDoesNotMatch)

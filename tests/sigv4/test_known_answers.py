"""Published signatures and keys (SV1.1-3, SV5-2)."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from akia.aws.errors import Family
from akia.sigv4 import Expectation, SignedRequest, SigningSecret, read, verify
from akia.sigv4.asymmetric import private_key, public_key

EMPTY = hashlib.sha256(b"").hexdigest().encode()
SECRET = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
S3 = Expectation(Family.REST_XML, ("s3",), s3=True, unsigned_payload=True)
MAY_24 = 1369353600


def _authorization(scope: bytes, signed: bytes, signature: bytes) -> tuple[bytes, bytes]:
    value = b"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/%b, SignedHeaders=%b, Signature=%b" % (scope, signed, signature)
    return b"authorization", value


def test_sv1_1_3_iam_list_users() -> None:
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),
        (b"host", b"iam.amazonaws.com"),
        (b"x-amz-date", b"20150830T123600Z"),
        _authorization(
            b"20150830/us-east-1/iam/aws4_request",
            b"content-type;host;x-amz-date",
            b"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ]
    request = SignedRequest(b"GET", b"/", b"Action=ListUsers&Version=2010-05-08", headers, b"")
    presented = read(request, Expectation(Family.QUERY, ("iam",)), 1440938160)
    verify(presented, SigningSecret(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
    digest = hashlib.sha256(presented.canonical_request).hexdigest()
    assert digest == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    assert presented.payload_hash == EMPTY
    assert (presented.access_key_id, presented.date, presented.region, presented.service) == (
        "AKIAIOSFODNN7EXAMPLE",
        "20150830",
        "us-east-1",
        "iam",
    )
    assert (presented.presigned, presented.session_token, presented.region_set, presented.signed_at) == (False, None, (), 1440938160)


def test_sv1_1_3_s3_get_object() -> None:
    headers = [
        (b"host", b"examplebucket.s3.amazonaws.com"),
        (b"range", b"bytes=0-9"),
        (b"x-amz-content-sha256", EMPTY),
        (b"x-amz-date", b"20130524T000000Z"),
        _authorization(
            b"20130524/us-east-1/s3/aws4_request",
            b"host;range;x-amz-content-sha256;x-amz-date",
            b"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
    ]
    verify(read(SignedRequest(b"GET", b"/test.txt", b"", headers, b""), S3, MAY_24), SigningSecret(SECRET))


def test_sv1_1_3_s3_presigned() -> None:
    query = (
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        b"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        b"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    request = SignedRequest(b"GET", b"/test.txt", query, [(b"host", b"examplebucket.s3.amazonaws.com")], b"")
    presented = read(request, S3, MAY_24 + 86400)
    verify(presented, SigningSecret(SECRET))
    assert presented.presigned
    assert presented.payload_hash == b"UNSIGNED-PAYLOAD"


@pytest.mark.parametrize(
    ("key_id", "secret", "scalar", "x", "y"),
    [
        (
            "AKISORANDOMAASORANDOM",
            b"q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom",
            "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd",
            "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb",
            "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0",
        ),
        (
            "AKIAIOSFODNN7EXAMPLE",
            SECRET,
            "04c4d39191ae06f37a86b873d2f9951f7c37621d69e0eb834fb622c368f360c3",
            "18b7d04643359f6ec270dcbab8dce6d169d66ddc9778c75cfb08dfdb701637ab",
            "fa36b35e4fe67e3112261d2e17a956ef85b06e44712d2850bcd3c2161e9993f2",
        ),
    ],
)
def test_sv5_2_key_pair_of_a_secret(key_id: str, secret: bytes, scalar: str, x: str, y: str) -> None:
    assert private_key(key_id, secret) == int(scalar, 16)
    key = public_key(key_id, secret)
    assert key.public_numbers() == ec.EllipticCurvePublicNumbers(int(x, 16), int(y, 16), ec.SECP256R1())

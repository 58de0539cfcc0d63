"""Forged, confused and replayed signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.aws.errors import AwsError, Family, IncompleteSignature, InvalidClientTokenId, MissingAuthenticationToken, SignatureDoesNotMatch
from akia.sigv4 import Expectation, SignedRequest, SigningSecret, read, refuse_unknown_key, verify

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

HOST = (b"host", b"akia.local:2542")
FORGED = b"0" * 64


@pytest.mark.parametrize("family", list(Family))
def test_nt_01_each_form_with_a_fabricated_signature_is_refused(client: Client, family: Family) -> None:
    forms = {
        "header": client.sign(signature=FORGED),
        "presigned": client.presign(),
        "none": SignedRequest(b"POST", b"/", b"", [HOST], b""),
        "sigv2 header": SignedRequest(b"POST", b"/", b"", [HOST, (b"authorization", b"AWS AKIAIOSFODNN7EXAMPLE:" + FORGED)], b""),
        "sigv2 query": SignedRequest(b"GET", b"/", b"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=9999999999&Signature=x", [HOST], b""),
    }
    query = forms["presigned"].query
    forms["presigned"] = forms["presigned"]._replace(query=query[:-64] + FORGED)
    modes = ["AWS4-HMAC-SHA256-PAYLOAD", "AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "UNSIGNED-PAYLOAD-TRAILER"]
    modes += ["AWS4-ECDSA-P256-SHA256-PAYLOAD", "AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"]
    for mode in modes:
        sha = (b"x-amz-content-sha256", b"STREAMING-" + mode.encode())
        forms[mode] = client.sign(headers=[HOST, sha], signature=FORGED)
        forms[mode + " presigned"] = client.presign(headers=[HOST, sha], signed=b"host;x-amz-content-sha256", payload=sha[1])
    for request in forms.values():
        client.refusal(request, client.expectation(family))


def test_nt_02_header_and_query_at_once_equal_or_different(client: Client) -> None:
    query = client.presign().query
    for request in (client.sign(query=query), client.sign(query=query.replace(b"AKIAIOSFODNN7EXAMPLE", b"AKIAI44QH8DHBEXAMPLE"))):
        assert isinstance(client.refusal(request), SignatureDoesNotMatch)


def test_nt_02_the_identity_is_the_one_whose_signature_was_checked(client: Client) -> None:
    decoy = b"X-Amz-Credential=AKIAI44QH8DHBEXAMPLE%2F20150830%2Fus-east-1%2Fiam%2Faws4_request"
    assert client.accept(client.sign(query=decoy, body=decoy)).access_key_id == client.key_id.decode()
    assert client.accept(client.presign()).access_key_id == client.key_id.decode()


def test_nt_02_unsigned_trailer_in_the_query_is_no_credential(client: Client) -> None:
    request = client.presign(
        headers=[HOST, (b"x-amz-content-sha256", b"STREAMING-UNSIGNED-PAYLOAD-TRAILER")],
        signed=b"host;x-amz-content-sha256",
        payload=b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    )
    assert isinstance(client.refusal(request), SignatureDoesNotMatch)


@pytest.mark.parametrize(
    "signature",
    [b"", FORGED, b"0", b"\x00" * 64, b"f" * 65, b"None", b"\xff" * 64, "\N{FULLWIDTH DIGIT ZERO}".encode() * 64],
)
def test_nt_03_known_key_unknown_secret(client: Client, mismatch: str, signature: bytes) -> None:
    assert client.refusal(client.sign(signature=signature)).message == mismatch


@pytest.mark.parametrize("secret", [b"", b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", bytes(40), b"wJalrXUtnFEMI"])
def test_nt_03_signature_by_another_secret(client: Client, mismatch: str, secret: bytes) -> None:
    assert client.refusal(client.sign(secret=secret)).message == mismatch


def test_nt_03_an_unknown_key_never_verifies(client: Client) -> None:
    for secret in (client.secret, b"", bytes(40)):
        presented = read(client.sign(secret=secret), client.expectation(), client.now)
        with pytest.raises(InvalidClientTokenId):
            refuse_unknown_key(presented)


@pytest.mark.parametrize("name", [b"AWS4-HMAC-SHA1", b"AWS4-HMAC-SHA256x", b"aws4-hmac-sha256", b"AWS", b"Bearer", b"AWS4-HMAC-SHA256\t"])
def test_nt_10_other_algorithms(client: Client, name: bytes) -> None:
    assert isinstance(client.refusal(client.reworded(client.sign(), b"AWS4-HMAC-SHA256", name)), IncompleteSignature)
    presigned = client.presign()
    changed = presigned.query.replace(b"Algorithm=AWS4-HMAC-SHA256", b"Algorithm=" + name.replace(b"\t", b"%09"))
    assert isinstance(client.refusal(presigned._replace(query=changed)), MissingAuthenticationToken)


def test_nt_15_an_identical_request_passes_again_inside_the_window(client: Client) -> None:
    request = client.sign()
    assert client.accept(request) == client.accept(request, now=client.now + 60)
    client.refusal(request, now=client.now + 901)


@pytest.mark.parametrize(
    "key_id",
    [
        b"*)(uid=*",
        b"'; DROP TABLE--AAAAAAA",
        b"AKIA\0AAAAAAAAAAAAAAA",
        b"..AAAAAAAAAAAAAAAAAA",
        b"A" * 10240,
        b"AKIA" + b"\xc3\x89" * 8,
        b"",
        b"A" * 15,
        b"A" * 129,
        "\N{ARABIC-INDIC DIGIT SIX}".encode() * 16,
        b"AKIAIOSFODNN7EXAMPLE\n",
    ],
)
def test_nt_39_odd_key_ids_are_never_handed_on(client: Client, key_id: bytes) -> None:
    client.key_id = key_id
    for request in (client.sign(), client.presign()):
        error = client.refusal(request)
        assert (type(error), error.message) == (InvalidClientTokenId, "The security token included in the request is invalid.")


@pytest.mark.parametrize("key_id", [b"A" * 16, b"a_Z" * 42, b"AKIAIOSFODNN7EXAMPLE"])
def test_nt_39_every_possible_key_id_is_handed_on(client: Client, key_id: bytes) -> None:
    client.key_id = key_id
    assert client.accept(client.sign()).access_key_id == key_id.decode()


_NAMES = st.sampled_from([b"authorization", b"host", b"x-amz-date", b"date", b"x-amz-security-token", b"x-amz-content-sha256", b"x"])
_PIECES = st.sampled_from(
    b"AWS4-HMAC-SHA256 |AWS4-ECDSA-P256-SHA256 |Credential=|AKIAIOSFODNN7EXAMPLE|/20150830|/us-east-1|/iam|/aws4_request|, |SignedHeaders="
    b"|host|;|Signature=|00|=|%|&|X-Amz-Algorithm|\n|X-Amz-Credential=|X-Amz-Date=|20150830T123600Z|X-Amz-SignedHeaders="
    b"|X-Amz-Signature=|X-Amz-Expires=".split(b"|")
)
_TEXT = st.one_of(st.lists(_PIECES, max_size=14).map(b"".join), st.binary(max_size=20))


@given(headers=st.lists(st.tuples(_NAMES, _TEXT), max_size=6), query=_TEXT, path=_TEXT, body=st.binary(max_size=4), s3=st.booleans())
def test_nt_71_rubbish_gets_aws_errors_only(headers: list[tuple[bytes, bytes]], query: bytes, path: bytes, body: bytes, s3: bool) -> None:
    request = SignedRequest(b"GET", b"/" + path, query, headers, body)
    with pytest.raises(AwsError):
        verify(read(request, Expectation(Family.JSON, ("iam",), s3=s3, sigv4a=True), 1440938160), SigningSecret(b"secret"))

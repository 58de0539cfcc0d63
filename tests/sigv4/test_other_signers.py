"""What botocore and the AWS Common Runtime sign, akia verifies."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from awscrt.auth import (  # type: ignore[import-untyped]  # awscrt ships no types
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpHeaders, HttpRequest  # type: ignore[import-untyped]  # awscrt ships no types
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.signers import generate_presigned_url
from hypothesis import given, settings
from hypothesis import strategies as st

from akia.aws.errors import Family, SignatureDoesNotMatch
from akia.sigv4 import Algorithm, Expectation, SignedRequest, SigningSecret, read, verify

if TYPE_CHECKING:
    from akia.sigv4 import Presented

pytestmark = pytest.mark.covers("I2.sigv4.differential")

KEY_ID, SECRET, TOKEN = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2Vj/+token=="

HOST_URL = "http://akia.local:2542"


@dataclass
class Parts:
    """What a caller wants to send."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    token: str | None
    region: str

    @property
    def target(self) -> str:
        pairs = "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in self.query)
        return f"{self.path}?{pairs}" if pairs else self.path


_REST = st.text("abcXYZ019-._~ /:;=&?+%*'()!$,@é\N{SNOWMAN}", max_size=8)
_PATH = st.lists(_REST.map(lambda part: quote(part, safe="-._~")), max_size=4).map(lambda parts: "/" + "/".join(parts))
_QUERY = st.lists(st.tuples(_REST.filter(bool), _REST), max_size=4)
_VALUE = st.text("abcXYZ019 \t\"'=;,/%+-", max_size=12).map(lambda value: value.strip() or "x")
_HEADERS = st.dictionaries(st.sampled_from(["my-header", "content-type", "x-amz-target", "amz-sdk-request", "x%y", "a-b", "a"]), _VALUE)
_REQUESTS = st.builds(
    Parts,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    path=_PATH,
    query=_QUERY,
    headers=_HEADERS,
    body=st.binary(max_size=40),
    token=st.sampled_from([None, TOKEN]),
    region=st.sampled_from(["us-east-1", "aws-global", "eu-west-1"]),
)


def _check(request: SignedRequest, service: str = "iam", *, secret: str = SECRET) -> Presented:
    presented = read(request, Expectation(Family.REST_JSON, (service,), sigv4a=True), time.time())
    verify(presented, SigningSecret(secret.encode()))
    return presented


def _sign_with_botocore(auth: type[SigV4Auth], parts: Parts) -> SignedRequest:
    request = AWSRequest(parts.method, HOST_URL + parts.target, headers=dict(parts.headers), data=parts.body)
    auth(Credentials(KEY_ID, SECRET, parts.token), "iam", parts.region).add_auth(request)
    path, _, query = str(request.url).removeprefix(HOST_URL).partition("?")
    lines = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
    return SignedRequest(parts.method.encode(), path.encode(), query.encode(), [(b"host", b"akia.local:2542"), *lines], parts.body)


@settings(max_examples=300)
@given(_REQUESTS)
def test_botocore_signs_in_the_header(parts: Parts) -> None:
    request = _sign_with_botocore(SigV4Auth, parts)
    presented = _check(request)
    assert (presented.access_key_id, presented.region, presented.service) == (KEY_ID, parts.region, "iam")
    assert presented.session_token == (parts.token and TOKEN.encode())
    with pytest.raises(SignatureDoesNotMatch):
        _check(request, secret=SECRET[::-1])


@settings(max_examples=300)
@given(_REQUESTS)
def test_botocore_signs_in_the_query(parts: Parts) -> None:
    request = _sign_with_botocore(SigV4QueryAuth, replace(parts, headers={}, body=b""))
    presented = _check(request._replace(headers=request.headers[:1]))
    assert presented.presigned
    assert presented.session_token == (parts.token and TOKEN.encode())
    with pytest.raises(SignatureDoesNotMatch):
        _check(request._replace(headers=request.headers[:1]), secret=SECRET[::-1])


def test_botocore_with_a_date_header() -> None:
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    request = _sign_with_botocore(SigV4Auth, Parts("GET", "/", [], {"Date": now}, b"", None, "us-east-1"))
    assert b"x-amz-date" not in dict(request.headers)
    _check(request)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_w4_7_a_presigned_get_caller_identity_of_an_unmodified_client(method: str) -> None:
    """What aws-iam-authenticator and others hand to third parties (W4.8)."""
    session = Session()
    session.set_credentials(KEY_ID, SECRET, TOKEN)
    sts = session.create_client("sts", region_name="eu-central-1", endpoint_url=HOST_URL)
    url = generate_presigned_url(sts, "get_caller_identity", ExpiresIn=60, HttpMethod=method)
    path, _, query = url.removeprefix(HOST_URL).partition("?")
    request = SignedRequest(method.encode(), path.encode(), query.encode(), [(b"host", b"akia.local:2542")], b"")
    presented = _check(request, "sts")
    assert (presented.region, presented.session_token) == ("eu-central-1", TOKEN.encode())


def _sign_with_crt(
    form: AwsSignatureType,
    algorithm: AwsSigningAlgorithm,
    parts: Parts,
) -> SignedRequest:
    lines = HttpHeaders([("host", "akia.local:2542"), *parts.headers.items()])
    request = HttpRequest(parts.method, parts.target, lines, BytesIO(parts.body))
    config = AwsSigningConfig(
        algorithm=algorithm,
        signature_type=form,
        credentials_provider=AwsCredentialsProvider.new_static(KEY_ID, SECRET, parts.token),
        region=parts.region,
        service="iam",
        date=datetime.datetime.now(datetime.UTC),
        use_double_uri_encode=True,
        should_normalize_uri_path=True,
        signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if parts.body else AwsSignedBodyHeaderType.NONE,
        expiration_in_seconds=60 if form == AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS else None,
    )
    aws_sign_request(request, config).result(10)
    path, _, query = request.path.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers]
    return SignedRequest(parts.method.encode(), path.encode(), query.encode(), headers, parts.body)


@pytest.mark.parametrize("form", [AwsSignatureType.HTTP_REQUEST_HEADERS, AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS])
@pytest.mark.parametrize("algorithm", [AwsSigningAlgorithm.V4, AwsSigningAlgorithm.V4_ASYMMETRIC])
@settings(max_examples=120, deadline=None)
@given(parts=_REQUESTS)
def test_the_common_runtime_signs(form: AwsSignatureType, algorithm: AwsSigningAlgorithm, parts: Parts) -> None:
    asymmetric = algorithm is AwsSigningAlgorithm.V4_ASYMMETRIC
    request = _sign_with_crt(form, algorithm, parts)
    presented = _check(request)
    assert presented.algorithm is (Algorithm.V4A if asymmetric else Algorithm.V4)
    assert presented.presigned is (form is AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS)
    assert presented.session_token == (parts.token and TOKEN.encode())
    assert presented.region_set == ((parts.region,) if asymmetric else ())
    with pytest.raises(SignatureDoesNotMatch):
        _check(request, secret=SECRET[::-1])

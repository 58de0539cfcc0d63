"""Rules 4 to 16: code and words of each refusal, and that the first rule that fails answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import (
    AccessDenied,
    AwsError,
    Family,
    IncompleteSignature,
    InvalidClientTokenId,
    MalformedQueryString,
    MissingAuthenticationToken,
    SignatureDoesNotMatch,
)
from akia.sigv4 import Algorithm, SignedRequest, SigningSecret, read, refuse_unknown_key, scope_of

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

pytestmark = pytest.mark.covers("I2.sigv4.checks", "I2.sigv4.header")

SCOPE = b"20150830/us-east-1/iam/aws4_request"
ALL = b"Credential=AKIAIOSFODNN7EXAMPLE/%b, SignedHeaders=host;x-amz-date, Signature=00" % SCOPE
DATED = [(b"host", b"h"), (b"x-amz-date", b"20150830T123600Z")]


def _with(authorization: bytes | None, headers: list[tuple[bytes, bytes]] | None = None, query: bytes = b"") -> SignedRequest:
    sent = list(DATED if headers is None else headers)
    if authorization is not None:
        sent.append((b"authorization", authorization))
    return SignedRequest(b"POST", b"/", query, sent, b"")


def _query(**parameters: str) -> bytes:
    names = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"AKIAIOSFODNN7EXAMPLE/{SCOPE.decode()}",
        "X-Amz-Signature": "00",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Date": "20150830T123600Z",
    }
    changes = {f"X-Amz-{name}": value for name, value in parameters.items()}
    return "&".join(f"{name}={value}" for name, value in (names | changes).items() if value).encode()


def _check(client: Client, request: SignedRequest, kind: type[AwsError], message: str) -> None:
    error = client.refusal(request)
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize("authorization", [None, b"AWS4-HMAC-SHA256 " + ALL])
def test_rule_4_comes_before_the_signature(client: Client, authorization: bytes | None) -> None:
    _check(client, _with(authorization, query=b"a=%x"), MalformedQueryString, "Incomplete trailing escape % sequence")


def test_rule_5a_two_ways_at_once(client: Client) -> None:
    _check(client, _with(b"AWS4-HMAC-SHA256 " + ALL, query=_query()), SignatureDoesNotMatch, "")
    _check(client, _with(b"junk", query=b"X-Amz-Algorithm"), SignatureDoesNotMatch, "")
    _check(client, _with(b"AWS4-HMAC-SHA256 " + ALL, query=b"X%2DAmz%2dAlgorithm=x"), SignatureDoesNotMatch, "")


@pytest.mark.parametrize("query", [b"", b"Action=ListUsers", b"x-amz-algorithm=AWS4-HMAC-SHA256", _query(Algorithm="")])
def test_rule_5b_no_signature(client: Client, query: bytes) -> None:
    _check(client, _with(None, query=query), MissingAuthenticationToken, "Request is missing Authentication Token")


@pytest.mark.parametrize(
    ("authorization", "named"),
    [
        (b"", ""),
        (b"Bearer abc", "Bearer"),
        (b"aws4-hmac-sha256 " + ALL, "aws4-hmac-sha256"),
        (b"AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "AWS"),
        (b"AWS4-ECDSA-P256-SHA256 " + ALL, "AWS4-ECDSA-P256-SHA256"),
        (b"\xff\x01 x", "\\xff\\x01"),
    ],
)
def test_rule_6a_unsupported_algorithm(client: Client, authorization: bytes, named: str) -> None:
    _check(client, _with(authorization), IncompleteSignature, f"Unsupported AWS 'algorithm': '{named}'.")


@pytest.mark.parametrize(("items", "bad"), [(b"Credential", "Credential"), (ALL + b",", ""), (b"a=1, b ,c", "b"), (b",", "")])
def test_rule_6b_item_without_equal_sign(client: Client, items: bytes, bad: str) -> None:
    whole = b"AWS4-HMAC-SHA256 " + items
    text = f"'{bad}' not a valid key=value pair (missing equal-sign) in Authorization header: '{whole.decode()}'."
    _check(client, _with(whole), IncompleteSignature, text)


def test_rule_6c_the_last_of_repeated_items_wins(client: Client) -> None:
    request = client.sign()
    value = request.headers[-1][1].replace(b"Credential=", b"Credential=x/y, SignedHeaders=x, Credential=")
    client.accept(request._replace(headers=[*request.headers[:-1], (b"authorization", value)]))
    broken = request.headers[-1][1] + b", Credential=x"
    error = client.refusal(request._replace(headers=[*request.headers[:-1], (b"authorization", broken)]))
    assert error.message.endswith("got 'x'")


NEEDS = "Authorization header requires '%s' parameter."
NO_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."


@pytest.mark.parametrize(
    ("items", "dated", "texts"),
    [
        (b"", True, [NEEDS % "Credential", NEEDS % "Signature", NEEDS % "SignedHeaders"]),
        (b"", False, [NEEDS % "Credential", NEEDS % "Signature", NEEDS % "SignedHeaders", NO_DATE]),
        (b"Signature=0,Credential=x", True, [NEEDS % "SignedHeaders"]),
        (b"credential=x,SignedHeaders=y,Signature=0", True, [NEEDS % "Credential"]),
        (ALL, False, [NO_DATE]),
        (ALL.replace(b", ", b" , "), False, [NO_DATE]),
    ],
)
def test_rule_6d_all_missing_parts_are_named(client: Client, items: bytes, dated: bool, texts: list[str]) -> None:
    request = _with(b"AWS4-HMAC-SHA256 " + items, DATED if dated else DATED[:1])
    _check(client, request, IncompleteSignature, " ".join(texts) + " Authorization=AWS4-HMAC-SHA256")


@pytest.mark.parametrize("algorithm", ["AWS4-HMAC-SHA1", "aws4-hmac-sha256", "AWS4-HMAC-SHA256x", "AWS4-ECDSA-P256-SHA256", "%20"])
def test_rule_7a_unsupported_algorithm(client: Client, algorithm: str) -> None:
    text = "Request is missing Authentication Token"
    _check(client, _with(None, query=_query(Algorithm=algorithm)), MissingAuthenticationToken, text)


def test_rule_7a_where_presigned_requests_are_not_taken(client: Client) -> None:
    request = client.presign()
    client.accept(request)
    assert isinstance(client.refusal(request, client.expectation(presigned=False)), MissingAuthenticationToken)


def test_rule_7b_the_first_of_repeated_parameters_wins(client: Client) -> None:
    request = client.presign(parameters=[(b"X-Amz-Date", b"20150830T123600Z"), (b"X-Amz-Date", b"20150830T123601Z")])
    assert client.accept(request).timestamp == b"20150830T123600Z"
    request = client.presign(parameters=[(b"X-Amz-Date", b"20110101T000000Z")])
    assert "20110101T000000Z" in client.refusal(request).message


@pytest.mark.parametrize(
    "absent",
    [["Credential"], ["Signature"], ["SignedHeaders"], ["Date"], ["Credential", "Signature", "SignedHeaders", "Date"]],
)
def test_rule_7c_all_missing_parameters_are_named(client: Client, absent: list[str]) -> None:
    texts = [f"AWS query-string parameters must include 'X-Amz-{name}'." for name in absent]
    request = _with(None, query=_query(**dict.fromkeys(absent, "")))
    _check(client, request, IncompleteSignature, " ".join(texts) + " Re-examine the query-string parameters.")


HOST = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."


def test_rule_8_host_is_signed(client: Client) -> None:
    _check(client, client.sign(headers=[(b"content-type", b"text/plain")]), SignatureDoesNotMatch, HOST)
    _check(client, client.presign(signed=b"Host"), SignatureDoesNotMatch, HOST)
    client.accept(client.sign(headers=[(b":authority", b"akia.local")]))
    _check(client, client.sign(headers=[(b":authority", b"akia.local")], unsigned=[(b"host", b"h")]), SignatureDoesNotMatch, HOST)


@pytest.mark.parametrize("date", [b"2015-08-30T12:36:00Z", b"20150830T123600", b"", b"Sun, 30 Aug 2015 12:36:00 GMT", b"20150830T123600Z "])
def test_rule_9_form_of_x_amz_date(client: Client, date: bytes) -> None:
    text = f"Date must be in ISO-8601 'basic format'. Got '{date.decode()}'. See http://en.wikipedia.org/wiki/ISO_8601"
    request = _with(b"AWS4-HMAC-SHA256 " + ALL, [(b"host", b"h"), (b"x-amz-date", date)])
    _check(client, request, IncompleteSignature, text)


def test_rule_10_and_11_words(client: Client) -> None:
    _check(
        client,
        client.sign(date=(b"x-amz-date", b"20150830T122059Z")),
        SignatureDoesNotMatch,
        "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)",
    )
    _check(
        client,
        client.sign(date=(b"x-amz-date", b"20150830T125101Z")),
        SignatureDoesNotMatch,
        "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)",
    )


@pytest.mark.parametrize("rest", [b"", b"/", b"/20150830/us-east-1/iam", b"/20150830/us-east-1/iam/aws4_request/", b"/a/b/c/d/e"])
def test_rule_12_five_parts(client: Client, rest: bytes) -> None:
    got = "AKIAIOSFODNN7EXAMPLE" + rest.decode()
    text = f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
    header = b"AWS4-HMAC-SHA256 " + ALL.replace(b"/" + SCOPE, rest)
    _check(client, _with(header), IncompleteSignature, text)
    _check(client, _with(None, DATED[:1], _query(Credential=got)), IncompleteSignature, text)


@pytest.mark.parametrize(
    ("scope", "texts"),
    [
        ("20150830/*/iam/aws4_request", ["Credential should be scoped to a valid region, not '*'."]),
        ("20150830//iam/aws4_request", ["Credential should be scoped to a valid region, not ''."]),
        ("20150830/us-east-1/sts/aws4_request", ["Credential should be scoped to correct service: 'iam'."]),
        (
            "20150830/us-east-1/iam/aws4",
            ["Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'."],
        ),
        (
            "20150829/us-east-1/iam/aws4_request",
            [
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                "'20150829' != '20150830', from '20150830T123600Z'."
            ],
        ),
        (
            "1/US/s3/x",
            [
                "Credential should be scoped to a valid region, not 'US'.",
                "Credential should be scoped to correct service: 'iam'.",
                "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'.",
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                "'1' != '20150830', from '20150830T123600Z'.",
            ],
        ),
    ],
)
def test_rule_13_all_faults_of_the_scope_are_named(client: Client, scope: str, texts: list[str]) -> None:
    _check(client, client.sign(scope=scope.encode()), SignatureDoesNotMatch, " ".join(texts))
    _check(client, client.presign(scope=scope.encode()), SignatureDoesNotMatch, " ".join(texts))


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "aws-global", "local"])
def test_w1_1_each_well_formed_region_is_taken(client: Client, region: str) -> None:
    assert client.accept(client.sign(scope=f"20150830/{region}/iam/aws4_request".encode())).region == region


def test_rule_15_an_unknown_key_costs_a_verification_and_never_passes(client: Client) -> None:
    presented = read(client.sign(secret=bytes(40)), client.expectation(), client.now)  # even the stand-in's own secret
    with pytest.raises(InvalidClientTokenId, match=re.escape("The security token included in the request is invalid.") + r"\Z"):
        refuse_unknown_key(presented)


@pytest.mark.parametrize("family", [Family.QUERY, Family.JSON, Family.REST_JSON, Family.REST_XML])
@pytest.mark.parametrize("explained", [None, True, False])
def test_rule_16_words_and_explanation(client: Client, mismatch: str, family: Family, explained: bool | None) -> None:
    request = client.sign(headers=[(b"host", b"h"), (b"x-amz-security-token", b"SESSIONTOKEN")], secret=b"other")
    error = client.refusal(request, client.expectation(family, explained=explained))
    presented = read(request, client.expectation(), client.now)
    appendix = (
        "\n\nThe Canonical String for this request should have been\n'"
        + presented.canonical_request.decode()
        + "'\n\nThe String-to-Sign should have been\n'"
        + presented.string_to_sign.decode()
        + "'\n"
    )
    shown = explained if explained is not None else family in (Family.JSON, Family.REST_JSON)
    assert error.message == mismatch + (appendix if shown else "")
    assert error.detail == mismatch  # what is kept has no token
    assert "SESSIONTOKEN" in appendix


def test_sv6_3_explanation_is_of_the_body_that_arrived(client: Client) -> None:
    request = client.sign(body=b"one")._replace(body=b"two")
    message = client.refusal(request, client.expectation(Family.JSON)).message
    assert "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3" in message  # sha256(b"two")


EXPIRED = ((b"x-amz-date", b"20110101T000000Z"), "Signature expired")


@pytest.mark.parametrize(
    ("request_parts", "first"),
    [
        ({"headers": [(b"x", b"y")], "date": EXPIRED[0], "scope": b"bad"}, HOST),
        ({"date": (b"x-amz-date", b"never"), "scope": b"bad"}, "Date must be"),
        ({"date": EXPIRED[0], "scope": b"bad"}, EXPIRED[1]),
        ({"scope": b"bad"}, "Credential must have exactly 5"),
        ({"scope": b"20150830/us-east-1/sts/aws4_request", "signature": b""}, "Credential should be scoped to correct service"),
    ],
)
def test_the_first_rule_that_fails_answers(client: Client, request_parts: dict[str, object], first: str) -> None:
    error = client.refusal(client.sign(**request_parts))  # type: ignore[arg-type]  # keywords of `sign`, as the table gives them
    assert error.message.startswith(first)


def test_w3_3_scope_before_verification(client: Client) -> None:
    for request in (client.sign(signature=b""), client.presign()):
        assert scope_of(request.headers, request.query) == ("AKIAIOSFODNN7EXAMPLE", "us-east-1", "iam")
    v4a = b"AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20150830/sts/aws4_request"
    assert scope_of([(b"authorization", v4a)], b"") == ("AKIAIOSFODNN7EXAMPLE", None, "sts")
    odd = b"AWS4-HMAC-SHA256 Credential=*)(uid=*/20150830/us-east-1/iam/aws4_request, x"
    assert scope_of([(b"authorization", odd)], b"") == (None, "us-east-1", "iam")


@pytest.mark.parametrize("header", [b"", b"Bearer a/b/c/d/e", b"AWS4-HMAC-SHA256", b"AWS4-HMAC-SHA256 Credential=a/b", b"\xff"])
@pytest.mark.parametrize("query", [b"", b"%", b"X-Amz-Credential=%zz", b"a=b&&="])
def test_w3_3_scope_of_rubbish_is_none(header: bytes, query: bytes) -> None:
    assert scope_of([(b"authorization", header)], query) is None
    assert scope_of([], query) is None


def test_sv2_2_date_header_only_without_x_amz_date(client: Client) -> None:
    rfc_1123 = (b"date", b"Sun, 30 Aug 2015 12:36:00 GMT")
    assert client.accept(client.sign(date=rfc_1123)).timestamp == b"20150830T123600Z"
    client.accept(client.sign(date=(b"date", b"Sun, 30 Aug 2015 12:36:00 -0000")))  # botocore's spelling
    client.accept(client.sign(date=(b"date", b"20150830T123600Z")))
    client.accept(client.sign(headers=[(b"host", b"h"), (b"date", b"Mon, 31 Aug 2015 12:36:00 GMT")]))
    error = client.refusal(client.sign(headers=[(b"host", b"h"), rfc_1123], date=(b"x-amz-date", b"x")))
    assert "Got 'x'" in error.message


@pytest.mark.parametrize(
    "date",
    [
        b"Mon, 30 Aug 2015 12:36:00 GMT",
        b"Sun, 30 aug 2015 12:36:00 GMT",
        b"Sun, 31 Feb 2015 12:36:00 GMT",
        b"Sun, 30 Aug 2015 12:36:00 +0100",
        b"Sunday, 30-Aug-15 12:36:00 GMT",
        b"Sun, 30 Aug 2015 12:36:00 GMT\n",
    ],
)
def test_sv2_2_date_header_is_read_strictly(client: Client, date: bytes) -> None:
    assert isinstance(client.refusal(client.sign(date=(b"date", date))), IncompleteSignature)


def test_sv3_3_lifetime_of_presigned_requests_to_s3(client: Client) -> None:
    s3 = client.expectation(Family.REST_XML, s3=True, unsigned_payload=True)
    request = client.presign(expires=b"3600", payload=b"UNSIGNED-PAYLOAD")
    for late in (-900, 0, 3600):
        client.accept(request, s3, now=client.now + late)
    outside = [(-901, "Request is not valid yet"), (3601, "Request has expired"), (3600.5, "Request has expired")]
    for moment, text in outside:
        error = client.refusal(request, s3, now=client.now + moment)
        assert (type(error), error.message) == (AccessDenied, text)
    missing = client.refusal(client.presign(expires=None, payload=b"UNSIGNED-PAYLOAD"), s3)
    assert "X-Amz-Expires" in missing.message


def test_presented_tells_no_secret_in_its_representation(client: Client) -> None:
    request = client.sign(headers=[(b"host", b"h"), (b"x-amz-security-token", b"SESSIONTOKEN")])
    presented = client.accept(request)
    assert presented.session_token == b"SESSIONTOKEN"
    assert presented.algorithm is Algorithm.V4
    assert "SESSIONTOKEN" not in repr(presented)
    assert presented.signature.decode() not in repr(presented)
    secret = SigningSecret(client.secret)
    key = secret.signing_key(presented.claim.scope)
    assert client.secret.decode() not in repr(secret) + repr(key)

from __future__ import annotations

import hashlib
import re
from email.parser import BytesHeaderParser
from typing import Any

from bench.signing import SIGNED_HEADERS, Credential, Scope, amz_date, fresh_invocation, signed_post
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

KEY = Credential("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "alice")
IAM = Scope("iam", "127.0.0.1:2542")


def parts(request: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """Request line, headers by lower-case name, body."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, _, headers = head.partition(b"\r\n")
    return line, {name.lower(): value for name, value in BytesHeaderParser().parsebytes(headers).items()}, body


def signed_by_botocore(credential: Credential, scope: Scope, headers: dict[str, str], body: bytes, signed: str = SIGNED_HEADERS) -> str:
    """The signature that botocore computes over the same headers and body."""
    signer: Any = SigV4Auth(Credentials(credential.access_key_id, credential.secret), scope.service, scope.region)
    request: Any = AWSRequest("POST", f"http://{scope.host}/", headers={n: headers[n] for n in signed.split(";")}, data=body)
    request.context["timestamp"] = headers["x-amz-date"]
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


@given(
    secret=st.text("ABCxyz019+/", min_size=16, max_size=40),
    body=st.binary(max_size=300),
    at=st.integers(1_000_000_000, 4_000_000_000),
    scope=st.builds(
        Scope,
        st.sampled_from(["iam", "sts"]),
        st.sampled_from(["127.0.0.1:2542", "localhost:80"]),
        st.sampled_from(["us-east-1", "eu-west-3"]),
    ),
)
def test_the_signature_is_the_one_botocore_makes(secret: str, body: bytes, at: int, scope: Scope) -> None:
    credential = Credential("AKIDEXAMPLE", secret)
    line, headers, sent = parts(signed_post(credential, scope, body, at=at, invocation=fresh_invocation()))
    assert line == b"POST / HTTP/1.1"
    assert sent == body
    assert headers["authorization"].endswith(f"Signature={signed_by_botocore(credential, scope, headers, body)}")


def test_the_credential_scope_names_day_region_service_and_the_signed_headers_follow() -> None:
    _, headers, _ = parts(signed_post(KEY, IAM, b"", at=1_440_938_160, invocation="x"))
    assert headers["x-amz-date"] == "20150830T123600Z"
    assert headers["authorization"].startswith(
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders={SIGNED_HEADERS}, Signature="
    )


def test_content_length_is_that_of_the_body() -> None:
    body = "Action=GetUser&UserName=zoë".encode()
    _, headers, sent = parts(signed_post(KEY, IAM, body, at=0, invocation="x"))
    assert int(headers["content-length"]) == len(sent) == len(body)


def test_no_invocation_is_given_twice() -> None:
    made = [fresh_invocation() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}", one) for one in made)


def test_dates_are_utc_in_the_basic_format() -> None:
    assert amz_date(0) == "19700101T000000Z"


def test_a_credential_does_not_show_its_secret() -> None:
    assert KEY.secret not in repr(KEY)
    assert hashlib.sha256(KEY.secret.encode()).hexdigest() not in repr(KEY)

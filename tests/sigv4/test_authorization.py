"""The short cut through the ordinary Authorization header, and what clients replay (SV2-1, NT-17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akia.aws.errors import AwsError, SignatureDoesNotMatch
from akia.sigv4 import scope_of
from akia.sigv4.authorization import _any_form, _ordinary

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

ORDINARY = (
    b"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature="
    + b"0" * 64
)

_PIECES = st.sampled_from(
    b"AWS4-HMAC-SHA256 |AWS4-ECDSA-P256-SHA256 |Credential=|AKIAIOSFODNN7EXAMPLE|/|/20150830/us-east-1/iam/aws4_request|,|, "
    b"|, SignedHeaders=|,SignedHeaders=|host;x-amz-date|, Signature=|,Signature=|Signature=|0000|=| |\t|x|,x=y".split(b"|")
)
_HEADERS = st.one_of(
    st.lists(_PIECES, max_size=9).map(b"".join),
    st.lists(_PIECES, max_size=3).map(lambda more: ORDINARY + b"".join(more)),
    st.tuples(st.integers(0, len(ORDINARY)), _PIECES).map(lambda cut: ORDINARY[: cut[0]] + cut[1] + ORDINARY[cut[0] :]),
    st.tuples(st.integers(0, len(ORDINARY)), st.integers(0, len(ORDINARY))).map(lambda cut: ORDINARY[: cut[0]] + ORDINARY[cut[1] :]),
)


def test_the_short_cut_is_taken() -> None:
    for header in (ORDINARY, ORDINARY.replace(b", ", b",")):
        assert _ordinary(header) is not None


@settings(max_examples=1500)
@given(_HEADERS)
def test_the_short_cut_for_ordinary_headers_changes_nothing(header: bytes) -> None:
    parts = _ordinary(header)
    if parts is not None:
        assert parts == _any_form(header, b"20150830T123600Z", sigv4a=True)


@settings(max_examples=500)
@given(_HEADERS)
def test_w3_3_the_claimed_scope_is_the_one_that_is_read(header: bytes) -> None:
    claimed = scope_of([(b"authorization", header)], b"")
    try:
        _, scope, _, _, _ = _any_form(header, b"", sigv4a=True)
    except AwsError:
        return
    if scope.complete and header.count(b"Credential=") == 1:
        assert claimed is not None
        assert (claimed.region, claimed.service) == (scope.region, scope.service)


@pytest.mark.parametrize(
    "spelling",
    [
        ORDINARY.replace(b", ", b","),
        ORDINARY.replace(b", ", b" \t,  "),
        ORDINARY.replace(b" Credential", b"   Credential"),
        b"\t" + ORDINARY + b" ",
        ORDINARY + b",Unknown=x",
        b"AWS4-HMAC-SHA256 " + b", ".join(reversed(ORDINARY.removeprefix(b"AWS4-HMAC-SHA256 ").split(b", "))),
    ],
)
def test_sv2_1_spellings_of_one_header(spelling: bytes) -> None:
    assert _any_form(spelling, b"", sigv4a=False) == _ordinary(ORDINARY)


def test_nt_17_a_forwarded_get_caller_identity_is_bound_to_host_action_and_headers(client: Client) -> None:
    """Who replays a signed request (W4.8) can change nothing in it that a relying party looks at."""
    host, server = (b"host", b"sts.example"), (b"x-vault-aws-iam-server-id", b"vault.example")
    request = client.sign(headers=[host, server], body=b"Action=GetCallerIdentity&Version=2011-06-15")
    client.accept(request)

    def with_header(name: bytes, value: bytes) -> list[tuple[bytes, bytes]]:
        return [(name, value) if header[0] == name else header for header in request.headers]

    for forged in (
        request._replace(headers=with_header(b"host", b"evil.example")),
        request._replace(headers=with_header(b"x-vault-aws-iam-server-id", b"other.example")),
        request._replace(headers=[header for header in request.headers if header != server]),
        request._replace(body=request.body.replace(b"GetCallerIdentity", b"GetSessionToken")),
        request._replace(query=b"Action=GetSessionToken"),
        request._replace(headers=[*request.headers, (b"x-amz-target", b"Other.Action")]),
    ):
        assert isinstance(client.refusal(forged), SignatureDoesNotMatch)

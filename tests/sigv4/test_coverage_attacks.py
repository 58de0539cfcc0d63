"""What a signature covers: headers, host, path, elements that repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import IncompleteSignature, SignatureDoesNotMatch

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

HOST = (b"host", b"akia.local:2542")
FORGED = b"0" * 64


ACTED_UPON = [
    b"x-amz-copy-source",
    b"x-amz-acl",
    b"x-amz-tagging",
    b"x-amz-target",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
    b"x-amz-region-set",
    b"x-amz-sso_bearer_token",
    b"x-akia-source",
]


@pytest.mark.parametrize("name", ACTED_UPON)
def test_nt_06_unsigned_header_that_would_be_acted_upon(client: Client, name: bytes) -> None:
    text = f"'{name.decode()}' must be a 'SignedHeader' in the AWS Authorization."
    assert client.refusal(client.sign(unsigned=[(name, b"x")])).message == text
    presigned = client.presign()
    assert client.refusal(presigned._replace(headers=[*presigned.headers, (name, b"x")])).message == text


@pytest.mark.parametrize("name", [name for name in ACTED_UPON if name != b"x-amz-content-sha256"])
def test_nt_06_the_same_header_signed_passes(client: Client, name: bytes) -> None:
    client.accept(client.sign(headers=[HOST, (name, b"x")]))


def test_nt_06_unsigned_host(client: Client) -> None:
    error = client.refusal(client.sign(headers=[(b"content-type", b"x")], unsigned=[HOST]))
    assert error.message == "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."


def test_nt_06_a_token_in_both_places_is_refused(client: Client) -> None:
    token = (b"x-amz-security-token", b"TOKEN")
    presigned = client.presign(parameters=[(b"X-Amz-Security-Token", b"TOKEN")])
    assert client.accept(presigned).session_token == b"TOKEN"
    both = client.presign(parameters=[(b"X-Amz-Security-Token", b"TOKEN")], headers=[HOST, token], signed=b"host;x-amz-security-token")
    assert isinstance(client.refusal(both), SignatureDoesNotMatch)
    header = client.presign(headers=[HOST, token], signed=b"host;x-amz-security-token")
    assert client.accept(header).session_token == b"TOKEN"
    assert isinstance(client.refusal(client.sign(headers=[HOST, token], query=b"X-Amz-Security-Token=OTHER")), SignatureDoesNotMatch)


@pytest.mark.parametrize("name", [b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto", b"x-forwarded-prefix", b"forwarded"])
def test_nt_07_forwarding_headers_change_nothing(client: Client, name: bytes) -> None:
    plain = client.accept(client.sign(path=b"/a/b"))
    forwarded = client.accept(client.sign(path=b"/a/b", unsigned=[(name, b"/a")]))
    assert forwarded.canonical_request == plain.canonical_request
    request = client.sign(path=b"/a/b", unsigned=[(name, b"/a")])
    assert isinstance(client.refusal(request._replace(path=b"/b")), SignatureDoesNotMatch)
    elsewhere = [(b"host", b"b"), *[header for header in request.headers if header[0] != b"host"]]
    assert isinstance(client.refusal(request._replace(headers=elsewhere)), SignatureDoesNotMatch)


PATHS = [
    b"/a/b",
    b"/a%2Fb",
    b"/a%2fb",
    b"/a%252Fb",
    b"/a//b",
    b"/a/./b",
    b"/a/x/../b",
    b"/a/b/",
    b"/a;/b",
    b"/a/%2e/b",
    b"/a/%252e/b",
    b"/a/+b",
    b"/a/%20b",
    b"/a/b%20",
    b"/a/%ff",
    b"/a/\xff",
    b"/caf%C3%A9",
    b"/cafe%CC%81",
    b"/A/b",
    b"/",
]
SAME_ELSEWHERE = [{b"/a/b", b"/a//b", b"/a/./b", b"/a/x/../b"}]
SAME_IN_S3 = [{b"/a/b", b"/a%2Fb", b"/a%2fb"}, {b"/a/%ff", b"/a/\xff"}, {b"/a/./b", b"/a/%2e/b"}]


@pytest.mark.parametrize("s3", [False, True])
def test_nt_08_a_signature_fits_only_equal_paths(client: Client, s3: bool) -> None:
    canonical = {
        b"/a/b": b"/a/b",
        b"/a/./b": b"/a/./b" if s3 else b"/a/b",
        b"/a/%ff": b"/a/%FF" if s3 else b"/a/%25ff",
        b"/": b"/",
        b"/a%252Fb": b"/a%252Fb" if s3 else b"/a%25252Fb",
        b"/a/+b": b"/a/%2Bb",
    }
    for one, form in canonical.items():
        request = client.sign(path=one, canonical_path=form)
        for other in PATHS:
            equal = one == other or any({one, other} <= group for group in (SAME_IN_S3 if s3 else SAME_ELSEWHERE))
            moved = request._replace(path=other)
            if equal:
                client.accept(moved, client.expectation(s3=s3))
            else:
                assert isinstance(client.refusal(moved, client.expectation(s3=s3)), SignatureDoesNotMatch), (one, other)


def test_nt_09_valid_repetitions(client: Client) -> None:
    client.accept(client.sign(query=b"a=2&a=1&a=10", canonical_query=b"a=1&a=10&a=2"))
    request = client.sign(headers=[HOST, (b"my", b"1"), (b"my", b"2")])
    client.accept(request)
    swapped = [request.headers[0], request.headers[2], request.headers[1], *request.headers[3:]]
    assert isinstance(client.refusal(request._replace(headers=swapped)), SignatureDoesNotMatch)


def test_nt_09_two_authorization_headers(client: Client) -> None:
    request = client.sign()
    doubled = request._replace(headers=[*request.headers, request.headers[-1]])
    error = client.refusal(doubled)
    assert (type(error), error.message) == (SignatureDoesNotMatch, "")  # rule 5a


def test_nt_09_two_hosts_though_signed(client: Client) -> None:
    assert isinstance(client.refusal(client.sign(headers=[HOST, HOST])), SignatureDoesNotMatch)


def test_nt_09_two_dates_though_signed(client: Client) -> None:
    date = (b"x-amz-date", b"20150830T123600Z")
    assert isinstance(client.refusal(client.sign(headers=[HOST, date])), IncompleteSignature)
    assert isinstance(client.refusal(client.sign(headers=[HOST, (b"date", date[1])], date=(b"date", date[1]))), IncompleteSignature)


def test_nt_09_two_signatures(client: Client, mismatch: str) -> None:
    request = client.sign()
    for extra in (b"Signature=" + FORGED + b", Signature=", b"Signature=, Signature="):
        assert client.refusal(client.reworded(request, b"Signature=", extra)).message == mismatch
    presigned = client.presign()
    for extra in (b"&X-Amz-Signature=" + FORGED, b"&X%2DAmz-Signature=", b"&" + presigned.query[-80:]):
        assert client.refusal(presigned._replace(query=presigned.query + extra)).message == mismatch


@pytest.mark.parametrize("signed", [b"host;;x-amz-date", b";host;x-amz-date", b"host;x-amz-date;", b"host;host;x-amz-date"])
def test_nt_09_broken_lists(client: Client, mismatch: str, signed: bytes) -> None:
    lines = b"".join(b"%b:%b\n" % (name, dict([HOST, (b"x-amz-date", b"20150830T123600Z")]).get(name, b"")) for name in signed.split(b";"))
    for attempt in (lines, None, lines.replace(b":\n", b"")):
        assert client.refusal(client.sign(signed=signed, lines=attempt)).message == mismatch


def test_nt_09_a_listed_header_that_did_not_arrive(client: Client, mismatch: str) -> None:
    date = b"x-amz-date:20150830T123600Z\n"
    for lines in (b"host:akia.local:2542\nmy:\n", b"host:akia.local:2542\n"):
        error = client.refusal(client.sign(signed=b"host;my;x-amz-date", lines=lines + date))
        assert error.message == mismatch
        assert "'my' did not arrive" in error.detail
    with_it = client.sign(headers=[HOST, (b"my", b"")])
    client.accept(with_it)
    without = [header for header in with_it.headers if header[0] != b"my"]
    assert client.refusal(with_it._replace(headers=without)).message == mismatch


def test_nt_09_line_breaks_in_a_presigned_list_of_headers(client: Client) -> None:
    for signed in (b"host:x\nhost", b"host\nx-amz-date", b"host;x:\ny"):
        assert isinstance(client.refusal(client.presign(signed=b"host;" + signed)), SignatureDoesNotMatch)


@pytest.mark.parametrize("key_id", [b"AKIAIOSFODNN7EXAMPLE/x", b"/AKIAIOSFODNN7EXAMPLE"])
def test_nt_09_a_slash_in_the_key_id(client: Client, key_id: bytes) -> None:
    client.key_id = key_id
    for request in (client.sign(), client.presign()):
        assert "exactly 5" in client.refusal(request).message

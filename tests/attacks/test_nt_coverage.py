"""NT-06 to NT-10, NT-12: what a signature covers, and in which spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.attacks.signer import FORM, HOST, Signer, form, replaced, with_header

from akia.wire import HttpRequest

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

ACTED_UPON = [
    b"x-amz-copy-source",
    b"x-amz-acl",
    b"x-amz-tagging",
    b"x-amz-target",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
    b"x-amz-region-set",
    b"x-amz-sso_bearer_token",
    b"x-amz-expected-bucket-owner",
    b"x-akia-source",
    b"x-akia-account",
]


@pytest.mark.parametrize("name", ACTED_UPON)
def test_nt_06_a_header_that_could_be_acted_upon_must_be_signed(observer: Observer, signer: Signer, name: bytes) -> None:
    code = "UnknownOperationException" if name == b"x-amz-target" else "SignatureDoesNotMatch"  # what the target makes of it is no form
    observer.refused(with_header(signer.header(form("ListUsers")), name, b"x"), code)
    observer.refused(with_header(signer.query({"Action": "ListUsers"}), name, b"x"), code)


def test_nt_06_an_unsigned_target_is_not_dispatched(observer: Observer, signer: Signer) -> None:
    target = (b"x-amz-target", b"AmazonSSM.DescribeParameters")
    request = HttpRequest(b"POST", b"/", b"", [HOST, (b"content-type", b"application/x-amz-json-1.1")], b"{}")
    signed = signer.header(request, "ssm")
    observer.refused(with_header(signed, *target), "InvalidSignatureException", 400)


def test_nt_06_the_host_must_be_signed(observer: Observer, signer: Signer) -> None:
    unsigned = form("ListUsers")._replace(headers=[FORM])
    refusal = observer.refused(with_header(signer.header(unsigned), *HOST), "SignatureDoesNotMatch", 403)
    assert refusal.message == "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."


FORWARDING = {
    b"x-forwarded-host": b"iam.amazonaws.com",
    b"x-forwarded-port": b"443",
    b"x-forwarded-proto": b"https",
    b"x-forwarded-prefix": b"/a",
    b"x-forwarded-for": b"8.8.8.8",
    b"forwarded": b"for=8.8.8.8;host=iam.amazonaws.com;proto=https",
    b"x-original-url": b"/b",
    b"x-rewrite-url": b"/b",
    b"x-http-method-override": b"DELETE",
}


@pytest.mark.parametrize("name", FORWARDING)
def test_nt_07_forwarding_headers_do_not_change_what_is_verified(observer: Observer, signer: Signer, name: bytes) -> None:
    observer.accepted(with_header(signer.header(form("ListUsers")), name, FORWARDING[name]))
    elsewhere = signer.header(form("ListUsers")._replace(raw_path=b"/a"))
    observer.refused(with_header(elsewhere._replace(raw_path=b"/"), name, FORWARDING[name]), "SignatureDoesNotMatch", 403)


def analyzer(signer: Signer, signed: bytes, sent: bytes) -> HttpRequest:
    """A signature for the path `signed`, sent for the path `sent`."""
    return signer.header(HttpRequest(b"GET", signed, b"", [HOST], b""), "access-analyzer")._replace(raw_path=sent)


EQUAL = [
    b"/analyzer//one",
    b"//analyzer/one",
    b"/./analyzer/one",
    b"/analyzer/./one",
    b"/analyzer/x/../one",
    b"/../analyzer/one",
    b"/analyzer/one/archive-rule/..",
]
UNEQUAL = [
    b"/analyzer/one/",
    b"/analyzer%2Fone",
    b"/analyzer/%6Fne",
    b"/analyzer/one%2F..",
    b"/analyzer/%2e%2e/one",
    b"/analyzer/%252e/one",
    b"/analyzer/one;x=1",
    b"/analyzer/one%20",
    b"/analyzer/one+",
    b"/analyzer/One",
    b"/analyzer/two",
    b"/analyzer/one/archive-rule/x",
    b"/analyzer/one\\..",
    b"/analyzer/one%00",
    b"/analyzer/one\xff",
]


@pytest.mark.parametrize("sent", EQUAL)
def test_nt_08_spellings_that_the_rules_make_equal_name_the_same_resource(observer: Observer, shared: World, sent: bytes) -> None:
    refusal = observer.refused(analyzer(Signer.of(shared.admin), b"/analyzer/one", sent), "ResourceNotFoundException", 404)
    assert refusal.message == "The analyzer one does not exist."


@pytest.mark.parametrize("sent", UNEQUAL)
def test_nt_08_a_signature_for_one_path_fails_for_another(observer: Observer, shared: World, sent: bytes) -> None:
    answer = observer.send(analyzer(Signer.of(shared.admin), b"/analyzer/one", sent))
    assert answer.status in (403, 404, 400)
    assert b"does not exist" not in answer.body
    assert b"not implemented" not in answer.body


def test_nt_08_composed_and_decomposed_letters_differ(observer: Observer, shared: World) -> None:
    composed, decomposed = b"/analyzer/%C3%A9", b"/analyzer/e%CC%81"
    observer.refused(analyzer(Signer.of(shared.admin), composed, decomposed), "InvalidSignatureException", 403)


def test_nt_09_repetitions_that_are_valid(observer: Observer, signer: Signer, bob: Person) -> None:
    request = form("GetUser")._replace(query=b"b=2&a=2&a=1")
    twice = request._replace(headers=[*request.headers, (b"x-note", b"one"), (b"x-note", b"two")])
    assert bob.arn.encode() in observer.accepted(signer.header(twice)).body


def test_nt_09_elements_that_stand_twice(observer: Observer, signer: Signer) -> None:
    good = signer.header(form("ListUsers"))
    authorization = next(pair for pair in good.headers if pair[0] == b"authorization")
    date = next(pair for pair in good.headers if pair[0] == b"x-amz-date")
    for pair in (authorization, HOST):
        observer.refused(with_header(good, *pair), "SignatureDoesNotMatch", 403)
    for second in (date, (b"x-amz-date", b"x")):
        observer.refused(with_header(good, *second), "IncompleteSignature", 400)
    observer.refused(with_header(good, *FORM), "MalformedInput", 400)
    in_url = signer.query({"Action": "ListUsers"})
    observer.refused(in_url._replace(query=b"X-Amz-Signature=" + b"0" * 64 + b"&" + in_url.query), "SignatureDoesNotMatch", 403)


@pytest.mark.parametrize(
    "listed",
    [
        b"content-type;host;;x-amz-date",
        b"host;content-type;x-amz-date",
        b"content-type;host;x-absent;x-amz-date",
        b"Content-Type;Host;X-Amz-Date",
    ],
)
def test_nt_09_lists_of_headers_that_are_no_list(observer: Observer, signer: Signer, listed: bytes) -> None:
    observer.refused(signer.header(form("ListUsers"), signed=listed), "SignatureDoesNotMatch", 403)


@pytest.mark.parametrize(
    "old_new", [(b"/iam/aws4_request", b"/iam"), (b"/aws4_request", b"/aws4_request/x"), (b"Credential=", b"Credential=/")]
)
def test_nt_09_credentials_of_four_or_six_parts(observer: Observer, signer: Signer, old_new: tuple[bytes, bytes]) -> None:
    observer.refused(replaced(signer.header(form("ListUsers")), *old_new), "IncompleteSignature", 400)


ALGORITHMS = [
    b"AWS4-HMAC-SHA1",
    b"AWS4-HMAC-SHA256x",
    b"aws4-hmac-sha256",
    b"AWS4-HMAC-SHA512",
    b"AWS",
    b"AWS3",
    b"Bearer",
    b"Basic",
    b"Signature",
    b"none",
    b"AWS4-ECDSA-P256-SHA256",
]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nt_10_other_algorithms_in_the_header(observer: Observer, signer: Signer, algorithm: bytes) -> None:
    answer = observer.send(replaced(signer.header(form("ListUsers")), b"AWS4-HMAC-SHA256", algorithm))
    assert answer.status in (400, 403)
    assert b"<Code>IncompleteSignature</Code>" in answer.body or b"<Code>MissingAuthenticationToken</Code>" in answer.body


@pytest.mark.parametrize("algorithm", [*ALGORITHMS[:4], b"", b"AWS4-ECDSA-P256-SHA256"])
def test_nt_10_other_algorithms_in_the_query(observer: Observer, signer: Signer, algorithm: bytes) -> None:
    request = signer.query({"Action": "ListUsers"})
    observer.refused(request._replace(query=request.query.replace(b"AWS4-HMAC-SHA256", algorithm)), "MissingAuthenticationToken", 403)


def test_nt_10_an_ecdsa_algorithm_carrying_an_hmac(observer: Observer, signer: Signer) -> None:
    """STS takes SigV4A (SV5-5): the header names it, with a scope of its form, but the signature is an HMAC."""
    request = with_header(form("GetCallerIdentity", "sts"), b"x-amz-region-set", b"*")
    signed = signer.header(request, "sts", scope=b"%b/sts/aws4_request" % signer_date(signer))
    observer.refused(replaced(signed, b"AWS4-HMAC-SHA256", b"AWS4-ECDSA-P256-SHA256"), "SignatureDoesNotMatch", 403)


def signer_date(signer: Signer) -> bytes:
    """Today, as the signer writes it."""
    return dict(signer.header(form("ListUsers")).headers)[b"x-amz-date"][:8]


@pytest.mark.parametrize(
    "claimed", [b"UNSIGNED-PAYLOAD", b"A" * 64, b"e3b0", b"0" * 63, b"0" * 65, b"", b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]
)
def test_nt_12_what_binds_no_body(observer: Observer, signer: Signer, claimed: bytes) -> None:
    request = with_header(form("ListUsers"), b"x-amz-content-sha256", claimed)
    observer.refused(signer.header(request, payload=claimed), "SignatureDoesNotMatch", 403)


def test_nt_12_another_body_or_none(observer: Observer, signer: Signer) -> None:
    create = signer.header(form("CreateUser", UserName="mallory"))
    for body in (create.body.replace(b"mallory", b"admin00"), b"", create.body + b"&Path=%2Fx%2F", create.body[:-1]):
        answer = observer.send(create._replace(body=body))
        assert answer.status == 403 or b"InvalidAction" in answer.body
    url = signer.query({"Action": "CreateUser", "UserName": "mallory"})
    observer.refused(url._replace(body=b"UserName=admin"), "SignatureDoesNotMatch", 403)


def test_nt_12_compressing_a_signed_body_changes_it(observer: Observer, signer: Signer) -> None:
    observer.refused(with_header(signer.header(form("ListUsers")), b"content-encoding", b"gzip"), "MalformedHttpRequestException", 400)

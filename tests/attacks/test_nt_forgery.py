"""NT-02, NT-03, NT-14, NT-15, NT-91, NT-93: which secret signed, and is it that key's?"""

from __future__ import annotations

import hmac
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.attacks.refusals import Observer, read
from tests.attacks.signer import FABRICATED, Signer, forged, form, replaced, with_header

import akia
from akia.sigv4 import signing_key
from akia.store.connection import Connection
from akia.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from tests.conftest import Person, World

WHO_AM_I = {"Action": "GetCallerIdentity"}


def test_nt_02_the_identity_is_the_one_whose_signature_was_checked(observer: Observer, signer: Signer, bob: Person, nobody: Person) -> None:
    assert bob.arn.encode() in observer.accepted(signer.header(form("GetCallerIdentity", "sts"), "sts")).body
    assert nobody.arn.encode() in observer.accepted(Signer.of(nobody.key).query(WHO_AM_I, "sts")).body


def test_nt_02_two_sources_of_identity_are_refused(observer: Observer, signer: Signer, nobody: Person) -> None:
    for other in (signer, Signer.of(nobody.key)):
        presigned = other.query(WHO_AM_I, "sts")
        authorization = dict(signer.header(form("GetCallerIdentity", "sts"), "sts").headers)[b"authorization"]
        observer.refused(with_header(presigned, b"authorization", authorization), "SignatureDoesNotMatch", 403)


def test_nt_02_an_unsigned_stream_in_the_query_proves_nothing(observer: Observer, signer: Signer) -> None:
    mode = b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    stream = with_header(signer.query(WHO_AM_I, "sts"), b"x-amz-content-sha256", mode)
    observer.refused(stream, "SignatureDoesNotMatch", 403)
    observer.refused(
        stream._replace(query=b"Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Content-Sha256=" + mode),
        "MissingAuthenticationToken",
        403,
    )


@pytest.mark.covers("E7", "A7")
@pytest.mark.parametrize("signature", [b"", FABRICATED, FABRICATED[:-1], FABRICATED + b"0", b"\xff" * 64, b"F" * 64, b"a" * 10_000])
def test_nt_03_a_known_key_with_any_other_signature(observer: Observer, signer: Signer, signature: bytes) -> None:
    refusal = observer.refused(forged(signer.header(form("ListUsers")), signature), "SignatureDoesNotMatch", 403)
    assert refusal.message.startswith("The request signature we calculated does not match")


@pytest.mark.covers("E7")
def test_nt_03_a_signature_by_another_secret(observer: Observer, signer: Signer, nobody: Person) -> None:
    for secret in (nobody.key.secret_access_key, "", "\0", signer.secret[:-1], signer.secret + "\n", signer.secret.swapcase()):
        observer.refused(Signer(signer.key_id, secret).header(form("ListUsers")), "SignatureDoesNotMatch", 403)


def test_nt_03_the_right_signature_is_never_told(observer: Observer, signer: Signer) -> None:
    good = signer.header(form("ListUsers"))
    expected = dict(good.headers)[b"authorization"].rpartition(b"Signature=")[2]
    answer = observer.send(forged(good))
    assert expected not in repr(answer).encode()
    [event] = observer.events(dict(answer.headers)[b"x-amzn-requestid"].decode())
    assert expected.decode() not in event.record + event.decision


def test_nt_03_unsigned_stream_without_any_credential(observer: Observer) -> None:
    request = with_header(form("ListUsers"), b"x-amz-content-sha256", b"STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    observer.refused(request, "MissingAuthenticationToken", 403)


@pytest.mark.covers("A5", "E6")
def test_nt_03_with_an_empty_key_table_nobody_gets_in(akia: World) -> None:
    signer = Signer.of(akia.admin)
    akia.akia.store.wipe()
    akia.akia.authority.applied(["*"], akia.akia.store.changes.latest())
    observer = Observer(akia)
    for request in (
        signer.header(form("ListUsers")),
        forged(signer.header(form("ListUsers"))),
        Signer(signer.key_id, "").header(form("ListUsers")),
    ):
        observer.refused(request, "InvalidClientTokenId", 403)
    observer.refused(form("ListUsers"), "MissingAuthenticationToken", 403)


def test_nt_03_a_key_store_that_cannot_be_read_is_unavailable(observer: Observer, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("disk I/O error at /secret/path")

    requests = [Signer("AKIA" + "B" * 16, "x").header(form("ListUsers")), Signer("AKIA" + "B" * 16, "x").query({"Action": "ListUsers"})]
    with monkeypatch.context() as patched:
        for method in ("row", "rows"):
            patched.setattr(Connection, method, broken)
        answers = [observer.send(request) for request in requests]
    for answer in answers:
        refusal = read(answer)
        assert (refusal.code, refusal.status) == ("ServiceUnavailable", 503)
        assert b"/secret/path" not in answer.body
        [event] = observer.events(refusal.request_id)
        assert event.error_code == "ServiceUnavailable"
        assert "/secret/path" not in event.record


def test_nt_14_an_unknown_key_costs_the_same_hmacs(
    observer: Observer, signer: Signer, shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = shared.client("iam")
    iam.create_user(UserName="idle")
    idle = iam.create_access_key(UserName="idle")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="idle", AccessKeyId=idle, Status="Inactive")
    observer.watch()
    good = signer.header(form("ListUsers"))
    observer.accepted(good)
    requests = {"wrong secret": forged(good)}
    for name, key_id in (("unknown", "AKIA" + "A" * 16), ("inactive", idle)):
        requests[name] = Signer(key_id, "x" * 40).header(form("ListUsers"))
        observer.refused(requests[name], "InvalidClientTokenId", settle=False)
    work: list[str] = []
    original = signing_key.SigningKey.sign

    def signed(self: signing_key.SigningKey, message: bytes) -> bytes:
        work.append("sign")
        return original(self, message)

    def derived(key: bytes, message: bytes, name: str) -> bytes:
        work.append("derive")
        return hmac.digest(key, message, name)

    monkeypatch.setattr(signing_key.SigningKey, "sign", signed)
    monkeypatch.setattr(signing_key, "digest", derived)
    costs = {}
    for name, request in requests.items():
        work.clear()
        observer.send(request)
        costs[name] = list(work)
    assert costs["unknown"] == costs["inactive"] == costs["wrong secret"] == ["sign"]


def test_nt_15_an_identical_request_passes_again(observer: Observer, signer: Signer) -> None:
    good = signer.header(form("ListUsers"))
    assert observer.accepted(good).status == observer.accepted(good).status == 200
    create = signer.header(form("CreateUser", UserName="twice"))
    observer.accepted(create)
    observer.refused(create, "EntityAlreadyExists", 409)


BYPASS = ["test", "test1", "root", "admin", "123456789012", "000000000000", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "anonymous" * 2]


@pytest.mark.covers("E6")
@pytest.mark.parametrize("secret", ["", "test", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"])
@pytest.mark.parametrize("key_id", BYPASS)
def test_nt_91_no_identity_passes_without_a_key_that_was_made_here(observer: Observer, key_id: str, secret: str) -> None:
    refusal = observer.refused(Signer(key_id, secret).header(form("ListUsers")), "InvalidClientTokenId", 403)
    assert refusal.message == "The security token included in the request is invalid."
    observer.refused(Signer(key_id, secret).query({"Action": "ListUsers"}), "InvalidClientTokenId", 403)


def test_nt_91_an_empty_key_id(observer: Observer) -> None:
    observer.refused(Signer("", "").header(form("ListUsers")), "InvalidClientTokenId", 403)
    observer.refused(replaced(Signer("", "").header(form("ListUsers")), b"Credential=/", b"Credential="), "IncompleteSignature", 400)


def test_nt_91_no_source_holds_a_key_pair() -> None:
    """Neither our own sources nor their data: what looks like a key id is AWS's own example or a part of a longer text."""
    key_id = re.compile(rb"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])")
    root = Path(str(akia.__file__)).parent
    found = {path: key_id.findall(path.read_bytes()) for path in root.rglob("*") if path.suffix in {".py", ".json", ".md"}}
    assert {path: ids for path, ids in found.items() if set(ids) - {b"AKIAIOSFODNN7EXAMPLE"}} == {}


def test_nt_93_a_refused_signature_is_no_use(observer: Observer, signer: Signer, shared: World) -> None:
    def last_used() -> object:
        shared.akia.authority.drain()
        return shared.akia.store.events.last_used(signer.key_id)

    observer.accepted(signer.header(form("ListUsers"), region="eu-west-1"))
    before = last_used()
    assert before is not None
    for request in (forged(signer.header(form("GetCallerIdentity", "sts"), "sts")), signer.header(form("ListUsers"), at=1.0)):
        assert observer.send(request).status == 403
    assert last_used() == before

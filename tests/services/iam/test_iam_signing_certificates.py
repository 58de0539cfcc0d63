"""Signing certificates through an unmodified boto3: checked when uploaded, listed, switched off and on, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from tests.services.iam.minted import DAY, mint, private_pem, rsa_key

from akia.identity.signing_certificate import SigningCertificate

if TYPE_CHECKING:
    from tests.services.iam.conftest import Stranger

    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

pytestmark = pytest.mark.covers("I2.services.signing_certificates")
MALFORMED = ("MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.")
OWN = "arn:aws:iam::*:user/${aws:username}"


def _allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _upload(client: Any, body: str | None = None, **parameters: str) -> Any:
    return client.upload_signing_certificate(CertificateBody=body or mint().pem, **parameters)["Certificate"]


def _ids(client: Any, **parameters: str) -> list[str]:
    return [certificate["CertificateId"] for certificate in client.list_signing_certificates(**parameters)["Certificates"]]


def test_a_certificate_is_kept_as_it_was_uploaded(iam: Any) -> None:
    iam.create_user(UserName="alice")
    pem = mint(key=rsa_key()).pem
    made = _upload(iam, pem, UserName="alice")
    assert re.fullmatch("[A-Z2-7]{32}", made["CertificateId"])
    assert (made["UserName"], made["CertificateBody"], made["Status"]) == ("alice", pem, "Active")
    assert abs(made["UploadDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    listed = iam.list_signing_certificates(UserName="alice")
    assert (listed["Certificates"], listed["IsTruncated"]) == ([made], False)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_keys_may_be_elliptic(iam: Any, curve: ec.EllipticCurve) -> None:
    iam.create_user(UserName="alice")
    _upload(iam, mint(key=ec.generate_private_key(curve)).pem, UserName="alice")


def _two() -> str:
    return mint("one").pem + mint("two").pem


def _bent() -> str:
    first, middle, *rest = mint().pem.splitlines(keepends=True)
    return "".join([first, middle[::-1].lstrip("\n") + "\n", *rest])


NO_CERTIFICATES: dict[str, Callable[[], str]] = {
    "text": lambda: "certificate",
    "nothing in it": lambda: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
    "nothing but zeros": lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "no base64": lambda: "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
    "bent": _bent,
    "without its end": lambda: mint().pem.replace("-----END CERTIFICATE-----", ""),
    "two": _two,
    "with its private key": lambda: (minted := mint()).pem + minted.key_pem,
    "a private key": lambda: mint().key_pem,
    "with other text": lambda: "subject=akia\n" + mint().pem,
    "another encoding": lambda: mint().pem + "\u00e9",
    "an Ed25519 key": lambda: mint(key=ed25519.Ed25519PrivateKey.generate()).pem,
    "a curve that nobody uses": lambda: mint(key=ec.generate_private_key(ec.SECP256K1())).pem,
}


@pytest.mark.parametrize("what", NO_CERTIFICATES)
def test_what_is_not_one_certificate_is_malformed(iam: Any, refusal: Refusal, what: str) -> None:
    iam.create_user(UserName="alice")
    refused = refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=NO_CERTIFICATES[what]())
    assert refused == MALFORMED
    assert _ids(iam, UserName="alice") == []


def test_contested_text_around_a_certificate(iam: Any, refusal: Refusal) -> None:
    """AWS was seen to refuse it in a chain; akia refuses it everywhere, so that nothing unread is kept. White space is no text."""
    iam.create_user(UserName="alice")
    pem = mint().pem
    assert refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=pem + "# the end") == MALFORMED
    _upload(iam, f"\r\n {pem}\t\n", UserName="alice")


@pytest.mark.parametrize("span", [(-2 * DAY, -DAY), (DAY, 2 * DAY)], ids=["over", "not begun"])
def test_a_certificate_that_is_not_valid_now_is_invalid(iam: Any, refusal: Refusal, span: tuple[timedelta, timedelta]) -> None:
    iam.create_user(UserName="alice")
    begins, ends = span
    refused = refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=mint(begins=begins, ends=ends).pem)
    assert refused[0] == "InvalidCertificate"
    assert _ids(iam, UserName="alice") == []


def test_a_certificate_belongs_to_one_user_of_the_account(iam: Any, refusal: Refusal, akia: InProcess, stranger: Stranger) -> None:
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
    pem = mint().pem
    made = _upload(iam, pem, UserName="alice")
    for again in (pem, f"\n{pem}\n", pem.replace("\n", "\r\n")):
        for owner in ({"UserName": "alice"}, {"UserName": "bob"}, {}):
            assert refusal(iam.upload_signing_certificate, CertificateBody=again, **owner)[0] == "DuplicateCertificate"
    store = akia.akia.store
    [kept] = store.signing_certificates.of(iam.get_user(UserName="alice")["User"]["UserId"])
    store.connection.begin_immediate()  # the same in another account
    store.signing_certificates.add(SigningCertificate(stranger.user.account, "Z" * 32, stranger.user.id, 1, pem, kept.fingerprint))
    store.connection.commit()
    iam.delete_signing_certificate(UserName="alice", CertificateId=made["CertificateId"])
    _upload(iam, pem, UserName="bob")


def test_p5_4_10_a_user_has_two_and_not_three(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    first, _ = (_upload(iam, UserName="alice")["CertificateId"] for _ in range(2))
    third = mint().pem
    over = ("LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2")
    iam.update_signing_certificate(UserName="alice", CertificateId=first, Status="Inactive")
    assert refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=third) == over
    iam.delete_signing_certificate(UserName="alice", CertificateId=first)
    _upload(iam, third, UserName="alice")


def test_w6_8_certificates_come_in_pages(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    ids = {_upload(iam, UserName="alice")["CertificateId"] for _ in range(2)}
    pages = list(iam.get_paginator("list_signing_certificates").paginate(UserName="alice", PaginationConfig={"PageSize": 1}))
    assert [len(page["Certificates"]) for page in pages] == [1, 1]
    assert {page["Certificates"][0]["CertificateId"] for page in pages} == ids
    iam.create_user(UserName="bob")
    refused = refusal(iam.list_signing_certificates, UserName="bob", Marker=pages[0]["Marker"])
    assert refused == ("ValidationError", "Invalid Marker.")


def test_a_certificate_is_active_or_inactive(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    id_ = _upload(iam, UserName="alice")["CertificateId"]
    iam.update_signing_certificate(UserName="alice", CertificateId=id_, Status="Inactive")
    for status, code in (("Expired", "InvalidInput"), ("active", "ValidationError")):
        assert refusal(iam.update_signing_certificate, UserName="alice", CertificateId=id_, Status=status)[0] == code
    assert iam.list_signing_certificates(UserName="alice")["Certificates"][0]["Status"] == "Inactive"
    iam.update_signing_certificate(UserName="alice", CertificateId=id_, Status="Active")
    assert iam.list_signing_certificates(UserName="alice")["Certificates"][0]["Status"] == "Active"


def test_of_nobody_and_none(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    assert refusal(iam.upload_signing_certificate, UserName="nobody", CertificateBody=mint().pem) == absent
    assert refusal(iam.list_signing_certificates, UserName="nobody") == absent
    iam.create_user(UserName="alice")
    none = ("NoSuchEntity", f"The Certificate with id {'A' * 32} cannot be found.")
    assert refusal(iam.update_signing_certificate, UserName="alice", CertificateId="A" * 32, Status="Active") == none
    assert refusal(iam.delete_signing_certificate, UserName="alice", CertificateId="A" * 32) == none


def test_root_without_a_name_means_its_own(iam: Any, refusal: Refusal) -> None:
    assert iam.get_account_summary()["SummaryMap"]["AccountSigningCertificatesPresent"] == 0
    iam.create_user(UserName="alice")
    users = _upload(iam, UserName="alice")["CertificateId"]
    made = _upload(iam)
    assert "UserName" not in made
    assert _ids(iam) == [made["CertificateId"]]
    assert refusal(iam.delete_signing_certificate, CertificateId=users)[0] == "NoSuchEntity"
    assert refusal(iam.delete_signing_certificate, UserName="alice", CertificateId=made["CertificateId"])[0] == "NoSuchEntity"
    assert iam.get_account_summary()["SummaryMap"]["AccountSigningCertificatesPresent"] == 1
    iam.update_signing_certificate(CertificateId=made["CertificateId"], Status="Inactive")
    iam.delete_signing_certificate(CertificateId=made["CertificateId"])
    assert _ids(iam) == []


def test_nt_37_a_user_without_a_name_means_itself(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    alice = user_client("alice", _allow("iam:*SigningCertificate*", OWN))
    bob = user_client("bob")
    assert _upload(alice)["UserName"] == "alice"
    assert len(_ids(iam, UserName="alice")) == 1
    bobs = _upload(iam, UserName="bob")["CertificateId"]
    assert refusal(alice.list_signing_certificates, UserName="bob")[0] == "AccessDenied"
    assert refusal(alice.delete_signing_certificate, CertificateId=bobs)[0] == "NoSuchEntity"
    assert refusal(bob.list_signing_certificates)[0] == "AccessDenied"
    assert _ids(iam, UserName="bob") == [bobs]


def test_tags_of_the_user_decide(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    condition = {"StringEquals": {"iam:ResourceTag/Team": "red"}}
    client = user_client("admin", _allow("iam:UploadSigningCertificate", "*", Condition=condition))
    iam.create_user(UserName="red", Tags=[{"Key": "Team", "Value": "red"}])
    iam.create_user(UserName="blue", Tags=[{"Key": "Team", "Value": "blue"}])
    _upload(client, UserName="red")
    assert refusal(client.upload_signing_certificate, UserName="blue", CertificateBody=mint().pem)[0] == "AccessDenied"


def test_a_renamed_user_keeps_them_and_a_new_one_of_the_name_gets_none(iam: Any) -> None:
    iam.create_user(UserName="alice")
    id_ = _upload(iam, UserName="alice")["CertificateId"]
    iam.update_user(UserName="alice", NewUserName="alicia")
    iam.create_user(UserName="alice")
    assert (_ids(iam, UserName="alicia"), _ids(iam, UserName="alice")) == ([id_], [])
    assert iam.list_signing_certificates(UserName="alicia")["Certificates"][0]["UserName"] == "alicia"


def test_nt_42_certificates_of_other_accounts_are_not_there(iam: Any, akia: InProcess, stranger: Stranger, refusal: Refusal) -> None:
    store = akia.akia.store
    store.connection.begin_immediate()
    store.signing_certificates.add(SigningCertificate(stranger.user.account, "Z" * 32, stranger.user.id, 1, mint().pem, "f"))
    store.connection.commit()
    iam.create_user(UserName=stranger.user.name)
    for owner in ({"UserName": stranger.user.name}, {}):
        assert refusal(iam.delete_signing_certificate, CertificateId="Z" * 32, **owner)[0] == "NoSuchEntity"
        assert _ids(iam, **owner) == []


def test_nt_67_a_private_key_in_place_of_a_certificate_is_told_to_nobody(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    secret = private_pem(rsa_key())
    _, message = refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=secret)
    akia.akia.authority.drain()
    canary = secret.splitlines()[3]
    assert canary not in message
    events = akia.akia.store.events.lookup(akia.account, limit=100)
    assert "UploadSigningCertificate" in {event.name for event in events}
    assert canary not in repr(events)


@pytest.mark.filterwarnings("ignore")
def test_a_dsa_certificate_is_malformed(iam: Any, refusal: Refusal) -> None:
    """A key that signs no more; its certificate is issued by an EC key, since nothing here signs with DSA."""
    issuer = mint("issuer")
    key = dsa.generate_private_key(1_024)
    pem = mint(by=issuer, key=key).certificate.public_bytes(Encoding.PEM).decode()  # type: ignore[arg-type]
    iam.create_user(UserName="alice")
    assert refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=pem) == MALFORMED

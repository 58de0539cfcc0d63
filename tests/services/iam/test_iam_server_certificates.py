"""Server certificates through an unmodified boto3: certificate, key and chain checked, the key never answered, renamed, tagged, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat
from tests.services.iam.minted import DAY, Minted, mint, private_pem, rsa_key

from akia.aws.ids import account_of
from akia.identity import x509
from akia.identity.server_certificate import ServerCertificate
from akia.keyring.errors import Unsealable
from akia.services.iam.server_certificates import _read

if TYPE_CHECKING:
    from tests.services.iam.conftest import Stranger

    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

pytestmark = pytest.mark.covers("I2.services.server_certificates")
DENIED = "AccessDenied"
UNREADABLE_KEY = ("MalformedCertificate", "Unable to parse key pair. The private key must be in PEM format and not encrypted.")


def _allow(action: str | list[str], resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@cache
def _leaf() -> Minted:
    return mint()


def _arguments(name: str = "web", minted: Minted | None = None, **more: Any) -> dict[str, Any]:
    minted = minted or _leaf()
    return {"ServerCertificateName": name, "CertificateBody": minted.pem, "PrivateKey": minted.key_pem, **more}


def _upload(client: Any, name: str = "web", minted: Minted | None = None, **more: Any) -> Any:
    return client.upload_server_certificate(**_arguments(name, minted, **more))["ServerCertificateMetadata"]


def _names(client: Any, **parameters: Any) -> list[str]:
    return [each["ServerCertificateName"] for each in client.list_server_certificates(**parameters)["ServerCertificateMetadataList"]]


def test_a_certificate_is_told_as_it_was_uploaded_but_for_its_key(iam: Any, account: str) -> None:
    root = mint("root")
    issuer = mint("issuer", by=root)
    leaf = mint(by=issuer, key=rsa_key())
    chain = issuer.pem + "\n" + root.pem
    tags = [{"Key": "Site", "Value": "Ulm"}, {"Key": "site", "Value": ""}]
    arguments = _arguments(minted=leaf, CertificateChain=chain, Path="/cloudfront/test/", Tags=tags[::-1])
    answer = iam.upload_server_certificate(**arguments)
    told = answer["ServerCertificateMetadata"]
    assert (told["ServerCertificateName"], told["Path"]) == ("web", "/cloudfront/test/")
    assert told["Arn"] == f"arn:aws:iam::{account}:server-certificate/cloudfront/test/web"
    assert told["ServerCertificateId"].startswith("ASCA")
    assert len(told["ServerCertificateId"]) == 21
    assert account_of(told["ServerCertificateId"]) == account
    assert abs(told["UploadDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert told["Expiration"] == leaf.certificate.not_valid_after_utc
    assert answer["Tags"] == tags
    got = iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert got == {"ServerCertificateMetadata": told, "CertificateBody": leaf.pem, "CertificateChain": chain, "Tags": tags}
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == [told]


def test_line_ends_are_kept(iam: Any) -> None:
    """A client that compares what it sent with what there is, as Terraform does, must find no difference."""
    minted = mint(by=_leaf())
    body, chain = "\r\n" + minted.pem.replace("\n", "\r\n"), _leaf().pem.rstrip("\n") + "\t\r\n "
    _upload(iam, minted=minted, CertificateBody=body, CertificateChain=chain)
    got = iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert (got["CertificateBody"], got["CertificateChain"]) == (body, chain)


def test_without_path_chain_and_tags(iam: Any, account: str) -> None:
    assert _upload(iam)["Arn"] == f"arn:aws:iam::{account}:server-certificate/web"
    assert iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"].keys() == {
        "ServerCertificateMetadata",
        "CertificateBody",
    }


KEYS: dict[str, tuple[Callable[[], Any], PrivateFormat]] = {
    "RSA, PKCS 8": (rsa_key, PrivateFormat.PKCS8),
    "RSA, PKCS 1": (rsa_key, PrivateFormat.TraditionalOpenSSL),
    "RSA, 4096 bits": (lambda: rsa_key(4_096), PrivateFormat.PKCS8),
    "EC, PKCS 8": (lambda: ec.generate_private_key(ec.SECP384R1()), PrivateFormat.PKCS8),
    "EC, SEC 1": (lambda: ec.generate_private_key(ec.SECP521R1()), PrivateFormat.TraditionalOpenSSL),
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_may_be_rsa_or_elliptic(iam: Any, kind: str) -> None:
    make, form = KEYS[kind]
    minted = mint(key=make())
    _upload(iam, minted=minted, PrivateKey=private_pem(minted.key, form=form))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda: "certificate", id="text"),
        pytest.param(lambda: _leaf().pem + mint().pem, id="two"),
        pytest.param(lambda: _leaf().pem + _leaf().key_pem, id="with its key"),
        pytest.param(lambda: _leaf().pem.replace("M", "N", 1), id="bent"),
    ],
)
def test_what_is_not_one_certificate_is_malformed(iam: Any, refusal: Refusal, body: Callable[[], str]) -> None:
    code, message = refusal(iam.upload_server_certificate, **_arguments() | {"CertificateBody": body()})
    assert (code, message) == ("MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.")
    assert _names(iam) == []


@pytest.mark.parametrize(("begins", "ends", "word"), [(-2 * DAY, -DAY, "Not After"), (DAY, 2 * DAY, "Not Before")])
def test_a_certificate_that_is_not_valid_now_is_malformed(
    iam: Any, refusal: Refusal, begins: timedelta, ends: timedelta, word: str
) -> None:
    code, message = refusal(iam.upload_server_certificate, **_arguments(minted=mint(begins=begins, ends=ends)))
    assert code == "MalformedCertificate"
    assert word in message
    assert _names(iam) == []


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(lambda: "key", id="text"),
        pytest.param(lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", id="nothing in it"),
        pytest.param(lambda: private_pem(_leaf().key, password=b"open"), id="encrypted"),
        pytest.param(
            lambda: private_pem(rsa_key(), password=b"open", form=PrivateFormat.TraditionalOpenSSL), id="encrypted as it was of old"
        ),
        pytest.param(lambda: _leaf().pem, id="the certificate"),
        pytest.param(lambda: "\u00e9" + _leaf().key_pem, id="another encoding"),
    ],
)
def test_a_key_that_cannot_be_read_is_malformed_and_so_is_an_encrypted_one(iam: Any, refusal: Refusal, key: Callable[[], str]) -> None:
    assert refusal(iam.upload_server_certificate, **_arguments(PrivateKey=key())) == UNREADABLE_KEY
    assert _names(iam) == []


def _forged() -> str:
    """The public half of the certificate's key, with a private exponent that is not its own."""
    good = rsa_key().private_numbers()
    forged = rsa.RSAPrivateNumbers(good.p, good.q, good.d + 2, good.dmp1, good.dmq1, good.iqmp, good.public_numbers)
    return private_pem(forged.private_key(unsafe_skip_rsa_key_validation=True))


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(lambda: private_pem(rsa_key(2_048, 1)), id="another RSA key"),
        pytest.param(lambda: mint().key_pem, id="a key of another kind"),
        pytest.param(_forged, id="half of the right one"),
    ],
)
def test_a_key_must_be_that_of_the_certificate(iam: Any, refusal: Refusal, key: Callable[[], str]) -> None:
    arguments = _arguments(minted=mint(key=rsa_key()), PrivateKey=key())
    assert refusal(iam.upload_server_certificate, **arguments)[0] == "KeyPairMismatch"
    assert _names(iam) == []


def test_shortcuts_in_a_key_must_follow_from_it() -> None:
    good = rsa_key().private_numbers()
    bent = rsa.RSAPrivateNumbers(good.p, good.q, good.d, good.dmp1 + 2, good.dmq1, good.iqmp, good.public_numbers)
    pem = mint(key=rsa_key()).pem
    assert x509.is_private_key_of(pem, private_pem(rsa_key()))
    assert not x509.is_private_key_of(pem, private_pem(bent.private_key(unsafe_skip_rsa_key_validation=True)))


def test_a_chain_begins_with_the_issuer_and_goes_up_in_order(iam: Any, refusal: Refusal) -> None:
    root, stranger = mint("root"), mint("root")
    upper = mint("upper", by=root)
    lower = mint("lower", by=upper)
    leaf = mint(by=lower)
    broken = {
        root.pem: -1,
        upper.pem + root.pem: -1,
        leaf.pem + lower.pem: -1,
        " \n": -1,
        "chain": 0,
        "subject=lower\n" + lower.pem: 0,
        lower.pem + root.pem: 0,
        lower.pem + upper.pem + "junk": 2,
        lower.pem + upper.pem + stranger.pem: 1,  # of the right name, with another key
        lower.pem + upper.pem + leaf.key_pem: 2,
    }
    for chain, position in broken.items():
        code, message = refusal(iam.upload_server_certificate, **_arguments(minted=leaf, CertificateChain=chain))
        assert (code, message.rpartition(": ")[2]) == ("MalformedCertificate", str(position)), chain
    assert _names(iam) == []
    for name, chain in {"a": lower.pem, "b": lower.pem + upper.pem, "c": lower.pem + "\r\n" + upper.pem + root.pem + "\n"}.items():
        _upload(iam, name, leaf, CertificateChain=chain)


def test_names_are_unique_without_regard_to_case_and_found_only_as_written(iam: Any, refusal: Refusal) -> None:
    _upload(iam, "Web")
    for taken in ("Web", "web"):
        refused = refusal(iam.upload_server_certificate, **_arguments(taken, Path="/other/"))
        assert refused == ("EntityAlreadyExists", f"The Server Certificate with name {taken} already exists.")
    absent = ("NoSuchEntity", "The Server Certificate with name web cannot be found.")
    named = {"ServerCertificateName": "web"}
    assert refusal(iam.get_server_certificate, **named) == absent
    assert refusal(iam.update_server_certificate, **named) == absent
    assert refusal(iam.delete_server_certificate, **named) == absent
    assert refusal(iam.tag_server_certificate, **named, Tags=[{"Key": "a", "Value": "b"}]) == absent
    assert refusal(iam.untag_server_certificate, **named, TagKeys=["a"]) == absent
    assert refusal(iam.list_server_certificate_tags, **named) == absent
    for name, parameter in (("a b", "ServerCertificateName"), ("x" * 129, "ServerCertificateName")):
        code, message = refusal(iam.upload_server_certificate, **_arguments(name))
        assert (code, parameter[0].lower() + parameter[1:] in message) == ("ValidationError", True)


def test_p5_4_11_an_account_has_twenty(iam: Any, refusal: Refusal) -> None:
    assert iam.get_account_summary()["SummaryMap"]["ServerCertificatesQuota"] == 20
    for number in range(20):
        _upload(iam, f"c{number}")
    assert iam.get_account_summary()["SummaryMap"]["ServerCertificates"] == 20
    over = ("LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20")
    assert refusal(iam.upload_server_certificate, **_arguments("more")) == over
    iam.delete_server_certificate(ServerCertificateName="c7")
    _upload(iam, "more")


def test_w6_8_lists_go_by_path_and_come_in_pages(iam: Any) -> None:
    for name, path in (("b", "/"), ("A", "/web/"), ("c", "/web/eu/"), ("d", "/webs/")):
        _upload(iam, name, Path=path)
    assert _names(iam) == ["A", "b", "c", "d"]
    assert _names(iam, PathPrefix="/web/") == ["A", "c"]
    pages = list(iam.get_paginator("list_server_certificates").paginate(PaginationConfig={"PageSize": 3}))
    assert [[each["ServerCertificateName"] for each in page["ServerCertificateMetadataList"]] for page in pages] == [["A", "b", "c"], ["d"]]


def test_a_renamed_certificate_is_the_same(iam: Any, refusal: Refusal, account: str) -> None:
    made = _upload(iam, Tags=[{"Key": "a", "Value": "b"}])
    _upload(iam, "other")
    refused = refusal(iam.update_server_certificate, ServerCertificateName="web", NewServerCertificateName="OTHER")
    assert refused == ("EntityAlreadyExists", "The Server Certificate with name OTHER already exists.")
    iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="Web", NewPath="/new/")
    told = iam.get_server_certificate(ServerCertificateName="Web")["ServerCertificate"]
    assert told["Tags"] == [{"Key": "a", "Value": "b"}]
    assert told["ServerCertificateMetadata"] == made | {
        "ServerCertificateName": "Web",
        "Path": "/new/",
        "Arn": f"arn:aws:iam::{account}:server-certificate/new/Web",
    }


def test_tags_are_added_changed_listed_and_taken_away(iam: Any, refusal: Refusal) -> None:
    _upload(iam)
    named = {"ServerCertificateName": "web"}
    iam.tag_server_certificate(**named, Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}, {"Key": "A", "Value": "1"}])
    iam.tag_server_certificate(**named, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_server_certificate(**named, TagKeys=["a", "none"])
    expected = [{"Key": "A", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert iam.list_server_certificate_tags(**named)["Tags"] == expected
    first = iam.list_server_certificate_tags(**named, MaxItems=1)
    assert (first["Tags"], first["IsTruncated"]) == (expected[:1], True)
    assert iam.list_server_certificate_tags(**named, Marker=first["Marker"])["Tags"] == expected[1:]
    assert refusal(iam.tag_server_certificate, **named, Tags=[{"Key": "aws:x", "Value": ""}])[0] == "InvalidInput"
    assert refusal(iam.upload_server_certificate, **_arguments("x", Tags=[{"Key": "aws:x", "Value": ""}]))[0] == "InvalidInput"
    many = [{"Key": f"k{number}", "Value": ""} for number in range(49)]
    assert refusal(iam.tag_server_certificate, **named, Tags=many)[0] == "LimitExceeded"


# Who may.


def test_a_path_decides_who_uploads_and_a_rename_needs_both_names(user_client: UserClient, iam: Any, refusal: Refusal) -> None:
    resource = "arn:aws:iam::*:server-certificate/web/*"
    client = user_client("eve", _allow(["iam:*ServerCertificate*"], resource))
    _upload(client, "a", Path="/web/")
    assert refusal(client.upload_server_certificate, **_arguments("b"))[0] == DENIED
    assert refusal(client.update_server_certificate, ServerCertificateName="a", NewPath="/")[0] == DENIED
    _upload(iam, "root")
    assert refusal(client.update_server_certificate, ServerCertificateName="root", NewPath="/web/")[0] == DENIED
    assert refusal(client.get_server_certificate, ServerCertificateName="root")[0] == DENIED
    assert refusal(client.get_server_certificate, ServerCertificateName="none")[0] == DENIED
    assert _names(client, PathPrefix="/web/") == ["a"]
    assert refusal(client.list_server_certificates)[0] == DENIED
    client.update_server_certificate(ServerCertificateName="a", NewServerCertificateName="b", NewPath="/web/eu/")


def test_tags_decide_and_giving_them_needs_permission(user_client: UserClient, iam: Any, refusal: Refusal) -> None:
    red = {"StringEquals": {"aws:ResourceTag/Team": "red"}}
    given = {"StringEquals": {"aws:RequestTag/Team": "red"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}
    client = user_client(
        "eve",
        _allow("iam:UploadServerCertificate", "*"),
        _allow("iam:TagServerCertificate", "*", Condition=given),
        _allow(["iam:DeleteServerCertificate", "iam:UntagServerCertificate"], "*", Condition=red),
    )
    _upload(client, "plain")
    _upload(client, "red", Tags=[{"Key": "Team", "Value": "red"}])
    for wrong in ([{"Key": "Team", "Value": "blue"}], [{"Key": "Team", "Value": "red"}, {"Key": "More", "Value": ""}]):
        assert refusal(client.upload_server_certificate, **_arguments("x", Tags=wrong))[0] == DENIED
        assert refusal(client.tag_server_certificate, ServerCertificateName="plain", Tags=wrong)[0] == DENIED
    assert refusal(client.delete_server_certificate, ServerCertificateName="plain")[0] == DENIED
    client.delete_server_certificate(ServerCertificateName="red")
    assert _names(iam) == ["plain"]


def test_nt_42_certificates_of_other_accounts_are_not_there(iam: Any, akia: InProcess, stranger: Stranger, refusal: Refusal) -> None:
    store = akia.akia.store
    theirs = ServerCertificate(stranger.user.account, "ASCATHEIRS", "theirs", "/", 1, 2**31, "body")
    store.connection.begin_immediate()
    store.server_certificates.add(theirs, "key")
    store.connection.commit()
    assert refusal(iam.get_server_certificate, ServerCertificateName="theirs")[0] == "NoSuchEntity"
    assert refusal(iam.delete_server_certificate, ServerCertificateName="theirs")[0] == "NoSuchEntity"
    assert _names(iam) == []
    _upload(iam, "theirs")
    assert store.server_certificates.count(stranger.user.account) == 1


# The private key: NT-67.


def test_the_key_is_kept_sealed_for_whoever_serves_tls(iam: Any, akia: InProcess) -> None:
    made = _upload(iam)
    store = akia.akia.store
    assert store.server_certificates.private_key(made["ServerCertificateId"]) == _leaf().key_pem.encode()
    assert store.server_certificates.private_key("ASCANONE") is None
    other = _upload(iam, "other", mint())
    store.connection.execute(
        "UPDATE server_certificates SET sealed = (SELECT sealed FROM server_certificates WHERE id = :one) WHERE id = :other",
        one=made["ServerCertificateId"],
        other=other["ServerCertificateId"],
    )
    with pytest.raises(Unsealable):
        store.server_certificates.private_key(other["ServerCertificateId"])


def test_nt_67_the_private_key_is_in_no_answer_event_file_or_representation(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    minted = mint()
    canary = minted.key_pem.splitlines()[1]
    answers: list[Any] = [
        iam.upload_server_certificate(**_arguments(minted=minted)),
        refusal(iam.upload_server_certificate, **_arguments(minted=minted)),
        refusal(iam.upload_server_certificate, **_arguments(minted=minted, CertificateBody=mint().pem)),
        refusal(iam.upload_server_certificate, **_arguments(minted=minted, CertificateBody=minted.key_pem)),
        refusal(iam.upload_server_certificate, **_arguments(minted=minted, CertificateChain=minted.key_pem)),
        refusal(iam.upload_server_certificate, **_arguments(minted=minted, PrivateKey=minted.key_pem.replace("END", "ENDE"))),
        iam.get_server_certificate(ServerCertificateName="web"),
        iam.list_server_certificates(),
    ]
    akia.akia.authority.drain()
    events = akia.akia.store.events.lookup(akia.account, limit=1_000)
    uploads = [event for event in events if event.name == "UploadServerCertificate"]
    assert len(uploads) == 6
    assert all('"privateKey"' not in event.record for event in uploads)
    assert any("CERTIFICATE" in event.record for event in uploads)
    prepared = _read({"ServerCertificateName": "x", "CertificateBody": minted.pem, "PrivateKey": minted.key_pem})
    assert canary not in repr([answers, events, prepared, akia.akia.store.server_certificates.named(akia.account, "web")])
    for path in akia.directory.rglob("*"):
        if path.is_file():
            assert canary.encode() not in path.read_bytes(), path


def test_nt_67_an_error_about_a_key_says_nothing_of_it() -> None:
    minted = mint()
    with pytest.raises(ValueError, match="cannot be read") as caught:
        x509.is_private_key_of(minted.pem, minted.key_pem[:-40])
    assert caught.value.__suppress_context__
    assert minted.key_pem.splitlines()[1] not in str(caught.value)


def test_events_name_the_certificate(iam: Any, akia: InProcess) -> None:
    _upload(iam)
    iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="new")
    akia.akia.authority.drain()
    kinds = {event.name: event.resources for event in akia.akia.store.events.lookup(akia.account, limit=10)}
    assert kinds["UploadServerCertificate"] == (("AWS::IAM::ServerCertificate", "web"),)
    assert set(kinds["UpdateServerCertificate"]) == {("AWS::IAM::ServerCertificate", "web"), ("AWS::IAM::ServerCertificate", "new")}

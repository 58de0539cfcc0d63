"""Service-specific credentials through an unmodified boto3, and the end of a user who has every kind of credential."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.services.iam.minted import mint, rsa_key, ssh_text

from akia.aws.ids import account_of
from akia.identity.access_key import KeyStatus
from akia.identity.service_credential import API_KEYS, PASSWORD_SERVICES, ServiceCredential

if TYPE_CHECKING:
    from tests.services.iam.conftest import Stranger

    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

pytestmark = pytest.mark.covers("I2.services.service_specific_credentials")
GIT, CASSANDRA, BEDROCK = "codecommit.amazonaws.com", "cassandra.amazonaws.com", "bedrock.amazonaws.com"
DENIED = "AccessDenied"
NONE = "ACCA" + "A" * 17
SECRETS = ("ServicePassword", "ServiceCredentialSecret")


def _allow(action: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


def _create(client: Any, service: str = GIT, name: str = "alice", **more: Any) -> Any:
    made = client.create_service_specific_credential(UserName=name, ServiceName=service, **more)
    return made["ServiceSpecificCredential"]


def _list(client: Any, **parameters: Any) -> Any:
    return client.list_service_specific_credentials(**parameters)["ServiceSpecificCredentials"]


def _ids(client: Any, **parameters: Any) -> list[str]:
    return [each["ServiceSpecificCredentialId"] for each in _list(client, **parameters)]


def _without_secret(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name not in SECRETS}


@pytest.fixture(autouse=True)
def alice(iam: Any) -> None:
    iam.create_user(UserName="alice")


@pytest.mark.parametrize("service", sorted(PASSWORD_SERVICES))
def test_a_password_has_a_name_with_the_account_in_it(iam: Any, account: str, service: str) -> None:
    made = _create(iam, service)
    assert (made["ServiceSpecificCredentialId"][:4], len(made["ServiceSpecificCredentialId"])) == ("ACCA", 21)
    assert account_of(made["ServiceSpecificCredentialId"]) == account
    assert (made["UserName"], made["ServiceName"], made["Status"]) == ("alice", service, "Active")
    assert made["ServiceUserName"] == f"alice-at-{account}"
    assert len(base64.b64decode(made["ServicePassword"], validate=True)) == 32
    assert abs(made["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert not {"ExpirationDate", "ServiceCredentialAlias", "ServiceCredentialSecret"} & made.keys()
    assert _list(iam, UserName="alice") == [_without_secret(made)]


@pytest.mark.parametrize("service", sorted(API_KEYS))
def test_an_api_key_has_an_alias_and_an_end(iam: Any, account: str, service: str) -> None:
    made = _create(iam, service, CredentialAgeDays=30)
    assert made["ServiceCredentialAlias"] == f"alice-at-{account}"
    assert made["ExpirationDate"] - made["CreateDate"] == timedelta(days=30)
    assert not {"ServiceUserName", "ServicePassword"} & made.keys()
    assert _list(iam, UserName="alice") == [_without_secret(made)]
    assert "ExpirationDate" not in _create(iam, service)


def test_contested_form_of_api_keys(iam: Any, account: str) -> None:
    """AWS's keys were seen to be a prefix and, in base64, the alias and a secret. akia's are; further framing is left out."""
    for service, prefix in API_KEYS.items():
        secret = _create(iam, service)["ServiceCredentialSecret"]
        assert secret.startswith(prefix)
        alias, colon, random = base64.b64decode(secret.removeprefix(prefix), validate=True).decode().partition(":")
        assert (alias, colon, len(base64.b64decode(random))) == (f"alice-at-{account}", ":", 32)


def test_other_services_are_not_supported(iam: Any, refusal: Refusal) -> None:
    for service in ("s3.amazonaws.com", "codecommit", "CodeCommit.amazonaws.com", ""):
        for call in (iam.create_service_specific_credential, iam.list_service_specific_credentials):
            assert refusal(call, UserName="alice", ServiceName=service)[0] == "NotSupportedService"


def test_passwords_do_not_expire_and_ages_are_positive(iam: Any, refusal: Refusal) -> None:
    create = iam.create_service_specific_credential
    assert refusal(create, UserName="alice", ServiceName=GIT, CredentialAgeDays=1)[0] == "ValidationError"
    assert refusal(create, UserName="alice", ServiceName=BEDROCK, CredentialAgeDays=36_601)[0] == "ValidationError"
    assert _list(iam, UserName="alice") == []
    made = _create(iam, BEDROCK, CredentialAgeDays=36_600)
    assert made["ExpirationDate"] - made["CreateDate"] == timedelta(days=36_600)


def test_a_user_has_two_of_each_service_and_not_three(iam: Any, refusal: Refusal, account: str) -> None:
    first, second = _create(iam), _create(iam)
    assert second["ServiceUserName"] == f"alice+1-at-{account}"
    assert first["ServicePassword"] != second["ServicePassword"]
    iam.update_service_specific_credential(
        UserName="alice", ServiceSpecificCredentialId=first["ServiceSpecificCredentialId"], Status="Inactive"
    )
    over = ("LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
    assert refusal(iam.create_service_specific_credential, UserName="alice", ServiceName=GIT) == over
    _create(iam, CASSANDRA)
    iam.delete_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=first["ServiceSpecificCredentialId"])
    assert _create(iam)["ServiceUserName"] == f"alice-at-{account}"


def test_names_of_credentials_are_unique_whatever_users_are_called(iam: Any, account: str) -> None:
    """A renamed user keeps its credentials, under the name that its programs know; who is called so later gets another."""
    first = _create(iam)
    iam.update_user(UserName="alice", NewUserName="alicia")
    iam.create_user(UserName="alice")
    iam.create_user(UserName="alice+1")
    assert _list(iam, UserName="alicia") == [_without_secret(first) | {"UserName": "alicia"}]
    assert _list(iam, UserName="alice") == []
    names = [_create(iam)["ServiceUserName"], _create(iam, name="alice+1")["ServiceUserName"]]
    assert names == [f"alice+1-at-{account}", f"alice+1+1-at-{account}"]


def test_lists_are_of_a_user_or_of_all_and_of_a_service_or_of_all(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="bob")
    git, key = _create(iam), _create(iam, BEDROCK, CredentialAgeDays=9)
    bobs = _create(iam, BEDROCK, name="bob")
    assert _list(iam, UserName="alice", ServiceName=BEDROCK) == [_without_secret(key)]
    everybodys = _list(iam, AllUsers=True)
    by_id = {each["ServiceSpecificCredentialId"]: each for each in map(_without_secret, (git, key, bobs))}
    assert everybodys == [by_id[id_] for id_ in sorted(by_id)]
    assert {each["UserName"] for each in _list(iam, AllUsers=True, ServiceName=BEDROCK)} == {"alice", "bob"}
    assert _list(iam, AllUsers=False, UserName="bob") == [_without_secret(bobs)]
    assert refusal(iam.list_service_specific_credentials, AllUsers=True, UserName="bob")[0] == "ValidationError"
    assert refusal(iam.list_service_specific_credentials) == (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    )


@pytest.mark.parametrize("whose", [{"AllUsers": True}, {"UserName": "alice"}], ids=["all", "alice"])
def test_w6_8_lists_come_in_pages(iam: Any, refusal: Refusal, whose: dict[str, Any]) -> None:
    ids = {_create(iam, service)["ServiceSpecificCredentialId"] for service in (GIT, CASSANDRA, BEDROCK)}
    found: set[str] = set()
    marker: dict[str, str] = {}
    lengths: list[int] = []
    while True:
        page = iam.list_service_specific_credentials(MaxItems=2, **whose, **marker)
        found |= {each["ServiceSpecificCredentialId"] for each in page["ServiceSpecificCredentials"]}
        lengths.append(len(page["ServiceSpecificCredentials"]))
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert (found, lengths) == (ids, [2, 1])
    refused = refusal(iam.list_service_specific_credentials, ServiceName=GIT, **whose, **marker)
    assert refused == ("ValidationError", "Invalid Marker.")


def _presented(akia: InProcess, made: dict[str, Any], secret: str, service: str | None = None) -> ServiceCredential | None:
    """What the service would be told that was given this name and secret."""
    name = made.get("ServiceUserName") or made["ServiceCredentialAlias"]
    return akia.akia.store.service_credentials.presented(akia.account, service or made["ServiceName"], name, secret)


@pytest.mark.parametrize("service", [GIT, BEDROCK])
def test_a_reset_ends_the_old_secret_at_once(iam: Any, akia: InProcess, service: str) -> None:
    made = _create(iam, BEDROCK, CredentialAgeDays=3) if service == BEDROCK else _create(iam, service)
    id_, member = made["ServiceSpecificCredentialId"], SECRETS[service == BEDROCK]
    iam.update_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=id_, Status="Inactive")
    again = iam.reset_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=id_)["ServiceSpecificCredential"]
    assert again == made | {member: again[member], "Status": "Inactive"}
    assert again[member] != made[member]
    assert _presented(akia, made, made[member]) is None
    proven = _presented(akia, made, again[member])
    assert proven is not None
    assert (proven.id, proven.is_usable(0)) == (id_, False)
    assert _presented(akia, made, again[member], CASSANDRA) is None
    assert _presented(akia, made, again[member] + "=") is None


def test_a_credential_is_active_inactive_or_expired(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    id_ = _create(iam, BEDROCK, CredentialAgeDays=1)["ServiceSpecificCredentialId"]
    meant = {"UserName": "alice", "ServiceSpecificCredentialId": id_}
    for status in ("Inactive", "Active"):
        iam.update_service_specific_credential(**meant, Status=status)
        assert _list(iam, UserName="alice")[0]["Status"] == status
    for status in ("Expired", "active"):
        assert refusal(iam.update_service_specific_credential, **meant, Status=status)[0] == "ValidationError"
    akia.akia.store.connection.execute("UPDATE service_credentials SET expires = created WHERE id = :id", id=id_)
    assert _list(iam, UserName="alice")[0]["Status"] == "Expired"
    iam.update_service_specific_credential(**meant, Status="Active")
    assert _list(iam, AllUsers=True)[0]["Status"] == "Expired"


def test_what_is_usable() -> None:
    credential = ServiceCredential("1" * 12, NONE, "AIDA", 1, BEDROCK, "x", expires=100)
    assert [credential.is_usable(now) for now in (99, 100)] == [True, False]
    assert replace(credential, expires=None).is_usable(2**40)
    assert not replace(credential, status=KeyStatus.INACTIVE).is_usable(99)


def test_of_nobody_and_none(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    none = ("NoSuchEntity", f"The Service Specific Credential with id {NONE} cannot be found.")
    assert refusal(iam.create_service_specific_credential, UserName="nobody", ServiceName=GIT) == absent
    assert refusal(iam.list_service_specific_credentials, UserName="nobody") == absent
    for name, expected in (("nobody", absent), ("alice", none)):
        meant = {"UserName": name, "ServiceSpecificCredentialId": NONE}
        assert refusal(iam.update_service_specific_credential, **meant, Status="Active") == expected
        assert refusal(iam.reset_service_specific_credential, **meant) == expected
        assert refusal(iam.delete_service_specific_credential, **meant) == expected


def test_nt_42_a_credential_is_found_with_its_own_user_only(iam: Any, akia: InProcess, stranger: Stranger, refusal: Refusal) -> None:
    id_ = _create(iam)["ServiceSpecificCredentialId"]
    store = akia.akia.store
    theirs = ServiceCredential(stranger.user.account, "ACCATHEIRS00000000000", stranger.user.id, 1, GIT, f"alice-at-{akia.account}")
    store.connection.begin_immediate()
    store.service_credentials.add(theirs, "secret")
    store.connection.commit()
    iam.create_user(UserName="bob")
    for name, other in (("bob", id_), ("alice", theirs.id)):
        meant = {"UserName": name, "ServiceSpecificCredentialId": other}
        assert refusal(iam.reset_service_specific_credential, **meant)[0] == "NoSuchEntity"
        assert refusal(iam.delete_service_specific_credential, **meant)[0] == "NoSuchEntity"
    assert _ids(iam, AllUsers=True) == [id_]
    assert store.service_credentials.presented(akia.account, GIT, theirs.name, "secret") is None
    assert store.service_credentials.presented(theirs.account, GIT, theirs.name, "secret") == theirs


# Who may.


def test_nt_37_a_user_without_a_name_means_itself_and_not_everybody(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    actions = ["iam:*ServiceSpecificCredential*"]
    bob = user_client("bob", _allow(actions, "arn:aws:iam::*:user/${aws:username}"))
    made = _create(bob, name="bob")
    alices = _create(iam)["ServiceSpecificCredentialId"]
    id_ = {"ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    assert _ids(bob) == [id_["ServiceSpecificCredentialId"]]
    assert bob.reset_service_specific_credential(**id_)["ServiceSpecificCredential"]["UserName"] == "bob"
    bob.update_service_specific_credential(**id_, Status="Inactive")
    assert refusal(bob.list_service_specific_credentials, AllUsers=True)[0] == DENIED
    assert refusal(bob.list_service_specific_credentials, UserName="alice")[0] == DENIED
    assert refusal(bob.create_service_specific_credential, UserName="alice", ServiceName=GIT)[0] == DENIED
    assert refusal(bob.reset_service_specific_credential, UserName="alice", ServiceSpecificCredentialId=alices)[0] == DENIED
    assert refusal(bob.reset_service_specific_credential, ServiceSpecificCredentialId=alices)[0] == "NoSuchEntity"
    bob.delete_service_specific_credential(**id_)


def test_the_service_decides(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    actions = [f"iam:{verb}ServiceSpecificCredential" for verb in ("Create", "Update", "Reset", "Delete")]
    admin = user_client("admin", _allow(actions, StringEquals={"iam:ServiceSpecificCredentialServiceName": GIT}))
    id_ = _create(admin)["ServiceSpecificCredentialId"]
    assert refusal(admin.create_service_specific_credential, UserName="alice", ServiceName=BEDROCK)[0] == DENIED
    other = _create(iam, BEDROCK)["ServiceSpecificCredentialId"]
    for wrong in (other, NONE):
        meant = {"UserName": "alice", "ServiceSpecificCredentialId": wrong}
        assert refusal(admin.update_service_specific_credential, **meant, Status="Inactive")[0] == DENIED
        assert refusal(admin.reset_service_specific_credential, **meant)[0] == DENIED
        assert refusal(admin.delete_service_specific_credential, **meant)[0] == DENIED
    meant = {"UserName": "alice", "ServiceSpecificCredentialId": id_}
    admin.update_service_specific_credential(**meant, Status="Inactive")
    admin.reset_service_specific_credential(**meant)
    admin.delete_service_specific_credential(**meant)
    assert refusal(admin.delete_service_specific_credential, **meant)[0] == DENIED  # it has no service any more


def test_the_age_decides_and_no_age_is_none(user_client: UserClient, refusal: Refusal) -> None:
    bounded = _allow("iam:CreateServiceSpecificCredential", NumericLessThanEquals={"iam:ServiceSpecificCredentialAgeDays": "30"})
    admin = user_client("admin", bounded)
    _create(admin, BEDROCK, CredentialAgeDays=30)
    create = admin.create_service_specific_credential
    assert refusal(create, UserName="alice", ServiceName=BEDROCK, CredentialAgeDays=31)[0] == DENIED
    assert refusal(create, UserName="alice", ServiceName=BEDROCK)[0] == DENIED


# The secret: NT-67.


def test_nt_67_a_secret_is_answered_once_and_written_nowhere(iam: Any, akia: InProcess) -> None:
    password, key = _create(iam), _create(iam, BEDROCK)
    id_ = {"UserName": "alice", "ServiceSpecificCredentialId": password["ServiceSpecificCredentialId"]}
    again = iam.reset_service_specific_credential(**id_)["ServiceSpecificCredential"]
    secrets = [password["ServicePassword"], key["ServiceCredentialSecret"], again["ServicePassword"]]
    later = [_list(iam, UserName="alice"), _list(iam, AllUsers=True), iam.get_user(UserName="alice")]
    akia.akia.authority.drain()
    events = akia.akia.store.events.lookup(akia.account, limit=1_000)
    assert {"CreateServiceSpecificCredential", "ResetServiceSpecificCredential"} <= {event.name for event in events}
    told = next(event.record for event in events if event.name == "ResetServiceSpecificCredential")
    assert '"serviceUserName"' in told
    assert "servicePassword" not in told
    kept = akia.akia.store.service_credentials.get(id_["ServiceSpecificCredentialId"])
    text = repr([later, events, kept, akia.akia.store.service_credentials])
    raw = b"".join(path.read_bytes() for path in akia.directory.rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in text
        assert secret.encode() not in raw
        assert base64.b64decode(re.sub("^ABSK", "", secret)) not in raw


# A user's end: P5.3-5.


def test_p5_3_5_a_user_with_credentials_is_not_deleted(iam: Any, refusal: Refusal) -> None:
    """The words are those that AWS was seen to use."""
    certificate = iam.upload_signing_certificate(UserName="alice", CertificateBody=mint().pem)["Certificate"]["CertificateId"]
    ssh = iam.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody=ssh_text(rsa_key()))["SSHPublicKey"]["SSHPublicKeyId"]
    credential = _create(iam)["ServiceSpecificCredentialId"]
    referenced = ("DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
    assert refusal(iam.delete_user, UserName="alice") == ("DeleteConflict", "Cannot delete entity, must delete certificates first.")
    iam.delete_signing_certificate(UserName="alice", CertificateId=certificate)
    assert refusal(iam.delete_user, UserName="alice") == referenced
    iam.delete_ssh_public_key(UserName="alice", SSHPublicKeyId=ssh)
    assert refusal(iam.delete_user, UserName="alice") == referenced
    iam.delete_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=credential)
    iam.delete_user(UserName="alice")


def test_a_user_is_removed_the_way_clients_do_it(iam: Any, refusal: Refusal) -> None:
    """Each kind is listed and deleted one by one, inactive ones too; nothing of it is left to a new user of the name."""
    for _ in range(2):
        iam.upload_signing_certificate(UserName="alice", CertificateBody=mint().pem)
        _create(iam)
        _create(iam, BEDROCK, CredentialAgeDays=1)
    iam.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody=ssh_text(rsa_key()))
    iam.create_access_key(UserName="alice")
    assert refusal(iam.delete_user, UserName="alice")[0] == "DeleteConflict"
    named = {"UserName": "alice"}
    for key in iam.list_access_keys(**named)["AccessKeyMetadata"]:
        iam.delete_access_key(**named, AccessKeyId=key["AccessKeyId"])
    for id_ in _ids(iam, **named):
        iam.update_service_specific_credential(**named, ServiceSpecificCredentialId=id_, Status="Inactive")
        iam.delete_service_specific_credential(**named, ServiceSpecificCredentialId=id_)
    for certificate in iam.list_signing_certificates(**named)["Certificates"]:
        iam.delete_signing_certificate(**named, CertificateId=certificate["CertificateId"])
    for ssh in iam.list_ssh_public_keys(**named)["SSHPublicKeys"]:
        iam.delete_ssh_public_key(**named, SSHPublicKeyId=ssh["SSHPublicKeyId"])
    iam.delete_user(**named)
    iam.create_user(**named)
    assert _list(iam, **named) == iam.list_signing_certificates(**named)["Certificates"] == []
    assert iam.list_ssh_public_keys(**named)["SSHPublicKeys"] == []

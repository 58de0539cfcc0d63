"""SSH public keys through an unmodified boto3: checked when uploaded, told in both encodings, switched off and on, deleted."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.services.iam.minted import private_pem, public_pem, rsa_key, ssh_text

from akia.aws.ids import account_of
from akia.identity.ssh_public_key import Material, SshPublicKey

if TYPE_CHECKING:
    from tests.services.iam.conftest import Stranger

    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

pytestmark = pytest.mark.covers("I2.services.ssh_public_keys")
UNRECOGNIZED, INVALID, DENIED = "UnrecognizedPublicKeyEncoding", "InvalidPublicKey", "AccessDenied"
NO_KEY = "APKA" + "A" * 17


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _upload(client: Any, body: str | None = None, name: str = "alice") -> Any:
    return client.upload_ssh_public_key(UserName=name, SSHPublicKeyBody=body or ssh_text(rsa_key()))["SSHPublicKey"]


def _get(client: Any, id_: str, encoding: str, name: str = "alice") -> Any:
    return client.get_ssh_public_key(UserName=name, SSHPublicKeyId=id_, Encoding=encoding)["SSHPublicKey"]


def _ids(client: Any, **parameters: str) -> list[str]:
    return [key["SSHPublicKeyId"] for key in client.list_ssh_public_keys(**parameters)["SSHPublicKeys"]]


@pytest.fixture(autouse=True)
def alice(iam: Any) -> None:
    iam.create_user(UserName="alice")


def test_a_key_in_ssh_encoding(iam: Any, account: str) -> None:
    body = ssh_text(rsa_key(), "Alice's laptop, \u00fcber alles")
    made = _upload(iam, body)
    assert (made["SSHPublicKeyId"][:4], len(made["SSHPublicKeyId"])) == ("APKA", 21)
    assert account_of(made["SSHPublicKeyId"]) == account
    assert (made["UserName"], made["SSHPublicKeyBody"], made["Status"]) == ("alice", body, "Active")
    assert abs(made["UploadDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert _get(iam, made["SSHPublicKeyId"], "SSH") == made
    assert _get(iam, made["SSHPublicKeyId"], "PEM") == made | {"SSHPublicKeyBody": public_pem(rsa_key())}
    without = {name: value for name, value in made.items() if name not in ("Fingerprint", "SSHPublicKeyBody")}
    assert iam.list_ssh_public_keys(UserName="alice")["SSHPublicKeys"] == [without]


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_a_key_in_pem(iam: Any, form: PublicFormat) -> None:
    body = public_pem(rsa_key(), form)
    made = _upload(iam, body)
    assert made["SSHPublicKeyBody"] == body
    assert _get(iam, made["SSHPublicKeyId"], "PEM") == made
    assert _get(iam, made["SSHPublicKeyId"], "SSH")["SSHPublicKeyBody"] == ssh_text(rsa_key(), "")


def test_contested_fingerprint_of_ssh_keys(iam: Any) -> None:
    """MD5 with colons says the model. Of what, it does not: akia takes the DER of the public key, as EC2 does for imported keys."""
    made = _upload(iam)
    der = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert made["Fingerprint"] == hashlib.md5(der).digest().hex(":")
    assert len(made["Fingerprint"]) == 47


def _blob(*parts: bytes) -> str:
    return "ssh-rsa " + base64.b64encode(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).decode()


REFUSED: dict[str, tuple[str, Callable[[], str]]] = {
    "text": (UNRECOGNIZED, lambda: "key"),
    "an Ed25519 key": (UNRECOGNIZED, lambda: ssh_text(ed25519.Ed25519PrivateKey.generate())),
    "an EC key": (UNRECOGNIZED, lambda: ssh_text(ec.generate_private_key(ec.SECP256R1()))),
    "two keys": (UNRECOGNIZED, lambda: f"{ssh_text(rsa_key())}\n{ssh_text(rsa_key())}"),
    "options": (UNRECOGNIZED, lambda: f'command="x" {ssh_text(rsa_key())}'),
    "a private key": (UNRECOGNIZED, lambda: private_pem(rsa_key())),
    "a key and more": (UNRECOGNIZED, lambda: public_pem(rsa_key()) + "more"),
    "an RFC 4716 key": (UNRECOGNIZED, lambda: "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----"),
    "nothing in it": (INVALID, lambda: "ssh-rsa AAAA"),
    "another kind inside": (INVALID, lambda: "ssh-rsa " + ssh_text(ed25519.Ed25519PrivateKey.generate()).split()[1]),
    "cut short": (INVALID, lambda: ssh_text(rsa_key(), "")[:-8]),
    "no numbers": (INVALID, lambda: _blob(b"ssh-rsa", b"", b"")),
    "an even exponent": (INVALID, lambda: _blob(b"ssh-rsa", b"\x02", b"\x7f" * 256)),
    "an EC key in PEM": (INVALID, lambda: public_pem(ec.generate_private_key(ec.SECP256R1()))),
    "no PEM": (INVALID, lambda: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
    "too short": (INVALID, lambda: ssh_text(rsa_key(1_024))),
    "too short, in PEM": (INVALID, lambda: public_pem(rsa_key(1_024))),
    "too long": (INVALID, lambda: _blob(b"ssh-rsa", b"\x01\x00\x01", b"\x7f" * 2_049)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_rsa_key_of_2048_bits_is_refused(iam: Any, refusal: Refusal, what: str) -> None:
    code, body = REFUSED[what]
    assert refusal(iam.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=body())[0] == code
    assert _ids(iam, UserName="alice") == []


def test_a_user_has_a_key_once_but_two_users_may_share_it(iam: Any, refusal: Refusal) -> None:
    _upload(iam)
    for again in (ssh_text(rsa_key(), "another comment"), public_pem(rsa_key()), public_pem(rsa_key(), PublicFormat.PKCS1)):
        assert refusal(iam.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=again)[0] == "DuplicateSSHPublicKey"
    iam.create_user(UserName="bob")
    _upload(iam, name="bob")


def _fill(akia: InProcess, user_id: str, number: int) -> None:
    """Keys that nobody has generated: five real ones would take a second."""
    store = akia.akia.store
    store.connection.begin_immediate()
    for each in range(number):
        made = Material("ssh", "pem", "fingerprint", f"{each}")
        store.ssh_public_keys.add(SshPublicKey(akia.account, f"APKAFILLED{each:011}", user_id, each, made))
    store.connection.commit()


def test_p5_4_10_a_user_has_five_and_not_six(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    _fill(akia, iam.get_user(UserName="alice")["User"]["UserId"], 5)
    over = ("LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")
    assert refusal(iam.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=ssh_text(rsa_key())) == over
    iam.delete_ssh_public_key(UserName="alice", SSHPublicKeyId=_ids(iam, UserName="alice")[0])
    _upload(iam)


def test_w6_8_keys_come_in_pages(iam: Any, akia: InProcess) -> None:
    _fill(akia, iam.get_user(UserName="alice")["User"]["UserId"], 3)
    pages = list(iam.get_paginator("list_ssh_public_keys").paginate(UserName="alice", PaginationConfig={"PageSize": 2}))
    assert [[key["SSHPublicKeyId"][-1] for key in page["SSHPublicKeys"]] for page in pages] == [["0", "1"], ["2"]]


def test_a_key_is_active_or_inactive(iam: Any, refusal: Refusal) -> None:
    id_ = _upload(iam)["SSHPublicKeyId"]
    iam.update_ssh_public_key(UserName="alice", SSHPublicKeyId=id_, Status="Inactive")
    for status, code in (("Expired", "InvalidInput"), ("inactive", "ValidationError")):
        assert refusal(iam.update_ssh_public_key, UserName="alice", SSHPublicKeyId=id_, Status=status)[0] == code
    assert _get(iam, id_, "SSH")["Status"] == "Inactive"
    iam.update_ssh_public_key(UserName="alice", SSHPublicKeyId=id_, Status="Active")
    assert iam.list_ssh_public_keys(UserName="alice")["SSHPublicKeys"][0]["Status"] == "Active"


def test_of_nobody_and_none(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    none = ("NoSuchEntity", f"The Public Key with id {NO_KEY} cannot be found.")
    assert refusal(iam.upload_ssh_public_key, UserName="nobody", SSHPublicKeyBody=ssh_text(rsa_key())) == absent
    assert refusal(iam.list_ssh_public_keys, UserName="nobody") == absent
    for name, expected in (("nobody", absent), ("alice", none)):
        meant = {"UserName": name, "SSHPublicKeyId": NO_KEY}
        assert refusal(iam.get_ssh_public_key, **meant, Encoding="SSH") == expected
        assert refusal(iam.update_ssh_public_key, **meant, Status="Active") == expected
        assert refusal(iam.delete_ssh_public_key, **meant) == expected
    assert refusal(iam.get_ssh_public_key, UserName="alice", SSHPublicKeyId=NO_KEY, Encoding="DER")[0] == "ValidationError"


def test_root_has_none_and_must_name_a_user(iam: Any, refusal: Refusal) -> None:
    refused = ("ValidationError", "Must specify userName when calling with non-User credentials")
    assert refusal(iam.list_ssh_public_keys) == refused


def test_nt_42_a_key_is_found_with_its_own_user_only(iam: Any, akia: InProcess, stranger: Stranger, refusal: Refusal) -> None:
    id_ = _upload(iam)["SSHPublicKeyId"]
    store = akia.akia.store
    store.connection.begin_immediate()
    theirs = SshPublicKey(stranger.user.account, "APKATHEIRS00000000000", stranger.user.id, 1, Material("s", "p", "f", "d"))
    store.ssh_public_keys.add(theirs)
    store.connection.commit()
    iam.create_user(UserName="bob")
    for name, key in (("bob", id_), ("alice", theirs.id)):
        assert refusal(iam.get_ssh_public_key, UserName=name, SSHPublicKeyId=key, Encoding="SSH")[0] == "NoSuchEntity"
        assert refusal(iam.delete_ssh_public_key, UserName=name, SSHPublicKeyId=key)[0] == "NoSuchEntity"
    assert _ids(iam, UserName="alice") == [id_]
    assert store.ssh_public_keys.get(theirs.id) == theirs


def test_a_user_manages_its_own_keys_and_no_others(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    bob = user_client("bob", _allow("iam:*SSHPublicKey*", "arn:aws:iam::*:user/${aws:username}"))
    id_ = _upload(bob, name="bob")["SSHPublicKeyId"]
    assert _ids(bob) == [id_]
    assert _get(bob, id_, "SSH", "bob")["UserName"] == "bob"
    alices = _upload(iam)["SSHPublicKeyId"]
    assert refusal(bob.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=ssh_text(rsa_key()))[0] == DENIED
    assert refusal(bob.get_ssh_public_key, UserName="alice", SSHPublicKeyId=alices, Encoding="SSH")[0] == DENIED
    assert refusal(bob.list_ssh_public_keys, UserName="alice")[0] == DENIED
    assert refusal(bob.delete_ssh_public_key, UserName="alice", SSHPublicKeyId=alices)[0] == DENIED
    assert refusal(bob.update_ssh_public_key, UserName="alice", SSHPublicKeyId=alices, Status="Inactive")[0] == DENIED


def test_who_may_nothing_is_denied_before_the_key_is_read(user_client: UserClient, refusal: Refusal) -> None:
    """Reading a key is work, and its errors are answers: neither is for strangers."""
    bob = user_client("bob")
    assert refusal(bob.upload_ssh_public_key, UserName="bob", SSHPublicKeyBody="no key")[0] == DENIED


def test_nt_67_a_private_key_in_place_of_a_public_one_is_told_to_nobody(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    secret = private_pem(rsa_key())
    answer = refusal(iam.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=secret)
    akia.akia.authority.drain()
    events = akia.akia.store.events.lookup(akia.account, limit=100)
    assert "UploadSSHPublicKey" in {event.name for event in events}
    assert secret.splitlines()[3] not in repr([answer, events])


def test_a_renamed_user_keeps_its_keys(iam: Any) -> None:
    id_ = _upload(iam)["SSHPublicKeyId"]
    iam.update_user(UserName="alice", NewUserName="alicia")
    assert _get(iam, id_, "SSH", "alicia")["UserName"] == "alicia"
    iam.create_user(UserName="alice")
    assert _ids(iam, UserName="alice") == []

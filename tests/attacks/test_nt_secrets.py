"""NT-67: after a long day of calls, good, refused and crashed ones, no secret is found anywhere but where it was handed out, once."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from pyotp import HOTP
from tests.attacks.signer import Signer, forged, form, json_call
from tests.conftest import World, policy, refusal
from tests.services.iam.minted import mint

from akia.testing.in_process import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.wire import Answer, HttpRequest

PASSWORD = "canary-password-9Zq"
SECRET_VALUE = "canary-value-7Xw"


class Recording(World):
    """Keeps every answer."""

    def __init__(self, account: str) -> None:
        self.answers: list[bytes] = []
        super().__init__(account)

    def answer(self, http: HttpRequest, *, secure: bool = False) -> Answer:
        answer = super().answer(http, secure=secure)
        self.answers.append(repr(answer.headers).encode() + answer.body)
        return answer


class Day:
    """What was done, and which secrets it has brought into the world."""

    def __init__(self, world: Recording) -> None:
        self.world = world
        self.secrets = [world.root.secret_access_key, world.admin.secret_access_key]
        self.tokens: list[str] = []
        self.values = [PASSWORD, SECRET_VALUE]

    def live(self) -> None:
        """Keys, policies, sessions, refusals of each kind."""
        world, iam = self.world, self.world.client("iam")
        alice = world.person("alice", {"Action": "*"})
        self.secrets.append(alice.key.secret_access_key)
        self._sessions(alice)
        self._refusals(alice)
        second = iam.create_access_key(UserName="alice")["AccessKey"]
        self.secrets.append(second["SecretAccessKey"])
        refusal(iam.create_access_key, UserName="alice")
        iam.update_access_key(UserName="alice", AccessKeyId=second["AccessKeyId"], Status="Inactive")
        iam.delete_access_key(UserName="alice", AccessKeyId=second["AccessKeyId"])
        for call in (iam.list_access_keys, iam.get_user, iam.list_user_policies):
            call(UserName="alice")
        self._other_credentials(iam)
        self._sign_in(iam, alice.client("iam"))
        refusal(world.client("secretsmanager").create_secret, Name="s", SecretString=SECRET_VALUE)
        refusal(world.client("ssm").put_parameter, Name="p", Value=SECRET_VALUE, Type="SecureString")
        world.client("cloudtrail").lookup_events()

    def _other_credentials(self, iam: Any) -> None:
        """Passwords and API keys, a server certificate's key, and that key where another thing is meant."""
        for service, member in (("codecommit", "ServicePassword"), ("bedrock", "ServiceCredentialSecret")):
            made = iam.create_service_specific_credential(UserName="alice", ServiceName=f"{service}.amazonaws.com")
            self.secrets.append(made["ServiceSpecificCredential"][member])
            id_ = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
            again = iam.reset_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=id_)
            self.secrets.append(again["ServiceSpecificCredential"][member])
        minted = mint()
        self.values.append(minted.key_pem.splitlines()[1])
        server = {"ServerCertificateName": "web", "CertificateBody": minted.pem, "PrivateKey": minted.key_pem}
        iam.upload_server_certificate(**server)
        refusal(iam.upload_server_certificate, **server)
        refusal(iam.upload_server_certificate, **server | {"CertificateBody": mint().pem})
        refusal(iam.upload_signing_certificate, UserName="alice", CertificateBody=minted.key_pem)
        refusal(iam.upload_ssh_public_key, UserName="alice", SSHPublicKeyBody=minted.key_pem)
        iam.get_server_certificate(ServerCertificateName="web")
        iam.list_service_specific_credentials(AllUsers=True)

    def _sign_in(self, iam: Any, alice: Any) -> None:
        """Passwords and a virtual MFA device. Its seed is a blob, which the wire has in base64."""
        iam.create_login_profile(UserName="alice", Password=PASSWORD)
        refusal(iam.create_login_profile, UserName="alice", Password=PASSWORD)
        refusal(iam.update_login_profile, UserName="alice", Password="x")
        alice.change_password(OldPassword=PASSWORD, NewPassword=PASSWORD + "2")
        refusal(alice.change_password, OldPassword=PASSWORD, NewPassword=PASSWORD)
        seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["Base32StringSeed"]
        self.tokens.append(seed.decode())
        self.secrets.append(base64.b64encode(seed).decode())
        serial = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
        codes = {"AuthenticationCode1": HOTP(seed.decode()).at(1), "AuthenticationCode2": HOTP(seed.decode()).at(2)}
        refusal(iam.enable_mfa_device, UserName="alice", SerialNumber=serial, **codes)
        iam.list_virtual_mfa_devices()

    def _sessions(self, alice: Any) -> None:
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": ACCOUNT}}]}
        role = self.world.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        sts = alice.client("sts")
        for made in (
            sts.get_session_token(),
            sts.assume_role(RoleArn=role, RoleSessionName="visit", Policy=policy({"Action": "iam:*"}), Tags=[{"Key": "k", "Value": "v"}]),
        ):
            key = made["Credentials"]
            self.secrets.append(key["SecretAccessKey"])
            self.tokens.append(key["SessionToken"])
            signer = Signer(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
            for request in (form("GetCallerIdentity", "sts"), form("ListUsers", "sts")):
                self.world.answer(signer.header(request, "sts"))
            self.world.answer(forged(signer.header(form("GetCallerIdentity", "sts"), "sts")))
            self.world.answer(signer.query({"Action": "GetCallerIdentity"}, "sts"))
            self.world.answer(signer.header(form("GetCallerIdentity", "sts"), "sts", at=1.0))
        refusal(sts.get_session_token, SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/x", TokenCode="123456")

    def _refusals(self, alice: Any) -> None:
        signer = Signer.of(alice.key)
        self.world.answer(signer.header(json_call("AmazonSSM.GetParameter", b"{"), "ssm"))
        self.world.answer(forged(signer.header(json_call("AmazonSSM.GetParameter"), "ssm")))
        self.world.answer(Signer(signer.key_id, signer.secret + "x").header(form("ListUsers")))
        self.world.answer(signer.header(form("NoSuchAction")))
        self.world.answer(form("ListUsers"))


@pytest.fixture(scope="module")
def logged() -> Iterator[list[str]]:
    """Every log record of the module, at every level, with its traceback."""
    texts: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(record.getMessage() + (logging.Formatter().formatException(record.exc_info) if record.exc_info else ""))

    handler, root = Collect(), logging.getLogger("akia")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield texts
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def day(logged: list[str]) -> Iterator[Day]:
    world = Recording(ACCOUNT)
    day = Day(world)
    day.live()
    yield day
    world.close()


def spellings(secret: str) -> list[bytes]:
    """How a secret might have been written down."""
    spelt = [secret.encode(), secret.encode().hex().encode(), quote(secret, safe="").encode(), base64.b64encode(secret.encode())]
    if len(secret) == 40:
        raw = base64.b64decode(secret)
        spelt += [raw, raw.hex().encode(), ("AWS4" + secret).encode()]
    return [*spelt, secret.replace("/", "\\/").encode(), secret.encode("utf-16-le"), secret[::-1].encode()]


def holds(data: bytes, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if any(spelling in data for spelling in spellings(secret))]


@pytest.mark.covers("A2", "A4", "I2.store.sealing")
def test_nt_67_no_file_holds_a_secret(day: Day) -> None:
    files = [path for path in day.world.directory.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"akia.db", "akia.db-wal"}
    assert any(path.suffix == ".journal" for path in files)
    for path in files:
        assert holds(path.read_bytes(), day.secrets + day.tokens + day.values) == [], path


@pytest.mark.covers("A2")
def test_nt_67_a_secret_is_answered_once_and_only_to_its_maker(day: Day) -> None:
    everything = b"\0".join(day.world.answers)
    for secret in day.secrets[2:]:
        assert everything.count(secret.encode()) == 1
    assert holds(everything, day.secrets[:2] + day.values) == []


def test_nt_67_no_log_holds_a_secret(day: Day, logged: list[str]) -> None:
    assert holds("\n".join(logged).encode(), day.secrets + day.tokens + day.values) == []


@pytest.mark.covers("I2.services.lookup_events")
def test_nt_67_no_event_holds_a_secret(day: Day) -> None:
    day.world.akia.authority.drain()
    rows = day.world.akia.store.events.lookup(ACCOUNT, limit=10_000)
    assert len(rows) > 30
    assert holds(repr(rows).encode(), day.secrets + day.tokens + day.values) == []
    assert any("sessionTokenSha256" in row.record or '"sessionToken"' in row.record for row in rows)


def test_nt_67_a_crash_tells_where_but_not_with_what(day: Day, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    secret = day.secrets[0]

    def crash(*_: object) -> None:
        raise RuntimeError(f"with {secret} and {PASSWORD}")

    monkeypatch.setattr("akia.store.iam.users.Users.page", crash)
    before = len(logged)
    answer = day.world.answer(Signer.of(day.world.root).header(form("ListUsers")))
    assert (answer.status, secret.encode() in answer.body, PASSWORD.encode() in answer.body) == (500, False, False)
    text = "\n".join(logged[before:])
    assert "RuntimeError" in text and "crash" in text
    assert holds(text.encode(), [secret, PASSWORD]) == []


def test_nt_67_no_representation_or_traceback_shows_a_secret(day: Day) -> None:
    world = day.world
    credential = world.akia.authority.key(world.root.access_key_id)
    assert credential is not None
    objects: list[Any] = [
        world.root,
        credential,
        credential.secret,
        credential.standing,
        world.akia,
        world.akia.store,
        world.akia.store.keyring,
    ]
    objects += [world.akia.authority.tokens, world.akia.authority.tokens.open(*_session(day))]
    try:
        raise ValueError(*objects)
    except ValueError as error:
        text = "".join(traceback.format_exception(error)) + str(error)
    assert holds((text + repr(objects)).encode(), day.secrets + day.tokens) == []


def _session(day: Day) -> tuple[str, bytes]:
    """A session's key id and token."""
    made = day.world.client("sts").get_session_token()["Credentials"]
    day.tokens.append(made["SessionToken"])
    day.secrets.append(made["SecretAccessKey"])
    return made["AccessKeyId"], made["SessionToken"].encode()

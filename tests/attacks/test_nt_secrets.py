"""NT-67: after a long day of calls, good, refused and crashed ones, no secret is found anywhere but where it was handed out, once."""

from __future__ import annotations

import base64
import json
import logging
import re
import time
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from pyotp import HOTP
from tests import openid, saml
from tests.attacks.signer import Signer, forged, form, json_call
from tests.conftest import World, policy, refusal
from tests.delegation import TEMPLATE, Partner
from tests.services.iam.minted import mint

from akia.jobs.signing_key import add_key
from akia.testing.in_process import ACCOUNT
from akia.trail.signing import new_key_pair

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
        self.codes: list[str] = []
        self.signatures: list[str] = []

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
        self._codes(iam, alice)
        self._borrowed(alice)
        self._web_identity(iam, alice)
        self._saml(iam)
        self._delegation(alice)
        refusal(world.client("secretsmanager").create_secret, Name="s", SecretString=SECRET_VALUE)
        refusal(world.client("ssm").put_parameter, Name="p", Value=SECRET_VALUE, Type="SecureString")
        world.client("cloudtrail").lookup_events()
        self._presigned(alice)
        batch = world.akia.writer.open()
        add_key(batch, new_key_pair(), int(time.time()))
        batch.commit()

    def _presigned(self, alice: Any) -> None:
        """A URL is a key for as long as it is valid. Its signature stands in the query, which logs like to tell."""
        signed = Signer.of(alice.key).query({"Action": "GetCallerIdentity"}, "sts")
        wrong = signed._replace(query=signed.query[:-4] + b"0000")
        for request in (signed, wrong):
            self.signatures.append(re.findall(rb"X-Amz-Signature=([0-9a-f]{64})", request.query)[0].decode())
            self.world.answer(request)

    def own_keys(self) -> list[bytes]:
        """The material of akia's own keys: those that seal, and those that sign tokens and digests."""
        store = self.world.akia.store
        sealing = [key._bytes for key in store.keyring._by_id.values()]
        signing = [store.outbound_keys.private(key) for key in store.outbound_keys.all()]
        signing += [store.trail_keys.private(key) for key in store.trail_keys.all()]
        assert len(sealing) >= 2 and len(signing) >= 2
        return sealing + signing

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

    def _keep(self, made: Any) -> Signer:
        """The credentials in an answer of STS are secrets; who has them."""
        key = made["Credentials"]
        self.secrets.append(key["SecretAccessKey"])
        self.tokens.append(key["SessionToken"])
        return Signer(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])

    def _use(self, signer: Signer) -> None:
        """A good call, a forged one, one too late."""
        call = form("GetCallerIdentity", "sts")
        for request in (signer.header(call, "sts"), forged(signer.header(call, "sts")), signer.header(call, "sts", at=1.0)):
            self.world.answer(request)

    def _codes(self, iam: Any, alice: Any) -> None:
        """A device in use, and codes that are right, wrong, and used up."""
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName="tablet")["VirtualMFADevice"]
        seed, serial, now = made["Base32StringSeed"].decode(), made["SerialNumber"], int(time.time()) // 30
        self.tokens.append(seed)
        self.secrets.append(base64.b64encode(seed.encode()).decode())
        device = HOTP(seed)
        self.codes = [device.at(now - 1), device.at(now), device.at(now + 1), device.at(now + 100)]
        iam.enable_mfa_device(UserName="alice", SerialNumber=serial, AuthenticationCode1=self.codes[0], AuthenticationCode2=self.codes[1])
        sts = alice.client("sts")
        self._use(self._keep(sts.get_session_token(SerialNumber=serial, TokenCode=self.codes[2])))
        for code in self.codes[2:]:
            refusal(sts.get_session_token, SerialNumber=serial, TokenCode=code)
        pair = {"AuthenticationCode1": self.codes[1], "AuthenticationCode2": self.codes[3]}
        refusal(iam.resync_mfa_device, UserName="alice", SerialNumber=serial, **pair)

    def _borrowed(self, alice: Any) -> None:
        sts = alice.client("sts")
        self._use(self._keep(sts.get_federation_token(Name="guest", Policy=policy({"Action": "iam:*"}))))
        refusal(sts.get_federation_token, Name="guest", Policy="{")

    def _web_identity(self, iam: Any, alice: Any) -> None:
        """Tokens of a provider, good ones and others, and one that akia has made itself."""
        issuer = openid.Issuer()
        arn = openid.role(self.world, "deployer", openid.trusting(openid.known_to(self.world, issuer)))
        good, late, strange = issuer.token(), issuer.token(exp=1), issuer.token(aud="somebody-else")
        for token in (good, late, strange):
            self.values += [token, token.rpartition(".")[2]]
        self._use(self._keep(openid.take(self.world, arn, good)))
        for token in (late, strange, good[:-8] + "AAAAAAAA"):
            refusal(openid.taker(self.world), RoleArn=arn, RoleSessionName="build", WebIdentityToken=token)
        refusal(openid.taker(self.world), RoleArn=arn + "x", RoleSessionName="build", WebIdentityToken=good)
        iam.enable_outbound_web_identity_federation()
        made = alice.client("sts").get_web_identity_token(Audience=["https://api.example.com"], SigningAlgorithm="ES384")
        self.tokens.append(made["WebIdentityToken"])

    def _saml(self, iam: Any) -> None:
        """Assertions, and the key that decrypts some."""
        ours, theirs = saml.pair("canary-decryption"), saml.pair("canary-idp")
        self.values.append(ours.pem.splitlines()[1])
        provider = iam.create_saml_provider(
            Name="office", SAMLMetadataDocument=saml.metadata(theirs), AddPrivateKey=ours.pem, AssertionEncryptionMode="Allowed"
        )["SAMLProviderArn"]
        trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"}
        document = json.dumps({"Version": "2012-10-17", "Statement": trust})
        arn = iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        idp = saml.Idp(theirs, (f"{arn},{provider}",))
        good, late = idp.response(), idp.response(until=-600, confirmed_until=-600)
        hidden = saml.encoded(idp.wrapped(saml.encrypted(idp.signed(idp.assertion()), ours)))
        take = self.world.client("sts", config=Config(signature_version=UNSIGNED)).assume_role_with_saml
        for response in (good, late, hidden):
            self.values += [response, *(response[at : at + 60] for at in (len(response) // 2, len(response) * 3 // 4))]
        for response in (good, hidden):
            self._use(self._keep(take(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)))
        for response in (good, late, hidden[:-400]):
            refusal(take, RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)

    def _delegation(self, alice: Any) -> None:
        """A delegation's token, which is told to the partner and traded in once."""
        partner = Partner(self.world)
        request_id = partner.request(partner.template(TEMPLATE))
        approver = alice.client("iam")
        for step in (approver.associate_delegation_request, approver.accept_delegation_request, approver.send_delegation_token):
            step(DelegationRequestId=request_id)
        token = partner.told(request_id)["TradeInToken"]
        self.tokens.append(token)
        self._use(self._keep(partner.trade(token)))
        for wrong in (token, token[:-4] + "AAAA"):
            refusal(partner.client("sts").get_delegated_access_token, TradeInToken=wrong)
        self.values.append(partner.root.secret_access_key)

    def _sessions(self, alice: Any) -> None:
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": ACCOUNT}}]}
        role = self.world.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        sts = alice.client("sts")
        for made in (
            sts.get_session_token(),
            sts.assume_role(RoleArn=role, RoleSessionName="visit", Policy=policy({"Action": "iam:*"}), Tags=[{"Key": "k", "Value": "v"}]),
        ):
            signer = self._keep(made)
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


@pytest.mark.covers("I5.secrets")
def test_nt_67_no_event_and_no_log_holds_a_one_time_code(day: Day, logged: list[str]) -> None:
    """In no file either, but for numbers that happen to hold the same six digits: a code stands by itself."""
    day.world.akia.authority.drain()
    rows = day.world.akia.store.events.lookup(ACCOUNT, limit=10_000)
    assert len(day.codes) == 4
    told = repr(rows) + "\n".join(logged) + "".join(repr(path.read_bytes()) for path in day.world.directory.rglob("*.journal"))
    for code in day.codes:
        assert re.search(rf"(?<![0-9A-Za-z.]){code}(?![0-9A-Za-z])", told) is None


@pytest.mark.covers("I5.secrets")
def test_nt_67_the_day_has_brought_every_kind_of_secret(day: Day) -> None:
    """Else the others prove nothing: each way to come by a secret was gone, and each refused."""
    day.world.akia.authority.drain()
    rows = day.world.akia.store.events.lookup(ACCOUNT, limit=10_000)
    done, refused = ({row.name for row in rows if bool(row.error_code) is failed} for failed in (False, True))
    ways = {"CreateAccessKey", "CreateLoginProfile", "ChangePassword", "UploadServerCertificate", "GetSessionToken", "GetFederationToken"}
    ways |= {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
    assert ways | {"AssumeRole", "CreateVirtualMFADevice", "EnableMFADevice", "CreateServiceSpecificCredential"} <= done
    assert {"ResetServiceSpecificCredential", "CreateSAMLProvider", "GetWebIdentityToken", "SendDelegationToken"} <= done
    assert ways | {"ResyncMFADevice", "UpdateLoginProfile", "PutParameter"} <= refused


@pytest.mark.covers("I5.secrets")
def test_nt_67_no_key_of_akias_own_is_in_a_file_an_event_an_answer_or_a_log(day: Day, logged: list[str]) -> None:
    """Data keys, and the private halves of what signs tokens and digests: sealed, they are in the database, and nowhere otherwise."""
    day.world.akia.authority.drain()
    places = {path.name: path.read_bytes() for path in day.world.directory.rglob("*") if path.is_file()}
    places["events"] = repr(day.world.akia.store.events.lookup(ACCOUNT, limit=10_000)).encode()
    places["answers"], places["log"] = b"\0".join(day.world.answers), "\n".join(logged).encode()
    places["repr"] = repr([day.world.akia, day.world.akia.store.keyring, *day.world.akia.store.trail_keys.all()]).encode()
    for key in day.own_keys():
        middle = key[40:64] if 150 < len(key) < 250 else key[len(key) // 2 - 12 : len(key) // 2 + 12]  # no public half of either kind
        spelt = [middle, middle.hex().encode(), *(base64.b64encode(middle[skip:])[:24] for skip in range(3))]
        spelt += [base64.b64encode(key), base64.urlsafe_b64encode(key), key.hex().encode()]
        assert [name for name, data in places.items() if any(spelling in data for spelling in spelt)] == []


@pytest.mark.covers("I5.secrets")
def test_nt_67_the_signature_of_a_presigned_url_is_in_no_event_and_no_log(day: Day, logged: list[str]) -> None:
    day.world.akia.authority.drain()
    rows = day.world.akia.store.events.lookup(ACCOUNT, limit=10_000)
    assert len(day.signatures) == 2
    assert holds((repr(rows) + "\n".join(logged)).encode() + b"".join(day.world.answers), day.signatures) == []


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

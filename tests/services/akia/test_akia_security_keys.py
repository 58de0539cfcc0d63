"""Security keys: registered with a software authenticator, listed and deactivated by IAM, verified at sign-in."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from tests.signin import Clock

from akia.authority.security_keys import NotVerified, RelyingParty, SecurityKeys
from akia.testing.in_process import ENDPOINT

if TYPE_CHECKING:
    from tests.conftest import World

ORIGIN, SITE = ENDPOINT, "akia.invalid"


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """A security key made of software, and the browser that it is plugged into, which stands at `origin`."""

    origin: str = ORIGIN
    site: str = SITE
    count: int = 0
    credential: bytes = b"credential-of-this-key"
    fmt: str = "none"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def created(self, options: str) -> str:
        """What `navigator.credentials.create` answers."""
        client = self._client("webauthn.create", options)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        authenticator = self._data(0x41) + held
        statement = {}
        if self.fmt == "packed":
            statement = {"alg": -7, "sig": self._sign(authenticator, client)}
        attestation = cbor2.dumps({"fmt": self.fmt, "attStmt": statement, "authData": authenticator})
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(attestation)})

    def got(self, options: str) -> str:
        """What `navigator.credentials.get` answers."""
        self.count += 1
        client, authenticator = self._client("webauthn.get", options), self._data(0x01)
        signature = self._sign(authenticator, client)
        return self._answer({"clientDataJSON": text(client), "authenticatorData": text(authenticator), "signature": text(signature)})

    def _client(self, kind: str, options: str) -> bytes:
        return json.dumps({"type": kind, "challenge": json.loads(options)["challenge"], "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _sign(self, authenticator: bytes, client: bytes) -> bytes:
        return self.key.sign(authenticator + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))

    def _answer(self, response: dict[str, str]) -> str:
        called = text(self.credential)
        return json.dumps({"id": called, "rawId": called, "type": "public-key", "response": response, "clientExtensionResults": {}})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock.of(monkeypatch)


@pytest.fixture
def alice(akia: World) -> Any:
    """A user who may do anything."""
    return akia.person("alice", {"Action": "*"})


def register(client: Any, authenticator: Authenticator, name: str = "yubi", **whose: str) -> str:
    begun = client.begin_security_key_registration(Name=name, **whose)
    made = client.complete_security_key_registration(
        RegistrationId=begun["RegistrationId"], Credential=authenticator.created(begun["Options"]), **whose
    )
    return str(made["SerialNumber"])


@pytest.mark.parametrize("fmt", ["none", "packed"])
def test_a_registered_key_is_an_mfa_device_of_its_user(akia: World, alice: Any, fmt: str) -> None:
    serial = register(alice.client("akia"), Authenticator(fmt=fmt))
    assert serial.startswith(f"arn:aws:iam::{akia.account}:u2f/user/alice/yubi-")
    iam = alice.client("iam")
    (listed,) = iam.list_mfa_devices()["MFADevices"]
    assert (listed["SerialNumber"], listed["UserName"]) == (serial, "alice")
    shown = iam.get_mfa_device(SerialNumber=serial, UserName="alice")
    assert (shown["UserName"], shown["Certifications"], shown["EnableDate"]) == ("alice", {}, listed["EnableDate"])
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_the_options_are_what_a_browser_wants(akia: World, alice: Any) -> None:
    client, key = alice.client("akia"), Authenticator()
    options = json.loads(client.begin_security_key_registration(Name="yubi")["Options"])
    assert (options["rp"], options["attestation"], options["excludeCredentials"]) == ({"id": SITE, "name": "akia"}, "none", [])
    assert options["user"]["name"] == f"alice@{akia.account}" and len(data(options["challenge"])) == 32
    assert -7 in [each["alg"] for each in options["pubKeyCredParams"]]
    register(client, key)
    again = json.loads(client.begin_security_key_registration(Name="two")["Options"])
    assert again["excludeCredentials"] == [{"type": "public-key", "id": text(key.credential)}]
    assert again["challenge"] != options["challenge"]


@pytest.mark.parametrize(
    "wrong", [{"origin": "http://akia.inval1d"}, {"site": "akia.inval1d"}, {"origin": "https://akia.invalid"}, {"fmt": "tpm"}]
)
def test_a_key_that_signed_for_another_site_is_refused(akia: World, alice: Any, refused: Any, wrong: dict[str, Any]) -> None:
    client = alice.client("akia")
    code, status, _ = refused(register, client=client, authenticator=Authenticator(**wrong))
    assert (code, status) == ("InvalidSecurityKeyException", 400)
    assert alice.client("iam").list_mfa_devices()["MFADevices"] == []


@pytest.mark.parametrize("rubbish", ["{}", "[]", "nonsense", '{"id": 1}', "null", '{"id":"","rawId":"","response":{},"type":"public-key"}'])
def test_rubbish_is_no_key(alice: Any, refused: Any, rubbish: str) -> None:
    client = alice.client("akia")
    begun = client.begin_security_key_registration(Name="yubi")["RegistrationId"]
    call = client.complete_security_key_registration
    assert refused(call, RegistrationId=begun, Credential=rubbish)[0] == "InvalidSecurityKeyException"


def test_a_packed_attestation_must_be_signed_by_the_key(alice: Any, refused: Any) -> None:
    class Forged(Authenticator):
        def _sign(self, authenticator: bytes, client: bytes) -> bytes:
            return ec.generate_private_key(ec.SECP256R1()).sign(b"something else", ec.ECDSA(SHA256()))

    assert refused(register, client=alice.client("akia"), authenticator=Forged(fmt="packed"))[0] == "InvalidSecurityKeyException"


def test_a_registration_serves_once_for_its_user_and_for_five_minutes(akia: World, alice: Any, refused: Any, clock: Clock) -> None:
    client, key = alice.client("akia"), Authenticator()
    begun = client.begin_security_key_registration(Name="yubi")
    answer = {"RegistrationId": begun["RegistrationId"], "Credential": key.created(begun["Options"])}
    bob = akia.person("bob", {"Action": "*"}).client("akia")
    assert refused(bob.complete_security_key_registration, **answer)[0] == "ResourceNotFoundException"
    assert refused(bob.complete_security_key_registration, **{**answer, "UserName": "bob"})[0] == "ResourceNotFoundException"
    clock.move(301)
    assert refused(client.complete_security_key_registration, **answer)[0] == "ResourceNotFoundException"
    begun = client.begin_security_key_registration(Name="yubi")
    answer = {"RegistrationId": begun["RegistrationId"], "Credential": key.created(begun["Options"])}
    client.complete_security_key_registration(**answer)
    assert refused(client.complete_security_key_registration, **answer)[0] == "ResourceNotFoundException"


def test_beginning_anew_forgets_the_challenge_before(alice: Any, refused: Any) -> None:
    client = alice.client("akia")
    first, second = (client.begin_security_key_registration(Name="yubi") for _ in range(2))
    complete = client.complete_security_key_registration
    answer = Authenticator().created(first["Options"])
    assert refused(complete, RegistrationId=first["RegistrationId"], Credential=answer)[0] == "ResourceNotFoundException"
    assert refused(complete, RegistrationId=second["RegistrationId"], Credential=answer)[0] == "InvalidSecurityKeyException"


def test_one_key_serves_one_user(akia: World, alice: Any, refused: Any) -> None:
    key = Authenticator()
    register(alice.client("akia"), key)
    bob = akia.person("bob", {"Action": "*"})
    assert refused(register, client=bob.client("akia"), authenticator=key)[0] == "ConflictException"
    assert bob.client("iam").list_mfa_devices()["MFADevices"] == []


def test_an_administrator_registers_for_a_user_and_root_for_itself(akia: World, alice: Any, refused: Any) -> None:
    root = akia.client("akia")
    assert ":u2f/user/alice/" in register(root, Authenticator(), UserName="alice")
    serial = register(root, Authenticator(credential=b"another"))
    assert serial.startswith(f"arn:aws:iam::{akia.account}:u2f/root-account/yubi-")
    assert [each["SerialNumber"] for each in akia.client("iam").list_mfa_devices()["MFADevices"]] == [serial]
    assert refused(root.begin_security_key_registration, Name="yubi", UserName="nobody")[0] == "ResourceNotFoundException"


def test_who_lacks_the_action_is_denied(akia: World, alice: Any, refused: Any) -> None:
    own = f"arn:aws:iam::{akia.account}:user/eve"
    eve = akia.person("eve", {"Action": "akia:*SecurityKey*", "Resource": own})
    register(eve.client("akia"), Authenticator())
    begin = eve.client("akia").begin_security_key_registration
    assert refused(begin, Name="yubi", UserName="alice")[0] == "AccessDeniedException"
    nobody = akia.person("nobody", {"Action": "iam:*"})
    assert refused(nobody.client("akia").begin_security_key_registration, Name="yubi")[0] == "AccessDeniedException"


def test_p5_4_9_keys_count_as_devices(akia: World, alice: Any, refused: Any) -> None:
    authority = akia.akia.authority
    authority.quotas = replace(authority.quotas, mfa_devices_per_user=1)
    client = alice.client("akia")
    register(client, Authenticator())
    assert refused(client.begin_security_key_registration, Name="two")[0] == "ServiceQuotaExceededException"


def test_a_deactivated_key_is_forgotten_and_a_user_with_one_is_not_deleted(akia: World, refused: Any) -> None:
    iam, key = akia.client("iam"), Authenticator()
    iam.create_user(UserName="bob")
    serial = register(akia.client("akia"), key, UserName="bob")
    assert refused(iam.delete_user, UserName="bob")[0] == "DeleteConflict"
    codes = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000000"}
    assert refused(iam.resync_mfa_device, UserName="bob", SerialNumber=serial, **codes)[0] == "NoSuchEntity"
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=serial)[0] == "NoSuchEntity"
    iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial)
    assert akia.akia.store.security_keys.with_credential(key.credential) is None
    register(akia.client("akia"), key, UserName="bob")


def test_an_address_without_a_name_has_no_keys(akia: World, alice: Any, refused: Any) -> None:
    akia.akia.authority.security_keys = SecurityKeys(RelyingParty.at("https://192.0.2.7"))
    assert refused(alice.client("akia").begin_security_key_registration, Name="yubi")[0] == "ConflictException"


@pytest.mark.parametrize(
    ("endpoint", "site", "origin"),
    [
        ("https://akia.example.com", "akia.example.com", "https://akia.example.com"),
        ("https://akia.example.com:8443", "akia.example.com", "https://akia.example.com:8443"),
        ("https://akia.example.com:443", "akia.example.com", "https://akia.example.com"),
        ("http://localhost:80", "localhost", "http://localhost"),
        ("http://127.0.0.1:2542", "localhost", "http://localhost:2542"),
        ("http://[::1]:2542", "localhost", "http://localhost:2542"),
        ("https://192.0.2.7", "", "https://"),
    ],
)
def test_the_site_follows_from_the_endpoint(endpoint: str, site: str, origin: str) -> None:
    assert RelyingParty.at(endpoint) == RelyingParty(site, origin)


def test_no_challenge_is_in_an_event(akia: World, alice: Any) -> None:
    client, key = alice.client("akia"), Authenticator()
    begun = client.begin_security_key_registration(Name="yubi")
    client.complete_security_key_registration(RegistrationId=begun["RegistrationId"], Credential=key.created(begun["Options"]))
    akia.akia.authority.drain()
    records = [row[0] for row in akia.akia.store.connection.execute("SELECT record FROM events WHERE source LIKE 'akia%'")]
    assert len(records) == 2 and any("u2f/user/alice" in record for record in records)
    assert not any(json.loads(begun["Options"])["challenge"] in record for record in records)


# Sign-in: the page that asks for it is yet to come


@dataclass
class Door:
    """Where alice signs in with her key."""

    world: World
    key: Authenticator
    owner: str
    serial: str
    now: int = 1_800_000_000

    def begin(self) -> str:
        store = self.world.akia.store
        return self.world.akia.authority.security_keys.begin_sign_in(store, self.owner, self.world.account, self.now)

    def enter(self, credential: str, owner: str | None = None) -> str:
        store = self.world.akia.store
        return self.world.akia.authority.security_keys.signed_in(store, owner or self.owner, credential, self.now).serial


@pytest.fixture
def door(akia: World, alice: Any) -> Door:
    key = Authenticator()
    serial = register(alice.client("akia"), key)
    user = akia.akia.store.users.named(akia.account, "alice")
    assert user is not None
    return Door(akia, key, user.id, serial)


def test_a_key_signs_in(door: Door) -> None:
    options = door.begin()
    assert json.loads(options)["allowCredentials"] == [{"type": "public-key", "id": text(door.key.credential)}]
    assert door.enter(door.key.got(options)) == door.serial
    stored = door.world.akia.store.security_keys.with_credential(door.key.credential)
    assert stored is not None and stored.sign_count == 1
    assert door.enter(door.key.got(door.begin())) == door.serial


def test_an_answer_counts_once_and_only_while_its_challenge_is_fresh(door: Door) -> None:
    answer = door.key.got(door.begin())
    door.enter(answer)
    for again in (answer, door.key.got(json.dumps({"challenge": "AAAA"}))):
        with pytest.raises(NotVerified):
            door.enter(again)
    answer = door.key.got(door.begin())
    door.now += 300
    with pytest.raises(NotVerified):
        door.enter(answer)


def test_a_copy_of_a_key_is_noticed_by_its_count(door: Door) -> None:
    copy = replace(door.key, count=0)
    for _ in range(2):
        door.enter(door.key.got(door.begin()))
    with pytest.raises(NotVerified):
        door.enter(copy.got(door.begin()))


def test_other_keys_other_sites_and_other_users_do_not_get_in(door: Door, akia: World) -> None:
    other = replace(door.key, key=ec.generate_private_key(ec.SECP256R1()))
    for key in (other, replace(door.key, origin="http://localh0st"), replace(door.key, site="x"), replace(door.key, credential=b"x")):
        options = door.begin()
        with pytest.raises(NotVerified):
            door.enter(key.got(options))
    bob = akia.person("bob")
    user = akia.akia.store.users.named(akia.account, bob.name)
    assert user is not None
    options = akia.akia.authority.security_keys.begin_sign_in(akia.akia.store, user.id, akia.account, door.now)
    with pytest.raises(NotVerified):
        door.enter(door.key.got(options), owner=user.id)
    with pytest.raises(NotVerified):
        door.enter("rubbish")

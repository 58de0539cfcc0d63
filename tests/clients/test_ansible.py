"""Ansible's collections amazon.aws and community.aws: every module for IAM and STS, against akia as a user starts it.

The playbooks lie in `ansible/`. Those in `present` and `absent` are run twice each, and their second run must change nothing.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from tests.clients.programs import absent
from tests.served import Served, environment

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ANSIBLE = ROOT / ".venv-ansible" / "bin" / "ansible-playbook"
PLAYBOOKS = Path(__file__).parent / "ansible"

pytestmark = pytest.mark.covers("I4.clients.ansible")

LIVES = [
    "users",
    "inline_policies",
    "instance_profiles",
    "groups",
    "roles",
    "access_keys",
    "passwords",
    "server_certificates",
    "saml_providers",
    "managed_policies",
    "password_policy",
]
"""The playbooks that lie in `present` and in `absent`, the longest first."""

ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
GETS = ALL.replace('"Action": "*"', '"Action": "iam:Get*"')


@dataclass(frozen=True)
class Outcome:
    """What a run of a playbook has done: the tasks that changed something, and the messages of those that failed."""

    changed: list[str]
    failed: dict[str, str]


@dataclass(frozen=True)
class Life:
    """What four runs have changed: something is made, and made once more, removed, and removed once more."""

    made: list[str]
    made_again: list[str]
    removed: list[str]
    removed_again: list[str]


@dataclass(frozen=True)
class Ansible:
    """`ansible-playbook` as the administrator of one akia."""

    served: Served
    variables: dict[str, str]

    def run(self, playbook: str, *, key: KeyPair | None = None, **variables: str) -> Outcome:
        """Run `playbook`. Raises AssertionError with all that it said if Ansible broke down."""
        command = [str(ANSIBLE), str(PLAYBOOKS / f"{playbook}.yml"), "--extra-vars", json.dumps(self.variables | variables)]
        done = subprocess.run(command, env=self._environment(key or self.served.administrator), capture_output=True, text=True, check=False)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{playbook} broke down:\n{done.stdout}\n{done.stderr}") from None
        return outcome(told)

    def succeed(self, playbook: str, **variables: str) -> list[str]:
        """Run `playbook`, in which nothing may fail, and tell which tasks changed something."""
        done = self.run(playbook, key=None, **variables)
        assert done.failed == {}
        return done.changed

    def live(self, name: str) -> Life:
        """Run `present/name` and `absent/name` twice each."""
        return Life(*(self.succeed(f"{state}/{name}") for state in ("present", "present", "absent", "absent")))

    def _environment(self, key: KeyPair) -> dict[str, str]:
        return environment(self.served.home) | {
            "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.served.home / "ansible"),
            "AWS_ENDPOINT_URL": self.served.endpoint,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
            "PATH": f"{ANSIBLE.parent}:/usr/bin:/bin",
        }


def outcome(told: dict[str, Any]) -> Outcome:
    """Read what Ansible's JSON callback tells. A failure that the playbook ignores does not count as one."""
    results = [(task["task"]["name"], result) for play in told["plays"] for task in play["tasks"] for result in task["hosts"].values()]
    changed = [name for name, result in results if result.get("changed")]
    failed = {name: json.dumps(result) for name, result in results if result.get("failed")}
    assert told["stats"]["localhost"]["changed"] == len(changed)
    return Outcome(changed, failed if told["stats"]["localhost"]["failures"] else {})


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not ANSIBLE.exists():
        absent("Ansible is not there: `make clients` or `make test` installs it")


@pytest.fixture(scope="module")
def ansible(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    folder = tmp_path_factory.mktemp("documents")
    key, certificate = self_signed("shop.example.com")
    texts = {"certificate": certificate, "certificate_key": key, "saml_metadata": saml_metadata(certificate)}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return Ansible(served, {name: str(folder / name) for name in texts})


def self_signed(name: str, seconds: int = 365 * 86_400) -> tuple[str, str]:
    """A private key and a certificate that it signed for itself, both in PEM, good for so many seconds."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(seconds=seconds))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return (
        key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain).decode(),
        certificate.public_bytes(pem).decode(),
    )


def saml_metadata(certificate: str) -> str:
    """The metadata of an identity provider whose signatures `certificate` proves."""
    body = "".join(certificate.splitlines()[1:-1])
    padding = f"<!-- {'-'.join('x' * 500)} -->"  # metadata have 1000 characters at least
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        ' entityID="https://idp.example.com/saml">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
        f"<ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>'
        f"</md:IDPSSODescriptor>{padding}</md:EntityDescriptor>"
    )


@pytest.fixture(scope="module")
def lives(ansible: Ansible, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Life]]]:
    """The lives that tests ask for, two at a time: Ansible takes a second for each task, nearly all of it for itself."""
    asked = [
        str(item.callspec.params["name"]) for item in request.session.items if isinstance(item, pytest.Function) and about_a_life(item)
    ]
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(ansible.live, name) for name in asked}
        pool.shutdown(cancel_futures=True)


def about_a_life(test: pytest.Function) -> bool:
    return "lives" in test.fixturenames and test.module.__name__ == __name__


@pytest.mark.parametrize("name", LIVES)
def test_what_is_described_is_made_and_removed_and_every_second_run_changes_nothing(lives: dict[str, Future[Life]], name: str) -> None:
    life = lives[name].result()
    assert life.made
    assert life.made_again == []
    assert life.removed
    assert life.removed_again == []


def test_access_keys_are_rotated(ansible: Ansible) -> None:
    assert "A third key in the oldest one's place" in ansible.succeed("rotation")


def test_a_policy_of_seven_documents_keeps_five_versions(ansible: Ansible) -> None:
    assert ansible.succeed("versions")


def test_a_role_is_assumed_with_its_external_id_and_sessions_have_their_identities(ansible: Ansible) -> None:
    assert ansible.succeed("sessions")


def test_mfa_devices_are_read_and_a_session_is_opened_with_one(ansible: Ansible, served: Served) -> None:
    iam = served.client("iam")
    iam.create_user(UserName="mfa-owner")
    iam.put_user_policy(UserName="mfa-owner", PolicyName="all", PolicyDocument=ALL)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="mfa-owner")["VirtualMFADevice"]
    totp = pyotp.TOTP(device["Base32StringSeed"].decode())
    now = int(time.time())
    iam.enable_mfa_device(
        UserName="mfa-owner",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=totp.at(now - 30),
        AuthenticationCode2=totp.at(now),
    )
    key = iam.create_access_key(UserName="mfa-owner")["AccessKey"]
    ansible.succeed(
        "mfa_devices",
        owner="mfa-owner",
        serial=device["SerialNumber"],
        code=totp.at(now + 30),
        access_key=key["AccessKeyId"],
        secret_key=key["SecretAccessKey"],
    )


def test_a_server_certificate_is_renamed_once(ansible: Ansible) -> None:
    assert ansible.succeed("renamed_certificate")


def test_whoever_may_not_is_told_why(ansible: Ansible, served: Served) -> None:
    iam = served.client("iam")
    arn = iam.create_user(UserName="nobody")["User"]["Arn"]
    iam.put_user_policy(UserName="nobody", PolicyName="read", PolicyDocument=GETS)
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    done = ansible.run("present/managed_policies", key=KeyPair(key["AccessKeyId"], key["SecretAccessKey"]))
    assert done.changed == []
    assert f"User: {arn} is not authorized to perform: iam:" in done.failed["A policy"]

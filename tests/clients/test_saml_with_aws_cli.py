"""A real SAML identity provider (pysaml2 with xmlsec1) and unmodified clients: log in, take a role, call.

The browser's part is played here: the request for a login goes to the provider, its form is filled in, and what the provider would have
the browser post is handed to AssumeRoleWithSAML.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import zlib
from base64 import b64encode
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from tests.clients.test_aws_cli import AWS, Cli
from tests.saml import AWS as ATTRIBUTES
from tests.saml import SAMLP, at, pair
from tests.served import Served, serve

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = Path(__file__).parents[2] / ".venv-saml" / "bin" / "python"
CONSUMER = "https://signin.aws.amazon.com/saml"
SERVICE_PROVIDER = "urn:amazon:webservices"

pytestmark = [
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
    pytest.mark.skipif(not PYTHON.exists(), reason="pysaml2 is not there: `make clients` or `make test` installs it"),
    pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not there: apt-get install xmlsec1"),
]


@dataclass
class Provider:
    """The running identity provider."""

    address: str

    def metadata(self) -> str:
        with urllib.request.urlopen(f"{self.address}/metadata", timeout=30) as answer:
            return str(answer.read().decode())

    def log_in(self, user: str, password: str, how: str = "assertion") -> str:
        """The response that the provider would have a browser post, by the whole round trip of SAML's web profile."""
        page = f"{self.address}/sso/{how}?{urlencode({'SAMLRequest': self._request(), 'RelayState': 'x'})}"
        with urllib.request.urlopen(page, timeout=30) as answer:
            form = answer.read().decode()
        fields = {"user": user, "password": password, "SAMLRequest": self._field(form, "SAMLRequest")}
        with urllib.request.urlopen(page, urlencode(fields).encode(), timeout=60) as answer:
            return self._field(answer.read().decode(), "SAMLResponse")

    def _request(self) -> str:
        """A request for a login, as a service provider makes it."""
        request = (
            f'<samlp:AuthnRequest xmlns:samlp="{SAMLP}" ID="_request" Version="2.0" IssueInstant="{at(0)[:19]}Z"'
            f' Destination="{self.address}/sso/assertion" AssertionConsumerServiceURL="{CONSUMER}">'
            f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{SERVICE_PROVIDER}</saml:Issuer></samlp:AuthnRequest>'
        )
        compressor = zlib.compressobj(wbits=-15)
        return b64encode(compressor.compress(request.encode()) + compressor.flush()).decode()

    def _field(self, form: str, name: str) -> str:
        found = re.search(rf'name="{name}"\s+value="([^"]*)"', form)
        assert found is not None, form
        return unescape(found[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("saml"))
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def aws(served: Served) -> Cli:
    return Cli(served)


@pytest.fixture(scope="module")
def account(aws: Cli) -> str:
    return str(aws("sts", "get-caller-identity")["Account"])


@pytest.fixture(scope="module")
def idp(tmp_path_factory: pytest.TempPathFactory, account: str) -> Iterator[Provider]:
    directory = tmp_path_factory.mktemp("idp")
    attributes = {
        f"{ATTRIBUTES}Role": [f"arn:aws:iam::{account}:role/ops,arn:aws:iam::{account}:saml-provider/corp"],
        f"{ATTRIBUTES}RoleSessionName": ["alice"],
        f"{ATTRIBUTES}SessionDuration": ["1800"],
        f"{ATTRIBUTES}PrincipalTag:Project": ["Blue"],
        f"{ATTRIBUTES}SourceIdentity": ["alice-at-corp"],
        "eduPersonAffiliation": ["staff", "member"],
    }
    config = {
        "service_provider": SERVICE_PROVIDER,
        "consumer": CONSUMER,
        "certificate": pair("sp").certificate_pem,
        "users": {"alice": {"password": "correct horse", "name_id": "alice-7f3a", "attributes": attributes}},
    }
    (directory / "config.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        [str(PYTHON), "-W", "ignore", str(Path(__file__).with_name("saml_idp.py")), str(directory)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, "the provider did not start"
    yield Provider(address)
    process.terminate()
    process.wait(30)
    process.stdout.close()


@pytest.fixture(scope="module")
def role(aws: Cli, idp: Provider, account: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A role that trusts the provider for its staff, made with the CLI."""
    directory = tmp_path_factory.mktemp("documents")
    (directory / "metadata.xml").write_text(idp.metadata())
    (directory / "key.pem").write_text(pair("sp").pem)
    provider = aws(
        *("iam", "create-saml-provider", "--name", "corp", "--saml-metadata-document", f"file://{directory / 'metadata.xml'}"),
        *("--assertion-encryption-mode", "Allowed", "--add-private-key", f"file://{directory / 'key.pem'}"),
    )["SAMLProviderArn"]
    assert provider == f"arn:aws:iam::{account}:saml-provider/corp"
    condition = {"StringEquals": {"saml:aud": CONSUMER}, "ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": condition,
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    arn = aws("iam", "create-role", "--role-name", "ops", "--assume-role-policy-document", trust)["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "iam:ListSAMLProviders", "Resource": "*"}
    may = json.dumps(
        {"Version": "2012-10-17", "Statement": allowed | {"Condition": {"StringEquals": {"aws:PrincipalTag/Project": "Blue"}}}}
    )
    aws("iam", "put-role-policy", "--role-name", "ops", "--policy-name", "may", "--policy-document", may)
    return str(arn)


def taken(aws: Cli, role: str, response: str, tmp_path: Path) -> Any:
    """What the CLI answers to AssumeRoleWithSAML."""
    (tmp_path / "response").write_text(response)
    provider = role.replace("role/ops", "saml-provider/corp")
    return aws(
        *("sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", provider),
        *("--saml-assertion", f"file://{tmp_path / 'response'}"),
    )


@pytest.mark.parametrize("how", ["assertion", "response", "both", "encrypted"])
def test_a_login_at_the_provider_leads_to_a_role_with_the_cli(aws: Cli, idp: Provider, role: str, how: str, tmp_path: Path) -> None:
    answer = taken(aws, role, idp.log_in("alice", "correct horse", how), tmp_path)
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/ops/alice")
    assert answer["Subject"] == "alice-7f3a"
    assert answer["SubjectType"] == "persistent"
    assert answer["Audience"] == CONSUMER
    assert answer["Issuer"] == f"{idp.address}/metadata"
    assert answer["SourceIdentity"] == "alice-at-corp"
    alice = aws.with_key(answer["Credentials"], answer["Credentials"]["SessionToken"])
    assert alice("sts", "get-caller-identity")["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert len(alice("iam", "list-saml-providers")["SAMLProviderList"]) == 1
    assert "AccessDenied" in alice.refusal("iam", "list-users")


def test_with_boto3_and_once_only(served: Served, idp: Provider, role: str) -> None:
    response = idp.log_in("alice", "correct horse")
    client = served.client("sts")
    arguments = {"RoleArn": role, "PrincipalArn": role.replace("role/ops", "saml-provider/corp"), "SAMLAssertion": response}
    key = client.assume_role_with_saml(**arguments)["Credentials"]
    session = served.client("sts", KeyPair(key["AccessKeyId"], key["SecretAccessKey"]), token=key["SessionToken"])
    assert session.get_caller_identity()["Arn"].endswith(":assumed-role/ops/alice")
    with pytest.raises(ClientError, match="already been used"):
        client.assume_role_with_saml(**arguments)


def test_what_the_provider_did_not_sign_is_refused(aws: Cli, idp: Provider, role: str, tmp_path: Path) -> None:
    with pytest.raises(urllib.error.HTTPError):
        idp.log_in("alice", "wrong")
    with pytest.raises(Exception, match="Response signature invalid"):
        taken(aws, role, idp.log_in("alice", "correct horse", "unsigned"), tmp_path)

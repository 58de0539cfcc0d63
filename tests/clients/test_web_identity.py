"""A real OpenID provider (npm `oidc-provider`), the unmodified AWS CLI and boto3, and an akia between them; and akia as the provider."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from tests.outbound.server import authority
from tests.served import ONE_TRY, PATIENCE_SECONDS, Served, environment, free_port, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
PROVIDER = Path(__file__).with_name("openid_provider")
OPEN = ("--outbound-allowed-network", "127.0.0.0/8")
JOB = "repo:acme/app:ref:refs/heads/main"

pytestmark = [
    pytest.mark.covers("I4.federation.real_provider"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node.js and npm are not there"),
]


@dataclass
class Provider:
    """The running provider. `https` trusts its private authority."""

    url: str
    https: httpx.Client

    @property
    def name(self) -> str:
        return self.url.removeprefix("https://")

    def job(self, resource: str = "urn:example:rs256") -> str:
        """The token of a job, as a CI system hands it out."""
        form = {"grant_type": "client_credentials", "resource": resource, "scope": "deploy"}
        answer = self.https.post(f"{self.url}/token", data=form, auth=("ci", "ci-secret"))
        return str(answer.json()["access_token"])

    def sign_in(self, person: str) -> str:
        """The ID token of somebody who signs in with a browser: the code flow, forms and cookies and all."""
        self.https.cookies.clear()
        query = {"client_id": "person", "response_type": "code", "scope": "openid email", "redirect_uri": "https://client.example.com/back"}
        page = self.https.get(f"{self.url}/auth", params=query, follow_redirects=True)
        for form in ({"prompt": "login", "login": person, "password": "any"}, {"prompt": "consent"}):
            action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
            assert action, page.text
            page = self._until_page(self.https.post(httpx.URL(self.url).join(action[1]), data=form))
        code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": query["redirect_uri"]}
        return str(self.https.post(f"{self.url}/token", data=form, auth=("person", "person-secret")).json()["id_token"])

    def _until_page(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and answer.next_request is not None and answer.next_request.url.host == "127.0.0.1":
            answer = self.https.send(answer.next_request)
        return answer


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    if not (PROVIDER / "node_modules" / "oidc-provider").is_dir():
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=PROVIDER, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the provider cannot be installed: {done.stderr[-200:]}")
    folder, port = tmp_path_factory.mktemp("provider"), free_port()
    made = authority(folder, "127.0.0.1")
    command = ["node", "server.mjs", str(port), str(made.chain), str(made.key)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROVIDER, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "serving" not in (folder / "log").read_text():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        with httpx.Client(verify=_trusting(folder / "ca.pem"), trust_env=False) as https:
            yield Provider(f"https://127.0.0.1:{port}", https)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _trusting(bundle: Path) -> Any:
    import ssl

    return ssl.create_default_context(cafile=str(bundle))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("akia"), "--workers", "2", *OPEN)
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def arn(served: Served, provider: Provider) -> str:
    """The provider, registered without thumbprints: akia has asked for its certificate."""
    iam = served.client("iam")
    made = iam.create_open_id_connect_provider(Url=provider.url, ClientIDList=["sts.amazonaws.com", "person"])["OpenIDConnectProviderArn"]
    assert len(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)["ThumbprintList"]) == 1
    return str(made)


def role(served: Served, name: str, provider: str, **condition: Any) -> str:
    """A role that trusts the provider's tokens that meet the condition, and may list users. Answers its ARN."""
    iam = served.client("iam")
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions, "Condition": condition}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    may = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": may}))
    return str(made["Role"]["Arn"])


def nobody(served: Served) -> Any:
    """STS, for who has no key at all."""
    from botocore import UNSIGNED
    from botocore.config import Config

    return boto3.client(
        "sts", region_name="us-east-1", endpoint_url=served.endpoint, config=ONE_TRY.merge(Config(signature_version=UNSIGNED))
    )


def take(served: Served, arn: str, token: str) -> Any:
    return nobody(served).assume_role_with_web_identity(RoleArn=arn, RoleSessionName="test", WebIdentityToken=token)


def test_the_aws_cli_takes_a_role_with_the_token_of_a_job(served: Served, provider: Provider, arn: str, tmp_path: Path) -> None:
    """Without a key anywhere: role and token file in the environment, as in CI systems and clusters (SI17.1, F4)."""
    deployer = role(served, "cli", arn, StringEquals={f"{provider.name}:sub": JOB, f"{provider.name}:aud": "sts.amazonaws.com"})
    (tmp_path / "token").write_text(provider.job())
    variables = {
        "AWS_ROLE_ARN": deployer,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_SESSION_NAME": "build-17",
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [str(AWS), "sts", "get-caller-identity", "--output", "json"]
    done = subprocess.run(command, env=environment(tmp_path) | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"].endswith(":assumed-role/cli/build-17")
    command = [
        str(AWS),
        "sts",
        "assume-role-with-web-identity",
        "--role-arn",
        deployer,
        "--role-session-name",
        "x1",
        "--web-identity-token",
    ]
    own = environment(tmp_path) | {name: variables[name] for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION")}
    done = subprocess.run([*command, provider.job()], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["SubjectFromWebIdentityToken"] == JOB


def test_boto3_finds_its_credentials_by_itself(
    served: Served, provider: Provider, arn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(provider.job())
    monkeypatch.setenv("AWS_ROLE_ARN", role(served, "boto3", arn))
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", served.endpoint)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    iam = boto3.Session(region_name="us-east-1").client("iam")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["administrator"]


def test_other_algorithms_tags_and_a_source_identity(served: Served, provider: Provider, arn: str) -> None:
    deployer = role(
        served, "other", arn, StringEquals={f"{provider.name}:repository": "acme/app"}, NumericEquals={f"{provider.name}:run_number": 17}
    )
    assert take(served, deployer, provider.job("urn:example:es256"))["Audience"] == "sts.amazonaws.com"
    tagged = role(served, "tagged", arn, StringEquals={"aws:RequestTag/repository": "acme/app"})
    assert take(served, tagged, provider.job("urn:example:tagged"))["SourceIdentity"] == "release-bot"
    with pytest.raises(ClientError, match="AccessDenied"):
        take(served, tagged, provider.job())


def test_somebody_who_signs_in_with_a_browser(served: Served, provider: Provider, arn: str) -> None:
    token = provider.sign_in("alice")
    desk = role(served, "desk", arn, StringEquals={f"{provider.name}:aud": "person", f"{provider.name}:email": "alice@example.com"})
    assert take(served, desk, token)["SubjectFromWebIdentityToken"] == "alice"
    with pytest.raises(ClientError, match="AccessDenied"):
        take(served, desk, provider.sign_in("mallory"))


def test_a_changed_token_of_the_real_provider_is_refused(served: Served, provider: Provider, arn: str) -> None:
    anybody = role(served, "anybody", arn)
    head, claims, signature = provider.job().split(".")
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        take(served, anybody, f"{head}.{claims}.{signature[::-1]}")
    assert take(served, anybody, f"{head}.{claims}.{signature}")


def test_many_at_once_wait_for_one_fetch(served: Served, provider: Provider, arn: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    crowd, token = role(served, "crowd", arn), provider.job()
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: take(served, crowd, token), range(64)))
    assert len({answer["Credentials"]["AccessKeyId"] for answer in answers}) == 64


def test_nt_23_without_the_setting_a_provider_on_loopback_is_not_asked(provider: Provider, tmp_path: Path) -> None:
    akia = serve(tmp_path / "closed")
    try:
        iam = akia.client("iam")
        with pytest.raises(ClientError, match="OpenIdIdpCommunicationError"):
            iam.create_open_id_connect_provider(Url=provider.url)
        given = {"Url": provider.url, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["ab" * 20]}
        closed = role(akia, "closed", iam.create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"])
        with pytest.raises(ClientError, match="IDPCommunicationError"):
            take(akia, closed, provider.job())
    finally:
        assert akia.stop() == 0
    assert "is not public and not in an allowed network" in (tmp_path / "closed" / "log").read_text()


def test_a_wrong_thumbprint_is_no_trust(provider: Provider, tmp_path: Path) -> None:
    akia = serve(tmp_path / "wrong", *OPEN)
    try:
        given = {"Url": provider.url, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["ab" * 20]}
        wrong = role(akia, "wrong", akia.client("iam").create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"])
        with pytest.raises(ClientError, match="IDPCommunicationError"):
            take(akia, wrong, provider.job())
    finally:
        assert akia.stop() == 0


def test_an_akia_believes_the_tokens_of_another(served: Served, tmp_path: Path) -> None:
    """One akia as the provider (SI17.5), the other as the one that trusts it."""
    port = free_port()
    other = tls_akia(tmp_path / "other", port)
    try:
        bundle = str(tmp_path / "other" / "data" / "tls" / "ca.pem")
        key = other.administrator
        clients = {
            service: boto3.client(
                service, region_name="us-east-1", endpoint_url=f"https://127.0.0.1:{port}", verify=bundle, config=ONE_TRY,
                aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret_access_key,
            )
            for service in ("iam", "sts")
        }  # fmt: skip
        issuer = clients["iam"].enable_outbound_web_identity_federation()["IssuerIdentifier"]
        trusted = served.client("iam").create_open_id_connect_provider(Url=issuer, ClientIDList=["friend"])["OpenIDConnectProviderArn"]
        who = clients["sts"].get_caller_identity()["Arn"]
        guest = role(served, "guest", trusted, StringEquals={f"{issuer.removeprefix('https://')}:sub": who})
        for algorithm in ("RS256", "ES384"):
            token = clients["sts"].get_web_identity_token(Audience=["friend"], SigningAlgorithm=algorithm)["WebIdentityToken"]
            assert take(served, guest, token)["SubjectFromWebIdentityToken"] == who
        token = clients["sts"].get_web_identity_token(Audience=["somebody-else"], SigningAlgorithm="RS256")["WebIdentityToken"]
        with pytest.raises(ClientError, match="InvalidIdentityToken"):
            take(served, guest, token)
    finally:
        assert other.stop() == 0


def tls_akia(home: Path, port: int) -> Served:
    """An akia that serves HTTPS under its private authority."""
    from tests.served import PROGRAM

    home.mkdir(parents=True)
    command = [str(PROGRAM), "up", "--data", str(home / "data"), "--port", str(port), "--tls"]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment(home), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
        try:
            bundle = _trusting(home / "data" / "tls" / "ca.pem")
            if httpx.get(f"https://127.0.0.1:{port}/healthz", verify=bundle, trust_env=False).status_code == 200:
                return Served(home, port, process)
        except (httpx.HTTPError, OSError):
            time.sleep(0.05)

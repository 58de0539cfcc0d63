"""NT-67 for an akia as a user runs it: what its settings hold, and what callers bring, is in no log, no figure, no list of processes, no
file, and in nothing that sinks and channels are sent. Whoever answers akia quotes its secrets back at it.
"""

from __future__ import annotations

import base64
import sqlite3
import time
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests import saml
from tests.alerts.receivers import Taken, mail_server, webhook
from tests.attacks.test_nt_secrets import holds
from tests.conftest import refusal
from tests.outbound.server import LOOPBACK, Authority, authority
from tests.served import PATIENCE_SECONDS, Served, children, free_port, serve
from tests.services.iam.minted import mint
from tests.sinks import intakes

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.covers("I5.secrets")

KEY, BEARER = "canary-key-of-an-intake-5Gd", "Bearer canary-token-of-a-collector-8Kf"
SUMO, HOOK_SECRET = "/receiver/v1/http/canary-path-3Jh==", "whsec_" + base64.b64encode(b"canary-secret-of-a-hook-2Lp").decode()
MAIL_PASSWORD, PASSWORD, VALUE = "canary-password-of-mail-6Tn", "canary-password-1Vb!", "canary-value-4Rm"
URL_SECRET = "s3cret-path"
"""In the URL of the alerts' webhook (tests.alerts.receivers)."""

SINKS = """
[[sink]]
name = "datadog"
kind = "datadog"
url = "{intake}/api/v2/logs"
key_file = "{home}/key"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "sumologic"
kind = "sumologic"
url_variable = "SUMO_URL"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "otlp"
kind = "otlp"
url = "{intake}/v1/logs"
secret_headers = {{ Authorization = "COLLECTOR" }}
ca_file = "{tls}/ca.pem"
certificate_file = "{tls}/chain.pem"
certificate_key_file = "{tls}/key.pem"

[[sink]]
name = "webhook"
kind = "webhook"
url = "{intake}/hook"
secret_variable = "HOOK_SECRET"
ca_file = "{tls}/ca.pem"

[[sink]]
name = "file"
kind = "file"
path = "{home}/copy.jsonl"
"""
ALERTS = """
[channels.chat]
kind = "slack"
url = "{url}"
thumbprints = ["{thumbprint}"]

[channels.mail]
kind = "smtp"
host = "127.0.0.1"
port = {mail}
ca_file = "{tls}/ca.pem"
username = "akia"
password = "{password}"
sender = "akia@example.com"
recipients = ["security@example.com"]
"""


def quoting(posted: intakes.Posted) -> intakes.Answer:
    """An intake that takes nothing the first two times and tells in its answer all that it was sent; later it takes everything."""
    told = f"{posted.path} {posted.headers}"
    quoting_times[posted.path] = quoting_times.get(posted.path, 0) + 1
    return (500 if quoting_times[posted.path] < 3 else 200), {"X-Quoted": told}, b"{}" if quoting_times[posted.path] >= 3 else told.encode()


quoting_times: dict[str, int] = {}


@dataclass
class Day:
    """What was configured and done. `places` are all that was looked at, by name."""

    configured: list[str]
    brought: list[str] = field(default_factory=list)
    places: dict[str, bytes] = field(default_factory=dict)


def live(akia: Served, day: Day) -> None:
    """Every kind of secret that a call can bring or make, each also refused."""
    iam, admin = akia.client("iam"), akia.administrator
    iam.create_user(UserName="alice", Tags=[{"Key": "akia:honeytoken", "Value": ""}])
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    session = akia.client("sts", alice).get_session_token()["Credentials"]  # an alert: alice is a honeytoken
    day.brought += [admin.secret_access_key, alice.secret_access_key, session["SecretAccessKey"], session["SessionToken"]]
    refusal(akia.client("iam", KeyPair(session["AccessKeyId"], "x" * 40), token=session["SessionToken"]).list_users)
    iam.create_login_profile(UserName="alice", Password=PASSWORD)
    refusal(iam.create_login_profile, UserName="alice", Password=PASSWORD)
    seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["Base32StringSeed"].decode()
    service = iam.create_service_specific_credential(UserName="alice", ServiceName="bedrock.amazonaws.com")["ServiceSpecificCredential"]
    minted, pair = mint(), saml.pair("canary")
    server = {"ServerCertificateName": "web", "CertificateBody": minted.pem, "PrivateKey": minted.key_pem}
    iam.upload_server_certificate(**server)
    refusal(iam.upload_server_certificate, **server)
    metadata = saml.metadata(saml.pair("idp"))
    iam.create_saml_provider(Name="o", SAMLMetadataDocument=metadata, AddPrivateKey=pair.pem, AssertionEncryptionMode="Allowed")
    refusal(akia.client("secretsmanager").create_secret, Name="s", SecretString=VALUE)
    presigned = akia.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(presigned, timeout=30):
        pass
    day.brought += [PASSWORD, VALUE, seed, service["ServiceCredentialSecret"], minted.key_pem.splitlines()[1], pair.pem.splitlines()[1]]
    day.brought.append(presigned.rpartition("X-Amz-Signature=")[2][:64])


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    home = tmp_path_factory.mktemp("secrets") / "home"
    tls = home.parent / "tls"
    made, metrics = authority(tls, "127.0.0.1"), free_port()
    home.mkdir()
    quoting_times.clear()
    with ExitStack() as held:
        intake = held.enter_context(intakes.serving(tls, quoting))
        chat = held.enter_context(webhook(made, [500, 200]))
        mail = held.enter_context(mail_server(made, "starttls", accepts=False))
        patched = held.enter_context(pytest.MonkeyPatch.context())
        for name, value in (("SUMO_URL", intake.url + SUMO), ("COLLECTOR", BEARER), ("HOOK_SECRET", HOOK_SECRET)):
            patched.setenv(name, value)
        akia = serve(home, *options(home, tls, made, intake, chat, mail), "--metrics-listen", f"127.0.0.1:{metrics}", "--workers", "2")
        held.callback(lambda: akia.kill() if akia.process.poll() is None else None)
        tls_key = (tls / "key.pem").read_text().splitlines()[1]
        day = Day([KEY, BEARER, SUMO, HOOK_SECRET, MAIL_PASSWORD, URL_SECRET, master_key(home), tls_key])
        live(akia, day)
        wait_until_sent(akia, chat, mail)
        day.places = looked_at(akia, metrics)
        day.places["what sinks and channels were sent"] = (
            repr([posted.body for posted in intake.asked]).encode() + repr([body for _, _, body in chat.requests] + mail.mails).encode()
        )
        assert akia.stop() == 0
        day.places["log"] = (home / "log").read_bytes()
        yield day


def master_key(home: Path) -> str:
    [file] = (home / "config" / "akia" / "keys").iterdir()
    return file.read_text().strip()


def options(home: Path, tls: Path, made: Authority, intake: intakes.Intake, chat: Taken, mail: Taken) -> list[str]:
    (home / "key").write_text(KEY)
    (home / "sinks.toml").write_text(SINKS.format(home=home, tls=tls, intake=intake.url))
    alerts = home / "alerts.toml"
    alerts.touch(0o600)
    alerts.write_text(ALERTS.format(url=chat.url, thumbprint=made.thumbprint, mail=mail.port, tls=tls, password=MAIL_PASSWORD))
    files = ["--sinks", str(home / "sinks.toml"), "--alerts-file", str(alerts)]
    return [*files, "--outbound-allowed-network", LOOPBACK[0]]


def wait_until_sent(akia: Served, chat: Taken, mail: Taken) -> None:
    """Until each sink has passed everything after its refusals, and both channels were tried."""
    akia.client("cloudtrail").lookup_events(MaxResults=1)  # it indexes what was answered: else nothing seems to be left
    deadline = time.monotonic() + PATIENCE_SECONDS
    lag = "SELECT max(rowid) - (SELECT min(number) FROM event_cursors WHERE reader LIKE 'sink/%') FROM events"
    with closing(sqlite3.connect(akia.data / "akia.db")) as database:
        while database.execute(lag).fetchone() != (0,) or not (chat.requests and mail.logins):
            assert time.monotonic() < deadline, (database.execute(lag).fetchone(), chat.requests, mail.logins)
            time.sleep(0.1)


def looked_at(akia: Served, metrics: int) -> dict[str, bytes]:
    """Every place where a secret might have gone to, but for the profile, in which akia hands out the administrator's key."""
    found = {}
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=30) as answer:
        found["metrics"] = answer.read()
    family = [akia.process.pid, *children(akia.process.pid)]
    assert len(family) >= 3
    for pid in family:
        process = Path(f"/proc/{pid}")
        names = b"\0".join((thread / "comm").read_bytes() for thread in (process / "task").iterdir())
        found[f"process {pid}"] = (process / "cmdline").read_bytes() + names
    files = [path for path in akia.data.rglob("*") if path.is_file() and path.name != "profile"]
    return found | {str(path): path.read_bytes() for path in (*files, akia.home / "copy.jsonl")}


def test_nt_67_no_secret_of_the_settings_is_told(day: Day) -> None:
    for name, data in day.places.items():
        assert holds(data, day.configured) == [], name


def test_nt_67_no_secret_that_a_caller_brought_or_got_is_told(day: Day) -> None:
    for name, data in day.places.items():
        assert holds(data, day.brought) == [], name


def test_nt_67_everything_was_there_to_be_told(day: Day) -> None:
    """Else the others prove nothing: sinks and channels have failed and said so, and what was sent tells of every call."""
    log, copy = day.places["log"].decode(), next(data for name, data in day.places.items() if name.endswith("copy.jsonl")).decode()
    for name in ("datadog", "sumologic", "otlp", "webhook"):
        assert f"sink {name}: 127.0.0.1:" in log
    assert "is not sent to chat yet" in log and "is not sent to mail yet" in log
    for call in ("CreateAccessKey", "GetSessionToken", "CreateLoginProfile", "CreateVirtualMFADevice", "UploadServerCertificate"):
        assert call in copy and call in day.places["what sinks and channels were sent"].decode()
    assert {"CreateServiceSpecificCredential", "CreateSAMLProvider", "CreateSecret"} <= set(copy.split('"'))
    assert b"akia_sink_failures_total" in day.places["metrics"]
    assert len(day.configured) == 8 and len(day.brought) == 11 and all(len(secret) >= 11 for secret in day.configured + day.brought)

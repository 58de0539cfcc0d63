"""`aws cloudtrail validate-logs`, unmodified, over what trails deliver to a real store that speaks S3; and `akia audit verify` over a copy
of it, without S3."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients import s3_store
from tests.clients.command_line import VERSIONS, CommandLine, version_of
from tests.clients.programs import RUN_SECONDS
from tests.served import PROGRAM, Served, environment, serve

from akia.outbound.buckets import METADATA_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.clients.s3_store import Store

pytestmark = pytest.mark.covers("I5.trail.validate_logs", "I5.trail.verify")

BUCKET = "audit-logs"
DIGESTS = 4
REGION = "us-east-1"
PERIOD_SECONDS = 4


@dataclass
class Delivered:
    """An akia whose trail has delivered some digests to a store. It has stopped logging, so nothing changes any more."""

    akia: Served
    store: Store
    arn: str

    def keys(self, kind: str) -> list[str]:
        listed = self.store.client.list_objects(Bucket=BUCKET).get("Contents", [])
        return [entry["Key"] for entry in listed if f"/{kind}/" in entry["Key"]]

    def object(self, key: str) -> dict[str, Any]:
        found = self.store.client.get_object(Bucket=BUCKET, Key=key)
        kept = {name: found[name] for name in ("Metadata", "ContentType", "ContentEncoding")}
        return {"Body": found["Body"].read(), **kept}

    def put(self, key: str, **what: Any) -> None:
        self.store.client.put_object(Bucket=BUCKET, Key=key, **what)

    def copy_to(self, directory: Path) -> None:
        """What `aws s3 sync` would bring, and each digest's metadata beside it."""
        for kind in ("CloudTrail", "CloudTrail-Digest"):
            for key in self.keys(kind):
                found = self.object(key)
                path = directory / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found["Body"])
                if found["Metadata"]:
                    path.with_name(path.name + METADATA_SUFFIX).write_text(json.dumps(found["Metadata"]))


def log_something(akia: Served, name: str) -> None:
    akia.client("iam").create_user(UserName=name)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    home = tmp_path_factory.mktemp("validate-logs")
    first = serve(home)  # makes the administrator's key, which the store takes too: the CLI has one key for both
    key = first.administrator
    assert first.stop() == 0
    credentials = home / "store-credentials"
    credentials.write_text(f"[default]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n")
    with s3_store.running(home / "store", key, BUCKET) as store:
        options = ("--trail-storage", f"s3:{store.url}", "--trail-storage-credentials", str(credentials))
        akia = serve(home, *options, "--trail-delivery-seconds", "1", "--trail-digest-seconds", str(PERIOD_SECONDS), "--workers", "2")
        try:
            trails = akia.client("cloudtrail")
            made = trails.create_trail(Name="audit", S3BucketName=BUCKET, EnableLogFileValidation=True, IsMultiRegionTrail=True)
            trails.start_logging(Name="audit")
            found = Delivered(akia, store, made["TrailARN"])
            for number in range(60):
                log_something(akia, f"user-{number}")
                if len(found.keys("CloudTrail-Digest")) >= DIGESTS:
                    break
                time.sleep(1)
            trails.stop_logging(Name="audit")
            wait_for_the_last_digest(akia, found)
            yield found
        finally:
            assert akia.stop() == 0


def wait_for_the_last_digest(akia: Served, found: Delivered) -> None:
    """The chain has ended when no digest has come for longer than a period."""
    known, since = -1, time.monotonic()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        now = len(found.keys("CloudTrail-Digest"))
        if now != known:
            known, since = now, time.monotonic()
        if time.monotonic() - since > 3 * PERIOD_SECONDS and akia.client("cloudtrail").get_trail_status(Name="audit")["IsLogging"] is False:
            return
        time.sleep(0.5)
    raise AssertionError("the chain of digests does not end")


class Validation(CommandLine):
    """The CLI, led to akia and to the store."""

    def __init__(self, version: str, delivered: Delivered) -> None:
        super().__init__(version, delivered.akia)
        self.delivered = delivered
        self.variables = {**self.variables, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL_S3": delivered.store.url}
        if version == "v2" and version_of(self.program) < (2, 13):
            self._lead_an_old_version_to_the_store()

    def _lead_an_old_version_to_the_store(self) -> None:
        boolean = {"required": False, "type": "Boolean"}
        parameters = {
            "Bucket": {"required": False, "type": "String"},
            "Key": {"required": False, "type": "String"},
            "Prefix": {"required": False, "type": "String"},
            "Region": {"builtIn": "AWS::Region", "required": False, "type": "String"},
            "Endpoint": {"builtIn": "SDK::Endpoint", "required": False, "type": "String"},
            **dict.fromkeys(("DisableAccessPoints", "Accelerate"), boolean),
        }
        scheme = {"name": "sigv4", "signingName": "s3", "signingRegion": REGION, "disableDoubleEncoding": True}
        endpoint = {"url": f"{self.delivered.store.url}/{{Bucket}}", "properties": {"authSchemes": [scheme]}, "headers": {}}
        rule = {"type": "endpoint", "conditions": [{"fn": "isSet", "argv": [{"ref": "Bucket"}]}], "endpoint": endpoint}
        folder = self.home / ".aws/models/s3/2006-03-01"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "endpoint-rule-set-1.json").write_text(json.dumps({"version": "1.0", "parameters": parameters, "rules": [rule]}))

    def validate(self) -> tuple[int, str, str]:
        start = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = ("cloudtrail", "validate-logs", "--trail-arn", self.delivered.arn, "--start-time", start, "--verbose")
        return self._finish((*words, "--endpoint-url", self.delivered.akia.endpoint))


@pytest.fixture(params=VERSIONS)
def aws(request: pytest.FixtureRequest, delivered: Delivered) -> Validation:
    return Validation(request.param, delivered)


@pytest.fixture
def undone(delivered: Delivered) -> Iterator[Callable[[str], None]]:
    """`undone(key)`: whatever the test does to this object is undone after it."""
    kept: dict[str, dict[str, Any]] = {}
    yield lambda key: kept.update({key: delivered.object(key)})
    for key, found in kept.items():
        delivered.put(key, **found)


def test_what_trails_deliver_is_valid(aws: Validation, delivered: Delivered) -> None:
    status, out, err = aws.validate()
    digests, logs = delivered.keys("CloudTrail-Digest"), delivered.keys("CloudTrail")
    assert status == 0, (out, err)
    assert len(digests) >= 3 and len(logs) >= 3
    assert f"{len(digests)}/{len(digests)} digest files valid" in out, out
    assert f"{len(logs)}/{len(logs)} log files valid" in out, out
    assert "INVALID" not in out


def test_one_changed_byte_names_the_log_file(aws: Validation, delivered: Delivered, undone: Any) -> None:
    key = delivered.keys("CloudTrail")[1]
    undone(key)
    found = delivered.object(key)
    text = gzip.decompress(found["Body"])
    changed = text.replace(b'"eventType":"AwsApiCall"', b'"eventType":"AwsApiCalm"', 1)  # whatever this file holds
    assert changed != text and len(changed) == len(text)
    delivered.put(key, **{**found, "Body": gzip.compress(changed)})
    status, out, err = aws.validate()
    assert status == 1, (out, err)
    assert f"Log file\ts3://{BUCKET}/{key}\tINVALID: hash value doesn't match" in err, (out, err)


def test_a_removed_log_file_is_named(aws: Validation, delivered: Delivered, undone: Any) -> None:
    key = delivered.keys("CloudTrail")[1]
    undone(key)
    delivered.store.client.delete_object(Bucket=BUCKET, Key=key)
    status, out, err = aws.validate()
    assert status == 1, (out, err)
    assert f"Log file\ts3://{BUCKET}/{key}\tINVALID: not found" in err, (out, err)


def test_a_removed_digest_is_named(aws: Validation, delivered: Delivered, undone: Any) -> None:
    key = delivered.keys("CloudTrail-Digest")[1]
    undone(key)
    delivered.store.client.delete_object(Bucket=BUCKET, Key=key)
    status, out, err = aws.validate()
    assert status == 1, (out, err)
    assert f"Digest file\ts3://{BUCKET}/{key}\tINVALID: not found" in err, (out, err)


def test_a_changed_digest_is_named(aws: Validation, delivered: Delivered, undone: Any) -> None:
    key = delivered.keys("CloudTrail-Digest")[1]
    undone(key)
    found = delivered.object(key)
    content = json.loads(gzip.decompress(found["Body"]))
    content["logFiles"] = []
    delivered.put(key, **{**found, "Body": gzip.compress(json.dumps(content).encode())})
    status, out, err = aws.validate()
    assert status == 1, (out, err)
    assert f"Digest file\ts3://{BUCKET}/{key}\tINVALID: signature verification failed" in err, (out, err)


# akia audit verify


def verify(delivered: Delivered, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), "audit", "verify", str(directory), *(words or ("--data", str(delivered.akia.data)))]
    return subprocess.run(command, env=environment(delivered.akia.home), capture_output=True, text=True, check=False, timeout=RUN_SECONDS)


@pytest.fixture
def copy(delivered: Delivered, tmp_path: Path) -> Path:
    delivered.copy_to(tmp_path)
    return tmp_path


def test_akia_audit_verify_finds_a_copy_sound(delivered: Delivered, copy: Path) -> None:
    done = verify(delivered, copy)
    assert done.returncode == 0, (done.stdout, done.stderr)
    digests, logs = len(delivered.keys("CloudTrail-Digest")), len(delivered.keys("CloudTrail"))
    assert f"{digests} digests, which name {logs} log files; 0 problems." in done.stdout
    for path in copy.rglob(f"*{METADATA_SUFFIX}"):
        if path.name.removesuffix(METADATA_SUFFIX) != max(delivered.keys("CloudTrail-Digest")).rpartition("/")[2]:
            path.unlink()
    assert verify(delivered, copy).returncode == 0, "all but the newest signature are in the digests themselves"


def test_akia_audit_verify_needs_no_server_if_it_has_the_public_keys(delivered: Delivered, copy: Path) -> None:
    told = Validation("v1", delivered)("cloudtrail", "list-public-keys", "--endpoint-url", delivered.akia.endpoint)
    (copy / "keys.json").write_text(json.dumps(told))
    done = verify(delivered, copy, "--public-keys", str(copy / "keys.json"), "--json")
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert json.loads(done.stdout)["sound"] is True


def test_akia_audit_verify_names_what_was_changed_removed_and_put_in(delivered: Delivered, copy: Path) -> None:
    logs, digests = delivered.keys("CloudTrail"), delivered.keys("CloudTrail-Digest")
    changed = copy / logs[0]
    text = gzip.decompress(changed.read_bytes())
    changed.write_bytes(gzip.compress(text[:-20] + bytes([text[-20] ^ 1]) + text[-19:]))
    (copy / logs[1]).unlink()
    (copy / digests[1]).unlink()
    done = verify(delivered, copy, "--data", str(delivered.akia.data), "--json")
    assert done.returncode == 1
    told = {problem["key"]: problem["problem"] for problem in json.loads(done.stdout)["problems"]}
    assert told[digests[1]] == "removed"
    listed = {log["s3Object"] for log in json.loads(gzip.decompress(delivered.object(digests[1])["Body"]))["logFiles"]}
    assert all(told.get(key) == problem for key, problem in ((logs[0], "changed"), (logs[1], "removed")) if key not in listed)


def test_akia_audit_verify_says_that_an_empty_directory_proves_nothing(delivered: Delivered, tmp_path: Path) -> None:
    done = verify(delivered, tmp_path)
    assert (done.returncode, done.stdout) == (1, "There is no digest here.\n")

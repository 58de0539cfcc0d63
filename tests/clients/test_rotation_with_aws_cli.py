"""The unmodified AWS CLI, taught the service akia, rotates a key that it uses itself, by every operation that rotations have."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.served import PATIENCE_SECONDS, PROGRAM, Served, environment, serve

from akia.aws import own_models

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
MODEL = own_models.DIRECTORY / "akia/2026-11-01/service-2.json"
ACCOUNT = "111122223333"

pytestmark = [
    pytest.mark.covers("I6.rotation.service", "I6.rotation.commands", "I6.rotation.targets"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("akia")
    targets = home / "targets.toml"
    targets.write_text(
        f'[targets.ci]\nkind = "profile"\naccount = "{ACCOUNT}"\nusers = ["ci"]\nfile = "{home / "credentials"}"\nprofile = "ci"\n'
    )
    targets.chmod(0o600)
    akia = serve(home, "--account", ACCOUNT, "--rotation-targets", str(targets))
    yield akia
    assert akia.stop() == 0


def run(served: Served, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    key = served.administrator
    keys = more or {"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key}
    own = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    return subprocess.run(words, env=environment(served.home) | own | keys, capture_output=True, text=True, check=False)


def aws(served: Served, *words: str) -> Any:
    """What `aws` answers to the administrator."""
    done = run(served, str(AWS), *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def program(served: Served, *words: str) -> str:
    done = run(served, str(PROGRAM), "rotation", *words, "--data", str(served.data))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def await_state(served: Served, rotation: str, state: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (told := aws(served, "akia", "get-key-rotation", "--rotation-id", rotation))["Rotation"]["State"] != state:
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def test_the_cli_s_own_profile_gets_a_new_key_and_works_all_the_while(served: Served) -> None:
    credentials = served.home / "credentials"
    profile = {"AWS_PROFILE": "ci", "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    aws(served, "configure", "add-model", "--service-model", f"file://{MODEL}", "--service-name", "akia")
    aws(served, "iam", "create-user", "--user-name", "ci")
    old = aws(served, "iam", "create-access-key", "--user-name", "ci")["AccessKey"]
    credentials.write_text(f"[ci]\naws_access_key_id = {old['AccessKeyId']}\naws_secret_access_key = {old['SecretAccessKey']}\n")
    assert run(served, str(AWS), "sts", "get-caller-identity", **profile).returncode == 0
    assert aws(served, "akia", "list-rotation-targets")["Targets"] == [{"Name": "ci", "Kind": "profile", "UserNames": ["ci"]}]

    times = ("--quiet-hours", "0.001", "--inactive-hours", "1")
    started = aws(served, "akia", "start-key-rotation", "--access-key-id", old["AccessKeyId"], "--targets", "ci", *times)["Rotation"]
    rotation = started["RotationId"]
    assert aws(served, "akia", "list-key-rotations", "--user-name", "ci")["Rotations"][0]["RotationId"] == rotation
    await_state(served, rotation, "OLD_INACTIVE")
    assert run(served, str(AWS), "sts", "get-caller-identity", **profile).returncode == 0
    assert started["NewAccessKeyId"] in credentials.read_text()
    shown = program(served, "show", rotation)
    assert "OLD_INACTIVE" in shown and "waits for nobody to call the inactive old key" in shown
    told = aws(served, "akia", "advance-key-rotation", "--rotation-id", rotation, "--inactive-hours", "0")["Rotation"]
    assert told["State"] == "DELETED"
    assert run(served, str(AWS), "sts", "get-caller-identity", **profile).returncode == 0
    keys = aws(served, "iam", "list-access-keys", "--user-name", "ci")["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in keys] == [started["NewAccessKeyId"]]


def test_by_hand_and_back(served: Served) -> None:
    aws(served, "iam", "create-user", "--user-name", "app")
    old = aws(served, "iam", "create-access-key", "--user-name", "app")["AccessKey"]["AccessKeyId"]
    started = aws(served, "akia", "start-key-rotation", "--access-key-id", old)
    rotation = started["Rotation"]["RotationId"]
    assert len(started["NewAccessKey"]["SecretAccessKey"]) == 40
    assert aws(served, "akia", "confirm-key-distribution", "--rotation-id", rotation)["Rotation"]["State"] == "DISTRIBUTED"
    assert aws(served, "akia", "roll-back-key-rotation", "--rotation-id", rotation)["Rotation"]["State"] == "ROLLING_BACK"
    done = program(served, "advance", rotation, "--quiet-hours", "0", "--inactive-hours", "0")
    assert done == f"rotation {rotation} is ROLLED_BACK.\n"
    states = [each["To"] for each in aws(served, "akia", "get-key-rotation", "--rotation-id", rotation)["History"]]
    assert [state for state in states if state != "OBSERVING"] == [  # the job may have had a look before it went back
        "OPEN", "DISTRIBUTED", "ROLLING_BACK", "NEW_INACTIVE", "ROLLED_BACK",
    ]  # fmt: skip


def test_a_policy_for_the_age_of_keys(served: Served) -> None:
    put = aws(served, "akia", "put-rotation-policy", "--mode", "REMIND", "--every-days", "90")["Policy"]
    assert put == aws(served, "akia", "get-rotation-policy")["Policy"]
    assert aws(served, "akia", "delete-rotation-policy") is None
    assert "ResourceNotFoundException" in run(served, str(AWS), "akia", "get-rotation-policy").stderr

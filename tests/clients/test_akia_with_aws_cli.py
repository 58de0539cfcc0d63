"""The unmodified AWS CLI, taught the service akia, tries a policy before and after the requests; the program tells the same."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.served import PATIENCE_SECONDS, PROGRAM, Served, environment, serve

from akia.aws import own_models

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
MODEL = "akia/2026-11-01/service-2.json"
DENY = '{"Version":"2012-10-17","Statement":[{"Sid":"NoLists","Effect":"Deny","Action":"iam:List*","Resource":"*"}]}'

pytestmark = [
    pytest.mark.covers("I3.drafts.service", "I3.drafts.shadow", "I3.drafts.replay", "I3.drafts.commands"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("akia"), "--workers", "2")
    yield akia
    assert akia.stop() == 0


def run(served: Served, *words: str) -> str:
    key = served.administrator
    own = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    keys = {"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key}
    done = subprocess.run(words, env=environment(served.home) | own | keys, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def aws(served: Served, *words: str) -> Any:
    """What `aws` answers."""
    answer = run(served, str(AWS), *words)
    return json.loads(answer) if answer else None


def program(served: Served, *words: str) -> str:
    """What the program prints."""
    return run(served, str(PROGRAM), *words, "--data", str(served.data))


def test_a_policy_is_tried_on_what_comes_and_on_what_was(served: Served, tmp_path: Path) -> None:
    run(served, str(PROGRAM), "install-model")
    arn = aws(served, "iam", "get-user")["User"]["Arn"]
    target = ("--target-arn", arn, "--name", "tight")
    aws(served, "akia", "attach-shadow-policy", *target, "--policy-document", DENY)
    for _ in range(3):
        aws(served, "iam", "list-users")
    report = aws(served, "akia", "get-shadow-report", *target)
    assert (report["NewlyDeniedCount"], report["Summaries"][0]["Action"]) == (3, "iam:ListUsers")
    assert len(aws(served, "akia", "list-shadow-findings", *target, "--page-size", "2")["Findings"]) == 3
    assert "would be denied 3 times: iam:ListUsers" in program(served, "shadow", "report", arn, "tight")

    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    replay = aws(served, "akia", "start-replay", "--policy-document", DENY, "--principal-arn", arn, "--start-time", since)["ReplayId"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (told := aws(served, "akia", "get-replay", "--replay-id", replay)["Replay"])["Status"] == "RUNNING":
        assert time.monotonic() < deadline
    assert (told["Status"], told["NewlyDeniedCount"], told["PercentComplete"]) == ("COMPLETED", 3, 100)
    assert len(aws(served, "akia", "list-replay-results", "--replay-id", replay)["Results"]) == 3
    (tmp_path / "draft.json").write_text(DENY)
    assert "With the draft 3 would be denied" in program(served, "replay", "--policy", str(tmp_path / "draft.json"), "--principal", arn)


def test_w11_6_the_model_can_be_read_by_anybody(served: Served) -> None:
    with urllib.request.urlopen(f"{served.endpoint}/sdk/models/{MODEL}") as answer:
        assert answer.read() == (own_models.DIRECTORY / MODEL).read_bytes()

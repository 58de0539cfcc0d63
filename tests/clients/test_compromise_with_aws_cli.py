"""The unmodified AWS CLI, taught the service akia, reports a key compromised and ends sessions; so does the program."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.test_akia_with_aws_cli import AWS, aws, program, run
from tests.served import PROGRAM, Served, environment, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.covers("I6.compromise", "I6.sessions", "I6.timeline", "I6.revoke_commands", "E8", "C10"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("akia"), "--workers", "2")
    run(akia, str(PROGRAM), "install-model")
    yield akia
    assert akia.stop() == 0


def refusal(served: Served, key: Any, *words: str) -> str:
    """What AWS's CLI says when it is refused with another key."""
    held = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    held |= {"AWS_SESSION_TOKEN": key["SessionToken"]} if "SessionToken" in key else {}
    where = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    done = subprocess.run([str(AWS), *words], env=environment(served.home) | where | held, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def test_a_key_leaks_and_is_contained(served: Served, tmp_path: Path) -> None:
    aws(served, "iam", "create-user", "--user-name", "bob")
    key = aws(served, "iam", "create-access-key", "--user-name", "bob")["AccessKey"]
    assert refusal(served, key, "sts", "get-caller-identity") == ""
    named = ("--access-key-id", key["AccessKeyId"])
    told = aws(served, "akia", "report-compromised-key", *named, "--open-replacement", "--note", "in a public repository")
    assert told["Report"]["QuarantinePolicyArn"].endswith("/AWSCompromisedKeyQuarantineV3")
    assert "InvalidClientTokenId" in refusal(served, key, "sts", "get-caller-identity")
    assert refusal(served, told["Replacement"], "sts", "get-caller-identity") == ""
    [report] = aws(served, "akia", "list-compromise-reports")["Reports"]
    assert aws(served, "akia", "get-compromise-report", "--report-id", report["ReportId"])["Report"] == report == told["Report"]
    story = aws(served, "akia", "get-key-timeline", *named, "--page-size", "1")
    names = [event["EventName"] for event in story["Events"]]
    assert {"CreateAccessKey", "GetCallerIdentity", "ReportCompromisedKey", "AWS_RISK_CREDENTIALS_EXPOSED"} == set(names)
    file = tmp_path / "story.jsonl"
    said = program(served, "compromised", told["Replacement"]["AccessKeyId"], "--timeline", str(file))
    assert "of bob is inactive, and its sessions have ended" in said
    assert len(file.read_text().splitlines()) >= 3


def test_sessions_are_ended(served: Served) -> None:
    account = aws(served, "sts", "get-caller-identity")["Account"]
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}}
    role = aws(served, "iam", "create-role", "--role-name", "ops", "--assume-role-policy-document", json.dumps(trust))["Role"]["Arn"]

    def taken() -> Any:
        return aws(served, "sts", "assume-role", "--role-arn", role, "--role-session-name", "ops")["Credentials"]

    first, mine = taken(), aws(served, "sts", "get-session-token")["Credentials"]
    aws(served, "akia", "revoke-sessions", "--role-name", "ops")
    assert "InvalidClientTokenId" in refusal(served, first, "sts", "get-caller-identity")
    assert refusal(served, mine, "sts", "get-caller-identity") == ""
    program(served, "revoke", "--all-of", "administrator")
    assert "InvalidClientTokenId" in refusal(served, mine, "sts", "get-caller-identity")
    assert aws(served, "sts", "get-caller-identity")["Account"] == account  # the key that signs is left alone

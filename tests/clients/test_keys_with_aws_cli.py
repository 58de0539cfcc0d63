"""The unmodified AWS CLI, taught the service akia by `aws configure add-model`, makes a key that says what it is for, and asks after it."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.served import PATIENCE_SECONDS, PROGRAM, Served, environment, serve

from akia.aws import own_models
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
MODEL = own_models.DIRECTORY / "akia/2026-11-01/service-2.json"

pytestmark = [
    pytest.mark.covers("I6.keys.commands", "I6.keys.attributes", "I6.keys.usage"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("akia"), "--workers", "2")
    yield akia
    assert akia.stop() == 0


def run(served: Served, key: KeyPair, *words: str) -> subprocess.CompletedProcess[str]:
    own = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    keys = {"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key}
    return subprocess.run(words, env=environment(served.home) | own | keys, capture_output=True, text=True, check=False)


def aws(served: Served, *words: str) -> Any:
    """What `aws` answers to the administrator."""
    done = run(served, served.administrator, str(AWS), *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def program(served: Served, *words: str) -> str:
    """What the program prints."""
    done = run(served, served.administrator, str(PROGRAM), *words, "--data", str(served.data))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_life_of_a_key_that_says_what_it_is_for(served: Served) -> None:
    aws(served, "configure", "add-model", "--service-model", f"file://{MODEL}", "--service-name", "akia")
    aws(served, "iam", "create-user", "--user-name", "exporter")
    rule = aws(served, "akia", "put-key-naming-rule", "--required-attributes", "Owner", "--description-pattern", "[a-z ]+")
    assert rule["Rule"] == {"DescriptionPattern": "[a-z ]+", "RequiredAttributes": ["Owner"]}
    refused = run(served, served.administrator, str(AWS), "iam", "create-access-key", "--user-name", "exporter")
    assert "InvalidInput" in refused.stderr and "akia:CreateAccessKey" in refused.stderr

    said = ("--attributes", "Description=nightly export,Owner=data", "--tags", "Key=team,Value=blue")
    made = aws(served, "akia", "create-access-key", "--user-name", "exporter", *said)["AccessKey"]
    key, pair = made["AccessKeyId"], KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    assert run(served, pair, str(AWS), "sts", "get-caller-identity").returncode == 0
    assert "AccessDenied" in run(served, pair, str(AWS), "iam", "list-users").stderr

    told = aws(served, "akia", "describe-access-key", "--access-key-id", key)["AccessKey"]
    assert told["Attributes"] == {"Description": "nightly export", "Owner": "data"}
    assert (told["LastUse"]["Action"], told["LastUse"]["SourceAddress"]) == ("ListUsers", "127.0.0.1")
    assert (told["CallsLastDay"], told["DenialsLastDay"]) == (2, 1)
    assert [each["AccessKeyId"] for each in aws(served, "akia", "list-access-keys", "--tag", "Key=team,Value=blue")["AccessKeys"]] == [key]
    page = aws(served, "akia", "list-access-keys", "--max-results", "1")
    rest = aws(served, "akia", "list-access-keys", "--max-results", "1", "--next-token", page["NextToken"])
    assert (len(page["AccessKeys"]), [each["AccessKeyId"] for each in rest["AccessKeys"]]) == (1, [key])

    _until_summed(served)
    for _ in range(2):
        usage = aws(served, "akia", "get-access-key-usage", "--access-key-id", key)
        assert [(each["Action"], each["Calls"], each["Denials"]) for each in usage["Usages"]] == [
            ("ListUsers", 1, 1), ("GetCallerIdentity", 1, 0),
        ]  # fmt: skip
        assert (usage["Total"]["Calls"], usage["Usages"][0]["UserAgent"].split("/")[0]) == (2, "aws-cli")


def _until_summed(served: Served) -> None:
    """The job has come past the events: what the next answer tells is what it has summed up."""
    import sqlite3

    deadline = time.monotonic() + PATIENCE_SECONDS
    with sqlite3.connect(f"file:{served.data / 'akia.db'}?mode=ro", uri=True) as driver:
        while not driver.execute("SELECT count(*) FROM key_calls WHERE action = 'ListUsers'").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    driver.close()


def test_the_program_tells_and_changes_what_a_key_says(served: Served) -> None:
    key = served.administrator.access_key_id
    program(served, "keys", "set", key, "--description", "for people", "--owner", "ops")
    program(served, "keys", "tag", key, "team=red", "cost=")
    told = program(served, "keys", "describe", key)
    assert all(words in told for words in (key, "for people", "ops", "team=red", "administrator", "calls in the last day"))
    asked = json.loads(program(served, "keys", "describe", key, "--json"))
    assert asked["Attributes"] == {"Description": "for people", "Owner": "ops"}
    program(served, "keys", "set", key, "--owner", "sre")
    program(served, "keys", "tag", key, "--remove", "cost")
    asked = json.loads(program(served, "keys", "describe", key, "--json"))
    assert (asked["Attributes"]["Owner"], asked["Tags"]) == ("sre", [{"Key": "team", "Value": "red"}])

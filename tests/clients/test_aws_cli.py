"""The unmodified AWS CLI goes through the whole life of a key, against akia as a user starts it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.alerts.test_served import own_service
from tests.served import PATIENCE_SECONDS, Served, environment, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"

pytestmark = [
    pytest.mark.covers("I2.clients.cli", "A2", "A3", "A6", "B4", "B9", "C1", "C2", "E1", "E6", "E12"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


class Refused(Exception):
    """The CLI ended with an error; its text is the exception's."""


class Cli:
    """`aws`, with the profile that akia wrote, or with keys of one's own."""

    def __init__(self, served: Served, **keys: str) -> None:
        self._served = served
        profile = str(served.data / "profile")
        ready_made = {"AWS_CONFIG_FILE": profile, "AWS_SHARED_CREDENTIALS_FILE": profile, "AWS_PROFILE": "akia"}
        own = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "eu-central-1"} | keys
        self._environment = environment(served.home) | (own if keys else ready_made) | {"AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}

    def __call__(self, *words: str) -> Any:
        """The JSON that a command answers; None for none. Raises Refused."""
        done = subprocess.run([str(AWS), *words, "--output", "json"], env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(done.stderr.strip())
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refusal(self, *words: str) -> str:
        """What the CLI says when it is refused."""
        with pytest.raises(Refused) as caught:
            self(*words)
        return str(caught.value)

    def with_key(self, key: dict[str, str], token: str | None = None) -> Cli:
        """The CLI as somebody else."""
        keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        return Cli(self._served, **keys, **({"AWS_SESSION_TOKEN": token} if token else {}))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Every rule of alerts is on, and nothing is learnt: what is new is told of from the second time on that a credential is seen."""
    home = tmp_path_factory.mktemp("cli")
    alerts = home / "alerts.toml"
    alerts.write_text("[rules]\nlearning_seconds = 0\n")
    akia = serve(home, "--alerts-file", str(alerts))
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def aws(served: Served) -> Cli:
    return Cli(served)


def allow(*actions: str, resource: str = "*") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]})


def test_the_life_of_a_key(aws: Cli) -> None:
    account = aws("sts", "get-caller-identity")["Account"]

    # a user, a key, and a call that is refused for lack of a policy
    aws("iam", "create-user", "--user-name", "alice")
    first = aws("iam", "create-access-key", "--user-name", "alice")["AccessKey"]
    alice = aws.with_key(first)
    arn = f"arn:aws:iam::{account}:user/alice"
    assert alice("sts", "get-caller-identity")["Arn"] == arn
    assert (
        "An error occurred (AccessDenied) when calling the ListUsers operation: "
        f"User: {arn} is not authorized to perform: iam:ListUsers on resource: "
        f"arn:aws:iam::{account}:user/ because no identity-based policy allows the iam:ListUsers action"
    ) in alice.refusal("iam", "list-users")

    # with a policy the same call is allowed
    aws("iam", "put-user-policy", "--user-name", "alice", "--policy-name", "readers", "--policy-document", allow("iam:List*", "iam:Get*"))
    assert "alice" in [user["UserName"] for user in alice("iam", "list-users")["Users"]]

    # what is known of the key, right after the call
    listed = aws("iam", "list-access-keys", "--user-name", "alice")["AccessKeyMetadata"]
    assert [(key["AccessKeyId"], key["Status"]) for key in listed] == [(first["AccessKeyId"], "Active")]
    used = aws("iam", "get-access-key-last-used", "--access-key-id", first["AccessKeyId"])
    assert used["UserName"] == "alice"
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("iam", "us-east-1")

    # a second key, and a third that the quota refuses
    second = aws("iam", "create-access-key", "--user-name", "alice")["AccessKey"]
    assert "(LimitExceeded)" in (third := aws.refusal("iam", "create-access-key", "--user-name", "alice"))
    assert "Cannot exceed quota for AccessKeysPerUser: 2" in third

    # rotation: the new key works while the old one still does, then the old one is switched off, at once, and deleted
    rotated = aws.with_key(second)
    assert rotated("iam", "get-user")["User"]["Arn"] == arn
    aws("iam", "update-access-key", "--user-name", "alice", "--access-key-id", first["AccessKeyId"], "--status", "Inactive")
    assert "(InvalidClientTokenId)" in alice.refusal("iam", "get-user")
    assert rotated("iam", "get-user")["User"]["UserName"] == "alice"
    aws("iam", "delete-access-key", "--user-name", "alice", "--access-key-id", first["AccessKeyId"])
    assert "(InvalidClientTokenId)" in alice.refusal("sts", "get-caller-identity")
    assert len(aws("iam", "list-access-keys", "--user-name", "alice")["AccessKeyMetadata"]) == 1

    # a wrong secret is told apart from a wrong key
    forged = second | {"SecretAccessKey": first["SecretAccessKey"]}
    assert "(SignatureDoesNotMatch)" in aws.with_key(forged).refusal("sts", "get-caller-identity")


def test_a_role_is_assumed_and_its_session_calls(aws: Cli) -> None:
    account = aws("sts", "get-caller-identity")["Account"]
    aws("iam", "create-user", "--user-name", "bob")
    bob = aws.with_key(aws("iam", "create-access-key", "--user-name", "bob")["AccessKey"])
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam", "create-role", "--role-name", "reader", "--assume-role-policy-document", document)["Role"]["Arn"]
    aws("iam", "attach-role-policy", "--role-name", "reader", "--policy-arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assume = ("sts", "assume-role", "--role-arn", role, "--role-session-name", "night-shift")

    assert f"is not authorized to perform: sts:AssumeRole on resource: {role}" in bob.refusal(*assume)
    aws(
        "iam",
        "put-user-policy",
        "--user-name",
        "bob",
        "--policy-name",
        "assume",
        "--policy-document",
        allow("sts:AssumeRole", resource=role),
    )
    credentials = bob(*assume)["Credentials"]
    session = aws.with_key(credentials, credentials["SessionToken"])
    assert session("sts", "get-caller-identity")["Arn"] == f"arn:aws:sts::{account}:assumed-role/reader/night-shift"
    assert session("iam", "get-role", "--role-name", "reader")["Role"]["Arn"] == role
    assert "because no identity-based policy allows the iam:CreateUser action" in session.refusal(
        "iam", "create-user", "--user-name", "eve"
    )


def test_everything_is_in_the_event_history_with_the_right_identities(aws: Cli) -> None:
    aws("iam", "create-user", "--user-name", "carol")
    key = aws("iam", "create-access-key", "--user-name", "carol")["AccessKey"]
    carol = aws.with_key(key)
    carol.refusal("iam", "list-roles")
    aws("iam", "put-user-policy", "--user-name", "carol", "--policy-name", "p", "--policy-document", allow("iam:ListRoles"))
    carol("iam", "list-roles")
    aws.with_key(key | {"SecretAccessKey": "x" * 40}).refusal("iam", "list-roles")

    def history(attribute: str, value: str) -> list[dict[str, Any]]:
        events = aws("cloudtrail", "lookup-events", "--lookup-attributes", f"AttributeKey={attribute},AttributeValue={value}")["Events"]
        return [json.loads(event["CloudTrailEvent"]) for event in events]

    told = [
        (record["eventName"], record.get("errorCode"), record["userIdentity"]["type"])
        for record in history("AccessKeyId", key["AccessKeyId"])
    ]
    assert told == [
        ("ListRoles", "SignatureDoesNotMatch", "Unknown"),
        ("ListRoles", None, "IAMUser"),
        ("ListRoles", "AccessDenied", "IAMUser"),
    ]
    made = [record["eventName"] for record in history("ResourceName", "carol")]
    assert made == ["PutUserPolicy", "CreateAccessKey", "CreateUser"]
    created = next(record for record in history("ResourceName", "carol") if record["eventName"] == "CreateAccessKey")
    assert created["userIdentity"]["userName"] == "administrator"
    assert created["responseElements"]["accessKey"]["accessKeyId"] == key["AccessKeyId"]
    assert key["SecretAccessKey"] not in json.dumps(created)


@pytest.mark.covers("I5.alerts.rules", "C11", "D6")
def test_rules_are_quiet_on_all_this_but_for_what_is_suspicious_in_it(served: Served, aws: Cli) -> None:
    account = aws("sts", "get-caller-identity")["Account"]
    there = {user["UserName"] for user in aws("iam", "list-users")["Users"]}
    for name, scenario in SCENARIOS.items():  # which have just been tests, unless this one is run alone
        if name not in there:
            scenario(aws)
    aws("cloudtrail", "lookup-events", "--max-items", "1")  # everything before it is in the history now
    told = alerts_so_far(served)
    administrator = served.administrator.access_key_id
    [first] = {alert["Subject"] for alert in told if alert["Rule"] == "dead-key-used"}
    assert sorted((alert["Rule"], alert["Subject"], alert.get("Detail", "")) for alert in told) == sorted(
        [
            ("dead-key-used", first, ""),  # alice's old key, which is tried after it was switched off, and after it was deleted
            ("new-service", first, "iam"),  # her first call went to sts
            ("new-service", f"arn:aws:iam::{account}:role/reader", "iam"),  # and so did the role's
            ("new-service", administrator, "cloudtrail"),
            ("new-service", administrator, "iam"),
        ]
    )
    [dead] = [alert for alert in told if alert["Rule"] == "dead-key-used"]
    assert dead["Count"] == 2
    keys = {key["AccessKeyId"] for key in aws("iam", "list-access-keys", "--user-name", "alice")["AccessKeyMetadata"]}
    assert first not in keys and first.startswith("AKIA")


SCENARIOS = {
    "alice": test_the_life_of_a_key,
    "bob": test_a_role_is_assumed_and_its_session_calls,
    "carol": test_everything_is_in_the_event_history_with_the_right_identities,
}
"""By the user that each of them makes."""


def alerts_so_far(served: Served) -> list[dict[str, Any]]:
    """The alerts about everything that is in the event history now."""
    looked_at = "SELECT number >= (SELECT max(rowid) FROM events) FROM event_cursors WHERE reader = 'alerts'"
    deadline = time.monotonic() + PATIENCE_SECONDS
    with sqlite3.connect(served.data / "akia.db") as database:
        while database.execute(looked_at).fetchone() != (1,):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    found: list[dict[str, Any]] = own_service(served).list_alerts()["Alerts"]
    return found


def test_what_is_not_built_yet_answers_a_clean_error(aws: Cli) -> None:
    assert "(NotImplemented" in aws.refusal("secretsmanager", "list-secrets")

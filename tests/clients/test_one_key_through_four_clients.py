"""An access key created by Ansible, listed by Java, rotated by Go and revoked by the AWS CLI behaves as one would expect at every step."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.clients.command_line import CommandLine
from tests.clients.programs import ROOT, RUN_SECONDS, SOURCES, absent, surroundings

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.programs import Program
    from tests.served import Served

pytestmark = pytest.mark.covers("I4.clients.one_key")

ANSIBLE = ROOT / ".venv-ansible/bin/ansible-playbook"
OWNER = "deployer"


def issued_by_ansible(served: Served, folder: Path) -> KeyPair:
    """The access key that the playbook has made."""
    if not ANSIBLE.exists():
        absent("Ansible is not there: `make clients` or `make test` installs it")
    kept = folder / "key.json"
    own = {
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "LC_ALL": "C.UTF-8",
    }
    command = [str(ANSIBLE), "-e", f"owner={OWNER} kept={kept} ansible_python_interpreter={ANSIBLE.with_name('python')}"]
    done = subprocess.run(
        [*command, str(SOURCES / "ansible/issue_key.yml")],
        env=surroundings(served) | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept.stat().st_mode & 0o777 == 0o600
    made = json.loads(kept.read_text())
    assert made["secret"] not in done.stdout + done.stderr
    return KeyPair(made["id"], made["secret"])


def verdict(served: Served, key: KeyPair) -> str:
    """The ARN that whoever holds the key is told, or the code of the error."""
    try:
        return str(served.client("sts", key).get_caller_identity()["Arn"])
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])


def history(aws: CommandLine, key: str) -> list[tuple[str, str | None]]:
    """What was called with a key and how it ended, oldest first."""
    by_key = f"AttributeKey=AccessKeyId,AttributeValue={key}"
    events = aws("cloudtrail", "lookup-events", "--lookup-attributes", by_key, "--endpoint-url", aws.served.endpoint)["Events"]
    told: list[dict[str, Any]] = [json.loads(event["CloudTrailEvent"]) for event in reversed(events)]
    return [(record["eventName"], record.get("errorCode")) for record in told]


def test_a_key_created_by_ansible_listed_by_java_rotated_by_go_and_revoked_by_the_cli(
    served: Served, java: Program, go: Program, tmp_path: Path
) -> None:
    def listed() -> Any:
        return json.loads(java.run(served, "list-keys", OWNER))

    aws = CommandLine("v2", served)

    # Ansible creates the key: it works at once, and Java lists it, and only it
    first = issued_by_ansible(served, tmp_path)
    arn = aws("iam", "get-user", "--user-name", OWNER)["User"]["Arn"]
    assert verdict(served, first) == arn
    assert listed() == {first.access_key_id: "Active"}

    # Go rotates it: Go itself sees both keys work, the first refused, and one key left
    once = {"FIRST_ACCESS_KEY_ID": first.access_key_id, "FIRST_SECRET_ACCESS_KEY": first.secret_access_key}
    rotated = json.loads(go.run(served, "rotate", OWNER, also=once))
    second = KeyPair(rotated["AccessKeyId"], rotated["SecretAccessKey"])
    assert (verdict(served, first), verdict(served, second)) == ("InvalidClientTokenId", arn)
    assert listed() == {second.access_key_id: "Active"}

    # the CLI revokes it: refused on the next request, still listed; then deleted, and nothing is listed
    key = ("--user-name", OWNER, "--access-key-id", second.access_key_id)
    aws("iam", "update-access-key", *key, "--status", "Inactive")
    assert verdict(served, second) == "InvalidClientTokenId"
    assert listed() == {second.access_key_id: "Inactive"}
    aws("iam", "delete-access-key", *key)
    assert verdict(served, second) == "InvalidClientTokenId"
    assert listed() == {}

    # and each call with either key is remembered with how it ended
    asked, refused = ("GetCallerIdentity", None), ("GetCallerIdentity", "InvalidClientTokenId")
    assert history(aws, first.access_key_id) == [asked, asked, asked, refused, refused]
    assert history(aws, second.access_key_id) == [asked, asked, refused, refused]

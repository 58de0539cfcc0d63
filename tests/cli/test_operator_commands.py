"""What an operator does at the machine: a root key, backups, a look at the keys, a tour."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.mark.covers("I2.program.root_key")
def test_a_root_key_made_while_akia_runs_works_at_once_and_is_on_record(home: Any) -> None:
    home.up("--workers", "2")
    made = home.run("root-key", "--data", str(home.data))
    assert made.code == 0
    profile = home.profile("root-profile")
    assert stat.S_IMODE((home.data / "root-profile").stat().st_mode) == 0o600
    assert profile["aws_secret_access_key"] not in made.out + made.err
    assert profile["aws_access_key_id"] in made.out
    for _ in range(4):
        assert home.client("sts", "root-profile").get_caller_identity()["Arn"].endswith(":root")
    event = next(event for event in home.events() if event["userIdentity"].get("invokedBy") == "akia root-key")
    assert (event["eventName"], event["eventType"]) == ("CreateAccessKey", "AwsServiceEvent")
    assert event["responseElements"]["accessKey"]["accessKeyId"] == profile["aws_access_key_id"]
    assert profile["aws_secret_access_key"] not in json.dumps(home.events())


@pytest.mark.covers("I2.program.root_key")
def test_root_has_two_keys_at_most_and_the_one_to_go_is_named(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    assert home.run("root-key", "--data", str(home.data)).code == 0
    first = home.profile("root-profile")["aws_access_key_id"]
    held = home.run("root-key", "--data", str(home.data))
    assert (held.code, held.is_readable_error) == (1, True)
    assert f"holds the secret of {first}, which is a root key still" in held.err
    (home.data / "root-profile").rename(home.data / "kept")
    assert home.run("root-key", "--data", str(home.data)).code == 0
    second = home.profile("root-profile")["aws_access_key_id"]
    full = home.run("root-key", "--data", str(home.data))
    assert (full.code, full.is_readable_error) == (1, True)
    assert first in full.err
    assert second in full.err
    strange = home.run("root-key", "--data", str(home.data), "--replace", "AKIAUNKNOWN")
    assert (strange.code, "is not a key of the root user" in strange.err) == (1, True)
    home.up()
    root = home.client("sts", "root-profile")
    assert root.get_caller_identity()["Arn"].endswith(":root")
    assert home.run("root-key", "--data", str(home.data), "--replace", second).code == 0
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        root.get_caller_identity()
    assert home.client("sts", "root-profile").get_caller_identity()["Arn"].endswith(":root")
    assert [event["eventName"] for event in home.events()].count("DeleteAccessKey") == 1


@pytest.mark.covers("I2.program.root_key", "I2.store.master_key")
def test_a_root_key_needs_the_master_key(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    shutil.rmtree(home.keys)
    refused = home.run("root-key", "--data", str(home.data))
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert not (home.data / "root-profile").exists()


@pytest.mark.covers("I2.program.backup")
def test_a_backup_made_while_akia_runs_brings_everything_back_elsewhere(home: Any) -> None:
    served = home.up()
    iam = home.client("iam")
    iam.create_user(UserName="alice")
    iam.list_users()
    made = home.run("backup", str(home.path / "backup"), "--data", str(home.data))
    assert made.code == 0
    assert "2 users" in made.out
    iam.create_user(UserName="later")
    copied = "".join(path.read_text("latin-1") for path in (home.path / "backup").rglob("*") if path.is_file())
    assert next(home.keys.iterdir()).read_text().strip() not in copied
    assert home.profile()["aws_secret_access_key"] not in copied
    served.stop()

    profile = (home.data / "profile").read_text()
    home.data.rename(home.path / "lost")
    restored = home.run("restore", str(home.path / "backup"), "--data", str(home.data))
    assert restored.code == 0
    (home.data / "profile").write_text(profile)
    home.up()
    assert [user["UserName"] for user in home.client("iam").list_users()["Users"]] == ["administrator", "alice"]
    names = [event["eventName"] for event in home.events()]
    assert {"CreateUser", "ListUsers", "RestoreBackup"} <= set(names)


@pytest.mark.covers("I2.program.backup")
def test_a_damaged_backup_or_one_without_its_master_key_is_not_restored_and_nothing_is_overwritten(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    backup = home.path / "backup"
    assert home.run("backup", str(backup), "--data", str(home.data)).code == 0
    for words in (("backup", str(backup), "--data", str(home.data)), ("restore", str(backup), "--data", str(home.data))):
        refused = home.run(*words)
        assert (refused.code, refused.is_readable_error) == (1, True)
        assert "exist" in refused.err or "already" in refused.err
    home.keys.rename(home.path / "keys")
    keyless = home.run("restore", str(backup), "--data", str(home.path / "new"))
    assert (keyless.code, "master key" in keyless.err) == (1, True)
    (home.path / "keys").rename(home.keys)
    content = (backup / "akia.json").read_text()
    (backup / "akia.json").write_text(content.replace('"account"', '"Account"'))
    damaged = home.run("restore", str(backup), "--data", str(home.path / "new"))
    assert (damaged.code, "is damaged" in damaged.err) == (1, True)
    (backup / "akia.json").write_text(content)
    assert home.run("restore", str(backup), "--data", str(home.path / "new")).code == 0


@pytest.mark.covers("I2.program.commands")
def test_keys_list_shows_every_users_keys_with_age_last_use_and_status(home: Any) -> None:
    home.up()
    iam = home.client("iam")
    iam.create_user(UserName="alice")
    made = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="alice", AccessKeyId=made, Status="Inactive")
    listed = home.run("keys", "list", "--data", str(home.data), "--json")
    assert listed.code == 0
    administrators, alices = json.loads(listed.out)
    assert (administrators["user"], administrators["status"], administrators["service"]) == ("administrator", "Active", "akia")
    assert administrators["last_used"] is not None
    assert (alices["user"], alices["access_key_id"], alices["status"], alices["last_used"]) == ("alice", made, "Inactive", None)
    table = home.run("keys", "list", "--data", str(home.data), COLUMNS="120").out
    assert [word for word in ("User", "Access key", "Status", "Age", "Last used") if word not in table.splitlines()[0]] == []
    assert "never" in next(line for line in table.splitlines() if made in line)


@pytest.mark.covers("I2.program.commands")
def test_keys_list_says_why_it_cannot(home: Any) -> None:
    home.run("init", "--data", str(home.data), "--port", "1")
    refused = home.run("keys", "list", "--data", str(home.data), AWS_MAX_ATTEMPTS="1")
    assert (refused.code, refused.is_readable_error) == (2, True)
    assert "http://127.0.0.1:1" in refused.err


@pytest.mark.covers("I2.program.commands")
def test_version_says_which(home: Any) -> None:
    assert home.run("version").out == home.run("--version").out
    assert home.run("version").out.startswith("akia ")


@pytest.mark.covers("I2.program.tour")
def test_the_tour_goes_as_told_and_leaves_nothing(home: Any) -> None:
    told = home.run("tour", AKIA_DATA=str(home.data))
    assert told.code == 0, told.out + told.err
    calls = [line for line in told.out.splitlines() if "$ aws " in line]
    outcomes = [line.strip() for line in told.out.splitlines() if line.strip().startswith(("ok", "refused"))]
    assert len(calls) == len(outcomes) >= 20
    reasons = " ".join(line for line in outcomes if line.startswith("refused"))
    for code in ("AccessDenied", "SignatureDoesNotMatch", "LimitExceeded", "InvalidClientTokenId", "DeleteConflict"):
        assert code in reasons
    assert "because no identity-based policy allows" in reasons
    assert list((home.path / "tmp").iterdir()) == []
    assert not home.data.exists()


POLICY: dict[str, Any] = {
    "PolicyName": "AmazonBrandNewServiceFullAccess",
    "CreateDate": "2026-11-01T00:00:00Z",
    "UpdateDate": "2026-11-01T00:00:00Z",
    "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"}]},
}
NEW = "arn:aws:iam::aws:policy/AmazonBrandNewServiceFullAccess"


@pytest.mark.covers("I4.managed_policies.updated")
def test_newer_managed_policies_are_loaded_while_akia_runs_and_hold_at_once(home: Any) -> None:
    home.up("--workers", "2")
    file = home.path / "newer.json"
    file.write_text(json.dumps([POLICY]))
    loaded = home.run("managed-policies", "load", str(file), "--data", str(home.data))
    assert (loaded.code, "1 policy read, 1 of them new or newer" in loaded.out) == (0, True)
    iam = home.client("iam")
    assert iam.get_policy(PolicyArn=NEW)["Policy"]["DefaultVersionId"] == "v1"
    narrower = POLICY["Document"] | {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    file.write_text(json.dumps(POLICY | {"DefaultVersionId": "v2", "Document": narrower}))
    assert home.run("managed-policies", "load", str(file), "--data", str(home.data)).code == 0
    assert "s3:GetObject" in json.dumps(iam.get_policy_version(PolicyArn=NEW, VersionId="v2")["PolicyVersion"]["Document"])
    assert iam.get_policy(PolicyArn=NEW)["Policy"]["DefaultVersionId"] == "v2"
    file.write_text(json.dumps(POLICY))
    again = home.run("managed-policies", "load", str(file), "--data", str(home.data))
    assert "0 of them new or newer" in again.out  # nothing goes back to an older version
    assert [event["eventName"] for event in home.events()].count("UpdateManagedPolicies") == 3


@pytest.mark.covers("I4.managed_policies.updated")
def test_what_is_no_managed_policy_is_refused_in_one_line(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    file = home.path / "bad.json"
    for text in ("{", "[1]", json.dumps(POLICY | {"PolicyName": "no/name"}), json.dumps(POLICY | {"PolicyName": "administratoraccess"})):
        file.write_text(text)
        refused = home.run("managed-policies", "load", str(file), "--data", str(home.data))
        assert (refused.code, refused.is_readable_error) == (1, True), text


@pytest.mark.covers("I4.managed_policies.updated")
def test_an_akia_of_another_edition_is_brought_up_to_date_when_it_starts(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    with sqlite3.connect(home.data / "akia.db") as older:
        older.execute("DELETE FROM policy_versions WHERE policy_id IN (SELECT id FROM managed_policies WHERE name = 'ReadOnlyAccess')")
        older.execute("DELETE FROM managed_policies WHERE name = 'ReadOnlyAccess'")
        older.execute("UPDATE editions SET edition = 'older'")
    older.close()
    home.up()
    assert home.client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]["IsAttachable"]
    assert [event["eventName"] for event in home.events()].count("UpdateManagedPolicies") == 1


def _session(home: Any) -> Any:
    """A client that signs with a session token."""
    made = home.client("sts").get_session_token()["Credentials"]
    session: Any = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], region_name="us-east-1")
    return session.client("sts", endpoint_url=home.profile()["endpoint_url"])


@pytest.mark.covers("I4.sessions.sealing_keys")
def test_data_keys_rotate_while_akia_runs_and_every_worker_knows_both(home: Any) -> None:
    home.up("--workers", "2")
    before = _session(home)
    assert before.get_caller_identity()
    rotated = home.run("rotate-data-keys", "--data", str(home.data))
    assert (rotated.code, "data keys were made" in rotated.out) == (0, True)
    after = [_session(home) for _ in range(4)]
    for _ in range(4):  # whichever worker answers
        assert before.get_caller_identity()
        assert [session.get_caller_identity()["Arn"] for session in after]
    assert home.client("iam").list_users()["Users"]  # secrets under the old key
    assert [event["eventName"] for event in home.events()].count("RotateDataKeys") == 1


@pytest.mark.covers("I4.sessions.sealing_keys")
def test_an_operator_ends_all_sessions_at_once(home: Any) -> None:
    home.up("--workers", "2")
    session = _session(home)
    for _ in range(6):  # remembered by both workers
        assert session.get_caller_identity()
    assert home.run("rotate-data-keys", "--end-sessions", "--data", str(home.data)).code == 0
    for _ in range(6):
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            session.get_caller_identity()
    assert _session(home).get_caller_identity()
    assert home.client("sts").get_caller_identity()  # keys are not sessions

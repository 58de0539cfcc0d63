"""`akia keys list|audit|unused|report` against an akia in process, and against the same as a plain IAM."""

from __future__ import annotations

import csv
import io
import json
import shlex
import stat
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.account import Commands, as_plain_iam, plant

from akia.cli.account_keys import progress
from akia.cli.account_keys.inventory import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I6.anywhere", "D1", "D2")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """An akia in process belongs to its thread."""
    monkeypatch.setattr(progress, "WORKERS", 1)


@pytest.fixture
def people(akia: Any) -> dict[str, KeyPair]:
    return plant(akia)


@pytest.fixture
def plain(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return as_plain_iam(akia, monkeypatch)


@pytest.fixture
def own(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(akia, akia.admin, monkeypatch)


PLANTED = {
    ("old", "key-age"): "high", ("ageing", "key-age"): "medium", ("idle", "key-unused"): "high", ("dozing", "key-unused"): "medium",
    ("never", "key-never-used"): "low", ("twice", "two-active-keys"): "medium", ("retired", "inactive-key"): "low",
    ("login", "no-mfa"): "high", ("boss", "admin-policy"): "high", ("chief", "admin-policy"): "high", (ROOT, "root-key"): "critical",
    ("old", "no-ip-restriction"): "low", ("old", "no-description"): "low",
}  # fmt: skip
ABSENT = [
    ("fenced", "no-description"),
    ("fenced", "no-ip-restriction"),
    ("fenced", "key-age"),
    ("twice", "key-unused"),
    ("retired", "no-mfa"),
]


@pytest.mark.parametrize("kind", ["own", "plain"])
def test_an_audit_finds_what_was_planted_and_not_what_was_not(kind: str, people: Any, request: pytest.FixtureRequest) -> None:
    run: Commands = request.getfixturevalue(kind)
    found = json.loads(run("keys", "audit", "--json").stdout)
    severity = {(each["user"], each["rule"]): each["severity"] for each in found}
    assert {planted: severity.get(planted) for planted in PLANTED} == PLANTED
    assert [absent for absent in ABSENT if absent in severity] == []
    assert [each["severity"] for each in found] == sorted(
        (each["severity"] for each in found), key=["critical", "high", "medium", "low"].index
    )
    by_key = {(each["rule"], each["access_key_id"]) for each in found}
    assert ("two-active-keys", people["twice"].access_key_id) in by_key  # the one that was used less lately


@pytest.mark.parametrize("kind", ["own", "plain"])
def test_the_commands_of_findings_are_real_and_mend_them(kind: str, akia: Any, people: Any, request: pytest.FixtureRequest) -> None:
    run: Commands = request.getfixturevalue(kind)
    rules = ("key-unused", "key-never-used", "two-active-keys", "inactive-key", "no-description", "admin-policy", "no-ip-restriction")
    for finding in json.loads(run("keys", "audit", "--json").stdout):
        if finding["rule"] in rules and finding["user"] in people:
            call(akia, finding["command"].replace("NETWORK_IN_QUOTES", '"192.0.2.0/24"'))
    left = {(each["user"], each["rule"]) for each in json.loads(run("keys", "audit", "--json").stdout)}
    assert sorted(each for each in left if each[1] in rules and each[0] in people and each[1] != "inactive-key") == []


def call(akia: Any, command: str) -> None:
    """What AWS's CLI would do."""
    program, service, operation, *options = shlex.split(command)
    assert program == "aws"
    parameters: dict[str, Any] = {}
    for name, value in zip(options[::2], options[1::2], strict=True):
        member = "".join(part.capitalize() for part in name.removeprefix("--").split("-"))
        parameters[member] = structure(member, value)
    getattr(akia.client(service), operation.replace("-", "_"))(**parameters)


def structure(member: str, value: str) -> Any:
    """A value of the CLI's, in its JSON or its shorthand."""
    if member == "Restrictions":
        return json.loads(value)
    if member in ("Tags", "Attributes"):
        pairs = dict(pair.split("=", 1) for pair in value.split(","))
        return [pairs] if member == "Tags" else pairs
    return value


def test_a_plain_iam_is_told_from_an_akia_and_says_in_one_line_what_it_lacks(plain: Commands, own: Commands, people: Any) -> None:
    told = plain("keys", "list").stderr.splitlines()
    assert told[0] == "account 123456789012 at http://akia.invalid (an akia whose own service you may not ask)"
    assert len(told) == 2
    assert "no expiry and restrictions" in told[1]
    assert own("keys", "list").stderr == "account 123456789012 at http://akia.invalid (akia)\n"


def test_both_list_the_same_keys(plain: Commands, own: Commands, people: Any) -> None:
    mine, theirs = (json.loads(run("keys", "list", "--output", "json").stdout) for run in (own, plain))
    assert {key["access_key_id"] for key in theirs} == {key["access_key_id"] for key in mine if key["user"] != ROOT}
    by_id = {key["access_key_id"]: key for key in mine}
    assert all(by_id[key["access_key_id"]]["created"] == key["created"] for key in theirs)
    assert by_id[people["idle"].access_key_id]["source_address"] == "127.0.0.1"
    assert {key["source_address"] for key in theirs} == {None}


@pytest.mark.parametrize("kind", ["own", "plain"])
def test_exit_codes_say_fine_found_or_failed(kind: str, akia: Any, people: Any, request: pytest.FixtureRequest) -> None:
    run: Commands = request.getfixturevalue(kind)
    run("keys", "audit", code=0)
    run("keys", "audit", "--check", code=1)
    run("keys", "audit", "--check", "--severity", "critical", code=1)
    run("keys", "audit", "--check", "--severity", "critical", "--ignore", "root-key", code=0)
    run("keys", "unused", "--check", "--days", "90", code=1)
    run("keys", "unused", "--check", "--days", "3000", code=0)
    run("report", "--check", "--output", "json", code=1)
    denied = {"Effect": "Deny", "Action": ["iam:ListUsers", "akia:*"], "Resource": "*"}
    name, document = ("steward" if kind == "plain" else "administrator"), json.dumps({"Version": "2012-10-17", "Statement": denied})
    akia.client("iam").put_user_policy(UserName=name, PolicyName="none", PolicyDocument=document)
    refused = run("keys", "audit", "--check", code=2)
    assert "AccessDenied" in refused.stderr
    assert "Traceback" not in refused.output


def test_what_may_not_be_asked_is_left_out_and_noted(akia: Any, plain: Commands, people: Any) -> None:
    denied = {"Effect": "Deny", "Action": ["iam:GenerateCredentialReport", "iam:GetAccountAuthorizationDetails"], "Resource": "*"}
    akia.client("iam").put_user_policy(
        UserName="steward", PolicyName="less", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": denied})
    )
    done = plain("keys", "audit", "--json")
    assert "It could not be found out who is an administrator: AccessDenied when calling GetAccountAuthorizationDetails." in done.stderr
    rules = {each["rule"] for each in json.loads(done.stdout)}
    assert "key-age" in rules
    assert not {"admin-policy", "root-key"} & rules


def test_restrictions_that_may_not_be_asked_for_are_not_taken_for_none(akia: Any, own: Commands, people: Any) -> None:
    denied = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "akia:GetAccessKeyRestrictions", "Resource": "*"}}
    akia.client("iam").put_user_policy(UserName="administrator", PolicyName="less", PolicyDocument=json.dumps(denied))
    done = own("keys", "audit", "--json")
    assert "It could not be found out how keys are restricted: AccessDenied" in done.stderr
    assert "no-ip-restriction" not in {each["rule"] for each in json.loads(done.stdout)}


def test_a_variable_of_aws_that_is_wrong_is_told(own: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")
    assert "AWS_MAX_ATTEMPTS is no number" in own("keys", "list", code=2).stderr


@pytest.mark.parametrize("kind", ["own", "plain"])
def test_unused_keys_are_switched_off_only_when_that_is_said(kind: str, akia: Any, people: Any, request: pytest.FixtureRequest) -> None:
    run: Commands = request.getfixturevalue(kind)

    def active() -> set[str]:
        return {each["access_key_id"] for each in json.loads(run("keys", "list", "--json").stdout) if each["status"] == "Active"}

    before, idle = active(), people["idle"].access_key_id
    assert [each["access_key_id"] for each in json.loads(run("keys", "unused", "--output", "json").stdout)] == [idle]
    assert "Nothing was changed" in run("keys", "unused", "--deactivate", sent="y\n").stderr  # no terminal, no answer
    assert active() == before
    run("keys", "unused", "--yes", code=2)
    done = run("keys", "unused", "--deactivate", "--yes")
    assert f"{idle} of idle: inactive now\n  back: aws iam update-access-key --user-name idle" in done.stderr
    assert active() == before - {idle}


def test_neither_the_key_that_signs_nor_the_root_users_is_switched_off(akia: Any, own: Commands) -> None:
    akia.akia.store.connection.execute("UPDATE access_keys SET created = created - 400 * 86400")
    akia.akia.store.connection.execute("DELETE FROM key_uses")
    done = own("keys", "unused", "--deactivate", "--yes")
    assert "only the root user can change it" in done.stderr
    assert [each["status"] for each in json.loads(own("keys", "list", "--json").stdout)] == ["Active", "Active"]


def test_a_key_that_is_used_meanwhile_stays(akia: Any, plain: Commands, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from akia.cli.account_keys import commands

    def agreed(count: int) -> bool:
        akia.client("sts", people["idle"]).get_caller_identity()
        return True

    monkeypatch.setattr(commands, "_agreed", agreed)
    assert "stays: it was used meanwhile" in plain("keys", "unused", "--deactivate").stderr


def test_a_report_is_written_for_its_owner_only_in_each_form(own: Commands, people: Any, tmp_path: Path) -> None:
    for form in ("html", "csv", "json"):
        path = tmp_path / f"report.{form}"
        own("report", "--output", form, "--to", str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes()[:3] != b"\xef\xbb\xbf"
    told = json.loads((tmp_path / "report.json").read_text())
    assert len(told["keys"]) == len(people) + 3  # the root user's, the administrator's, and a second one
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text())))
    assert [row["access_key_id"] for row in rows] == [key["access_key_id"] for key in told["keys"]]
    [row] = [row for row in rows if row["user"] == "old"]
    assert "high key-age" in row["findings"]
    assert f"akia keys rotate {people['old'].access_key_id} --to profile:NAME" in row["commands"]
    own("report", "--to", str(tmp_path / "report.txt"), code=2)
    assert own("keys", "report", "--output", "csv").stdout.splitlines()[0] == (tmp_path / "report.csv").read_text().splitlines()[0]


def test_a_report_shows_what_only_an_akia_knows(akia: Any, own: Commands, people: Any) -> None:
    key = people["old"].access_key_id
    akia.client("akia").put_access_key_restrictions(
        AccessKeyId=key, Restrictions={"Networks": ["127.0.0.0/8"], "ExpiresAt": "2099-01-01T00:00:00Z"}
    )
    akia.client("akia").update_access_key_attributes(AccessKeyId=key, Attributes={"Description": "export", "Owner": "data team"})
    told = json.loads(own("report", "--output", "json").stdout)
    [mine] = [each for each in told["keys"] if each["access_key_id"] == key]
    assert (mine["owner"], mine["description"], mine["expires"][:10]) == ("data team", "export", "2099-01-01")
    assert mine["restrictions"]["Networks"] == ["127.0.0.0/8"]
    assert {each["rule"] for each in told["findings"] if each["access_key_id"] == key} == {"key-age"}


def test_a_command_that_was_not_completed_locks_nobody_out(akia: Any, plain: Commands, people: Any, refused: Any) -> None:
    found = json.loads(plain("keys", "audit", "--json").stdout)
    [command] = [each["command"] for each in found if (each["user"], each["rule"]) == ("old", "no-ip-restriction")]
    words = shlex.split(command)
    document = words[words.index("--policy-document") + 1]
    iam = akia.client("iam")
    assert refused(iam.put_user_policy, UserName="old", PolicyName="p", PolicyDocument=document)[0] == "MalformedPolicyDocument"


def test_what_is_throttled_is_asked_again(akia: Any, plain: Commands, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    whole = json.loads(plain("keys", "audit", "--json").stdout)
    plain.throttled = 3
    assert json.loads(plain("keys", "audit", "--json").stdout) == whole
    assert len(pauses) > len(people)
    assert max(pauses) > 0


def test_what_is_throttled_for_ever_ends_with_two(plain: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    plain.throttled = 1
    assert "Throttling" in plain("keys", "list", code=2).stderr


def test_many_users_are_read_page_by_page(akia: Any, plain: Commands) -> None:
    iam = akia.client("iam")
    for number in range(205):
        iam.create_user(UserName=f"u{number:04}")
    iam.create_access_key(UserName="u0204")
    assert "u0204" in {each["user"] for each in json.loads(plain("keys", "list", "--json").stdout)}

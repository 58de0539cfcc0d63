"""`akia revoke` and `akia compromised`, against an akia in process, and against one that lets its caller have plain IAM only."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from akia.cli import endpoint, revoking
from akia.cli.program import program
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.covers("I6.revoke_commands", "C10", "E8")

DEAD, QUARANTINE = "InvalidClientTokenId", "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


def runner(monkeypatch: pytest.MonkeyPatch, clients: Any) -> Callable[..., str]:
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: clients)

    def call(*words: str, code: int = 0, answer: str | None = None) -> str:
        result = CliRunner().invoke(program, words, input=answer)
        assert result.exit_code == code, result.output
        return result.output

    return call


@pytest.fixture
def run(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The program, as the administrator."""
    return runner(monkeypatch, lambda service: akia.client(service, akia.admin))


@pytest.fixture
def plain(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The program where there is nothing but IAM, STS and CloudTrail."""
    operator = akia.person("operator", {"Action": "*"}, {"Effect": "Deny", "Action": "akia:*"})
    return runner(monkeypatch, operator.client)


@pytest.fixture
def bob(akia: Any) -> Any:
    trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}
    akia.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    return akia.person("bob", {"Action": "*"})


def of_session(akia: Any, taken: Any, service: str = "sts") -> Any:
    made = taken["Credentials"]
    return akia.client(service, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


def ops(akia: Any, person: Any) -> Any:
    return person.client("sts").assume_role(RoleArn=f"arn:aws:iam::{akia.account}:role/ops", RoleSessionName="ops")


def statuses(akia: Any, user: str) -> list[str]:
    return [key["Status"] for key in akia.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]]


def test_one_key_is_ended_with_its_sessions(akia: Any, run: Callable[..., str], bob: Any, refused: Any) -> None:
    sessions = [of_session(akia, taken) for taken in (bob.client("sts").get_session_token(), ops(akia, bob))]
    assert run("revoke", bob.key.access_key_id).splitlines()[0] == f"{bob.key.access_key_id} of bob is inactive"
    for sts in (bob.client("sts"), *sessions):
        assert refused(sts.get_caller_identity)[0] == DEAD


def test_ones_own_key_can_be_ended_too(akia: Any, run: Callable[..., str], refused: Any) -> None:
    taken = of_session(akia, akia.client("sts", akia.admin).get_session_token())
    assert "is inactive" in run("revoke", akia.admin.access_key_id)
    assert refused(akia.client("sts", akia.admin).get_caller_identity)[0] == DEAD
    assert refused(taken.get_caller_identity)[0] == DEAD


def test_all_of_a_user_end_after_a_question(akia: Any, run: Callable[..., str], bob: Any, refused: Any) -> None:
    akia.client("iam").create_access_key(UserName="bob")
    taken = of_session(akia, bob.client("sts").get_session_token())
    assert "End 2 keys" in run("revoke", "--all-of", "bob", answer="n\n", code=1)
    assert statuses(akia, "bob") == ["Active", "Active"]
    run("revoke", "--all-of", "bob", "--yes")
    assert statuses(akia, "bob") == ["Inactive", "Inactive"]
    assert refused(taken.get_caller_identity)[0] == DEAD


def test_all_that_are_too_old_end_but_for_the_one_that_signs(akia: Any, run: Callable[..., str], bob: Any) -> None:
    akia.person("eve")
    old = (bob.key.access_key_id, akia.admin.access_key_id)
    akia.akia.store.connection.execute(f"UPDATE access_keys SET created = created - 9000000 WHERE id IN {old}")
    assert f"{akia.admin.access_key_id} of administrator is left alone" in run("revoke", "--older-than", "90")
    assert (statuses(akia, "bob"), statuses(akia, "eve"), statuses(akia, "administrator")) == (["Inactive"], ["Active"], ["Active"])
    assert "no key is meant" in run("revoke", "--older-than", "90", "--all-of", "eve")


def test_sessions_of_a_role_end(akia: Any, run: Callable[..., str], bob: Any, refused: Any) -> None:
    taken = of_session(akia, ops(akia, bob))
    assert re.fullmatch(
        r"ops: sessions of the role have ended, if they were made until .* UTC\n", run("revoke", "--sessions-of-role", "ops")
    )
    assert refused(taken.get_caller_identity)[0] == DEAD
    assert statuses(akia, "bob") == ["Active"]


@pytest.mark.parametrize("words", [[], ["AKIAX", "--all-of", "bob"], ["--sessions-of-role", "r", "--older-than", "1"]], ids=len)
def test_what_is_meant_must_be_said_once(run: Callable[..., str], words: list[str]) -> None:
    assert "Usage: " in run("revoke", *words, code=2)


def test_what_does_not_exist_is_told_in_one_line(akia: Any, run: Callable[..., str]) -> None:
    assert "nobody" in run("revoke", "--all-of", "nobody", code=1)
    assert "cannot be found" in run("revoke", "AKIA" + "Q" * 16, code=1)
    assert "There is no access key" in run("compromised", "AKIA" + "Q" * 16, code=1)


def test_where_there_is_only_iam_its_own_means_are_used(akia: Any, plain: Callable[..., str], bob: Any) -> None:
    told = plain("revoke", bob.key.access_key_id)
    assert "what plain IAM can do is done" in told and "IAM cannot tell which key a session is from" in told
    assert statuses(akia, "bob") == ["Inactive"]
    document = akia.client("iam").get_user_policy(UserName="bob", PolicyName="AWSRevokeOlderSessions")["PolicyDocument"]
    [statement] = document["Statement"]
    now = statement["Condition"]["DateLessThan"].pop("aws:TokenIssueTime")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", now)
    assert statement == {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {}}}
    assert "AWSRevokeOlderSessions denies" in plain("revoke", "--sessions-of-role", "ops")
    assert akia.client("iam").list_role_policies(RoleName="ops")["PolicyNames"] == ["AWSRevokeOlderSessions"]


def test_the_policy_of_plain_iam_ends_sessions_that_are_older_and_no_others(akia: Any, bob: Any, refused: Any) -> None:
    taken = of_session(akia, bob.client("sts").get_session_token(), "cloudtrail")
    taken.lookup_events()
    document = json.loads(revoking._older_than_now()[0])
    condition = document["Statement"][0]["Condition"]["DateLessThan"]
    for time, ends in (("2020-01-01T00:00:00.000Z", False), ("2099-01-01T00:00:00.000Z", True)):
        condition["aws:TokenIssueTime"] = time
        akia.client("iam").put_user_policy(UserName="bob", PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(document))
        if ends:
            assert refused(taken.lookup_events)[0] == "AccessDeniedException"
        else:
            taken.lookup_events()
        bob.client("iam").list_users()  # keys have no token, and are not meant


def test_who_may_end_sessions_and_nothing_else_of_akia_does_so(akia: Any, monkeypatch: pytest.MonkeyPatch, bob: Any, refused: Any) -> None:
    run = runner(monkeypatch, akia.person("warden", {"Action": ["akia:RevokeSessions", "akia:ReportCompromisedKey", "iam:*"]}).client)
    taken = of_session(akia, ops(akia, bob))
    assert "plain IAM" not in run("revoke", "--sessions-of-role", "ops")
    assert refused(taken.get_caller_identity)[0] == DEAD
    assert "plain IAM" not in run("compromised", bob.key.access_key_id)
    assert len(akia.client("akia").list_compromise_reports()["Reports"]) == 1


def test_where_nobody_knows_the_service_akia_plain_iam_is_used(monkeypatch: pytest.MonkeyPatch, akia: Any, capsys: Any) -> None:
    def clients(service: str) -> Any:
        made = akia.client(service, akia.admin)
        if service == "akia":
            made.list_access_keys = unknown
        return made

    def unknown(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "UnknownOperationException"}}, "ListAccessKeys")

    assert revoking.own_service_of(clients) is None
    assert "no service akia at " in capsys.readouterr().err


def test_aws_itself_is_not_asked_for_the_service_akia() -> None:
    session: Any = boto3.Session("AKIAX", "x", region_name="us-east-1")
    asked: list[str] = []

    def clients(service: str) -> Any:
        asked.append(service)
        return session.client(service)

    assert revoking.own_service_of(clients) is None
    assert "akia" not in asked


def test_a_leaked_key_is_contained_replaced_and_its_story_kept(
    akia: Any, run: Callable[..., str], bob: Any, refused: Any, tmp_path: Path
) -> None:
    bob.client("iam").list_users()
    of_session(akia, bob.client("sts").get_session_token()).get_caller_identity()
    file = tmp_path / "story.jsonl"
    told = run("compromised", bob.key.access_key_id, "--replace", "--timeline", str(file), "--note", "paste")
    assert f"{bob.key.access_key_id} of bob is inactive" in told and f"bob is under {QUARANTINE}" in told
    found = re.search(r"in its place: (\w+)\nits secret, shown only now: (\S+)\n", told)
    assert found is not None
    akia.client("sts", KeyPair(found[1], found[2])).get_caller_identity()
    assert refused(bob.client("sts").get_caller_identity)[0] == DEAD
    names = [json.loads(line)["EventName"] for line in file.read_text().splitlines()]
    assert {"CreateAccessKey", "ListUsers", "GetSessionToken", "GetCallerIdentity", "ReportCompromisedKey"} <= set(names)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and found[2] not in file.read_text()
    assert akia.client("akia").list_compromise_reports()["Reports"][0]["Note"] == "paste"


def test_a_timeline_that_cannot_be_written_stops_nothing_and_overwrites_nothing(
    akia: Any, run: Callable[..., str], bob: Any, refused: Any, tmp_path: Path
) -> None:
    file = tmp_path / "evidence"
    file.write_text("of another day")
    assert "cannot be written" in run("compromised", bob.key.access_key_id, "--timeline", str(file), code=1)
    assert refused(bob.client("sts").get_caller_identity)[0] == DEAD
    assert file.read_text() == "of another day"


def test_a_leaked_key_where_there_is_only_iam(akia: Any, plain: Callable[..., str], bob: Any, refused: Any, tmp_path: Path) -> None:
    bob.client("iam").list_users()
    file = tmp_path / "story.jsonl"
    told = plain("compromised", bob.key.access_key_id, "--replace", "--timeline", str(file))
    assert statuses(akia, "bob") == ["Inactive", "Active"] and "in its place: AKIA" in told
    assert refused(bob.client("sts").get_caller_identity)[0] == DEAD
    iam = akia.client("iam")
    assert [each["PolicyArn"] for each in iam.list_attached_user_policies(UserName="bob")["AttachedPolicies"]] == [QUARANTINE]
    assert "AWSRevokeOlderSessions" in iam.list_user_policies(UserName="bob")["PolicyNames"]
    assert "not of its sessions" in told
    assert "ListUsers" in {json.loads(line)["eventName"] for line in file.read_text().splitlines()}


def test_where_there_is_only_iam_one_step_that_fails_keeps_no_other_from_being_done(
    akia: Any, monkeypatch: pytest.MonkeyPatch, bob: Any
) -> None:
    deny = {"Effect": "Deny", "Action": ["akia:*", "iam:AttachUserPolicy"]}
    run = runner(monkeypatch, akia.person("operator", {"Action": "*"}, deny).client)
    assert "iam:AttachUserPolicy" in run("compromised", bob.key.access_key_id, code=1)
    assert statuses(akia, "bob") == ["Inactive"]
    assert "AWSRevokeOlderSessions" in akia.client("iam").list_user_policies(UserName="bob")["PolicyNames"]

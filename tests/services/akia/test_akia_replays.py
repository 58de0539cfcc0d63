"""Replays: what would have been decided is what is decided, once the draft is in force."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from akia.aws.errors import ServiceUnavailable
from akia.jobs import run_replays
from akia.jobs.run_replays import RunReplays
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.covers("I3.drafts.replay", "X2")

START = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the account's root."""
    return akia.client("akia")


@pytest.fixture
def replayed(own: Any) -> Callable[..., tuple[Any, list[Any]]]:
    """`replayed(document, PrincipalArn=…)`: a replay that is over, and its results."""

    def run(document: str, **parameters: Any) -> tuple[Any, list[Any]]:
        started = own.start_replay(**{"PolicyDocument": document, "StartTime": START, **parameters})
        done = own.get_replay(ReplayId=started["ReplayId"])["Replay"]
        assert done["Status"] == "COMPLETED"
        pages = own.get_paginator("list_replay_results").paginate(ReplayId=started["ReplayId"])
        return done, [result for page in pages for result in page["Results"]]

    return run


def attempt(call: Any, **parameters: Any) -> bool:
    """Whether it was allowed."""
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
        return False
    return True


def trust(account: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": actions or ["sts:AssumeRole"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role_client(akia: Any, person: Any, role: str, service: str, **session: Any) -> Any:
    credentials = person.client("sts").assume_role(RoleArn=role, RoleSessionName="work", **session)["Credentials"]
    pair = type(person.key)(credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return akia.client(service, pair, token=credentials["SessionToken"])


def test_a_draft_shows_what_it_would_deny_and_what_it_would_allow(akia: Any, policy: Any, replayed: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").list_users()
    bob.client("iam").get_user()
    attempt(bob.client("cloudtrail").lookup_events)
    draft = policy({"Effect": "Deny", "Sid": "No", "Action": "iam:List*"}, {"Sid": "Yes", "Action": "cloudtrail:*"})
    done, results = replayed(draft, PrincipalArn=bob.arn)
    assert {name: done[name] for name in done if name.endswith("Count")} == {
        "EventCount": 3,
        "ExaminedEventCount": 3,
        "DecisionCount": 3,
        "UnanswerableCount": 0,
        "OutdatedCount": 0,
        "NewlyAllowedCount": 1,
        "NewlyDeniedCount": 1,
    }
    assert (done["PercentComplete"], done["PolicyDocument"], done["PrincipalArn"]) == (100, draft, bob.arn)
    denied, allowed = results
    assert {name: denied[name] for name in denied.keys() - {"EventId", "EventTime"}} == {
        "PrincipalArn": bob.arn,
        "Action": "iam:ListUsers",
        "Resource": f"arn:aws:iam::{akia.account}:user/",
        "Change": "NEWLY_DENIED",
        "RecordedDecision": "allowed",
        "CurrentDecision": "allowed",
        "DraftDecision": "explicitDeny",
        "DecidingStatements": [{"Policy": "draft", "Sid": "No", "Position": 1}],
    }
    assert (allowed["Action"], allowed["Change"], allowed["DecidingStatements"][0]["Sid"]) == (
        "cloudtrail:LookupEvents",
        "NEWLY_ALLOWED",
        "Yes",
    )
    events = akia.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": denied["EventId"]}])
    assert [event["EventName"] for event in events["Events"]] == ["ListUsers"]


CONDITIONS = {
    "username": {"StringEquals": {"aws:username": "bob"}},
    "user id": {"StringLike": {"aws:userid": "AIDA*"}},
    "type": {"StringEquals": {"aws:PrincipalType": "User"}},
    "arn": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/bob"}},
    "account": {"StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:ResourceAccount": "123456789012"}},
    "address": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
    "agent": {"StringLike": {"aws:UserAgent": "Boto3/*"}},
    "region": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    "transport": {"Bool": {"aws:SecureTransport": "false"}},
    "service": {"Bool": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}},
    "time": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "epoch": {"NumericGreaterThan": {"aws:EpochTime": "1577836800"}},
    "no session": {"Null": {"aws:TokenIssueTime": "true", "aws:MultiFactorAuthPresent": "true", "aws:SourceIdentity": "true"}},
    "principal tag": {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    "request tag": {"StringEquals": {"aws:RequestTag/cost": "1"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}},
    "no such agent": {"StringLike": {"aws:UserAgent": "curl/*"}},
    "other address": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    "other tag": {"StringEquals": {"aws:RequestTag/cost": "2"}},
    "another year": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("was_allowed", [True, False])
def test_nt_96_the_draft_decides_on_the_past_as_it_does_when_it_is_in_force(
    akia: Any, policy: Any, replayed: Any, name: str, was_allowed: bool
) -> None:
    iam = akia.client("iam")
    bob = akia.person("bob", *([{"Action": ["iam:CreateUser", "iam:TagUser"]}] if was_allowed else []))
    iam.tag_user(UserName="bob", Tags=[{"Key": "Team", "Value": "red"}])
    call = {"Tags": [{"Key": "cost", "Value": "1"}]}
    assert attempt(bob.client("iam").create_user, UserName="past", **call) is was_allowed
    effect = "Deny" if was_allowed else "Allow"
    draft = policy(
        {"Effect": effect, "Action": ["iam:CreateUser", "iam:TagUser"], "Condition": CONDITIONS[name]}, {"Action": "iam:TagUser"}
    )
    done, results = replayed(draft, PrincipalArn=bob.arn)
    assert done["DecisionCount"] >= 1
    changed = bool(results)
    iam.put_user_policy(UserName="bob", PolicyName="draft", PolicyDocument=draft)
    assert attempt(bob.client("iam").create_user, UserName="future", **call) is (was_allowed is not changed)


def test_in_place_of_an_inline_policy_a_tighter_one_shows_what_it_lacks(akia: Any, policy: Any, replayed: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").list_users()
    bob.client("iam").get_user()
    done, (result,) = replayed(policy({"Action": "iam:Get*"}), PrincipalArn=bob.arn, Replaces="test")
    assert (result["Action"], result["DraftDecision"], result["DecidingStatements"]) == ("iam:ListUsers", "implicitDeny", [])
    assert done["Replaces"] == "test"


def test_in_place_of_a_managed_policy_the_draft_is_tried_on_all_who_have_it_and_on_nobody_else(
    akia: Any, policy: Any, replayed: Any
) -> None:
    iam = akia.client("iam")
    arn = iam.create_policy(PolicyName="wide", PolicyDocument=policy({"Action": "iam:*"}))["Policy"]["Arn"]
    iam.create_group(GroupName="ops")
    iam.attach_group_policy(GroupName="ops", PolicyArn=arn)
    direct, member, other = akia.person("direct"), akia.person("member"), akia.person("other", {"Action": "iam:*"})
    iam.attach_user_policy(UserName="direct", PolicyArn=arn)
    iam.add_user_to_group(GroupName="ops", UserName="member")
    for person in (direct, member, other):
        person.client("iam").list_users()
    _, results = replayed(policy({"Action": "iam:Get*"}), Replaces=arn)
    assert {result["PrincipalArn"] for result in results} == {direct.arn, member.arn}


def test_a_role_s_sessions_are_replayed_with_what_they_carried(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob", {"Action": "sts:*"})
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(akia.account, "sts:AssumeRole", "sts:TagSession"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": "iam:*"}))
    role_client(akia, bob, role, "iam", Tags=[{"Key": "team", "Value": "red"}]).list_users()
    role_client(akia, bob, role, "iam", Tags=[{"Key": "team", "Value": "blue"}]).list_users()
    red = {"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalArn": role}, "Null": {"aws:TokenIssueTime": "false"}}
    done, results = replayed(policy({"Effect": "Deny", "Action": "iam:*", "Condition": red}), PrincipalArn=role)
    assert (done["DecisionCount"], len(results)) == (2, 1)
    assert results[0]["PrincipalArn"].endswith("assumed-role/r/work")


def test_a_draft_cannot_give_what_the_session_s_own_policy_withheld(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob", {"Action": "sts:*"})
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(akia.account))["Role"]["Arn"]
    session = role_client(akia, bob, role, "iam", Policy=policy({"Action": "iam:ListUsers"}))
    assert not attempt(session.list_users)
    assert not attempt(session.list_roles)
    _, results = replayed(policy({"Action": "iam:*"}), PrincipalArn=role)
    assert [result["Action"] for result in results] == ["iam:ListUsers"]


def test_what_a_session_s_own_policy_allowed_then_it_does_not_forbid_now(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob", {"Action": "sts:*"})
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(akia.account))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy({"Action": "iam:*"}))
    role_client(akia, bob, role, "iam", Policy=policy({"Action": "iam:ListUsers"})).list_users()
    done, results = replayed(policy({"Action": "iam:List*"}), PrincipalArn=role, Replaces="p")
    assert (done["OutdatedCount"], results) == (0, [])


def test_assuming_a_role_is_replayed_with_the_role_s_trust_policy(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(akia.account))["Role"]["Arn"]
    closed = iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:role/r"))["Role"]["Arn"]
    for arn in (role, closed):
        assert not attempt(bob.client("sts").assume_role, RoleArn=arn, RoleSessionName="work")
    _, results = replayed(policy({"Action": "sts:AssumeRole"}), PrincipalArn=bob.arn)
    assert [result["Resource"] for result in results] == [role]
    iam.delete_role(RoleName="closed")
    assert replayed(policy({"Action": "sts:AssumeRole"}), PrincipalArn=bob.arn)[0]["UnanswerableCount"] == 1


def test_a_boundary_is_not_overcome_by_a_draft(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob")
    boundary = iam.create_policy(PolicyName="b", PolicyDocument=policy({"Action": "iam:Get*"}))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    assert not attempt(bob.client("iam").get_user)
    assert not attempt(bob.client("iam").list_users)
    _, results = replayed(policy({"Action": "iam:*"}), PrincipalArn=bob.arn)
    assert [result["Action"] for result in results] == ["iam:GetUser"]
    _, results = replayed(policy({"Action": "iam:*"}), PrincipalArn=bob.arn, Replaces=boundary)
    assert results == []  # the boundary alone allows nothing


def test_what_other_changes_did_is_counted_and_is_not_the_draft_s_doing(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").list_users()
    iam.delete_user_policy(UserName="bob", PolicyName="test")
    done, results = replayed(policy({"Action": "s3:*"}), PrincipalArn=bob.arn)
    assert (done["OutdatedCount"], results) == (1, [])
    done, (result,) = replayed(policy({"Action": "iam:*"}), PrincipalArn=bob.arn)
    assert (result["RecordedDecision"], result["CurrentDecision"], result["DraftDecision"]) == ("allowed", "implicitDeny", "allowed")


def test_the_requests_of_who_is_gone_are_not_a_namesake_s(akia: Any, policy: Any, replayed: Any) -> None:
    iam, bob = akia.client("iam"), akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").list_users()
    iam.delete_user_policy(UserName="bob", PolicyName="test")
    iam.delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    iam.delete_user(UserName="bob")
    akia.person("bob", {"Action": "iam:*"})
    draft = policy({"Effect": "Deny", "Action": "iam:ListUsers"})
    assert replayed(draft, PrincipalArn=bob.arn)[0]["EventCount"] == 0
    done, results = replayed(draft)
    assert (done["UnanswerableCount"], results) == (1, [])


def test_root_s_requests_are_replayed_and_no_draft_binds_it(akia: Any, policy: Any, replayed: Any) -> None:
    akia.client("iam").list_users()
    done, results = replayed(policy({"Effect": "Deny", "Action": "*"}))
    assert done["DecisionCount"] > 0
    assert [result for result in results if result["PrincipalArn"].endswith(":root")] == []


def test_only_the_period_and_the_account_count(akia: Any, own: Any, policy: Any, replayed: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    bob.client("iam").list_users()
    deny = policy({"Effect": "Deny", "Action": "iam:ListUsers"})
    assert replayed(deny, EndTime=START + timedelta(hours=1))[0]["EventCount"] == 0
    akia.akia.authority.drain_journals()
    akia.akia.authority.end_reading()
    store = akia.akia.store
    (row,) = (event for event in store.events.lookup(akia.account) if event.name == "ListUsers")
    store.connection.begin_immediate()
    store.events.add([EventRow(*row)._replace(account="999999999999", event_id="other")])
    store.connection.commit()
    assert replayed(deny)[0]["NewlyDeniedCount"] == 1


def test_results_come_by_change_and_in_pages(akia: Any, own: Any, policy: Any) -> None:
    bob = akia.person("bob", {"Action": "iam:*"})
    for _ in range(3):
        bob.client("iam").list_users()
        attempt(bob.client("cloudtrail").lookup_events)
    draft = policy({"Effect": "Deny", "Action": "iam:List*"}, {"Action": "cloudtrail:*"})
    replay = own.start_replay(PolicyDocument=draft, StartTime=START, PrincipalArn=bob.arn)["ReplayId"]
    for change in ("NEWLY_DENIED", "NEWLY_ALLOWED"):
        pages = own.get_paginator("list_replay_results").paginate(ReplayId=replay, Change=change, PaginationConfig={"PageSize": 2})
        found = [[result["Change"] for result in page["Results"]] for page in pages]
        assert found == [[change] * 2, [change]]


# Steps


def test_a_replay_goes_on_in_steps_and_can_be_stopped_and_deleted(
    akia: Any, own: Any, policy: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_replays, "STEP_EVENTS", 2)
    bob = akia.person("bob", {"Action": "iam:*"})
    for _ in range(9):
        bob.client("iam").list_users()
    deny = policy({"Effect": "Deny", "Action": "*"})
    replay = own.start_replay(PolicyDocument=deny, StartTime=START, PrincipalArn=bob.arn)["ReplayId"]
    told = [own.get_replay(ReplayId=replay)["Replay"] for _ in range(6)]
    assert [each["ExaminedEventCount"] for each in told] == [2, 4, 6, 8, 9, 9]
    assert [each["PercentComplete"] for each in told] == [22, 44, 66, 88, 100, 100]
    assert [each["Status"] for each in told] == ["RUNNING"] * 4 + ["COMPLETED"] * 2
    assert told[-1]["NewlyDeniedCount"] == 9
    assert refused(own.stop_replay, ReplayId=replay)[:2] == ("ConflictException", 400)
    other = own.start_replay(PolicyDocument=deny, StartTime=START, PrincipalArn=bob.arn)["ReplayId"]
    assert refused(own.delete_replay, ReplayId=other)[:2] == ("ConflictException", 400)
    own.stop_replay(ReplayId=other)
    stopped = own.get_replay(ReplayId=other)["Replay"]
    assert stopped["Status"] == "STOPPED"
    assert own.get_replay(ReplayId=other)["Replay"] == stopped
    assert own.list_replay_results(ReplayId=other)["Results"]
    assert [each["ReplayId"] for each in own.list_replays()["Replays"]] == [other, replay]
    own.delete_replay(ReplayId=other)
    assert [each["ReplayId"] for each in own.list_replays()["Replays"]] == [replay]
    for call in (own.get_replay, own.list_replay_results, own.stop_replay, own.delete_replay):
        assert refused(call, ReplayId=other)[:2] == ("ResourceNotFoundException", 400)


def test_on_a_loop_all_steps_are_taken_and_a_second_worker_leaves_them_to_the_first(
    akia: Any, own: Any, policy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_replays, "STEP_EVENTS", 1)
    monkeypatch.setattr(akia._direct, "_afterwards", lambda writer, wrote: None)
    bob = akia.person("bob", {"Action": "iam:*"})
    for _ in range(5):
        bob.client("iam").list_users()
    replay = own.start_replay(PolicyDocument=policy({"Effect": "Deny", "Action": "*"}), StartTime=START, PrincipalArn=bob.arn)["ReplayId"]
    taken: list[bool] = []

    async def do(work: Callable[[Any], bool]) -> bool:
        batch = akia.akia.writer.open()
        taken.append(work(batch))
        batch.commit()
        return taken[-1]

    stale = akia.akia.replays.step()
    asyncio.run(RunReplays(akia.akia.authority).once(do))
    assert taken == [True] * 6
    asyncio.run(do(stale.enter))
    assert taken[-1] is False
    done = own.get_replay(ReplayId=replay)["Replay"]
    assert (done["Status"], done["ExaminedEventCount"], done["NewlyDeniedCount"]) == ("COMPLETED", 5, 5)


def test_a_store_that_cannot_be_written_keeps_a_replay_waiting(akia: Any, own: Any, policy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise ServiceUnavailable("full")

    writer = akia.akia.writer
    replay = {"PolicyDocument": policy({"Action": "*"}), "StartTime": START}
    replay_id = own.start_replay(**replay)["ReplayId"]
    store = akia.akia.store
    store.connection.execute("UPDATE replays SET status = 'RUNNING', position = ''")
    with monkeypatch.context() as broken:
        broken.setattr(type(writer), "open", lambda self: full())
        assert own.get_replay(ReplayId=replay_id)["Replay"]["Status"] == "RUNNING"
    own.list_replays()
    assert own.get_replay(ReplayId=replay_id)["Replay"]["Status"] == "COMPLETED"


def test_an_event_that_cannot_be_read_ends_the_replay_as_failed_and_quotes_nothing(
    akia: Any, own: Any, policy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken = EventRow("e", "r", akia.account, 10**12, "n", "s", "u", "AKIA1", True, True, "", "r", "{}", '[{"principalId":"AIDACANARY"}]')
    store = akia.akia.store
    store.connection.begin_immediate()
    store.events.add([broken])
    store.connection.commit()
    replay = own.start_replay(PolicyDocument=policy({"Action": "*"}), StartTime=datetime.fromtimestamp(0, UTC))["ReplayId"]
    assert own.get_replay(ReplayId=replay)["Replay"]["Status"] == "FAILED"
    assert "KeyError" in caplog.text
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize(
    ("parameters", "code", "part"),
    [
        ({"PolicyDocument": "{"}, "MalformedPolicyDocument", ""),
        ({"PolicyDocument": "x" * 10_241}, "ServiceQuotaExceededException", "10240"),
        ({"PrincipalArn": "arn:aws:iam::123456789012:user/nobody"}, "ResourceNotFoundException", "nobody"),
        ({"PrincipalArn": "arn:aws:iam::123456789012:group/ops"}, "ValidationException", "user or role"),
        ({"Replaces": "inline"}, "ValidationException", "PrincipalArn"),
        ({"Replaces": "arn:aws:iam::123456789012:policy/none"}, "ResourceNotFoundException", "none"),
        ({"StartTime": datetime.now(UTC) + timedelta(days=1)}, "ValidationException", "StartTime"),
        ({"EndTime": START - timedelta(days=1)}, "ValidationException", "StartTime"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    akia: Any, own: Any, policy: Any, refused: Any, parameters: dict[str, Any], code: str, part: str
) -> None:
    akia.client("iam").create_group(GroupName="ops")
    found, status, message = refused(own.start_replay, **({"PolicyDocument": policy({"Action": "*"}), "StartTime": START} | parameters))
    assert (found, status) == (code, 400)
    assert part in message


def test_an_account_has_room_for_a_hundred_replays(akia: Any, own: Any, policy: Any, refused: Any) -> None:
    replay = {"PolicyDocument": policy({"Action": "*"}), "StartTime": datetime.now(UTC) - timedelta(seconds=1)}
    for _ in range(100):
        own.start_replay(**replay)
    assert refused(own.start_replay, **replay)[:2] == ("ServiceQuotaExceededException", 400)
    assert len(own.get_paginator("list_replays").paginate().build_full_result()["Replays"]) == 100

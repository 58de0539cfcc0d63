"""Policies generated from what was really done."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from akia.services.accessanalyzer.least_privilege import least_privilege
from akia.store.trail.evidence import Use

FOREVER = {"Action": "*"}


def _policy(answer: Any) -> Any:
    return json.loads(answer["generatedPolicyResult"]["generatedPolicies"][0]["policy"])["Statement"]


@pytest.fixture
def analyzer(akia: Any) -> Any:
    return akia.client("accessanalyzer")


def _start(analyzer: Any, arn: str, **more: Any) -> str:
    job: str = analyzer.start_policy_generation(policyGenerationDetails={"principalArn": arn}, **more)["jobId"]
    return job


def test_the_policy_names_what_was_allowed_and_nothing_else(akia: Any, analyzer: Any, refused: Any) -> None:
    worker = akia.person("worker", {"Action": ["iam:Get*", "iam:ListUsers", "iam:CreateUser"]})
    iam = worker.client("iam")
    iam.get_user(UserName="worker")
    iam.list_users()
    iam.create_user(UserName="made")
    iam.get_user(UserName="made")
    refused(iam.delete_user, UserName="made")
    akia.client("iam").list_roles()
    job = _start(analyzer, worker.arn)
    answer = analyzer.get_generated_policy(jobId=job)
    assert answer["jobDetails"]["status"] == "SUCCEEDED"
    assert answer["generatedPolicyResult"]["properties"] == {"principalArn": worker.arn, "isComplete": True}
    users = f"arn:aws:iam::{akia.account}:user"
    assert {tuple(each["Action"]): each["Resource"] for each in _policy(answer)} == {
        ("iam:CreateUser",): [f"{users}/made"],
        ("iam:GetUser",): [f"{users}/made", f"{users}/worker"],
        ("iam:ListUsers",): [f"{users}/"],
    }


def test_the_generated_policy_is_enough_to_do_it_all_again(akia: Any, analyzer: Any) -> None:
    worker = akia.person("worker", FOREVER)
    iam = worker.client("iam")

    def work() -> None:
        iam.create_user(UserName="made", Tags=[{"Key": "a", "Value": "b"}])
        iam.list_user_tags(UserName="made")
        iam.delete_user(UserName="made")

    work()
    text = analyzer.get_generated_policy(jobId=_start(analyzer, worker.arn))["generatedPolicyResult"]["generatedPolicies"][0]["policy"]
    akia.client("iam").put_user_policy(UserName="worker", PolicyName="test", PolicyDocument=text)
    work()


def test_a_role_has_the_policy_of_its_sessions(akia: Any, analyzer: Any, policy: Any) -> None:
    iam = akia.client("iam")
    trust = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": akia.account}}}
    )
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=policy(FOREVER))
    someone = akia.person("someone", FOREVER)
    made = someone.client("sts").assume_role(RoleArn=role, RoleSessionName="monday")["Credentials"]
    from akia.store.founding import KeyPair

    session = akia.client("iam", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])
    session.list_groups()
    (statement,) = _policy(analyzer.get_generated_policy(jobId=_start(analyzer, role)))
    assert statement["Action"] == ["iam:ListGroups"]


def test_placeholders_stand_for_the_resources(akia: Any, analyzer: Any) -> None:
    worker = akia.person("worker", FOREVER)
    worker.client("iam").get_user(UserName="worker")
    answer = analyzer.get_generated_policy(jobId=_start(analyzer, worker.arn), includeResourcePlaceholders=True)
    assert _policy(answer)[0]["Resource"] == ["arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"]


def test_nobody_who_did_nothing_gets_a_policy(akia: Any, analyzer: Any) -> None:
    idle = akia.person("idle")
    assert analyzer.get_generated_policy(jobId=_start(analyzer, idle.arn))["generatedPolicyResult"]["generatedPolicies"] == []


def test_a_period_leaves_out_what_was_before(akia: Any, analyzer: Any, refused: Any) -> None:
    worker = akia.person("worker", FOREVER)
    worker.client("iam").list_users()
    role = f"arn:aws:iam::{akia.account}:role/reader"
    trail = {"cloudTrailArn": f"arn:aws:cloudtrail:us-east-1:{akia.account}:trail/t", "allRegions": True}
    past = datetime.now(UTC) - timedelta(days=30)
    given = {"trails": [trail], "accessRole": role, "startTime": past - timedelta(days=1), "endTime": past}
    answer = analyzer.get_generated_policy(jobId=_start(analyzer, worker.arn, cloudTrailDetails=given))["generatedPolicyResult"]
    assert answer["generatedPolicies"] == []
    assert answer["properties"]["cloudTrailProperties"]["trailProperties"] == [trail]
    backwards = {**given, "startTime": past, "endTime": past - timedelta(days=1)}
    details = {"principalArn": worker.arn}
    code, *_ = refused(analyzer.start_policy_generation, policyGenerationDetails=details, cloudTrailDetails=backwards)
    assert code == "ValidationException"
    starter = akia.person("starter", {"Action": "access-analyzer:*"}).client("accessanalyzer")
    code, _, message = refused(starter.start_policy_generation, policyGenerationDetails=details, cloudTrailDetails=given)
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in message


def test_jobs_are_listed_newest_first_and_can_be_canceled(akia: Any, analyzer: Any) -> None:
    one, two = akia.person("one"), akia.person("two")
    first, second = _start(analyzer, one.arn), _start(analyzer, two.arn)
    assert {job["jobId"] for job in analyzer.list_policy_generations()["policyGenerations"]} == {first, second}
    (listed,) = analyzer.list_policy_generations(principalArn=one.arn)["policyGenerations"]
    assert (listed["jobId"], listed["principalArn"], listed["status"]) == (first, one.arn, "SUCCEEDED")
    analyzer.cancel_policy_generation(jobId=first)
    answer = analyzer.get_generated_policy(jobId=first)
    assert answer["jobDetails"]["status"] == "CANCELED"
    assert "generatedPolicies" not in answer["generatedPolicyResult"]


def test_the_same_token_gets_the_same_job(akia: Any, analyzer: Any, refused: Any) -> None:
    one, two = akia.person("one"), akia.person("two")
    assert _start(analyzer, one.arn, clientToken="t") == _start(analyzer, one.arn, clientToken="t")
    given = {"policyGenerationDetails": {"principalArn": two.arn}, "clientToken": "t"}
    assert refused(analyzer.start_policy_generation, **given)[:2] == ("ConflictException", 409)


@pytest.mark.parametrize("name", ["user/nobody", "role/nobody", "user/path/admin"])
def test_a_principal_that_is_not_there_is_refused(akia: Any, analyzer: Any, refused: Any, name: str) -> None:
    arn = f"arn:aws:iam::{akia.account}:{name}"
    assert refused(analyzer.start_policy_generation, policyGenerationDetails={"principalArn": arn})[0] == "ValidationException"
    assert refused(analyzer.get_generated_policy, jobId="nothing")[0] == "ValidationException"


def test_many_resources_of_one_kind_become_a_pattern_and_stars_of_callers_do_not() -> None:
    users = [Use("iam:GetUser", f"arn:aws:iam::111122223333:user/u{number}", True, 1, "") for number in range(21)]
    odd = Use("iam:GetPolicy", "arn:aws:iam::111122223333:policy/*", True, 1, "")
    statements = json.loads(least_privilege([*users, odd], placeholders=False))["Statement"]
    assert [statement["Resource"] for statement in statements] == [
        ["arn:aws:iam::111122223333:policy/${*}"],
        ["arn:aws:iam::111122223333:user/*"],
    ]

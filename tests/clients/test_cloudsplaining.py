"""Cloudsplaining reads all policies of an account and finds the weaknesses that were planted in them, and only those."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.auditing import run
from tests.clients.documents import allowing, document, statement, trusting
from tests.clients.policy_readers import READERS, require_readers

if TYPE_CHECKING:
    from tests.served import Served

pytestmark = pytest.mark.covers("I4.clients.cloudsplaining")

PLACES = ("managed", "user", "group", "role")
WEAKNESSES: dict[str, tuple[str, list[str], list[str]]] = {
    "escalates": ("PrivilegeEscalation", ["iam:CreatePolicyVersion", "iam:ListUsers"], ["CreateNewPolicyVersion"]),
    "leaks": ("DataExfiltration", ["s3:GetObject", "ssm:GetParameter", "secretsmanager:GetSecretValue"], []),
    "exposes": ("ResourceExposure", ["s3:PutBucketPolicy", "lambda:AddPermission"], []),
    "wild": ("ServiceWildcard", ["sqs:*"], []),
    "breaks": ("InfrastructureModification", ["dynamodb:DeleteTable"], []),
    "copies": ("CredentialsExposure", ["iam:CreateAccessKey"], []),
}
"""Each planted policy: what is wrong with it, in Cloudsplaining's word; the actions that it allows on everything; names of escalations."""

HARMLESS = document(statement("Allow", ["s3:GetObject"], "arn:aws:s3:::reports/*"), statement("Allow", "iam:ListUsers"))


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    require_readers()


@pytest.fixture(scope="module")
def report(served: Served, iam: Any, account: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Cloudsplaining says of an account with one weakness in a policy of each kind, beside harmless ones."""
    iam.create_user(UserName="planted")
    iam.create_group(GroupName="planted")
    iam.create_role(RoleName="planted", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:root"))
    for name, (_, actions, _) in WEAKNESSES.items():
        texts = {place: allowing(actions, Sid=place) for place in PLACES}  # like texts count as one policy there
        arn = iam.create_policy(PolicyName=f"managed-{name}", PolicyDocument=texts["managed"])["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="planted", PolicyArn=arn)
        iam.put_user_policy(UserName="planted", PolicyName=f"user-{name}", PolicyDocument=texts["user"])
        iam.put_group_policy(GroupName="planted", PolicyName=f"group-{name}", PolicyDocument=texts["group"])
        iam.put_role_policy(RoleName="planted", PolicyName=f"role-{name}", PolicyDocument=texts["role"])
    arn = iam.create_policy(PolicyName="managed-harmless", PolicyDocument=HARMLESS)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="planted", PolicyArn=arn)
    iam.attach_group_policy(GroupName="planted", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    iam.put_user_policy(UserName="planted", PolicyName="user-harmless", PolicyDocument=HARMLESS)
    folder = tmp_path_factory.mktemp("cloudsplaining")
    run(served, folder, str(READERS / "cloudsplaining"), "download", "--output", str(folder))
    scan = ("scan", "--input-file", str(folder / "default.json"), "--output", str(folder), "--skip-open-report")
    run(served, folder, str(READERS / "cloudsplaining"), *scan)
    told: dict[str, Any] = json.loads(next(folder.glob("iam-results-*.json")).read_text())
    return told


def policy_in(report: dict[str, Any], name: str) -> dict[str, Any]:
    """What is said of one policy, customer managed or inline."""
    policies = [*report["customer_managed_policies"].values(), *report["inline_policies"].values()]
    found: dict[str, Any] = next(policy for policy in policies if policy["PolicyName"] == name)
    return found


def findings(policy: dict[str, Any], kind: str) -> list[Any]:
    told = policy[kind]
    return list(told["findings"] if isinstance(told, dict) else told)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", WEAKNESSES)
def test_cloudsplaining_finds_each_planted_weakness(report: dict[str, Any], name: str, place: str) -> None:
    kind, actions, escalations = WEAKNESSES[name]
    found = findings(policy_in(report, f"{place}-{name}"), kind)
    if escalations:
        assert [one["type"] for one in found] == escalations
    elif kind == "ServiceWildcard":
        assert found == ["sqs"]
    else:
        assert sorted(map(str.lower, found)) == sorted(map(str.lower, actions))


@pytest.mark.parametrize("name", ["managed-harmless", "user-harmless"])
def test_cloudsplaining_finds_nothing_in_harmless_policies(report: dict[str, Any], name: str) -> None:
    policy = policy_in(report, name)
    assert [kind for kind, _, _ in WEAKNESSES.values() if findings(policy, kind)] == []


def test_cloudsplaining_finds_the_weaknesses_of_awss_own_policies(report: dict[str, Any]) -> None:
    (policy,) = report["aws_managed_policies"].values()
    assert policy["PolicyName"] == "IAMFullAccess"
    assert "CreateNewPolicyVersion" in [one["type"] for one in findings(policy, "PrivilegeEscalation")]


def test_cloudsplaining_knows_who_holds_which_policy(report: dict[str, Any], account: str) -> None:
    holders = {kind: next(one for one in report[kind].values() if one["name"] == "planted") for kind in ("users", "groups", "roles")}
    assert holders["users"]["arn"] == f"arn:aws:iam::{account}:user/planted"
    assert holders["users"]["groups"] == {}
    assert set(holders["users"]["customer_managed_policies"].values()) == {"managed-harmless"}
    assert set(holders["users"]["inline_policies"].values()) == {"user-harmless", *(f"user-{name}" for name in WEAKNESSES)}
    assert set(holders["groups"]["aws_managed_policies"].values()) == {"IAMFullAccess"}
    assert set(holders["groups"]["inline_policies"].values()) == {f"group-{name}" for name in WEAKNESSES}
    assert set(holders["roles"]["customer_managed_policies"].values()) == {f"managed-{name}" for name in WEAKNESSES}
    trusted = holders["roles"]["assume_role_policy"]["PolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"AWS": f"arn:aws:iam::{account}:root"}

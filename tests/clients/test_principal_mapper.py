"""Principal Mapper reads all policies of an account and decides by itself who may do what: a second opinion on akia's decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.auditing import run
from tests.clients.documents import allowing, document, statement, trusting
from tests.clients.policy_readers import READERS, require_readers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.served import Served

pytestmark = pytest.mark.covers("I4.clients.principal_mapper")

PMAPPER = """
import collections, collections.abc, sys
for name in ("Mapping", "MutableMapping"):
    setattr(collections, name, getattr(collections.abc, name))
from principalmapper.__main__ import main
sys.exit(main())
"""
"""Principal Mapper's last release asks `collections` for names that have moved; it is started with them in place."""


@dataclass(frozen=True)
class Question:
    """May somebody do `action` with `resource`, when keys of the request have values? `given` has key, type and value of each."""

    action: str
    resource: str
    given: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        """The question as Principal Mapper understands it."""
        conditions = " and ".join(f"{key}={value}" for key, _, value in self.given)
        return f"who can do {self.action} with {self.resource}" + (f" when {conditions}" if conditions else "")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    require_readers()


@pytest.fixture(scope="module")
def questions(account: str) -> list[Question]:
    user, role, reports = f"arn:aws:iam::{account}:user", f"arn:aws:iam::{account}:role", "arn:aws:s3:::reports/2026/1.csv"
    return [
        Question("iam:CreateUser", f"{user}/new"),
        Question("iam:GetUser", f"{user}/mapped-reader"),
        Question("iam:GetUser", f"{user}/mapped-self"),
        Question("iam:ListUsers", f"{user}/"),
        Question("iam:CreateAccessKey", f"{user}/mapped-self"),
        Question("iam:PassRole", f"{role}/mapped-role"),
        Question("sts:AssumeRole", f"{role}/mapped-role"),
        Question("sts:AssumeRole", f"{role}/mapped-account"),
        Question("s3:GetObject", reports),
        Question("s3:GetObject", "arn:aws:s3:::reports/2027/1.csv"),
        Question("s3:DeleteObject", reports),
        Question("ec2:RunInstances", "*"),
        Question("s3:GetObject", reports, (MFA,)),
        Question("iam:ListRoles", f"{role}/", (MFA, ("aws:SourceIp", "ip", "10.9.8.7"))),
        Question("s3:GetObject", reports, (("aws:SourceIp", "ip", "10.9.8.7"),)),
        Question("s3:GetObject", reports, (("aws:SourceIp", "ip", "192.0.2.1"), ("s3:max-keys", "numeric", "11"))),
        Question("s3:GetObject", reports, (("s3:max-keys", "numeric", "10"),)),
    ]


MFA = ("aws:MultiFactorAuthPresent", "boolean", "true")

MAPPED = {
    "mapped-reader": allowing(["iam:Get*", "iam:List*"]),
    "mapped-denied": document(statement("Allow", "*"), statement("Deny", "iam:*")),
    "mapped-self": allowing("iam:*", "arn:aws:iam::*:user/${aws:username}"),
    "mapped-but": document({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}),
    "mapped-elsewhere": document({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::reports/2026/*"}),
    "mapped-pattern": allowing("s3:?etObject", "arn:aws:s3:::rep*/202?/*.csv"),
    "mapped-letters": allowing("S3:GETOBJECT", "arn:aws:s3:::reports/*"),
    "mapped-team": allowing("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
    "mapped-other-team": allowing("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
    "mapped-named": allowing("s3:*", Condition={"StringLike": {"aws:username": "mapped-nam??"}}),
    "mapped-mfa": allowing("s3:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    "mapped-no-mfa": document(
        statement("Allow", "s3:*"), statement("Deny", "*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    ),
    "mapped-network": allowing("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    "mapped-outside": allowing("s3:*", Condition={"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12"]}}),
    "mapped-few": allowing("s3:*", Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}}),
    "mapped-arn": allowing("s3:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/mapped-a*"}}),
    "mapped-not-red": allowing("s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": ["red", "green"]}}),
    "mapped-unknown-age": allowing("s3:*", Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}}),
    "mapped-both": document(
        statement("Allow", "s3:*", Condition={"Bool": {MFA[0]: "true"}, "StringEqualsIgnoreCase": {"aws:username": "MAPPED-BOTH"}})
    ),
    "mapped-early": allowing("s3:*", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    "mapped-fenced": allowing("*"),
    "mapped-member": allowing("ec2:RunInstances"),
    "mapped-nobody": document(statement("Deny", "ec2:RunInstances")),
}
"""Users, each with an inline policy; further ones are attached below."""

REFUSED = {"user/mapped-nobody", "user/mapped-other-team", "user/mapped-early", "role/mapped-account"}
"""Those who may do nothing of what is asked."""


@pytest.fixture(scope="module")
def mapped(served: Served, iam: Any, account: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Principal Mapper's graph of an account of quite different principals."""
    fence = iam.create_policy(PolicyName="fence", PolicyDocument=allowing(["s3:Get*", "iam:List*"]))["Policy"]["Arn"]
    iam.create_group(GroupName="mapped")
    iam.put_group_policy(GroupName="mapped", PolicyName="assume", PolicyDocument=allowing("sts:AssumeRole"))
    iam.attach_group_policy(GroupName="mapped", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    for name, text in MAPPED.items():
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=text)
    iam.put_user_permissions_boundary(UserName="mapped-fenced", PermissionsBoundary=fence)
    iam.add_user_to_group(GroupName="mapped", UserName="mapped-member")
    iam.create_role(RoleName="mapped-role", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:user/mapped-member"))
    iam.create_role(RoleName="mapped-account", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:root"))
    iam.put_role_policy(RoleName="mapped-role", PolicyName="own", PolicyDocument=allowing("s3:*"))
    folder = tmp_path_factory.mktemp("pmapper")
    pmapper(served, folder, "graph", "create", "--include-services", "iam", "sts", "--include-regions", "us-east-1")
    return folder


def pmapper(served: Served, folder: Path, *words: str) -> str:
    return run(served, folder, str(READERS / "python"), "-c", PMAPPER, *words)


def test_principal_mapper_decides_as_akia_does(served: Served, iam: Any, account: str, mapped: Path, questions: list[Question]) -> None:
    arns = {f"user/{name}": f"arn:aws:iam::{account}:user/{name}" for name in (*MAPPED, "administrator")}
    arns |= {f"role/{name}": f"arn:aws:iam::{account}:role/{name}" for name in ("mapped-role", "mapped-account")}
    ours = {(str(question), name) for question in questions for name, arn in arns.items() if simulated(iam, arn, question)}
    theirs = {(str(question), name) for question in questions for name in told(served, mapped, account, question) & arns.keys()}
    assert theirs == ours
    assert len(arns) * len(questions) - len(ours) > 200
    assert {name for _, name in ours} == arns.keys() - REFUSED


def told(served: Served, mapped: Path, account: str, question: Question) -> set[str]:
    """Who may, of themselves, says Principal Mapper. The trust of roles is their resource policy, which it must be told to read."""
    trust = ("--with-resource-policy", "--resource-owner", account) if question.action == "sts:AssumeRole" else ()
    answer = pmapper(served, mapped, "--account", account, "query", *trust, str(question))
    return set(re.findall(r"^(\S+) IS authorized", answer, re.MULTILINE))


def simulated(iam: Any, arn: str, question: Question) -> bool:
    """What akia's policy simulator says."""
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=[question.action],
        ResourceArns=[question.resource],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": [value]} for key, kind, value in question.given
        ],
    )
    return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")


def test_principal_mapper_sees_who_can_become_whom(served: Served, account: str, mapped: Path) -> None:
    through = pmapper(served, mapped, "--account", account, "query", "who can do s3:DeleteObject with arn:aws:s3:::reports/2026/1.csv")
    assert "user/mapped-member CAN call action s3:DeleteObject" in through
    assert "user/mapped-member can access via sts:AssumeRole role/mapped-role" in through
    assert "user/mapped-reader C" not in through


def test_principal_mapper_sees_who_can_become_an_administrator(served: Served, account: str, mapped: Path) -> None:
    found = pmapper(served, mapped, "--account", account, "query", "preset privesc *")
    assert "user/administrator is an administrative principal" in found
    assert "user/mapped-self is an administrative principal" in found  # who may write the own policies
    assert "user/mapped-reader" not in found
    assert "user/mapped-fenced" not in found  # the boundary holds

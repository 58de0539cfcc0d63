"""Programs that read an account's policies and judge them: what we hand out must lead them to what is so.

Cloudsplaining finds the weaknesses that were planted, and only those. Principal Mapper is a second opinion on akia's own decisions.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.needs import needs
from tests.served import Served, environment, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READERS = Path(__file__).parents[2] / ".venv-policyreaders" / "bin"

pytestmark = [
    pytest.mark.covers("I4.clients.policy_readers"),
    pytest.mark.skipif(not READERS.exists(), reason="the readers of policies are not there: `make clients` or `make test` installs them"),
    needs("iam:GetAccountAuthorizationDetails"),
]

maps = needs("iam:GetLoginProfile", "iam:ListMFADevices", "iam:ListVirtualMFADevices")
"""Principal Mapper asks for passwords and devices, too."""

PMAPPER = """
import collections, collections.abc, sys
for name in ("Mapping", "MutableMapping"):
    setattr(collections, name, getattr(collections.abc, name))
from principalmapper.__main__ import main
sys.exit(main())
"""
"""Principal Mapper's last release asks `collections` for names that have moved; it is started with them in place."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("readers"))
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def iam(served: Served) -> Any:
    return served.client("iam")


@pytest.fixture(scope="module")
def account(served: Served) -> str:
    return str(served.client("sts").get_caller_identity()["Account"])


def run(served: Served, folder: Path, *command: str) -> str:
    """What `command` prints, as the administrator, with all that it keeps in `folder`. Raises AssertionError if it fails."""
    key = served.administrator
    variables = environment(folder) | {
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "PMAPPER_STORAGE": str(folder),
    }
    variables.pop("PYTHONPATH", None)
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def statement(effect: str, actions: Sequence[str] | str, resources: Sequence[str] | str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resources} | more


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(**principal: str) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


# --- Cloudsplaining ---------------------------------------------------------------------------------------------------------------

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


@pytest.fixture(scope="module")
def report(served: Served, iam: Any, account: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Cloudsplaining says of an account with one weakness in a policy of each kind, beside harmless ones."""
    iam.create_user(UserName="planted")
    iam.create_group(GroupName="planted")
    iam.create_role(RoleName="planted", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:root"))
    for name, (_, actions, _) in WEAKNESSES.items():
        texts = {place: document(statement("Allow", actions, Sid=place)) for place in PLACES}  # like texts count as one policy there
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


# --- Principal Mapper -------------------------------------------------------------------------------------------------------------


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
    "mapped-reader": document(statement("Allow", ["iam:Get*", "iam:List*"])),
    "mapped-denied": document(statement("Allow", "*"), statement("Deny", "iam:*")),
    "mapped-self": document(statement("Allow", "iam:*", "arn:aws:iam::*:user/${aws:username}")),
    "mapped-but": document({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}),
    "mapped-elsewhere": document({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::reports/2026/*"}),
    "mapped-pattern": document(statement("Allow", "s3:?etObject", "arn:aws:s3:::rep*/202?/*.csv")),
    "mapped-letters": document(statement("Allow", "S3:GETOBJECT", "arn:aws:s3:::reports/*")),
    "mapped-team": document(statement("Allow", "s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})),
    "mapped-other-team": document(statement("Allow", "s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})),
    "mapped-named": document(statement("Allow", "s3:*", Condition={"StringLike": {"aws:username": "mapped-nam??"}})),
    "mapped-mfa": document(statement("Allow", "s3:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
    "mapped-no-mfa": document(
        statement("Allow", "s3:*"), statement("Deny", "*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    ),
    "mapped-network": document(statement("Allow", "s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
    "mapped-outside": document(statement("Allow", "s3:*", Condition={"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12"]}})),
    "mapped-few": document(statement("Allow", "s3:*", Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}})),
    "mapped-arn": document(statement("Allow", "s3:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/mapped-a*"}})),
    "mapped-not-red": document(statement("Allow", "s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": ["red", "green"]}})),
    "mapped-unknown-age": document(statement("Allow", "s3:*", Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}})),
    "mapped-both": document(
        statement("Allow", "s3:*", Condition={"Bool": {MFA[0]: "true"}, "StringEqualsIgnoreCase": {"aws:username": "MAPPED-BOTH"}})
    ),
    "mapped-early": document(statement("Allow", "s3:*", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})),
    "mapped-fenced": document(statement("Allow", "*")),
    "mapped-member": document(statement("Allow", "ec2:RunInstances")),
    "mapped-nobody": document(statement("Deny", "ec2:RunInstances")),
}
"""Users, each with an inline policy; further ones are attached below."""

REFUSED = {"user/mapped-nobody", "user/mapped-other-team", "user/mapped-early", "role/mapped-account"}
"""Those who may do nothing of what is asked."""


@pytest.fixture(scope="module")
def mapped(served: Served, iam: Any, account: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Principal Mapper's graph of an account of quite different principals."""
    fence = iam.create_policy(PolicyName="fence", PolicyDocument=document(statement("Allow", ["s3:Get*", "iam:List*"])))["Policy"]["Arn"]
    iam.create_group(GroupName="mapped")
    iam.put_group_policy(GroupName="mapped", PolicyName="assume", PolicyDocument=document(statement("Allow", "sts:AssumeRole")))
    iam.attach_group_policy(GroupName="mapped", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    for name, text in MAPPED.items():
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=text)
    iam.put_user_permissions_boundary(UserName="mapped-fenced", PermissionsBoundary=fence)
    iam.add_user_to_group(GroupName="mapped", UserName="mapped-member")
    iam.create_role(RoleName="mapped-role", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:user/mapped-member"))
    iam.create_role(RoleName="mapped-account", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:root"))
    iam.put_role_policy(RoleName="mapped-role", PolicyName="own", PolicyDocument=document(statement("Allow", "s3:*")))
    folder = tmp_path_factory.mktemp("pmapper")
    pmapper(served, folder, "graph", "create", "--include-services", "iam", "sts", "--include-regions", "us-east-1")
    return folder


def pmapper(served: Served, folder: Path, *words: str) -> str:
    return run(served, folder, str(READERS / "python"), "-c", PMAPPER, *words)


@maps
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


@maps
def test_principal_mapper_sees_who_can_become_whom(served: Served, account: str, mapped: Path) -> None:
    through = pmapper(served, mapped, "--account", account, "query", "who can do s3:DeleteObject with arn:aws:s3:::reports/2026/1.csv")
    assert "user/mapped-member CAN call action s3:DeleteObject" in through
    assert "user/mapped-member can access via sts:AssumeRole role/mapped-role" in through
    assert "user/mapped-reader C" not in through


@maps
def test_principal_mapper_sees_who_can_become_an_administrator(served: Served, account: str, mapped: Path) -> None:
    found = pmapper(served, mapped, "--account", account, "query", "preset privesc *")
    assert "user/administrator is an administrative principal" in found
    assert "user/mapped-self is an administrative principal" in found  # who may write the own policies
    assert "user/mapped-reader" not in found
    assert "user/mapped-fenced" not in found  # the boundary holds

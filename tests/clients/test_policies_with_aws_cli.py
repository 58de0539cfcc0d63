"""Organizations, simulation, checks and least privilege, with the unmodified AWS CLI against akia as a user starts it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.test_aws_cli import AWS, Cli, allow
from tests.served import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.served import Served

pytestmark = [
    pytest.mark.covers("C2", "D7", "D8", "E2"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("policies"))
    yield akia
    assert akia.stop() == 0


@pytest.fixture(scope="module")
def aws(served: Served) -> Cli:
    return Cli(served)


def until(ask: Any, key: str, wanted: str) -> Any:
    """What `ask` answers once its `key` is `wanted`."""
    for _ in range(50):
        answer = ask()
        if answer[key] == wanted:
            return answer
        time.sleep(0.2)
    raise AssertionError(answer)


def test_a_service_control_policy_binds_a_member_and_its_denial_says_so(aws: Cli) -> None:
    aws("organizations", "create-organization")
    made = aws("organizations", "create-account", "--email", "dev@example.com", "--account-name", "dev")["CreateAccountStatus"]
    member = aws("organizations", "describe-create-account-status", "--create-account-request-id", made["Id"])["CreateAccountStatus"][
        "AccountId"
    ]
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    taken = aws("sts", "assume-role", "--role-arn", role, "--role-session-name", "visit")["Credentials"]
    visitor = aws.with_key(taken, taken["SessionToken"])
    assert visitor("iam", "list-users")["Users"] == []

    root = aws("organizations", "list-roots")["Roots"][0]["Id"]
    aws("organizations", "enable-policy-type", "--root-id", root, "--policy-type", "SERVICE_CONTROL_POLICY")
    fence = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}})
    described = ("--name", "fence", "--description", "no lists", "--type", "SERVICE_CONTROL_POLICY", "--content", fence)
    policy = aws("organizations", "create-policy", *described)["Policy"]["PolicySummary"]["Id"]
    aws("organizations", "attach-policy", "--policy-id", policy, "--target-id", member)
    assert "with an explicit deny in a service control policy" in visitor.refusal("iam", "list-users")
    assert aws("iam", "list-users")["Users"], "the management account is spared"
    aws("organizations", "detach-policy", "--policy-id", policy, "--target-id", member)
    assert visitor("iam", "list-users")["Users"] == []


def test_simulation_says_what_enforcement_does(aws: Cli) -> None:
    arn = aws("iam", "create-user", "--user-name", "sim")["User"]["Arn"]
    user = aws.with_key(aws("iam", "create-access-key", "--user-name", "sim")["AccessKey"])
    simulate = ("iam", "simulate-principal-policy", "--policy-source-arn", arn, "--action-names", "iam:ListRoles", "iam:ListGroups")

    def decisions() -> dict[str, str]:
        return {result["EvalActionName"]: result["EvalDecision"] for result in aws(*simulate)["EvaluationResults"]}

    assert decisions() == {"iam:ListRoles": "implicitDeny", "iam:ListGroups": "implicitDeny"}
    aws("iam", "put-user-policy", "--user-name", "sim", "--policy-name", "p", "--policy-document", allow("iam:ListRoles"))
    assert decisions() == {"iam:ListRoles": "allowed", "iam:ListGroups": "implicitDeny"}
    assert user("iam", "list-roles") is not None and "AccessDenied" in user.refusal("iam", "list-groups")
    keys = aws("iam", "get-context-keys-for-principal-policy", "--policy-source-arn", arn)["ContextKeyNames"]
    assert keys == []


def test_policies_are_checked_before_they_are_saved(aws: Cli) -> None:
    careless = allow("iam:PassRole", "s3:GetObjct")
    found = aws("accessanalyzer", "validate-policy", "--policy-type", "IDENTITY_POLICY", "--policy-document", careless)["findings"]
    assert {"INVALID_ACTION", "PASS_ROLE_WITH_STAR_IN_RESOURCE"} <= {finding["issueCode"] for finding in found}
    wider = ("--new-policy-document", allow("iam:*"), "--existing-policy-document", allow("iam:List*"), "--policy-type", "IDENTITY_POLICY")
    narrower = (
        "--new-policy-document",
        allow("iam:ListUsers"),
        "--existing-policy-document",
        allow("iam:List*"),
        "--policy-type",
        "IDENTITY_POLICY",
    )
    assert aws("accessanalyzer", "check-no-new-access", *wider)["result"] == "FAIL"
    assert aws("accessanalyzer", "check-no-new-access", *narrower)["result"] == "PASS"
    asked = ("--access", json.dumps([{"actions": ["iam:CreateUser"]}]), "--policy-type", "IDENTITY_POLICY")
    assert aws("accessanalyzer", "check-access-not-granted", "--policy-document", allow("iam:*"), *asked)["result"] == "FAIL"
    assert aws("accessanalyzer", "check-access-not-granted", "--policy-document", allow("iam:List*"), *asked)["result"] == "PASS"
    public = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        }
    )
    checked = aws("accessanalyzer", "check-no-public-access", "--policy-document", public, "--resource-type", "AWS::S3::Bucket")
    assert checked["result"] == "FAIL"


def test_a_policy_is_generated_from_what_was_really_called_and_last_access_is_told(aws: Cli) -> None:
    arn = aws("iam", "create-user", "--user-name", "busy")["User"]["Arn"]
    aws("iam", "attach-user-policy", "--user-name", "busy", "--policy-arn", "arn:aws:iam::aws:policy/IAMFullAccess")
    busy = aws.with_key(aws("iam", "create-access-key", "--user-name", "busy")["AccessKey"])
    busy("iam", "get-user")
    busy("iam", "list-roles")

    job = aws("accessanalyzer", "start-policy-generation", "--policy-generation-details", json.dumps({"principalArn": arn}))["jobId"]
    done = until(lambda: aws("accessanalyzer", "get-generated-policy", "--job-id", job)["jobDetails"], "status", "SUCCEEDED")
    assert done["jobId"] == job
    policies = aws("accessanalyzer", "get-generated-policy", "--job-id", job)["generatedPolicyResult"]["generatedPolicies"]
    text = json.dumps([json.loads(policy["policy"]) for policy in policies])
    assert "iam:GetUser" in text and "iam:ListRoles" in text and "iam:CreateUser" not in text

    asked = aws("iam", "generate-service-last-accessed-details", "--arn", arn)["JobId"]
    told = until(lambda: aws("iam", "get-service-last-accessed-details", "--job-id", asked), "JobStatus", "COMPLETED")
    used = {service["ServiceNamespace"] for service in told["ServicesLastAccessed"] if service.get("LastAuthenticated")}
    assert used == {"iam"}

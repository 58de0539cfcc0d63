"""NT-25: trust that is too open, and deputies that are confused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia import policy
from akia.policy import Kind, Policies, PolicySet, PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import World

GITHUB = "token.actions.githubusercontent.com"


def trust(host: str, condition: Mapping[str, Any] | None, *, account: str = "123456789012") -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement | ({"Condition": condition} if condition is not None else {})})


@pytest.mark.parametrize(
    ("host", "condition"),
    [
        (GITHUB, None),
        (GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "*"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:*"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:*/app:*"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:acm?/app:*"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:acme*"}}),  # acme-evil as well
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": ["repo:acme/app:*", "*"]}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:${aws:username}/app:*"}}),
        (GITHUB, {"StringLikeIfExists": {f"{GITHUB}:sub": "repo:acme/app:*"}}),
        (GITHUB, {"StringNotEquals": {f"{GITHUB}:sub": "repo:acme/app:*"}}),
        (GITHUB, {"ForAllValues:StringEquals": {f"{GITHUB}:sub": "repo:acme/app:environment:prod"}}),
        (GITHUB, {"Null": {f"{GITHUB}:sub": "false"}}),
        ("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:*"}}),
        ("accounts.google.com", {"StringEquals": {"accounts.google.com:sub": "1"}}),
        ("cognito-identity.amazonaws.com", None),
    ],
)
def test_nt_25_a_shared_provider_is_trusted_for_a_tenant_only(akia: World, refused: Any, host: str, condition: Any) -> None:
    iam = akia.client("iam")
    code, status, message = refused(iam.create_role, RoleName="r", AssumeRolePolicyDocument=trust(host, condition))
    assert (code, status, f"{host}:" in message) == ("MalformedPolicyDocument", 400, True)
    iam.create_role(RoleName="s", AssumeRolePolicyDocument=trust("idp.example.com", None))
    assert refused(iam.update_assume_role_policy, RoleName="s", PolicyDocument=trust(host, condition))[0] == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    ("host", "condition"),
    [
        (GITHUB, {"StringEquals": {f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:SUB": ["repo:acme/app:*", "repo:acme/*"]}}),
        (GITHUB, {"ForAnyValue:StringEquals": {f"{GITHUB}:sub": "repo:acme/app:environment:prod"}}),
        ("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:acme/app:*"}}),
        ("app.terraform.io", {"StringLike": {"app.terraform.io:sub": "organization:acme:project:*"}}),
        ("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "1234.apps.example.com"}}),
        ("oidc.circleci.com/org/0b1c", None),  # the tenant is in the URL
        ("idp.example.com", None),
    ],
)
def test_nt_25_whoever_names_the_tenant_may_trust(akia: World, host: str, condition: Any) -> None:
    assert akia.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust(host, condition))


def test_nt_25_a_deny_needs_no_tenant(akia: World) -> None:
    document = json.loads(trust(GITHUB, None))
    document["Statement"]["Effect"] = "Deny"
    assert akia.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(document))


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        ({"aws:sourceaccount": "111122223333", "aws:sourcearn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}, True),
        ({"aws:sourceaccount": "444455556666", "aws:sourcearn": "arn:aws:cloudtrail:us-east-1:444455556666:trail/t"}, False),
        ({"aws:sourceaccount": "111122223333", "aws:sourcearn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"}, False),
        ({"aws:sourceaccount": "111122223333"}, False),
        ({}, False),
    ],
)
def test_nt_25_a_service_that_acts_for_somebody_else_is_denied(keys: dict[str, str], allowed: bool) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"},
            },
        },
    }
    role = "arn:aws:iam::111122223333:role/deliver"
    policies = Policies(resource=PolicySet([policy.compile(json.dumps(document), Kind.TRUST, policy=role)]), resource_type=PolicyType.TRUST)
    caller = policy.principal.service("cloudtrail.amazonaws.com")
    decision = policy.decide(policy.Request(caller, "sts:AssumeRole", role, keys, "111122223333"), policies)
    assert decision.allowed is allowed

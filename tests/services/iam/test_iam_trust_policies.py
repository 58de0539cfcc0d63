"""Trust policies: what is stored, what is shown, whom they trust, through boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess


def trust(*principals: str, **more: Any) -> str:
    named = {"AWS": list(principals) if len(principals) > 1 else principals[0]}
    statement = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trusted(iam: Any, role: str = "x") -> Any:
    return iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]


@pytest.fixture
def alice(iam: Any) -> str:
    """The ARN of the user alice."""
    arn: str = iam.create_user(UserName="alice", Path="/ops/")["User"]["Arn"]
    return arn


@pytest.mark.covers("I2.services.roles")
def test_p1_7_5_principals_are_kept_by_id_and_shown_by_arn(akia: InProcess, iam: Any, alice: str, account: str) -> None:
    made = iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice, f"arn:aws:iam::{account}:root", "111122223333"))
    assert made["Role"]["AssumeRolePolicyDocument"] == json.loads(trust(alice, f"arn:aws:iam::{account}:root", "111122223333"))
    stored = akia.akia.store.roles.named(account, "x")
    assert stored and alice not in stored.trust and iam.get_user(UserName="alice")["User"]["UserId"] in stored.trust
    assert trusted(iam)[0] == alice
    assert iam.list_roles()["Roles"][0]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"][0] == alice


def test_p1_7_5_a_renamed_user_is_shown_by_its_new_arn(iam: Any, alice: str) -> None:
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice))
    iam.update_user(UserName="alice", NewUserName="bob", NewPath="/")
    assert trusted(iam) == alice.replace("/ops/alice", "/bob")


def test_p1_7_5_a_deleted_user_is_shown_by_its_id_and_a_namesake_is_not_trusted(iam: Any, alice: str) -> None:
    old = iam.get_user(UserName="alice")["User"]["UserId"]
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice))
    iam.delete_user(UserName="alice")
    assert trusted(iam) == old
    iam.create_user(UserName="alice", Path="/ops/")
    assert trusted(iam) == old


def test_p1_7_5_roles_are_principals_too_and_trust_is_updated(iam: Any, alice: str) -> None:
    arn = iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice))["Role"]["Arn"]
    iam.update_assume_role_policy(RoleName="x", PolicyDocument=trust(arn, alice))
    assert trusted(iam) == [arn, alice]
    iam.create_role(RoleName="y", AssumeRolePolicyDocument=trust(arn))
    iam.delete_role(RoleName="x")
    assert trusted(iam, "y").startswith("AROA")


@pytest.mark.parametrize("name", ["user/ops/nobody", "user/alice", "user/ops/Alice", "role/ops/alice", "role/none", "user/ops/x/alice"])
@pytest.mark.covers("I2.services.roles")
def test_p1_7_6_a_principal_that_is_not_there_is_refused(iam: Any, alice: str, account: str, refusal: Any, name: str) -> None:
    arn = f"arn:aws:iam::{account}:{name}"
    complaint = ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')
    assert refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument=trust(alice, arn)) == complaint
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice))
    assert refusal(iam.update_assume_role_policy, RoleName="x", PolicyDocument=trust(arn)) == complaint
    assert trusted(iam) == alice


def test_p1_7_6_an_id_is_no_principal_on_the_way_in(iam: Any, alice: str, refusal: Any) -> None:
    unique_id = iam.get_user(UserName="alice")["User"]["UserId"]
    assert refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument=trust(unique_id))[0] == "MalformedPolicyDocument"


def test_contested_trust_policy_wildcard_principal_accepted(iam: Any) -> None:
    # P1.7-7
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust("*"))
    assert trusted(iam) == "*"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "This policy contains invalid Json"),
        (trust("*", Resource="*"), "Has prohibited field Resource"),
        (
            trust("*", Action="s3:GetObject"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
    ],
)
def test_p5_2_8_and_10_faulty_trust_policies(iam: Any, refusal: Any, document: str, complaint: str) -> None:
    assert refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument=document) == ("MalformedPolicyDocument", complaint)


def test_p5_4_7_a_trust_policy_has_a_limit(iam: Any, refusal: Any) -> None:
    room = 2_048 - len(trust("*", Sid="").replace(" ", ""))
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust("*", Sid="s" * room))
    full = ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    assert refusal(iam.update_assume_role_policy, RoleName="x", PolicyDocument=trust("*", Sid="s" * (room + 1))) == full


def test_who_may_update_a_role_may_not_therefore_change_whom_it_trusts(iam: Any, alice: str, user_client: Any, refusal: Any) -> None:
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust(alice))
    eve = user_client("eve", {"Effect": "Allow", "Action": ["iam:UpdateRole*", "iam:PutRolePolicy"], "Resource": "*"})
    eve.update_role(RoleName="x", Description="d")
    assert refusal(eve.update_assume_role_policy, RoleName="x", PolicyDocument=trust("*"))[0] == "AccessDenied"
    assert trusted(iam) == alice


def test_a_trust_policy_does_not_begin_with_spaces(iam: Any, refusal: Any, account: str) -> None:
    refused = refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument=" " + trust(account))
    assert refused == ("MalformedPolicyDocument", "JSON strings must not have leading spaces")

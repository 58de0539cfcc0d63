"""AssumeRoot: one task on a member account, for a quarter of an hour (SI17.4, P1.3-12, P4.3-23)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from tests.organization import Account, World

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from tests.conftest import World as Akia

pytestmark = pytest.mark.covers("I4.sts.assume_root")

AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
DELETE = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
IAM = "iam.amazonaws.com"
MAY = {"Action": "sts:AssumeRoot"}


@pytest.fixture
def organization(akia: Akia) -> World:
    """One whose root sessions are enabled."""
    world = World(akia)
    world.client.enable_aws_service_access(ServicePrincipal=IAM)
    akia.client("iam").enable_organizations_root_sessions()
    return world


@pytest.fixture
def member(organization: World) -> Account:
    return organization.account()


def taken(client: Any, account: str, task: str = AUDIT, **options: Any) -> Any:
    return client.assume_root(TargetPrincipal=account, TaskPolicyArn={"arn": task}, **options)


def client_of(akia: Akia, answer: Any, service: str = "iam") -> Any:
    made = answer["Credentials"]
    return akia.client(service, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


def test_the_session_is_the_members_root_user_for_the_task_only(akia: Akia, member: Account, refused: Any) -> None:
    answer = taken(akia.person("ann", MAY).client("sts"), member.id)
    assert client_of(akia, answer, "sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{member.id}:root"
    iam = client_of(akia, answer)
    assert [key["AccessKeyId"] for key in iam.list_access_keys()["AccessKeyMetadata"]] == [member.root.access_key_id]
    assert iam.get_account_summary()
    for call, options in ((iam.list_users, {}), (iam.create_access_key, {}), (iam.create_user, {"UserName": "eve"})):
        assert refused(call, **options)[0] == "AccessDenied"
    assert refused(iam.delete_access_key, AccessKeyId=member.root.access_key_id)[0] == "AccessDenied"


def test_another_task_removes_the_members_root_keys(akia: Akia, member: Account, refused: Any) -> None:
    iam = client_of(akia, taken(akia.person("ann", MAY).client("sts"), member.id, DELETE))
    iam.delete_access_key(AccessKeyId=member.root.access_key_id)
    assert refused(member.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def test_the_target_may_be_the_roots_arn(akia: Akia, member: Account) -> None:
    assert taken(akia.person("ann", MAY).client("sts"), f"arn:aws:iam::{member.id}:root")["Credentials"]


@pytest.mark.parametrize("target", ["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333", "111122223333:root", "a" * 12])
def test_anything_else_is_no_target(akia: Akia, organization: World, refused: Any, target: str) -> None:
    assert refused(akia.person("ann", MAY).client("sts").assume_root, TargetPrincipal=target, TaskPolicyArn={"arn": AUDIT})[:2] == (
        "ValidationError",
        400,
    )


def test_only_task_policies_are_taken(akia: Akia, member: Account, refused: Any) -> None:
    for arn in ("arn:aws:iam::aws:policy/AdministratorAccess", f"arn:aws:iam::{akia.account}:policy/root-task/IAMAuditRootUserCredentials"):
        assert refused(taken, client=akia.person("ann" + arn[-3:], MAY).client("sts"), account=member.id, task=arn)[0] == "ValidationError"


def test_p1_7_10_it_lasts_a_quarter_of_an_hour_at_most(akia: Akia, member: Account, refused: Any) -> None:
    ann = akia.person("ann", MAY)
    assert [_seconds(akia, taken(ann.client("sts"), member.id, AUDIT, DurationSeconds=asked)) for asked in (0, 60)] == [900, 60]
    unchecked = akia.client("sts", ann.key, config=Config(parameter_validation=False))
    assert refused(taken, client=unchecked, account=member.id, DurationSeconds=901)[0] == "ValidationError"


def _seconds(akia: Akia, answer: Any) -> float:
    """How long it lives, from when it was made."""
    made = answer["Credentials"]
    issued = akia.akia.authority.tokens.open(made["AccessKeyId"], made["SessionToken"].encode()).session.issued
    lifetime: float = made["Expiration"].timestamp() - issued
    return lifetime


def test_it_needs_its_permission_which_can_be_limited_to_a_task(akia: Akia, member: Account, refused: Any) -> None:
    assert refused(taken, client=akia.person("eve").client("sts"), account=member.id)[:2] == ("AccessDenied", 403)
    only = MAY | {"Condition": {"StringEquals": {"sts:TaskPolicyArn": AUDIT}}, "Resource": f"arn:aws:iam::{member.id}:root"}
    auditor = akia.person("auditor", only).client("sts")
    assert taken(auditor, member.id)
    assert refused(taken, client=auditor, account=member.id, task=DELETE)[0] == "AccessDenied"


def test_root_users_cannot_call_it(akia: Akia, member: Account, refused: Any) -> None:
    assert refused(taken, client=akia.client("sts"), account=member.id)[:2] == ("AccessDenied", 403)


def test_nt_29_not_without_the_feature_nor_for_strangers_nor_for_the_management_account(
    akia: Akia, organization: World, member: Account, refused: Any
) -> None:
    ann = akia.person("ann", {"Action": "*"}).client("sts")
    assert refused(taken, client=ann, account="999988887777")[0] == "AccessDenied"
    assert refused(taken, client=ann, account=akia.account)[0] == "AccessDenied"
    akia.client("iam").disable_organizations_root_sessions()
    assert refused(taken, client=ann, account=member.id)[0] == "AccessDenied"


def test_the_root_user_of_a_closed_account_is_not_lent(akia: Akia, organization: World, member: Account, refused: Any) -> None:
    organization.client.close_account(AccountId=member.id)
    assert refused(taken, client=akia.person("ann", MAY).client("sts"), account=member.id)[:2] == ("AccessDenied", 403)


def test_a_member_account_may_only_if_it_administers_iam(akia: Akia, organization: World, member: Account, refused: Any) -> None:
    other = organization.account("ops")
    iam = other.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps(_document(MAY)))
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    assert refused(taken, client=ann, account=member.id)[0] == "AccessDenied"
    organization.client.register_delegated_administrator(AccountId=other.id, ServicePrincipal=IAM)
    assert taken(ann, member.id)


def test_p4_3_23_policies_know_such_sessions_and_events_tell_of_them(
    akia: Akia, organization: World, member: Account, refused: Any
) -> None:
    iam = client_of(akia, taken(akia.person("ann", MAY).client("sts"), member.id))
    assert iam.list_access_keys()
    found = member.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListAccessKeys"}])
    identity = json.loads(found["Events"][0]["CloudTrailEvent"])["userIdentity"]
    assert identity["type"] == "Root"
    assert identity["sessionContext"]["attributes"]["assumedRoot"] == "true"
    organization.enable()
    scp = organization.policy("no-root", Condition={"Bool": {"aws:AssumedRoot": "true"}})
    organization.client.attach_policy(PolicyId=scp, TargetId=member.id)
    assert refused(iam.list_access_keys)[0] == "AccessDenied"


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"} | statement}

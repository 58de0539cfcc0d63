"""GetAccountAuthorizationDetails (AC10.4): the whole account, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
BOUNDARY = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
TAGS = [{"Key": "k", "Value": "v"}]
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def own(iam: Any, account: str) -> str:
    """A policy of two versions on a user, a group and a role that have everything that they can have; its ARN."""
    text = json.dumps(DOCUMENT)
    arn: str = iam.create_policy(PolicyName="own", Path="/x/", PolicyDocument=text, Description="mine")["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    iam.create_group(GroupName="staff", Path="/g/")
    iam.create_user(UserName="ann", Path="/u/", Tags=TAGS, PermissionsBoundary=READ_ONLY)
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}}
    iam.create_role(RoleName="app", Path="/r/", AssumeRolePolicyDocument=json.dumps(trust), Tags=TAGS, PermissionsBoundary=READ_ONLY)
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    for kind, name in (("user", "ann"), ("group", "staff"), ("role", "app")):
        named = {f"{kind.title()}Name": name}
        getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=arn)
        getattr(iam, f"put_{kind}_policy")(**named, PolicyName="inline", PolicyDocument=text)
    iam.attach_role_policy(RoleName="app", PolicyArn=AUDIT)
    iam.create_instance_profile(InstanceProfileName="machines")
    iam.add_role_to_instance_profile(InstanceProfileName="machines", RoleName="app")
    return arn


def _inline() -> list[dict[str, Any]]:
    return [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}]


@pytest.mark.covers("I4.iam.authorization_details")
def test_ac10_4_a_user_is_told_with_groups_policies_boundary_and_tags(iam: Any, own: str) -> None:
    (told,) = iam.get_account_authorization_details()["UserDetailList"]
    user = iam.get_user(UserName="ann")["User"]
    assert told == {
        **{key: user[key] for key in ("Path", "UserName", "UserId", "Arn", "CreateDate")},
        "UserPolicyList": _inline(),
        "GroupList": ["staff"],
        "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": own}],
        "PermissionsBoundary": BOUNDARY,
        "Tags": TAGS,
    }


def test_ac10_4_a_group_is_told_with_its_policies(iam: Any, own: str) -> None:
    (told,) = iam.get_account_authorization_details()["GroupDetailList"]
    group = iam.get_group(GroupName="staff")["Group"]
    assert told == {
        **group,
        "GroupPolicyList": _inline(),
        "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": own}],
    }


@pytest.mark.covers("I4.iam.authorization_details", "I4.iam.role_last_used")
def test_ac10_4_a_role_is_told_with_profiles_policies_boundary_tags_and_last_use(akia: InProcess, iam: Any, own: str) -> None:
    role = iam.get_role(RoleName="app")["Role"]
    iam.create_user(UserName="zoe")
    taking = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}
    iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=json.dumps(taking))
    key = iam.create_access_key(UserName="zoe")["AccessKey"]
    sts = akia.client("sts", KeyPair(key["AccessKeyId"], key["SecretAccessKey"]))
    made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="xx")["Credentials"]
    akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"]).get_caller_identity()
    (told,) = iam.get_account_authorization_details()["RoleDetailList"]  # without waiting: the journals are read first
    used = told.pop("RoleLastUsed")
    assert used["Region"] == "us-east-1" and used["LastUsedDate"]
    assert told == {
        **{key: role[key] for key in ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")},
        "InstanceProfileList": iam.list_instance_profiles()["InstanceProfiles"],
        "RolePolicyList": _inline(),
        "AttachedManagedPolicies": [{"PolicyName": "own", "PolicyArn": own}, {"PolicyName": "SecurityAudit", "PolicyArn": AUDIT}],
        "PermissionsBoundary": BOUNDARY,
        "Tags": TAGS,
    }


@pytest.mark.covers("I4.iam.authorization_details")
def test_ac10_4_a_policy_is_told_with_all_its_versions(iam: Any, own: str) -> None:
    policies = iam.get_account_authorization_details()["Policies"]
    assert [policy["PolicyName"] for policy in policies] == ["own", "SecurityAudit"]
    policy = iam.get_policy(PolicyArn=own)["Policy"]
    versions = iam.list_policy_versions(PolicyArn=own)["Versions"]
    del policy["Tags"]
    assert policies[0] == {**policy, "PolicyVersionList": [{**version, "Document": DOCUMENT} for version in versions]}
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [("v2", True), ("v1", False)]
    assert (policy["AttachmentCount"], policy["Description"]) == (3, "mine")


def test_w6_6_every_document_is_percent_encoded_on_the_wire(akia: InProcess, iam: Any, own: str) -> None:
    seen: list[str] = []
    client = akia.client("iam")
    client.meta.events.register("before-parse.iam.*", lambda response_dict, **_: seen.append(response_dict["body"].decode()))
    client.get_account_authorization_details()
    (body,) = seen
    texts = [part.split("<")[0] for tag in ("PolicyDocument", "Document") for part in body.split(f"<{tag}>")[1:]]
    assert len(texts) == 3 + 3
    for text in texts:
        assert text.startswith("%7B") and not set(text) & set('{}" ,:*/')
        assert json.loads(unquote(text))


@pytest.mark.covers("I4.iam.authorization_details")
def test_a_filter_leaves_the_kinds_that_it_names(iam: Any, own: str) -> None:
    kinds = {"User": {"ann"}, "Group": {"staff"}, "Role": {"app"}, "LocalManagedPolicy": {"own"}, "AWSManagedPolicy": {"SecurityAudit"}}

    def names(*wanted: str) -> set[str]:
        page = iam.get_account_authorization_details(Filter=list(wanted))
        keys = ("UserName", "GroupName", "RoleName", "PolicyName")
        return {item[key] for member, key in zip(LISTS, keys, strict=True) for item in page[member]}

    for kind, expected in kinds.items():
        assert names(kind) == expected, kind
    assert names("User", "LocalManagedPolicy") == {"ann", "own"}
    assert names() == set().union(*kinds.values())


def test_a_filter_of_another_kind_is_refused(iam: Any, refusal: Refusal) -> None:
    assert refusal(iam.get_account_authorization_details, Filter=["Everything"])[0] == "ValidationError"


@pytest.mark.covers("I4.iam.authorization_details")
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_w6_8_pages_put_together_are_the_whole_account_once(iam: Any, own: str, size: int) -> None:
    for number in range(3):
        iam.create_user(UserName=f"u{number}")
        iam.create_group(GroupName=f"g{number}")
    longest = iam.create_policy(PolicyName="p" * 128, Path=f"/{'d' * 500}/", PolicyDocument=json.dumps(DOCUMENT))["Policy"]
    whole = iam.get_account_authorization_details()
    assert not whole["IsTruncated"] and "Marker" not in whole
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": size}))
    counts = [sum(len(page[member]) for member in LISTS) for page in pages]
    assert sum(counts) == 4 + 4 + 1 + 3 and all(count == size for count in counts[:-1])
    for member in LISTS:
        assert [item for page in pages for item in page[member]] == whole[member], member
    assert longest["Arn"] in [policy["Arn"] for policy in whole["Policies"]]
    assert all(len(page["Marker"]) <= 320 for page in pages[:-1])


def test_what_comes_between_two_pages_moves_nothing(iam: Any, own: str) -> None:
    iam.create_user(UserName="bob")
    first = iam.get_account_authorization_details(MaxItems=1)
    iam.create_user(UserName="aaron")
    iam.delete_user(UserName="bob")
    rest = iam.get_account_authorization_details(Marker=first["Marker"])
    assert [user["UserName"] for user in first["UserDetailList"] + rest["UserDetailList"]] == ["ann"]
    assert len(rest["RoleDetailList"]) == 1


def test_a_marker_of_something_else_is_refused(iam: Any, own: str, refusal: Refusal) -> None:
    iam.create_user(UserName="bob")
    markers = ["x", "VXNlcg==", iam.list_users(MaxItems=1)["Marker"]]
    for marker in markers:
        assert refusal(iam.get_account_authorization_details, Marker=marker) == ("ValidationError", "Invalid Marker.")


def test_nt_42_another_account_is_not_in_it(iam: Any, stranger: Any) -> None:
    page = iam.get_account_authorization_details()
    assert [page[member] for member in LISTS] == [[], [], [], []]


def test_it_asks_for_everything(user_client: UserClient, refusal: Refusal) -> None:
    action = "iam:GetAccountAuthorizationDetails"
    ann = user_client("ann", {"Effect": "Allow", "Action": action, "Resource": "*"})
    assert len(ann.get_account_authorization_details()["UserDetailList"]) == 1
    eve = user_client("eve", {"Effect": "Allow", "Action": action, "Resource": "arn:aws:iam::*:*"})
    assert refusal(eve.get_account_authorization_details)[0] == "AccessDenied"

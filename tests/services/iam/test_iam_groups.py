"""IAM groups and who is in them, through an unmodified boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.ids import account_of
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DENIED = "AccessDenied"


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _names(users: list[dict[str, Any]]) -> list[str]:
    return [user["UserName"] for user in users]


@pytest.mark.covers("I2.services.groups")
def test_a_new_group_has_name_path_arn_date_and_a_unique_id(iam: Any, account: str) -> None:
    group = iam.create_group(GroupName="Admins", Path="/it/")["Group"]
    assert (group["GroupName"], group["Path"]) == ("Admins", "/it/")
    assert group["Arn"] == f"arn:aws:iam::{account}:group/it/Admins"
    assert (group["GroupId"][:4], len(group["GroupId"]), account_of(group["GroupId"])) == ("AGPA", 21, account)
    answer = iam.get_group(GroupName="Admins")
    assert (answer["Group"], answer["Users"], answer["IsTruncated"]) == (group, [], False)
    assert iam.list_groups()["Groups"] == [group]


def test_p5_4_21_names_of_groups_are_unique_without_regard_to_case(iam: Any, refusal: Refusal) -> None:
    iam.create_group(GroupName="Admins")
    assert refusal(iam.create_group, GroupName="ADMINS") == ("EntityAlreadyExists", "Group with name ADMINS already exists.")
    assert refusal(iam.get_group, GroupName="admins") == ("NoSuchEntity", "The group with name admins cannot be found.")
    iam.create_user(UserName="Admins")


def test_p5_4_19_the_name_of_a_group_is_up_to_128_plain_characters(iam: Any, refusal: Refusal) -> None:
    for name in ("g" * 129, "a b", "a/b", "é", "g\n"):
        assert refusal(iam.create_group, GroupName=name)[0] == "ValidationError", name
    assert iam.create_group(GroupName="g" * 128)["Group"]["GroupName"] == "g" * 128


def test_w6_8_pages_of_groups_put_together_are_all_groups(iam: Any) -> None:
    names = [f"group{number:02d}" for number in range(11)]
    for name in names:
        iam.create_group(GroupName=name, Path="/x/" if name < "group05" else "/y/")
    pages = list(iam.get_paginator("list_groups").paginate(PaginationConfig={"PageSize": 4}))
    assert [group["GroupName"] for page in pages for group in page["Groups"]] == names
    assert [group["GroupName"] for group in iam.list_groups(PathPrefix="/y/")["Groups"]] == names[5:]


def test_members_come_in_pages_and_in_the_order_of_names(iam: Any, refusal: Refusal) -> None:
    iam.create_group(GroupName="g")
    iam.create_group(GroupName="h")
    names = [f"user{number}" for number in range(5)]
    for name in reversed(names):
        iam.create_user(UserName=name, Tags=[{"Key": "k", "Value": "v"}])
        iam.add_user_to_group(GroupName="g", UserName=name)
    pages = list(iam.get_paginator("get_group").paginate(GroupName="g", PaginationConfig={"PageSize": 2}))
    assert [_names(page["Users"]) for page in pages] == [names[:2], names[2:4], names[4:]]
    assert all("Tags" not in user for page in pages for user in page["Users"])
    assert refusal(iam.get_group, GroupName="h", Marker=pages[0]["Marker"]) == ("ValidationError", "Invalid Marker.")


def test_adding_and_removing_twice_changes_nothing_more(iam: Any) -> None:
    iam.create_group(GroupName="g")
    iam.create_user(UserName="u")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    for _ in range(2):
        iam.add_user_to_group(GroupName="g", UserName="u")
    assert _names(iam.get_group(GroupName="g")["Users"]) == ["u"]
    for _ in range(2):
        iam.remove_user_from_group(GroupName="g", UserName="u")
    assert iam.get_group(GroupName="g")["Users"] == []


def test_a_membership_needs_both_to_exist(iam: Any, refusal: Refusal) -> None:
    iam.create_group(GroupName="g")
    iam.create_user(UserName="u")
    for call in (iam.add_user_to_group, iam.remove_user_from_group):
        assert refusal(call, GroupName="none", UserName="u") == ("NoSuchEntity", "The group with name none cannot be found.")
        assert refusal(call, GroupName="g", UserName="none") == ("NoSuchEntity", "The user with name none cannot be found.")


def test_p5_4_2_a_user_is_in_ten_groups_at_most(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="u")
    for number in range(11):
        iam.create_group(GroupName=f"g{number:02d}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number:02d}", UserName="u")
    assert refusal(iam.add_user_to_group, GroupName="g10", UserName="u") == ("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
    iam.add_user_to_group(GroupName="g03", UserName="u")
    pages = list(iam.get_paginator("list_groups_for_user").paginate(UserName="u", PaginationConfig={"PageSize": 3}))
    assert [group["GroupName"] for page in pages for group in page["Groups"]] == [f"g{number:02d}" for number in range(10)]


def test_p5_4_6_an_account_has_so_many_groups_and_no_more(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    akia.akia.authority.quotas = Quotas(groups_per_account=1)
    iam.create_group(GroupName="g")
    assert refusal(iam.create_group, GroupName="h") == ("LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 1")


def test_groups_of_nobody_cannot_be_listed(iam: Any, refusal: Refusal) -> None:
    assert refusal(iam.list_groups_for_user, UserName="none") == ("NoSuchEntity", "The user with name none cannot be found.")


def test_a_renamed_group_keeps_its_id_its_members_and_its_policies(iam: Any, user_client: UserClient) -> None:
    before = iam.create_group(GroupName="old")["Group"]
    member = user_client("u")
    iam.add_user_to_group(GroupName="old", UserName="u")
    iam.put_group_policy(GroupName="old", PolicyName="p", PolicyDocument=_document(_allow("iam:GetUser", "*")))
    iam.update_group(GroupName="old", NewGroupName="New", NewPath="/moved/")
    after = iam.get_group(GroupName="New")
    assert after["Group"] == before | {"GroupName": "New", "Path": "/moved/", "Arn": before["Arn"].replace("group/old", "group/moved/New")}
    assert _names(after["Users"]) == ["u"]
    assert member.get_user()["User"]["UserName"] == "u"


def test_a_group_can_be_renamed_to_other_case_but_not_to_a_name_in_use(iam: Any, refusal: Refusal) -> None:
    iam.create_group(GroupName="a")
    iam.create_group(GroupName="B")
    iam.update_group(GroupName="a", NewGroupName="A")
    assert refusal(iam.update_group, GroupName="A", NewGroupName="b") == ("EntityAlreadyExists", "Group with name b already exists.")
    assert refusal(iam.update_group, GroupName="none", NewGroupName="c")[0] == "NoSuchEntity"


@pytest.mark.covers("I2.services.groups")
def test_p5_3_5_a_group_is_deleted_only_when_it_is_empty(iam: Any, refusal: Refusal) -> None:
    iam.create_group(GroupName="g")
    iam.create_user(UserName="u")

    def delete() -> tuple[str, str]:
        return refusal(iam.delete_group, GroupName="g")

    iam.add_user_to_group(GroupName="g", UserName="u")
    assert delete() == ("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.attach_group_policy(GroupName="g", PolicyArn=READ_ONLY)
    assert delete() == ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_group_policy(GroupName="g", PolicyArn=READ_ONLY)
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=_document(_allow("iam:GetUser", "*")))
    assert delete() == ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    iam.delete_group_policy(GroupName="g", PolicyName="p")
    iam.delete_group(GroupName="g")
    assert delete() == ("NoSuchEntity", "The group with name g cannot be found.")


def test_nt_36_a_group_of_the_same_name_has_no_members_and_another_id(iam: Any) -> None:
    old = iam.create_group(GroupName="g")["Group"]
    iam.create_user(UserName="u")
    iam.add_user_to_group(GroupName="g", UserName="u")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.delete_group(GroupName="g")
    assert iam.create_group(GroupName="g")["Group"]["GroupId"] != old["GroupId"]
    assert iam.get_group(GroupName="g")["Users"] == []


def test_p2_2_7_a_membership_asks_for_the_group(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    for name, path in (("open", "/low/"), ("admins", "/")):
        iam.create_group(GroupName=name, Path=path)
    kim = user_client("kim", _allow("iam:*UserToGroup", "arn:aws:iam::*:group/low/*"))
    kim.add_user_to_group(GroupName="open", UserName="kim")
    assert refusal(kim.add_user_to_group, GroupName="admins", UserName="kim")[0] == DENIED
    lee = user_client("lee", _allow("iam:AddUserToGroup", "arn:aws:iam::*:user/*"))
    assert refusal(lee.add_user_to_group, GroupName="open", UserName="lee")[0] == DENIED


def test_nt_42_a_rename_of_a_group_checks_source_and_target(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_group(GroupName="low", Path="/low/")
    kim = user_client("kim", _allow("iam:UpdateGroup", "arn:aws:iam::*:group/low/*"))
    assert refusal(kim.update_group, GroupName="low", NewPath="/high/")[0] == DENIED
    kim.update_group(GroupName="low", NewGroupName="lower")


def test_creation_and_lists_of_groups_ask_for_paths(user_client: UserClient, refusal: Refusal) -> None:
    kim = user_client("kim", _allow("iam:*Group*", "arn:aws:iam::*:group/low/*"))
    kim.create_group(GroupName="g", Path="/low/")
    assert refusal(kim.create_group, GroupName="h")[0] == DENIED
    assert len(kim.list_groups(PathPrefix="/low/")["Groups"]) == 1
    assert refusal(kim.list_groups)[0] == DENIED


@pytest.mark.covers("I2.services.groups")
def test_a_group_gives_and_takes_its_rights_at_once(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=_document(_allow("iam:GetUser", "*")))
    kim = user_client("kim")
    assert refusal(kim.get_user)[0] == DENIED
    iam.add_user_to_group(GroupName="g", UserName="kim")
    assert kim.get_user()["User"]["UserName"] == "kim"
    iam.remove_user_from_group(GroupName="g", UserName="kim")
    assert refusal(kim.get_user)[0] == DENIED

"""Units, places, moves, and pages of them."""

from __future__ import annotations

from typing import Any

import pytest

from akia.services.organizations import pages


def test_a_unit_is_made_named_listed_and_deleted(org: Any, akia: Any, reason: Any) -> None:
    unit = org.client.create_organizational_unit(ParentId=org.root, Name="A", Tags=[{"Key": "k", "Value": "v"}])["OrganizationalUnit"]
    assert unit["Id"].startswith(f"ou-{org.root[2:]}-")
    assert unit["Arn"] == f"arn:aws:organizations::{akia.account}:ou/{org.id}/{unit['Id']}"
    inner = org.unit("B", unit["Id"])
    described = org.client.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"]
    assert described["Path"] == f"{org.id}/{org.root}/{unit['Id']}/{inner}/"
    assert reason(org.client.create_organizational_unit, ParentId=org.root, Name="A")[0] == "DuplicateOrganizationalUnit"
    org.unit("A", inner)  # another parent, so another name
    other = org.unit("C")
    assert reason(org.client.update_organizational_unit, OrganizationalUnitId=other, Name="A")[0] == "DuplicateOrganizationalUnit"
    assert org.client.update_organizational_unit(OrganizationalUnitId=other, Name="D")["OrganizationalUnit"]["Name"] == "D"
    below = org.client.list_organizational_units_for_parent(ParentId=org.root)["OrganizationalUnits"]
    assert {each["Name"] for each in below} == {"A", "D"}
    assert reason(org.client.delete_organizational_unit, OrganizationalUnitId=unit["Id"])[0] == "OrganizationalUnitNotEmpty"
    org.client.delete_organizational_unit(OrganizationalUnitId=other)
    assert reason(org.client.describe_organizational_unit, OrganizationalUnitId=other)[0] == "OrganizationalUnitNotFound"


def test_units_are_five_deep_at_most(org: Any, reason: Any) -> None:
    parent = org.root
    for depth in range(5):
        parent = org.unit(str(depth), parent)
    assert reason(org.client.create_organizational_unit, ParentId=parent, Name="x") == ("ConstraintViolation", "OU_DEPTH_LIMIT_EXCEEDED")


def test_an_account_is_moved(org: Any, reason: Any) -> None:
    dev, first, second = org.account(), org.unit("first"), org.unit("second")
    nowhere = f"ou-{org.root[2:]}-00000000"
    move = org.client.move_account
    assert reason(move, AccountId=dev.id, SourceParentId=first, DestinationParentId=second)[0] == "SourceParentNotFound"
    assert reason(move, AccountId=dev.id, SourceParentId=nowhere, DestinationParentId=second)[0] == "SourceParentNotFound"
    assert reason(move, AccountId=dev.id, SourceParentId=org.root, DestinationParentId=nowhere)[0] == "DestinationParentNotFound"
    assert reason(move, AccountId=dev.id, SourceParentId=org.root, DestinationParentId=org.root)[0] == "DuplicateAccount"
    move(AccountId=dev.id, SourceParentId=org.root, DestinationParentId=first)
    assert org.client.list_parents(ChildId=dev.id)["Parents"] == [{"Id": first, "Type": "ORGANIZATIONAL_UNIT"}]
    assert org.client.list_parents(ChildId=first)["Parents"] == [{"Id": org.root, "Type": "ROOT"}]
    assert org.client.list_children(ParentId=first, ChildType="ACCOUNT")["Children"] == [{"Id": dev.id, "Type": "ACCOUNT"}]
    assert {child["Id"] for child in org.client.list_children(ParentId=org.root, ChildType="ORGANIZATIONAL_UNIT")["Children"]} == {
        first,
        second,
    }
    assert [each["Id"] for each in org.client.list_accounts_for_parent(ParentId=first)["Accounts"]] == [dev.id]
    assert reason(org.client.delete_organizational_unit, OrganizationalUnitId=first)[0] == "OrganizationalUnitNotEmpty"
    for call, missing in ((org.client.list_children, {"ChildType": "ACCOUNT"}), (org.client.list_accounts_for_parent, {})):
        assert reason(call, ParentId=nowhere, **missing)[0] == "ParentNotFound"
    assert reason(org.client.list_parents, ChildId=nowhere)[0] == reason(org.client.list_parents, ChildId="0" * 12)[0] == "ChildNotFound"


def test_lists_come_in_pages_and_each_item_once(org: Any, reason: Any) -> None:
    accounts = {org.account(f"a{number}").id for number in range(4)} | {org.akia.account}
    found: list[str] = []
    for page in org.client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}):
        assert 1 <= len(page["Accounts"]) <= 2
        found += [account["Id"] for account in page["Accounts"]]
    assert sorted(found) == sorted(set(found)) == sorted(accounts)
    token = org.client.list_accounts(MaxResults=1)["NextToken"]
    wrong = ("InvalidInput", "INVALID_NEXT_TOKEN")
    assert reason(org.client.list_roots, NextToken=token) == wrong  # of another list
    for bad in (token + "!", "x", "é", token[:-2]):
        assert reason(org.client.list_accounts, NextToken=bad) == wrong


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_list_in_memory_is_cut_as_one_in_the_store(size: int) -> None:
    found: list[str] = []
    request: dict[str, Any] = {"MaxResults": size}
    while True:
        shown, end = pages.page(request, "letters", pages.among("gfedcba", str), str)
        found += shown
        if "NextToken" not in end:
            break
        request["NextToken"] = end["NextToken"]
    assert found == list("abcdefg")


def test_tags_of_everything_that_may_have_them(org: Any, document: Any, reason: Any) -> None:
    for thing in (org.root, org.unit("u"), org.account().id, org.policy(Action="s3:*")):
        org.client.tag_resource(ResourceId=thing, Tags=[{"Key": "Team", "Value": "a"}, {"Key": "x", "Value": ""}])
        org.client.tag_resource(ResourceId=thing, Tags=[{"Key": "team", "Value": "b"}])
        tags = org.client.list_tags_for_resource(ResourceId=thing)["Tags"]
        assert tags == [{"Key": "team", "Value": "b"}, {"Key": "x", "Value": ""}]
        org.client.untag_resource(ResourceId=thing, TagKeys=["x", "TEAM", "none"])
        assert org.client.list_tags_for_resource(ResourceId=thing)["Tags"] == []
    twice = [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]
    assert reason(org.client.tag_resource, ResourceId=org.root, Tags=twice) == ("InvalidInput", "DUPLICATE_TAG_KEY")
    reserved = ("InvalidInput", "INVALID_SYSTEM_TAGS_PARAMETER")
    assert reason(org.client.tag_resource, ResourceId=org.root, Tags=[{"Key": "aws:x", "Value": ""}]) == reserved
    many = [{"Key": str(number), "Value": ""} for number in range(51)]
    assert reason(org.client.tag_resource, ResourceId=org.root, Tags=many) == ("ConstraintViolation", "MAX_TAG_LIMIT_EXCEEDED")
    aws = ("InvalidInput", "IMMUTABLE_POLICY")
    assert reason(org.client.tag_resource, ResourceId="p-FullAWSAccess", Tags=twice[:1]) == aws
    for nobody in ("r-zzzzz", "p-00000000", "rp-00000000", "0" * 12):
        assert reason(org.client.list_tags_for_resource, ResourceId=nobody)[0] == "TargetNotFound"

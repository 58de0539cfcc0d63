"""NT-42: what belongs to one organization is neither seen, nor used, nor changed by another one of the same akia."""

from __future__ import annotations

from typing import Any

import pytest

from akia.store.founding import found_account

OTHER = "444455556666"


@pytest.fixture
def theirs(org: Any, akia: Any) -> Any:
    """Organizations, signed by the root of another management account."""
    store = akia.akia.store
    store.connection.begin_immediate()
    found_account(store, OTHER, 0)
    store.connection.commit()
    client = org.key_of(OTHER).client("organizations")
    client.create_organization()
    return client


def test_nt_42_nothing_of_another_organization_is_within_reach(org: Any, akia: Any, theirs: Any, reason: Any) -> None:
    org.enable()
    dev, unit, policy = org.account(), org.unit("u"), org.policy(Action="s3:*")
    own_root = theirs.list_roots()["Roots"][0]["Id"]
    theirs.enable_policy_type(RootId=own_root, PolicyType="SERVICE_CONTROL_POLICY")
    request = org.client.list_create_account_status()["CreateAccountStatuses"][0]["Id"]
    calls: list[tuple[Any, dict[str, str], str]] = [
        (theirs.describe_account, {"AccountId": dev.id}, "AccountNotFound"),
        (theirs.close_account, {"AccountId": dev.id}, "AccountNotFound"),
        (theirs.remove_account_from_organization, {"AccountId": dev.id}, "AccountNotFound"),
        (theirs.describe_organizational_unit, {"OrganizationalUnitId": unit}, "OrganizationalUnitNotFound"),
        (theirs.delete_organizational_unit, {"OrganizationalUnitId": unit}, "OrganizationalUnitNotFound"),
        (theirs.update_organizational_unit, {"OrganizationalUnitId": unit, "Name": "x"}, "OrganizationalUnitNotFound"),
        (theirs.create_organizational_unit, {"ParentId": unit, "Name": "x"}, "ParentNotFound"),
        (theirs.create_organizational_unit, {"ParentId": org.root, "Name": "x"}, "ParentNotFound"),
        (theirs.list_accounts_for_parent, {"ParentId": org.root}, "ParentNotFound"),
        (theirs.list_parents, {"ChildId": unit}, "ChildNotFound"),
        (theirs.describe_policy, {"PolicyId": policy}, "PolicyNotFound"),
        (theirs.update_policy, {"PolicyId": policy, "Name": "x"}, "PolicyNotFound"),
        (theirs.delete_policy, {"PolicyId": policy}, "PolicyNotFound"),
        (theirs.attach_policy, {"PolicyId": policy, "TargetId": own_root}, "PolicyNotFound"),
        (theirs.attach_policy, {"PolicyId": "p-FullAWSAccess", "TargetId": unit}, "TargetNotFound"),
        (theirs.detach_policy, {"PolicyId": "p-FullAWSAccess", "TargetId": dev.id}, "TargetNotFound"),
        (theirs.list_targets_for_policy, {"PolicyId": policy}, "PolicyNotFound"),
        (theirs.list_policies_for_target, {"TargetId": unit, "Filter": "SERVICE_CONTROL_POLICY"}, "TargetNotFound"),
        (theirs.list_tags_for_resource, {"ResourceId": unit}, "TargetNotFound"),
        (theirs.describe_create_account_status, {"CreateAccountRequestId": request}, "CreateAccountStatusNotFound"),
        (theirs.enable_policy_type, {"RootId": org.root, "PolicyType": "RESOURCE_CONTROL_POLICY"}, "RootNotFound"),
    ]
    for call, arguments, code in calls:
        assert reason(call, **arguments) == (code, None), call
    assert [account["Id"] for account in theirs.list_accounts()["Accounts"]] == [OTHER]
    assert [target["TargetId"] for target in theirs.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]] == sorted(
        [OTHER, own_root]
    )
    assert theirs.list_create_account_status()["CreateAccountStatuses"] == theirs.list_handshakes_for_organization()["Handshakes"] == []
    theirs.delete_organization()
    assert len(org.client.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]) == 4


def test_nt_42_tags_of_another_organization_are_not_told_by_conditions(org: Any, akia: Any, theirs: Any, reason: Any) -> None:
    their_root = theirs.list_roots()["Roots"][0]["Id"]
    theirs.tag_resource(ResourceId=their_root, Tags=[{"Key": "k", "Value": "v"}])
    condition = {"StringEquals": {"aws:ResourceTag/k": "v"}}
    eve = akia.person("eve", {"Action": "organizations:ListTagsForResource", "Condition": condition}).client("organizations")
    assert reason(eve.list_tags_for_resource, ResourceId=their_root)[0] == "AccessDenied"

"""Service access, delegated administrators, and the organization's resource policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

CONFIG, TRAIL = "config.amazonaws.com", "cloudtrail.amazonaws.com"
DENIED = ("AccessDeniedException", 400, "You don't have permissions to access this resource.")


def delegation(principal: str, *actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_service_gets_access_and_loses_it(org: Any, reason: Any) -> None:
    for _ in range(2):
        org.client.enable_aws_service_access(ServicePrincipal=CONFIG)
    org.client.enable_aws_service_access(ServicePrincipal=TRAIL)
    found = org.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [each["ServicePrincipal"] for each in found] == [TRAIL, CONFIG]
    org.client.disable_aws_service_access(ServicePrincipal=CONFIG)
    assert len(org.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]) == 1
    unknown = ("InvalidInput", "UNRECOGNIZED_SERVICE_PRINCIPAL")
    assert reason(org.client.enable_aws_service_access, ServicePrincipal="config.example.com") == unknown


def test_an_account_is_registered_for_a_service_and_may_then_look(org: Any, akia: Any, refused: Any, reason: Any) -> None:
    dev = org.account()
    theirs = dev.client("organizations")
    one = {"AccountId": dev.id, "ServicePrincipal": CONFIG}
    register, violated = org.client.register_delegated_administrator, "ConstraintViolation"
    assert reason(register, **one) == (violated, "SERVICE_ACCESS_NOT_ENABLED")
    org.client.enable_aws_service_access(ServicePrincipal=CONFIG)
    management = one | {"AccountId": akia.account}
    assert reason(register, **management) == (violated, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    assert reason(register, **one | {"AccountId": "0" * 12})[0] == "AccountNotFound"
    assert refused(theirs.list_accounts) == DENIED
    register(**one)
    assert reason(register, **one)[0] == "AccountAlreadyRegistered"
    assert len(theirs.list_accounts()["Accounts"]) == 2
    assert refused(theirs.create_account, Email="a@example.com", AccountName="a") == DENIED
    assert refused(theirs.tag_resource, ResourceId=dev.id, Tags=[]) == DENIED
    [found] = org.client.list_delegated_administrators(ServicePrincipal=CONFIG)["DelegatedAdministrators"]
    assert (found["Id"], found["Email"]) == (dev.id, "dev@example.com")
    assert org.client.list_delegated_administrators(ServicePrincipal=TRAIL)["DelegatedAdministrators"] == []
    services = org.client.list_delegated_services_for_account(AccountId=dev.id)["DelegatedServices"]
    assert [each["ServicePrincipal"] for each in services] == [CONFIG]
    exists = (violated, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
    assert reason(org.client.disable_aws_service_access, ServicePrincipal=CONFIG) == exists
    stays = (violated, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    assert reason(org.client.remove_account_from_organization, AccountId=dev.id) == reason(theirs.leave_organization) == stays
    org.client.deregister_delegated_administrator(**one)
    assert reason(org.client.deregister_delegated_administrator, **one)[0] == "AccountNotRegistered"
    assert reason(org.client.list_delegated_services_for_account, AccountId=dev.id)[0] == "AccountNotRegistered"
    assert refused(theirs.list_accounts) == DENIED


def test_the_resource_policy_lets_a_member_account_administer_policies(
    org: Any, akia: Any, document: Any, refused: Any, policy: Any
) -> None:
    dev, other = org.account("dev"), org.account("other")
    content = delegation(dev.id, "organizations:CreatePolicy", "organizations:Describe*", "organizations:ListRoots")
    made = org.client.put_resource_policy(Content=content, Tags=[{"Key": "k", "Value": "v"}])["ResourcePolicy"]
    summary = made["ResourcePolicySummary"]
    assert summary["Arn"] == f"arn:aws:organizations::{akia.account}:resourcepolicy/{org.id}/{summary['Id']}"
    assert json.loads(org.client.describe_resource_policy()["ResourcePolicy"]["Content"]) == json.loads(content)
    assert org.client.list_tags_for_resource(ResourceId=summary["Id"])["Tags"] == [{"Key": "k", "Value": "v"}]
    theirs = dev.client("organizations")
    create = {"Type": "SERVICE_CONTROL_POLICY", "Description": "", "Content": document()}
    identity = theirs.create_policy(Name="theirs", **create)["Policy"]["PolicySummary"]["Id"]
    assert theirs.describe_policy(PolicyId=identity)["Policy"]["PolicySummary"]["Name"] == "theirs"
    assert theirs.list_roots()["Roots"][0]["Id"] == org.root
    assert refused(theirs.delete_policy, PolicyId=identity) == refused(theirs.list_accounts) == DENIED
    assert refused(other.client("organizations").create_policy, Name="x", **create) == DENIED
    org.client.delete_resource_policy()
    assert refused(theirs.create_policy, Name="y", **create) == DENIED
    assert (
        refused(org.client.describe_resource_policy)[0]
        == refused(org.client.delete_resource_policy)[0]
        == "ResourcePolicyNotFoundException"
    )


def test_nt_26_delegation_replaces_no_permission_of_the_callers_own(org: Any, akia: Any, refused: Any) -> None:
    dev = org.account()
    org.client.put_resource_policy(Content=delegation(dev.id, "organizations:ListRoots"))
    iam = dev.client("iam")
    iam.create_user(UserName="eve")
    made = iam.create_access_key(UserName="eve")["AccessKey"]
    from akia.store.founding import KeyPair

    eve = akia.client("organizations", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    assert "no identity-based policy allows" in refused(eve.list_roots)[2]


def test_a_resource_policy_may_name_a_user_and_a_namesake_inherits_nothing(org: Any, akia: Any, refused: Any, policy: Any) -> None:
    from akia.store.founding import KeyPair

    dev = org.account()
    iam = dev.client("iam")

    def eve() -> Any:
        iam.create_user(UserName="eve")
        iam.put_user_policy(UserName="eve", PolicyName="p", PolicyDocument=policy({"Action": "*"}))
        made = iam.create_access_key(UserName="eve")["AccessKey"]
        return akia.client("organizations", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))

    first, arn = eve(), f"arn:aws:iam::{dev.id}:user/eve"
    org.client.put_resource_policy(Content=delegation(arn, "organizations:ListRoots"))
    assert arn in org.client.describe_resource_policy()["ResourcePolicy"]["Content"]
    assert len(first.list_roots()["Roots"]) == 1
    assert refused(dev.client("organizations").list_roots) == DENIED  # the user, not its account
    [key] = iam.list_access_keys(UserName="eve")["AccessKeyMetadata"]
    iam.delete_access_key(UserName="eve", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="eve", PolicyName="p")
    iam.delete_user(UserName="eve")
    assert refused(eve().list_roots) == DENIED


def test_nt_65_a_deny_in_the_resource_policy_beats_registration(org: Any, refused: Any) -> None:
    dev = org.account()
    org.client.enable_aws_service_access(ServicePrincipal=CONFIG)
    org.client.register_delegated_administrator(AccountId=dev.id, ServicePrincipal=CONFIG)
    assert dev.client("organizations").list_roots()["Roots"]
    org.client.put_resource_policy(Content=delegation(dev.id, "organizations:ListRoots", Effect="Deny"))
    assert refused(dev.client("organizations").list_roots) == DENIED


BAD = {
    "no JSON": ("{", "INVALID_RESOURCE_POLICY_JSON"),
    "accounts cannot be delegated": (delegation("1" * 12, "organizations:CreateAccount"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    "everything cannot": (delegation("1" * 12, "*"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    "a wildcard cannot": (delegation("1" * 12, "organizations:*"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    "another service cannot": (delegation("1" * 12, "iam:ListUsers"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    "somebody who is not there": (delegation("arn:aws:iam::111111111111:user/x", "organizations:ListRoots"), "INVALID_PRINCIPAL"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_resource_policy_that_cannot_be_is_refused(org: Any, reason: Any, name: str) -> None:
    content, why = BAD[name]
    assert reason(org.client.put_resource_policy, Content=content) == ("InvalidInput", why)

"""The organization, its accounts as members, and how they come and go."""

from __future__ import annotations

from typing import Any

import pytest

from akia.store.founding import KeyPair

DENIED = ("AccessDeniedException", 400, "You don't have permissions to access this resource.")


def test_an_account_without_an_organization_is_told_so(akia: Any, refused: Any) -> None:
    client = akia.client("organizations")
    told = ("AWSOrganizationsNotInUseException", 400, "Your account is not a member of an organization.")
    for call in (client.describe_organization, client.list_accounts, client.leave_organization, client.delete_organization):
        assert refused(call) == told
    assert client.list_handshakes_for_account()["Handshakes"] == []


def test_an_organization_is_made_described_and_deleted(org: Any, akia: Any, refused: Any) -> None:
    described = org.client.describe_organization()["Organization"]
    assert (described["MasterAccountId"], described["FeatureSet"]) == (akia.account, "ALL")
    assert described["Arn"] == f"arn:aws:organizations::{akia.account}:organization/{org.id}"
    assert refused(org.client.create_organization)[0] == "AlreadyInOrganizationException"
    [root] = org.client.list_roots()["Roots"]
    assert (root["Name"], root["PolicyTypes"]) == ("Root", [])
    dev = org.account()
    org.unit("u")
    assert refused(org.client.delete_organization)[0] == "OrganizationNotEmptyException"
    org.client.remove_account_from_organization(AccountId=dev.id)
    org.client.delete_organization()
    assert refused(org.client.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert org.client.create_organization()["Organization"]["Id"] != org.id


def test_an_account_is_made_at_once_with_its_state(org: Any, reason: Any) -> None:
    made = org.client.create_account(Email="Dev@example.com", AccountName="dev", Tags=[{"Key": "env", "Value": "x"}])["CreateAccountStatus"]
    assert made["State"] == "SUCCEEDED"
    assert org.client.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"] == made
    account = org.client.describe_account(AccountId=made["AccountId"])["Account"]
    assert (account["Email"], account["Name"], account["Status"], account["JoinedMethod"]) == (
        "dev@example.com",
        "dev",
        "ACTIVE",
        "CREATED",
    )
    assert account["Paths"] == [f"{org.id}/{org.root}/{made['AccountId']}/"]
    assert org.client.list_tags_for_resource(ResourceId=made["AccountId"])["Tags"] == [{"Key": "env", "Value": "x"}]
    again = org.client.create_account(Email="dev@EXAMPLE.com", AccountName="again")["CreateAccountStatus"]
    assert (again["State"], again["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert [each["State"] for each in org.client.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]] == ["FAILED"]
    assert len(org.client.list_accounts()["Accounts"]) == 2
    unknown = "car-" + "0" * 32
    assert reason(org.client.describe_create_account_status, CreateAccountRequestId=unknown) == ("CreateAccountStatusNotFound", None)


def test_nt_99_the_access_role_lets_the_management_account_in_and_its_session_belongs_to_the_new_account(org: Any, akia: Any) -> None:
    dev = org.client.create_account(Email="dev@example.com", AccountName="dev", RoleName="Door")["CreateAccountStatus"]["AccountId"]
    made = akia.client("sts", akia.admin).assume_role(RoleArn=f"arn:aws:iam::{dev}:role/Door", RoleSessionName="night")["Credentials"]
    key, token = KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), made["SessionToken"]
    assert akia.client("sts", key, token=token).get_caller_identity()["Account"] == dev
    iam = akia.client("iam", key, token=token)
    iam.create_user(UserName="theirs")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["theirs"]
    assert [user["UserName"] for user in akia.client("iam").list_users()["Users"]] == ["administrator"]
    events = akia.client("cloudtrail", key, token=token).lookup_events()["Events"]
    assert {"CreateUser", "ListUsers"} <= {event["EventName"] for event in events}
    assert "CreateUser" not in {event["EventName"] for event in akia.client("cloudtrail").lookup_events()["Events"]}


def test_nt_26_the_access_role_opens_to_nobody_else(org: Any, akia: Any, refused: Any, policy: Any) -> None:
    dev, other = org.account("dev"), org.account("other")
    arn = f"arn:aws:iam::{dev.id}:role/OrganizationAccountAccessRole"
    nobody = akia.person("nobody")
    assert refused(nobody.client("sts").assume_role, RoleArn=arn, RoleSessionName="xx")[0] == "AccessDenied"
    iam = other.client("iam")
    iam.create_user(UserName="eve")
    iam.put_user_policy(UserName="eve", PolicyName="p", PolicyDocument=policy({"Action": "*"}))
    made = iam.create_access_key(UserName="eve")["AccessKey"]
    eve = akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    assert refused(eve.assume_role, RoleArn=arn, RoleSessionName="xx")[0] == "AccessDenied"


def test_an_account_leaves_or_is_removed(org: Any, refused: Any, reason: Any) -> None:
    dev, ops = org.account("dev"), org.account("ops")
    org.client.tag_resource(ResourceId=dev.id, Tags=[{"Key": "k", "Value": "v"}])
    dev.client("organizations").leave_organization()
    assert refused(dev.client("organizations").describe_organization)[0] == "AWSOrganizationsNotInUseException"
    assert reason(org.client.describe_account, AccountId=dev.id)[0] == "AccountNotFound"
    org.client.remove_account_from_organization(AccountId=ops.id)
    assert reason(org.client.remove_account_from_organization, AccountId=ops.id)[0] == "AccountNotFound"
    assert reason(org.client.leave_organization)[0] == "MasterCannotLeaveOrganization"
    assert reason(org.client.list_tags_for_resource, ResourceId=dev.id)[0] == "TargetNotFound"


def test_nobody_of_a_closed_account_can_sign(org: Any, akia: Any, refused: Any, reason: Any) -> None:
    dev = org.account()
    arn = f"arn:aws:iam::{dev.id}:role/OrganizationAccountAccessRole"
    assume = akia.client("sts", akia.admin).assume_role
    made = assume(RoleArn=arn, RoleSessionName="before")["Credentials"]
    session = akia.client("sts", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])
    assert session.get_caller_identity()["Account"] == dev.client("sts").get_caller_identity()["Account"] == dev.id
    org.client.close_account(AccountId=dev.id)
    assert refused(session.get_caller_identity)[0] == refused(dev.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(assume, RoleArn=arn, RoleSessionName="after")[0] == "AccessDenied"
    assert org.client.describe_account(AccountId=dev.id)["Account"]["Status"] == "SUSPENDED"
    assert reason(org.client.close_account, AccountId=dev.id) == ("AccountAlreadyClosed", None)
    assert reason(org.client.close_account, AccountId=akia.account) == ("ConstraintViolation", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
    gone = ("ConstraintViolation", "ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
    assert reason(org.client.remove_account_from_organization, AccountId=dev.id) == gone


@pytest.mark.parametrize("name", ["list_accounts", "list_roots", "delete_organization", "enable_all_features", "describe_resource_policy"])
def test_a_member_account_is_refused_what_is_the_management_accounts(org: Any, refused: Any, name: str) -> None:
    assert refused(getattr(org.account().client("organizations"), name)) == DENIED


def test_a_member_account_sees_its_organization(org: Any) -> None:
    assert org.account().client("organizations").describe_organization()["Organization"]["Id"] == org.id


def test_iam_decides_before_the_organization_is_looked_at(org: Any, akia: Any, refused: Any) -> None:
    nobody = akia.person("nobody").client("organizations")
    code, status, message = refused(nobody.list_accounts)
    assert (code, status) == ("AccessDeniedException", 400)
    assert message.endswith("because no identity-based policy allows the organizations:ListAccounts action")


def test_a_policy_may_name_one_account_of_the_organization(org: Any, akia: Any, refused: Any) -> None:
    dev, ops = org.account("dev"), org.account("ops")
    arn = f"arn:aws:organizations::{akia.account}:account/{org.id}/{dev.id}"
    one = akia.person("one", {"Action": "organizations:DescribeAccount", "Resource": arn}).client("organizations")
    assert one.describe_account(AccountId=dev.id)["Account"]["Name"] == "dev"
    assert refused(one.describe_account, AccountId=ops.id)[0] == "AccessDeniedException"


def test_tags_of_an_account_and_of_the_request_decide(org: Any, akia: Any, refused: Any) -> None:
    dev, ops = org.account("dev"), org.account("ops")
    org.client.tag_resource(ResourceId=dev.id, Tags=[{"Key": "Team", "Value": "blue"}])
    condition = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    blue = akia.person("blue", {"Action": "organizations:DescribeAccount", "Condition": condition}).client("organizations")
    assert blue.describe_account(AccountId=dev.id)["Account"]["Id"] == dev.id
    assert refused(blue.describe_account, AccountId=ops.id)[0] == "AccessDeniedException"
    create = akia.person("maker", {"Action": "organizations:CreateAccount"}).client("organizations").create_account
    assert create(Email="a@example.com", AccountName="a")["CreateAccountStatus"]["State"] == "SUCCEEDED"
    tags = [{"Key": "k", "Value": "v"}]
    assert "organizations:TagResource" in refused(create, Email="b@example.com", AccountName="b", Tags=tags)[2]

"""Instance profiles through an unmodified boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.ids import account_of
from akia.identity.instance_profile import InstanceProfile
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}
)
DENIED = "AccessDenied"


def _allow(action: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


def _filled(iam: Any, profile: str = "web", role: str = "web-role") -> None:
    """A profile with a role in it."""
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)


@pytest.mark.covers("I4.iam.instance_profiles")
def test_a_new_profile_has_name_path_arn_date_and_a_unique_id_and_no_role(iam: Any, account: str) -> None:
    tags = [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]
    made = iam.create_instance_profile(InstanceProfileName="Web", Path="/eng/", Tags=tags)["InstanceProfile"]
    assert (made["InstanceProfileName"], made["Path"]) == ("Web", "/eng/")
    assert made["Arn"] == f"arn:aws:iam::{account}:instance-profile/eng/Web"
    assert made["InstanceProfileId"].startswith("AIPA") and len(made["InstanceProfileId"]) == 21
    assert account_of(made["InstanceProfileId"]) == account
    assert abs(made["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert (made["Roles"], made["Tags"]) == ([], tags)
    assert iam.get_instance_profile(InstanceProfileName="Web")["InstanceProfile"] == made


def test_the_waiters_of_boto3_find_profiles_and_roles(iam: Any) -> None:
    _filled(iam)
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="web", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    iam.get_waiter("role_exists").wait(RoleName="web-role", WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_p5_4_21_profile_names_are_unique_without_regard_to_case_and_found_with_it(iam: Any, refusal: Refusal) -> None:
    iam.create_instance_profile(InstanceProfileName="Web")
    for taken in ("Web", "web", "WEB"):
        refused = refusal(iam.create_instance_profile, InstanceProfileName=taken, Path="/other/")
        assert refused == ("EntityAlreadyExists", f"Instance Profile {taken} already exists.")
    assert refusal(iam.get_instance_profile, InstanceProfileName="web") == ("NoSuchEntity", "Instance Profile web cannot be found.")
    iam.create_role(RoleName="Web", AssumeRolePolicyDocument=TRUST)  # roles have names of their own


def test_p5_4_19_what_is_wrong_makes_no_profile(iam: Any, refusal: Refusal) -> None:
    for wrong, code in (
        ({"InstanceProfileName": "n" * 129}, "ValidationError"),
        ({"InstanceProfileName": "a/b"}, "ValidationError"),
        ({"Path": "x"}, "ValidationError"),
        ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "InvalidInput"),
        ({"Tags": [{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]}, "InvalidInput"),
    ):
        assert refusal(iam.create_instance_profile, **{"InstanceProfileName": "web", **wrong})[0] == code, wrong
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
    assert iam.create_instance_profile(InstanceProfileName="n" * 128)["InstanceProfile"]["Path"] == "/"


def test_p5_4_6_an_account_has_so_many_profiles(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    akia.akia.authority.quotas = replace(Quotas(), instance_profiles_per_account=1)
    iam.create_instance_profile(InstanceProfileName="one")
    refused = refusal(iam.create_instance_profile, InstanceProfileName="two")
    assert refused == ("LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount: 1")


def test_p5_3_1_a_profile_that_is_not_there(iam: Any, refusal: Refusal) -> None:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_instance_profile", {}),
        ("delete_instance_profile", {}),
        ("add_role_to_instance_profile", {"RoleName": "r"}),
        ("remove_role_from_instance_profile", {"RoleName": "r"}),
        ("tag_instance_profile", {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("untag_instance_profile", {"TagKeys": ["k"]}),
        ("list_instance_profile_tags", {}),
    ]
    for method, more in calls:
        refused = refusal(getattr(iam, method), InstanceProfileName="none", **more)
        assert refused == ("NoSuchEntity", "Instance Profile none cannot be found."), method


def test_nt_42_profiles_of_another_account_are_out_of_reach(iam: Any, akia: InProcess, stranger: Any, refusal: Refusal) -> None:
    theirs = InstanceProfile(stranger.user.account, "AIPAQQQQQQQQQQQQQQQQ2", "web", "/", 1)
    store = akia.akia.store
    store.connection.begin_immediate()
    store.instance_profiles.add(theirs)
    store.connection.commit()
    assert refusal(iam.get_instance_profile, InstanceProfileName="web")[0] == "NoSuchEntity"
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
    assert iam.create_instance_profile(InstanceProfileName="web")["InstanceProfile"]["InstanceProfileId"] != theirs.id


@pytest.mark.covers("I4.iam.instance_profiles")
def test_a_role_is_put_into_a_profile_and_taken_out_again(iam: Any, refusal: Refusal) -> None:
    _filled(iam)
    role = iam.get_role(RoleName="web-role")["Role"]
    (shown,) = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"]
    assert shown == {key: role[key] for key in ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")}
    assert [one["InstanceProfileName"] for one in iam.list_instance_profiles_for_role(RoleName="web-role")["InstanceProfiles"]] == ["web"]
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web-role")
    assert iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"] == []
    assert iam.list_instance_profiles_for_role(RoleName="web-role")["InstanceProfiles"] == []
    refused = refusal(iam.remove_role_from_instance_profile, InstanceProfileName="web", RoleName="web-role")
    assert refused == ("NoSuchEntity", "Role web-role in Instance Profile web cannot be found.")


def test_p5_4_13_a_profile_holds_one_role(iam: Any, refusal: Refusal) -> None:
    _filled(iam)
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=TRUST)
    full = ("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    assert refusal(iam.add_role_to_instance_profile, InstanceProfileName="web", RoleName="other") == full
    assert refusal(iam.remove_role_from_instance_profile, InstanceProfileName="web", RoleName="other")[0] == "NoSuchEntity"
    (role,) = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"]
    assert role["RoleName"] == "web-role"


def test_contested_the_role_that_is_in_a_profile_already_exceeds_the_quota_too(iam: Any, refusal: Refusal) -> None:
    """AWS's model also has EntityAlreadyExists for it; those who tried tell of LimitExceeded."""
    _filled(iam)
    assert refusal(iam.add_role_to_instance_profile, InstanceProfileName="web", RoleName="web-role")[0] == "LimitExceeded"


def test_a_role_that_is_not_there_gets_into_no_profile(iam: Any, refusal: Refusal) -> None:
    iam.create_instance_profile(InstanceProfileName="web")
    for method in ("add_role_to_instance_profile", "remove_role_from_instance_profile"):
        refused = refusal(getattr(iam, method), InstanceProfileName="web", RoleName="none")
        assert refused == ("NoSuchEntity", "The role with name none cannot be found.")
    assert refusal(iam.list_instance_profiles_for_role, RoleName="none")[0] == "NoSuchEntity"


@pytest.mark.covers("I4.iam.instance_profiles")
def test_p5_3_5_neither_role_nor_profile_goes_while_they_hold_together(iam: Any, refusal: Refusal) -> None:
    _filled(iam)
    conflict = ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    assert refusal(iam.delete_role, RoleName="web-role") == conflict
    assert refusal(iam.delete_instance_profile, InstanceProfileName="web") == conflict
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web-role")
    iam.delete_role(RoleName="web-role")
    iam.delete_instance_profile(InstanceProfileName="web")
    assert iam.list_instance_profiles()["InstanceProfiles"] == []


def test_p1_2_6_a_service_linked_role_gets_into_no_profile(iam: Any, refusal: Refusal) -> None:
    iam.create_instance_profile(InstanceProfileName="web")
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    for method in ("add_role_to_instance_profile", "remove_role_from_instance_profile"):
        refused = refusal(getattr(iam, method), InstanceProfileName="web", RoleName="AWSServiceRoleForECS")
        assert refused[0] == "UnmodifiableEntity"


@pytest.mark.covers("I4.iam.pass_role")
def test_p2_1_6_who_puts_a_role_into_a_profile_must_be_allowed_to_pass_it(
    iam: Any, account: str, user_client: UserClient, refusal: Refusal
) -> None:
    _filled(iam)
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web-role")
    given = {"InstanceProfileName": "web", "RoleName": "web-role"}
    role = f"arn:aws:iam::{account}:role/web-role"
    add = _allow("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{account}:instance-profile/web")

    eve = user_client("eve", add)
    code, message = refusal(eve.add_role_to_instance_profile, **given)
    assert code == DENIED and f"is not authorized to perform: iam:PassRole on resource: {role}" in message
    only = user_client("only", _allow("iam:PassRole", role))
    code, message = refusal(only.add_role_to_instance_profile, **given)
    assert code == DENIED and "iam:AddRoleToInstanceProfile" in message
    other = user_client("other", add, _allow("iam:PassRole", role + "-not"))
    assert refusal(other.add_role_to_instance_profile, **given)[0] == DENIED
    elsewhere = user_client("elsewhere", add, _allow("iam:PassRole", StringEquals={"iam:PassedToService": "ecs.amazonaws.com"}))
    assert refusal(elsewhere.add_role_to_instance_profile, **given)[0] == DENIED
    assert iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"] == []

    condition = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    condition["ArnLike"] = {"iam:AssociatedResourceArn": f"arn:aws:ec2:*:{account}:instance/*"}
    ann = user_client("ann", add, _allow("iam:PassRole", role, **condition))
    ann.add_role_to_instance_profile(**given)
    assert len(iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"]) == 1


def test_taking_a_role_out_passes_none(iam: Any, user_client: UserClient) -> None:
    _filled(iam)
    user_client("ann", _allow("iam:RemoveRoleFromInstanceProfile")).remove_role_from_instance_profile(
        InstanceProfileName="web", RoleName="web-role"
    )


def test_pages_of_profiles_by_name_and_path(iam: Any, account: str, user_client: UserClient, refusal: Refusal) -> None:
    for name, path in (("b", "/eng/"), ("A", "/"), ("c", "/eng/x/"), ("d", "/e%/")):
        iam.create_instance_profile(InstanceProfileName=name, Path=path, Tags=[{"Key": "k", "Value": "v"}])
    found = list(iam.get_paginator("list_instance_profiles").paginate(PaginationConfig={"PageSize": 3}))
    assert [[one["InstanceProfileName"] for one in page["InstanceProfiles"]] for page in found] == [["A", "b", "c"], ["d"]]
    assert all("Tags" not in one or not one["Tags"] for page in found for one in page["InstanceProfiles"])
    assert [one["InstanceProfileName"] for one in iam.list_instance_profiles(PathPrefix="/eng/")["InstanceProfiles"]] == ["b", "c"]
    assert refusal(iam.list_instance_profiles, Marker="x")[0] == "ValidationError"
    ann = user_client("ann", _allow("iam:ListInstanceProfiles", f"arn:aws:iam::{account}:instance-profile/eng/*"))
    assert len(ann.list_instance_profiles(PathPrefix="/eng/")["InstanceProfiles"]) == 2
    assert refusal(ann.list_instance_profiles)[0] == DENIED


def test_pages_of_the_profiles_of_a_role(iam: Any) -> None:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    for number in range(3):
        iam.create_instance_profile(InstanceProfileName=f"p{number}")
        iam.add_role_to_instance_profile(InstanceProfileName=f"p{number}", RoleName="r")
    iam.create_instance_profile(InstanceProfileName="empty")
    found = list(iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName="r", PaginationConfig={"PageSize": 2}))
    assert [[one["InstanceProfileName"] for one in page["InstanceProfiles"]] for page in found] == [["p0", "p1"], ["p2"]]


@pytest.mark.covers("I4.iam.instance_profiles")
def test_tags_of_profiles_differ_by_case_and_are_set_replaced_and_removed(iam: Any, refusal: Refusal) -> None:
    iam.create_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": "1"}])
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": "2"}, {"Key": "A", "Value": "3"}])
    both = [{"Key": "A", "Value": "3"}, {"Key": "a", "Value": "2"}]
    assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == both
    page = iam.list_instance_profile_tags(InstanceProfileName="web", MaxItems=1)
    assert (page["Tags"], page["IsTruncated"]) == (both[:1], True)
    assert iam.list_instance_profile_tags(InstanceProfileName="web", Marker=page["Marker"])["Tags"] == both[1:]
    iam.untag_instance_profile(InstanceProfileName="web", TagKeys=["A", "none"])
    assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == both[1:]
    assert refusal(iam.tag_instance_profile, InstanceProfileName="web", Tags=[{"Key": "aws:a", "Value": ""}])[0] == "InvalidInput"
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(49)])
    assert refusal(iam.tag_instance_profile, InstanceProfileName="web", Tags=[{"Key": "one", "Value": ""}])[0] == "LimitExceeded"


def test_policies_can_speak_of_a_profiles_tags(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    for team in ("a", "b"):
        iam.create_instance_profile(InstanceProfileName=team, Tags=[{"Key": "Team", "Value": team}])
    of_team: dict[str, Any] = {"StringEquals": {"aws:ResourceTag/Team": "a", "iam:ResourceTag/Team": "a"}}
    ann = user_client("ann", _allow(["iam:*InstanceProfile", "iam:ListInstanceProfileTags"], **of_team))
    assert ann.get_instance_profile(InstanceProfileName="a")["InstanceProfile"]["InstanceProfileName"] == "a"
    assert len(ann.list_instance_profile_tags(InstanceProfileName="a")["Tags"]) == 1
    for method in (ann.get_instance_profile, ann.list_instance_profile_tags, ann.delete_instance_profile):
        assert refusal(method, InstanceProfileName="b")[0] == DENIED
    ann.delete_instance_profile(InstanceProfileName="a")


def test_policies_can_limit_the_tags_that_are_given(iam: Any, account: str, user_client: UserClient, refusal: Refusal) -> None:
    arn = f"arn:aws:iam::{account}:instance-profile/web"
    eve = user_client("eve", _allow("iam:CreateInstanceProfile", arn))
    code, message = refusal(eve.create_instance_profile, InstanceProfileName="web", Tags=[{"Key": "k", "Value": "v"}])
    assert code == DENIED and f"iam:TagInstanceProfile on resource: {arn}" in message
    eve.create_instance_profile(InstanceProfileName="web")
    keys: dict[str, Any] = {"ForAllValues:StringEquals": {"aws:TagKeys": ["good"]}}
    ann = user_client("ann", _allow(["iam:TagInstanceProfile", "iam:UntagInstanceProfile"], arn, **keys))
    ann.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "good", "Value": "v"}])
    assert refusal(ann.tag_instance_profile, InstanceProfileName="web", Tags=[{"Key": "bad", "Value": "v"}])[0] == DENIED
    assert refusal(ann.untag_instance_profile, InstanceProfileName="web", TagKeys=["good", "bad"])[0] == DENIED
    ann.untag_instance_profile(InstanceProfileName="web", TagKeys=["good"])


def test_whether_a_profile_exists_is_not_told_to_who_may_not_see_it(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_instance_profile(InstanceProfileName="there")
    eve = user_client("eve")
    there, absent = (refusal(eve.get_instance_profile, InstanceProfileName=name) for name in ("there", "absent"))
    assert there[0] == absent[0] == DENIED
    assert there[1].replace("there", "absent") == absent[1]


def test_the_event_names_profile_and_role(iam: Any, akia: InProcess) -> None:
    _filled(iam)
    trail = akia.client("cloudtrail")
    for name in ("web", "web-role"):
        found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}])["Events"]
        assert "AddRoleToInstanceProfile" in {event["EventName"] for event in found}, name

"""CreatePolicy, GetPolicy, ListPolicies, DeletePolicy and the tags of policies, through boto3."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(action: str = "s3:GetObject") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def create(iam: Any, name: str, **more: Any) -> str:
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=document(), **more)["Policy"]["Arn"]
    return arn


def names(iam: Any, **filters: Any) -> list[str]:
    pages = iam.get_paginator("list_policies").paginate(**filters)
    return [policy["PolicyName"] for page in pages for policy in page["Policies"]]


@pytest.mark.covers("I2.services.managed_policies")
def test_a_new_policy_has_its_first_version_in_force(iam: Any, account: str) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    made = iam.create_policy(PolicyName="Reader", Path="/ops/", PolicyDocument=document(), Description="reads", Tags=tags)["Policy"]
    assert made["Arn"] == f"arn:aws:iam::{account}:policy/ops/Reader"
    assert made["PolicyId"].startswith("ANPA") and len(made["PolicyId"]) == 21
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["PermissionsBoundaryUsageCount"]) == ("v1", 0, 0)
    assert made["IsAttachable"] is True and made["CreateDate"] == made["UpdateDate"]
    assert (made["Tags"], made["Path"]) == (tags, "/ops/")
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"] == {**made, "Description": "reads"}


def test_only_get_policy_tells_the_description_and_that_there_are_no_tags(iam: Any) -> None:
    made = iam.create_policy(PolicyName="Reader", PolicyDocument=document(), Description="reads")["Policy"]
    assert not {"Description", "Tags"} & made.keys()
    got = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert (got["Description"], got["Tags"]) == ("reads", [])


def test_p5_4_21_policy_names_are_unique_without_regard_to_case_or_path(iam: Any, refusal: Any) -> None:
    create(iam, "Reader")
    taken = ("EntityAlreadyExists", "A policy called READER already exists. Duplicate names are not allowed.")
    assert refusal(iam.create_policy, PolicyName="READER", Path="/x/", PolicyDocument=document()) == taken


def test_a_policy_may_be_called_as_one_of_aws(iam: Any, account: str) -> None:
    assert create(iam, "ReadOnlyAccess") == f"arn:aws:iam::{account}:policy/ReadOnlyAccess"
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["Arn"] == READ_ONLY


def test_p5_2_a_faulty_document_is_refused_and_nothing_is_made(iam: Any, refusal: Any) -> None:
    faulty = [
        ("{", "Syntax errors in policy."),
        ('{"Version":"2012-10-17","Statement":[]}', "Syntax errors in policy."),
        (" " + document(), "The policy failed legacy parsing"),
        ('{"Version":"2008-10-17","Statement":[]}', "Policy document must be version 2012-10-17 or greater."),
        (document("nothing"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ]
    for text, complaint in faulty:
        assert refusal(iam.create_policy, PolicyName="Bad", PolicyDocument=text) == ("MalformedPolicyDocument", complaint)
    assert names(iam, Scope="Local") == []


def test_p5_4_14_white_space_does_not_count_against_the_size_of_a_policy(iam: Any, refusal: Any) -> None:
    sid = {"Sid": "a" * 6_000, "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    room = 6_144 - len(json.dumps({"Version": "2012-10-17", "Statement": [sid]}, separators=(",", ":")))
    fits = {**sid, "Sid": sid["Sid"] + "a" * room}
    iam.create_policy(PolicyName="Fits", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [fits]}, indent=40))
    beyond = json.dumps({"Version": "2012-10-17", "Statement": [{**fits, "Sid": fits["Sid"] + "a"}]})
    assert refusal(iam.create_policy, PolicyName="Beyond", PolicyDocument=beyond) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::{account}:policy/None", "arn:aws:iam::aws:policy/None", "arn:aws:iam::999999999999:policy/x"]
)
def test_p5_3_1_a_policy_that_is_not_there(iam: Any, account: str, refusal: Any, arn: str) -> None:
    named = arn.format(account=account)
    assert refusal(iam.get_policy, PolicyArn=named) == ("NoSuchEntity", f"Policy {named} was not found.")


def test_names_are_found_in_their_own_case_and_path_only(iam: Any, account: str, refusal: Any) -> None:
    create(iam, "Reader", Path="/ops/")
    for other in ("policy/ops/reader", "policy/Reader", "policy/OPS/Reader", "policy/ops//Reader"):
        assert refusal(iam.get_policy, PolicyArn=f"arn:aws:iam::{account}:{other}")[0] == "NoSuchEntity"


def test_p5_3_3_what_is_no_arn_of_a_policy_is_refused(iam: Any, account: str, refusal: Any) -> None:
    assert refusal(iam.get_policy, PolicyArn="ReadOnlyAccess-or-so-it-says") == ("ValidationError", "Invalid ARN:  Could not be parsed!")
    role = f"arn:aws:iam::{account}:role/admin"
    assert refusal(iam.delete_policy, PolicyArn=role) == ("InvalidInput", f"ARN {role} is not valid.")


def test_lists_show_a_policy_without_description_and_tags(iam: Any) -> None:
    create(iam, "Reader", Description="reads", Tags=[{"Key": "team", "Value": "a"}])
    [shown] = iam.list_policies(Scope="Local")["Policies"]
    assert "Description" not in shown and not shown.get("Tags")
    assert shown["PolicyName"] == "Reader"


@pytest.mark.covers("I2.services.managed_policies")
def test_scope_and_path_choose_what_is_listed(iam: Any) -> None:
    create(iam, "A", Path="/x/")
    create(iam, "B", Path="/x_/")
    assert names(iam, Scope="Local") == ["A", "B"]
    assert names(iam, Scope="Local", PathPrefix="/x/") == ["A"]
    assert "ReadOnlyAccess" in names(iam, Scope="AWS") and "A" not in names(iam, Scope="AWS")
    assert {"A", "ReadOnlyAccess"} <= set(names(iam)) and names(iam) == names(iam, Scope="All")
    assert names(iam, Scope="AWS", PathPrefix="/job-function/") != []


def test_usage_chooses_what_is_listed_and_counts_are_shown(iam: Any) -> None:
    attached, bounding, _ = (create(iam, name) for name in ("Attached", "Bounding", "Unused"))
    iam.create_user(UserName="alice", PermissionsBoundary=bounding)
    iam.attach_user_policy(UserName="alice", PolicyArn=attached)
    iam.attach_user_policy(UserName="alice", PolicyArn=READ_ONLY)
    assert {"Attached", "ReadOnlyAccess"} <= set(names(iam, OnlyAttached=True))
    assert {"Bounding", "Unused", "SecurityAudit"}.isdisjoint(names(iam, OnlyAttached=True))
    assert names(iam, OnlyAttached=True, Scope="Local") == ["Attached"]
    assert names(iam, PolicyUsageFilter="PermissionsPolicy") == names(iam, OnlyAttached=True)
    assert names(iam, PolicyUsageFilter="PermissionsBoundary") == names(iam, PolicyUsageFilter="PermissionsBoundary", OnlyAttached=True)
    assert names(iam, PolicyUsageFilter="PermissionsBoundary") == ["Bounding"]
    assert iam.get_policy(PolicyArn=attached)["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy(PolicyArn=bounding)["Policy"]["PermissionsBoundaryUsageCount"] == 1


def test_w6_8_pages_neither_repeat_nor_leave_out(iam: Any) -> None:
    made = {create(iam, f"P{number}", Path=f"/{number % 3}/") for number in range(7)}
    pages = list(iam.get_paginator("list_policies").paginate(Scope="Local", PaginationConfig={"PageSize": 3}))
    assert [page["IsTruncated"] for page in pages] == [True, True, False] and "Marker" not in pages[-1]
    listed = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert len(listed) == 7 and set(listed) == made


def test_w6_8_markers_of_policies_with_long_paths_fit(iam: Any) -> None:
    for number in range(3):
        create(iam, f"P{number}", Path=f"/{'p' * 300}/{'q' * 200}/")
    pages = iam.get_paginator("list_policies").paginate(Scope="Local", PaginationConfig={"PageSize": 1})
    assert [policy["PolicyName"] for page in pages for policy in page["Policies"]] == ["P0", "P1", "P2"]


def test_w6_8_markers_of_nothing_and_of_other_lists_are_refused(iam: Any, refusal: Any) -> None:
    for after in ("nonsense", "policies\nANPANONE", "users\narn:aws"):
        marker = urlsafe_b64encode(after.encode()).decode()
        assert refusal(iam.list_policies, Marker=marker) == ("ValidationError", "Invalid Marker.")


def test_a_deleted_policy_is_gone_and_its_name_free_for_a_new_id(iam: Any, refusal: Any) -> None:
    arn = create(iam, "Reader")
    old = iam.get_policy(PolicyArn=arn)["Policy"]["PolicyId"]
    iam.delete_policy(PolicyArn=arn)
    assert refusal(iam.get_policy, PolicyArn=arn)[0] == "NoSuchEntity"
    assert refusal(iam.delete_policy, PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.")
    assert create(iam, "reader") == arn.replace("Reader", "reader")
    assert iam.get_policy(PolicyArn=arn.replace("Reader", "reader"))["Policy"]["PolicyId"] != old


def test_p5_3_5_a_policy_in_use_is_not_deleted(iam: Any, refusal: Any) -> None:
    arn = create(iam, "Reader")
    iam.create_user(UserName="alice")
    iam.create_group(GroupName="staff")
    conflict = ("DeleteConflict", "Cannot delete a policy attached to entities.")
    iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn) == conflict
    iam.detach_group_policy(GroupName="staff", PolicyArn=arn)
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn) == conflict
    iam.delete_user_permissions_boundary(UserName="alice")
    iam.delete_policy(PolicyArn=arn)


def test_p5_3_5_a_policy_with_more_versions_is_not_deleted(iam: Any, refusal: Any) -> None:
    arn = create(iam, "Reader")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document())
    code, message = refusal(iam.delete_policy, PolicyArn=arn)
    assert code == "DeleteConflict" and message.startswith("This policy has more than one version.")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)


@pytest.mark.covers("I2.services.managed_policies")
def test_p1_2_6_nobody_modifies_a_policy_of_aws(iam: Any, account: str, refusal: Any) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("DeletePolicy", {}),
        ("TagPolicy", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("UntagPolicy", {"TagKeys": ["a"]}),
        ("CreatePolicyVersion", {"PolicyDocument": document(), "SetAsDefault": True}),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
        ("DeletePolicyVersion", {"VersionId": "v1"}),
    ]
    before = iam.get_policy(PolicyArn=READ_ONLY)["Policy"]
    for name, more in calls:
        method = getattr(iam, "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:])
        sentence = f"User: arn:aws:iam::{account}:root is not authorized to perform: iam:{name} on resource: {READ_ONLY}"
        assert refusal(method, PolicyArn=READ_ONLY, **more) == ("AccessDenied", sentence)
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"] == before


@pytest.mark.covers("I2.services.tags")
def test_tag_keys_of_policies_differ_by_case(iam: Any) -> None:
    arn = create(iam, "Reader", Tags=[{"Key": "Team", "Value": "a"}, {"Key": "TEAM", "Value": "a"}])
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "team", "Value": "b"}, {"Key": "Team", "Value": "c"}])
    wanted = [{"Key": "TEAM", "Value": "a"}, {"Key": "Team", "Value": "c"}, {"Key": "team", "Value": "b"}]
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == wanted
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == wanted
    iam.untag_policy(PolicyArn=arn, TagKeys=["team", "TEAM", "absent"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "Team", "Value": "c"}]


def test_p5_4_12_a_policy_has_at_most_fifty_tags(iam: Any, refusal: Any) -> None:
    arn = create(iam, "Reader", Tags=[{"Key": f"k{number:02}", "Value": ""} for number in range(50)])
    assert refusal(iam.tag_policy, PolicyArn=arn, Tags=[{"Key": "one more", "Value": ""}])[0] == "LimitExceeded"
    pages = list(iam.get_paginator("list_policy_tags").paginate(PolicyArn=arn, PaginationConfig={"PageSize": 20}))
    assert [len(page["Tags"]) for page in pages] == [20, 20, 10]
    assert (
        refusal(iam.create_policy, PolicyName="Other", PolicyDocument=document(), Tags=[{"Key": "aws:x", "Value": ""}])[0] == "InvalidInput"
    )


def test_p2_1_6_tags_on_creation_need_a_permission_of_their_own(account: str, user_client: Any, refusal: Any) -> None:
    arn = f"arn:aws:iam::{account}:policy/ops/Reader"
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:CreatePolicy", "Resource": arn})
    tagged = {"PolicyName": "Reader", "Path": "/ops/", "PolicyDocument": document(), "Tags": [{"Key": "team", "Value": "a"}]}
    code, message = refusal(eve.create_policy, **tagged)
    assert code == "AccessDenied" and f"iam:TagPolicy on resource: {arn}" in message
    assert refusal(eve.create_policy, **{**tagged, "Path": "/"})[0] == "AccessDenied"
    assert eve.create_policy(PolicyName="Reader", Path="/ops/", PolicyDocument=document())["Policy"]["Arn"] == arn


def test_conditions_see_the_tags_of_the_request_and_of_the_policy(iam: Any, user_client: Any, refusal: Any) -> None:
    mine, other = create(iam, "Mine", Tags=[{"Key": "Team", "Value": "a"}]), create(iam, "Other", Tags=[{"Key": "Team", "Value": "b"}])
    eve = user_client(
        "eve",
        {
            "Effect": "Allow",
            "Action": ["iam:GetPolicy", "iam:DeletePolicy"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Team": "a"}},
        },
        {
            "Effect": "Allow",
            "Action": ["iam:TagPolicy", "iam:UntagPolicy"],
            "Resource": "*",
            "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["Cost"]}, "Null": {"iam:ResourceTag/Team": "false"}},
        },
    )
    assert eve.get_policy(PolicyArn=mine)["Policy"]["PolicyName"] == "Mine"
    assert refusal(eve.get_policy, PolicyArn=other)[0] == "AccessDenied"
    assert refusal(eve.delete_policy, PolicyArn=other)[0] == "AccessDenied"
    eve.tag_policy(PolicyArn=mine, Tags=[{"Key": "Cost", "Value": "1"}])
    assert refusal(eve.tag_policy, PolicyArn=mine, Tags=[{"Key": "Cost", "Value": "1"}, {"Key": "Team", "Value": "z"}])[0] == "AccessDenied"
    assert refusal(eve.untag_policy, PolicyArn=mine, TagKeys=["Team"])[0] == "AccessDenied"
    eve.untag_policy(PolicyArn=mine, TagKeys=["Cost"])


def test_contested_iam_lists_ask_the_collection_of_policies(account: str, user_client: Any, refusal: Any) -> None:
    # P2.2-6
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:ListPolicies", "Resource": f"arn:aws:iam::{account}:policy/ops/*"})
    assert eve.list_policies(PathPrefix="/ops/")["Policies"] == []
    code, message = refusal(eve.list_policies)
    assert code == "AccessDenied" and f"on resource: arn:aws:iam::{account}:policy/ because" in message

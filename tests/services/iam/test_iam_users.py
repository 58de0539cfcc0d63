"""IAM users through an unmodified boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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


def _allow(action: str, resource: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


@pytest.mark.covers("I2.services.users")
def test_a_new_user_has_name_path_arn_date_and_a_unique_id_with_the_account_in_it(iam: Any, account: str) -> None:
    user = iam.create_user(UserName="Alice")["User"]
    assert (user["UserName"], user["Path"], user["Arn"]) == ("Alice", "/", f"arn:aws:iam::{account}:user/Alice")
    assert user["UserId"].startswith("AIDA")
    assert len(user["UserId"]) == 21
    assert account_of(user["UserId"]) == account
    assert user["CreateDate"].tzinfo is not None
    assert abs(user["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert not {"Tags", "PermissionsBoundary"} & user.keys()
    assert iam.get_user(UserName="Alice")["User"] == user


def test_path_tags_and_boundary_are_kept_and_only_get_user_tells_them_all(iam: Any, account: str) -> None:
    tags = [{"Key": "Site", "Value": "Ulm"}, {"Key": "Team", "Value": ""}]
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
    iam.create_user(UserName="bob", Path="/eng/core/", Tags=tags[::-1], PermissionsBoundary=READ_ONLY)
    user = iam.get_user(UserName="bob")["User"]
    assert user["Arn"] == f"arn:aws:iam::{account}:user/eng/core/bob"
    assert (user["Path"], user["Tags"], user["PermissionsBoundary"]) == ("/eng/core/", tags, boundary)
    (listed,) = iam.list_users()["Users"]
    assert listed == {key: value for key, value in user.items() if key not in ("Tags", "PermissionsBoundary")}


def test_p5_4_21_names_are_unique_without_regard_to_case(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="Carol")
    for taken in ("Carol", "carol", "CAROL"):
        refused = refusal(iam.create_user, UserName=taken, Path="/other/")
        assert refused == ("EntityAlreadyExists", f"User with name {taken} already exists.")


def test_names_are_found_only_as_they_are_written(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="Carol")
    assert refusal(iam.get_user, UserName="carol") == ("NoSuchEntity", "The user with name carol cannot be found.")


def test_p5_4_19_a_name_is_up_to_64_plain_characters(iam: Any, refusal: Refusal) -> None:
    for name in ("a" * 65, "two words", "a/b", "ä", "x\n", "\u0661", "a:b", "*"):
        assert refusal(iam.create_user, UserName=name)[0] == "ValidationError", name
    assert iam.list_users()["Users"] == []


def test_p5_4_19_the_longest_and_oddest_names_are_good(iam: Any) -> None:
    for name in ("a" * 64, "a_b-c.d,e@f=g+h", "0"):
        assert iam.create_user(UserName=name)["User"]["UserName"] == name


def test_p5_4_19_a_path_begins_and_ends_with_a_slash(iam: Any, refusal: Refusal) -> None:
    for path in ("x", "/x", "x/", "/a b/", "/ä/", "/" + "a" * 511 + "/", "/\x7f/"):
        assert refusal(iam.create_user, UserName="dave", Path=path)[0] == "ValidationError", path


def test_bad_tags_make_no_user(iam: Any, refusal: Refusal) -> None:
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert refusal(iam.create_user, UserName="dave", Tags=twice)[0] == "InvalidInput"
    assert refusal(iam.create_user, UserName="dave", Tags=[{"Key": "aws:x", "Value": "1"}])[0] == "InvalidInput"
    many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert refusal(iam.create_user, UserName="dave", Tags=many)[0] == "ValidationError"
    assert refusal(iam.get_user, UserName="dave")[0] == "NoSuchEntity"


def test_a_boundary_that_does_not_exist_makes_no_user(iam: Any, refusal: Refusal) -> None:
    arn = READ_ONLY + "NotThere"
    refused = refusal(iam.create_user, UserName="dave", PermissionsBoundary=arn)
    assert refused == ("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.")
    refused = refusal(iam.create_user, UserName="dave", PermissionsBoundary="no arn at all, but long")
    assert refused == ("ValidationError", "Invalid ARN:  Could not be parsed!")
    assert refusal(iam.get_user, UserName="dave")[0] == "NoSuchEntity"


def test_nt_42_users_and_policies_of_another_account_are_out_of_reach(iam: Any, stranger: Any, refusal: Refusal) -> None:
    theirs = str(stranger.policy.arn)
    refused = refusal(iam.create_user, UserName="dave", PermissionsBoundary=theirs)
    assert refused == ("NoSuchEntity", f"Scope ARN: {theirs} does not exist or is not attachable.")
    assert refusal(iam.get_user, UserName="alice")[0] == "NoSuchEntity"
    assert iam.list_users()["Users"] == []
    assert iam.create_user(UserName="alice")["User"]["UserId"] != stranger.user.id


def test_get_user_without_a_name_is_the_user_who_signed(user_client: UserClient, iam: Any) -> None:
    erin = user_client("erin", _allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}"))
    assert erin.get_user()["User"] == iam.get_user(UserName="erin")["User"]


@pytest.mark.covers("I2.services.root")
def test_get_user_without_a_name_by_root_is_the_account(iam: Any, account: str) -> None:
    user = iam.get_user()["User"]
    assert (user["UserId"], user["Arn"]) == (account, f"arn:aws:iam::{account}:root")
    assert not {"UserName", "Path", "Tags"} & user.keys()


def test_nt_42_a_user_called_root_is_not_the_root_user(iam: Any, account: str, refusal: Refusal) -> None:
    assert refusal(iam.get_user, UserName="root")[0] == "NoSuchEntity"
    iam.create_user(UserName="root")
    assert iam.get_user(UserName="root")["User"]["Arn"] == f"arn:aws:iam::{account}:user/root"
    assert iam.get_user()["User"]["UserId"] == account


def test_list_users_is_in_the_order_of_names_and_always_says_whether_there_is_more(iam: Any) -> None:
    assert iam.list_users() | {"ResponseMetadata": None} == {"Users": [], "IsTruncated": False, "ResponseMetadata": None}
    for name in ("bob", "Alice", "Zoe", "carl"):
        iam.create_user(UserName=name)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["Alice", "bob", "carl", "Zoe"]


@pytest.mark.covers("I2.services.users")
def test_w6_8_pages_of_users_put_together_are_all_users(iam: Any, refusal: Refusal) -> None:
    names = [f"user{number:02d}" for number in range(25)]
    for name in names:
        iam.create_user(UserName=name)
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 7}))
    assert [len(page["Users"]) for page in pages] == [7, 7, 7, 4]
    assert [user["UserName"] for page in pages for user in page["Users"]] == names
    assert refusal(iam.list_users, Marker="user07") == ("ValidationError", "Invalid Marker.")
    assert refusal(iam.list_groups, Marker=pages[0]["Marker"]) == ("ValidationError", "Invalid Marker.")


def test_w6_8_a_page_has_1000_items_at_most(iam: Any, refusal: Refusal) -> None:
    assert refusal(iam.list_users, MaxItems=1001)[0] == "ValidationError"
    assert iam.list_users(MaxItems=1000)["Users"] == []


def test_a_path_prefix_selects_users_beneath_it(iam: Any) -> None:
    for name, path in (("a", "/eng/core/"), ("b", "/eng/web/"), ("c", "/sales/"), ("d", "/"), ("e", "/e%/"), ("f", "/e_g/")):
        iam.create_user(UserName=name, Path=path)

    def names(prefix: str) -> str:
        return "".join(user["UserName"] for user in iam.list_users(PathPrefix=prefix)["Users"])

    found = {prefix: names(prefix) for prefix in ("/", "/eng", "/eng/", "/eng/web/", "/ENG/", "/e%", "/e_g/", "/none/")}
    assert found == {"/": "abcdef", "/eng": "ab", "/eng/": "ab", "/eng/web/": "b", "/ENG/": "", "/e%": "e", "/e_g/": "f", "/none/": ""}


@pytest.mark.covers("I2.services.users")
def test_a_renamed_user_keeps_its_id_its_keys_and_its_policies(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    frank = user_client("frank", _allow("iam:GetUser", "*"))
    before = frank.get_user()["User"]
    iam.update_user(UserName="frank", NewUserName="Francis", NewPath="/ops/")
    after = frank.get_user()["User"]
    assert after == before | {"UserName": "Francis", "Path": "/ops/", "Arn": before["Arn"].replace("user/frank", "user/ops/Francis")}
    assert refusal(iam.get_user, UserName="frank")[0] == "NoSuchEntity"


def test_a_user_can_be_renamed_to_other_case_but_not_to_a_name_in_use(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="gina")
    iam.create_user(UserName="Hugo")
    iam.update_user(UserName="gina", NewUserName="GINA")
    taken = refusal(iam.update_user, UserName="GINA", NewUserName="HUGO")
    assert taken == ("EntityAlreadyExists", "User with name HUGO already exists.")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["GINA", "Hugo"]


def test_an_update_of_nothing_changes_nothing(iam: Any) -> None:
    user = iam.create_user(UserName="gina", Path="/a/", Tags=[{"Key": "k", "Value": "v"}])["User"]
    iam.update_user(UserName="gina")
    assert iam.get_user(UserName="gina")["User"] == user


def test_users_that_are_not_there_cannot_be_updated_or_deleted(iam: Any, refusal: Refusal) -> None:
    absent = ("NoSuchEntity", "The user with name nobody cannot be found.")
    assert refusal(iam.update_user, UserName="nobody", NewUserName="somebody") == absent
    assert refusal(iam.delete_user, UserName="nobody") == absent


def _with_key(iam: Any) -> Callable[[], object]:
    key = iam.create_access_key(UserName="ivan")["AccessKey"]["AccessKeyId"]
    return lambda: iam.delete_access_key(UserName="ivan", AccessKeyId=key)


def _with_attachment(iam: Any) -> Callable[[], object]:
    iam.attach_user_policy(UserName="ivan", PolicyArn=READ_ONLY)
    return lambda: iam.detach_user_policy(UserName="ivan", PolicyArn=READ_ONLY)


def _with_inline_policy(iam: Any) -> Callable[[], object]:
    document = json.dumps({"Version": "2012-10-17", "Statement": _allow("iam:GetUser", "*")})
    iam.put_user_policy(UserName="ivan", PolicyName="p", PolicyDocument=document)
    return lambda: iam.delete_user_policy(UserName="ivan", PolicyName="p")


def _with_group(iam: Any) -> Callable[[], object]:
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ivan")
    return lambda: iam.remove_user_from_group(GroupName="g", UserName="ivan")


@pytest.mark.parametrize(
    ("give", "words"),
    [
        (_with_key, "must delete access keys first."),
        (_with_attachment, "must detach all policies first."),
        (_with_inline_policy, "must delete policies first."),
        (_with_group, "must remove users from group first."),
    ],
)
@pytest.mark.covers("I2.services.users")
def test_p5_3_5_a_user_is_deleted_only_when_nothing_belongs_to_it(
    iam: Any, refusal: Refusal, give: Callable[[Any], Callable[[], object]], words: str
) -> None:
    iam.create_user(UserName="ivan")
    take = give(iam)
    assert refusal(iam.delete_user, UserName="ivan") == ("DeleteConflict", f"Cannot delete entity, {words}")
    take()
    iam.delete_user(UserName="ivan")
    assert refusal(iam.get_user, UserName="ivan")[0] == "NoSuchEntity"


def test_nt_36_a_user_of_the_same_name_inherits_nothing(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    old = user_client("judy", _allow("iam:*", "*"))
    old_id = old.get_user()["User"]["UserId"]
    iam.tag_user(UserName="judy", Tags=[{"Key": "k", "Value": "v"}])
    for key in iam.list_access_keys(UserName="judy")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="judy", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="judy", PolicyName="test")
    iam.delete_user(UserName="judy")
    new = iam.create_user(UserName="judy")["User"]
    assert new["UserId"] != old_id
    assert "Tags" not in iam.get_user(UserName="judy")["User"]
    assert iam.list_access_keys(UserName="judy")["AccessKeyMetadata"] == []
    assert refusal(old.get_user)[0] == "InvalidClientTokenId"


def test_p5_4_6_an_account_has_so_many_users_and_no_more(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    akia.akia.authority.quotas = Quotas(users_per_account=2)
    for name in ("a", "b"):
        iam.create_user(UserName=name)
    assert refusal(iam.create_user, UserName="c") == ("LimitExceeded", "Cannot exceed quota for UsersPerAccount: 2")
    iam.delete_user(UserName="a")
    iam.create_user(UserName="c")


def test_w10_9_an_id_that_is_taken_is_not_given_again(iam: Any, monkeypatch: pytest.MonkeyPatch, refusal: Refusal) -> None:
    taken = iam.create_user(UserName="first")["User"]["UserId"]
    ids = iter([taken, taken, "AIDAQQQQQQQQQQQQQQQQ2"])
    monkeypatch.setattr("akia.authority.fresh_ids.new_id", lambda prefix, account: next(ids))
    assert iam.create_user(UserName="second")["User"]["UserId"] == "AIDAQQQQQQQQQQQQQQQQ2"
    monkeypatch.setattr("akia.authority.fresh_ids.new_id", lambda prefix, account: taken)
    assert refusal(iam.create_user, UserName="third")[0] == "ServiceUnavailable"
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["first", "second"]


def test_events_are_found_by_the_names_of_users_old_and_new(iam: Any, akia: InProcess) -> None:
    iam.create_user(UserName="old")
    iam.update_user(UserName="old", NewUserName="new")
    trail = akia.client("cloudtrail")
    for name, events in (("old", {"CreateUser", "UpdateUser"}), ("new", {"UpdateUser"})):
        found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}])["Events"]
        assert {event["EventName"] for event in found} == events
        assert {"ResourceType": "AWS::IAM::User", "ResourceName": name} in found[0]["Resources"]


# What must be allowed.


def test_p2_2_6_creation_asks_for_the_arn_to_be_made(user_client: UserClient, refusal: Refusal) -> None:
    admin = user_client("kim", _allow("iam:CreateUser", "arn:aws:iam::*:user/ops/*"))
    admin.create_user(UserName="one", Path="/ops/")
    assert refusal(admin.create_user, UserName="one")[0] == DENIED
    assert refusal(admin.create_user, UserName="two", Path="/ops2/")[0] == DENIED


def test_p2_1_6_tags_on_creation_need_tag_user(user_client: UserClient, iam: Any, refusal: Refusal) -> None:
    tags = [{"Key": "Team", "Value": "core"}]
    without = user_client("kim", _allow("iam:CreateUser", "*"))
    code, message = refusal(without.create_user, UserName="lee", Tags=tags)
    assert (code, "iam:TagUser" in message) == (DENIED, True)
    assert refusal(iam.get_user, UserName="lee")[0] == "NoSuchEntity"
    condition = {"aws:RequestTag/Team": "core"}
    allowed = user_client("max", _allow("iam:CreateUser", "*"), _allow("iam:TagUser", "*", StringEquals=condition))
    allowed.create_user(UserName="lee", Tags=tags)
    assert refusal(allowed.create_user, UserName="lee2", Tags=[{"Key": "Team", "Value": "web"}])[0] == DENIED


def test_creation_can_demand_a_boundary(user_client: UserClient, refusal: Refusal) -> None:
    admin = user_client("kim", _allow("iam:CreateUser", "*", StringEquals={"iam:PermissionsBoundary": READ_ONLY}))
    assert refusal(admin.create_user, UserName="lee")[0] == DENIED
    assert refusal(admin.create_user, UserName="lee", PermissionsBoundary=READ_ONLY.replace("Read", "Rd"))[0] == DENIED
    assert admin.create_user(UserName="lee", PermissionsBoundary=READ_ONLY)["User"]["UserName"] == "lee"


def test_nt_42_a_rename_checks_source_and_target(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    for name, path in (("mia", "/ops/"), ("ned", "/")):
        iam.create_user(UserName=name, Path=path)
    admin = user_client("kim", _allow("iam:UpdateUser", "arn:aws:iam::*:user/ops/*"))
    assert refusal(admin.update_user, UserName="mia", NewPath="/")[0] == DENIED
    assert refusal(admin.update_user, UserName="ned", NewPath="/ops/")[0] == DENIED
    admin.update_user(UserName="mia", NewUserName="mary", NewPath="/ops/two/")
    assert iam.get_user(UserName="mary")["User"]["Path"] == "/ops/two/"


def test_contested_iam_lists_ask_the_collection(user_client: UserClient, refusal: Refusal) -> None:
    # P2.2-6: the ARN that a list asks for ends in the path prefix asked for.
    admin = user_client("kim", _allow("iam:ListUsers", "arn:aws:iam::*:user/ops/*"))
    assert admin.list_users(PathPrefix="/ops/")["Users"] == []
    assert refusal(admin.list_users)[0] == DENIED
    assert refusal(admin.list_users, PathPrefix="/sales/")[0] == DENIED


def test_the_tags_of_the_user_decide(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_user(UserName="mia", Tags=[{"Key": "Team", "Value": "core"}])
    iam.create_user(UserName="ned", Tags=[{"Key": "Team", "Value": "web"}])
    for number, key in enumerate(("aws:ResourceTag/team", "iam:ResourceTag/Team")):
        admin = user_client(f"kim{number}", _allow("iam:GetUser", "*", StringEquals={key: "core"}))
        assert admin.get_user(UserName="mia")["User"]["UserName"] == "mia"
        assert refusal(admin.get_user, UserName="ned")[0] == DENIED
        assert refusal(admin.get_user, UserName="nobody")[0] == DENIED


def test_the_path_of_the_user_decides(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_user(UserName="mia", Path="/ops/")
    iam.create_user(UserName="ned")
    admin = user_client("kim", _allow("iam:GetUser", "arn:aws:iam::*:user/ops/*"))
    assert admin.get_user(UserName="mia")["User"]["UserName"] == "mia"
    assert refusal(admin.get_user, UserName="ned")[0] == DENIED


def test_nobody_learns_from_a_refusal_which_users_there_are(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    iam.create_user(UserName="there")
    eve = user_client("eve")
    for call in (eve.get_user, eve.delete_user, eve.update_user, eve.list_access_keys, eve.list_user_tags, eve.list_groups_for_user):
        there, gone = refusal(call, UserName="there"), refusal(call, UserName="gone")
        assert there[0] == gone[0] == DENIED
        assert there[1].replace("there", "gone") == gone[1]


def test_who_asks_about_himself_is_told_what_he_is_now(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    """The asker is at hand already, and nothing of him may be from yesterday."""
    tagged = {"StringEquals": {"iam:ResourceTag/Team": "red"}}
    client = user_client("ines", _allow("iam:GetUser", "arn:aws:iam::*:user/*", **tagged))
    assert refusal(client.get_user, UserName="ines")[0] == DENIED
    iam.tag_user(UserName="ines", Tags=[{"Key": "Team", "Value": "red"}])
    assert client.get_user(UserName="ines")["User"]["Tags"] == [{"Key": "Team", "Value": "red"}]
    iam.update_user(UserName="ines", NewUserName="inez", NewPath="/staff/")
    assert client.get_user(UserName="inez")["User"]["Arn"].endswith(":user/staff/inez")
    assert refusal(client.get_user, UserName="ines")[0] == DENIED
    iam.untag_user(UserName="inez", TagKeys=["Team"])
    assert refusal(client.get_user, UserName="inez")[0] == DENIED

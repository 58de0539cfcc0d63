"""GetFederationToken: what a user lends to somebody, and what that somebody may not (P1.7-8, P1.7-9, P1.3-10, NT-28)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config

pytestmark = pytest.mark.covers("I4.sts.federation_token")

LOOK_UP = {"Action": "cloudtrail:LookupEvents"}
LEND = {"Action": ["sts:GetFederationToken", "sts:TagSession"]}


@pytest.fixture
def lend(here: Any) -> Any:
    """`lend(key, Policy=…)`: what the holder of `key` lends to `guest`."""
    return here.lend


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | one for one in statements]})


def test_a_federated_user_has_a_name_of_its_own(here: Any, lend: Any) -> None:
    lent = lend(here.user("bob", LEND), Policy=document(LOOK_UP))
    arn = f"arn:aws:sts::{here.account}:federated-user/guest"
    assert lent.answer["FederatedUser"] == {"FederatedUserId": f"{here.account}:guest", "Arn": arn}
    assert lent.answer["Credentials"]["AccessKeyId"].startswith("ASIA") and lent.answer["PackedPolicySize"] > 0
    me = lent.client("sts").get_caller_identity()
    assert (me["UserId"], me["Account"], me["Arn"]) == (f"{here.account}:guest", here.account, arn)


def test_p1_7_8_it_may_do_what_both_the_lender_and_the_session_policy_allow(here: Any, lend: Any, refused: Any) -> None:
    everything = document({"Action": "*"})
    rich, poor = here.user("rich", LEND, LOOK_UP), here.user("poor", LEND)
    assert lend(rich, Policy=everything).client("cloudtrail").lookup_events()
    assert refused(lend(poor, Policy=everything).client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    nothing = document({"Action": "s3:GetObject"})
    assert refused(lend(rich, Policy=nothing).client("cloudtrail").lookup_events)[0] == "AccessDeniedException"


def test_p1_7_8_policies_by_arn_count_like_the_text(here: Any, lend: Any, refused: Any) -> None:
    rich = here.user("rich", LEND, LOOK_UP)
    arn = here.iam.create_policy(PolicyName="look", PolicyDocument=document(LOOK_UP))["Policy"]["Arn"]
    assert lend(rich, PolicyArns=[{"arn": arn}]).client("cloudtrail").lookup_events()
    other = here.iam.create_policy(PolicyName="other", PolicyDocument=document({"Action": "s3:*"}))["Policy"]["Arn"]
    assert refused(lend(rich, PolicyArns=[{"arn": other}]).client("cloudtrail").lookup_events)[0] == "AccessDeniedException"


def test_p1_3_10_without_a_session_policy_it_may_do_nothing(here: Any, lend: Any, refused: Any) -> None:
    lent = lend(here.user("rich", {"Action": "*"}))
    assert refused(lent.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    assert "PackedPolicySize" not in lent.answer


def test_the_root_user_lends_what_the_session_policy_says(here: Any, lend: Any, refused: Any) -> None:
    lent = lend(here.root, Policy=document(LOOK_UP))
    assert lent.client("cloudtrail").lookup_events()
    assert refused(lent.client("organizations").describe_organization)[0] == "AccessDeniedException"


def test_the_boundary_of_the_lender_holds_for_the_guest(here: Any, lend: Any, refused: Any) -> None:
    bob = here.user("bob", LEND, LOOK_UP)
    lent = lend(bob, Policy=document(LOOK_UP))
    boundary = here.iam.create_policy(PolicyName="narrow", PolicyDocument=document(LEND))["Policy"]["Arn"]
    assert lent.client("cloudtrail").lookup_events()
    here.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    assert refused(lent.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"


def test_nt_28_a_federated_user_calls_no_iam_and_of_sts_who_it_is_only(here: Any, lend: Any, refused: Any) -> None:
    lent = lend(here.user("rich", {"Action": "*"}), Policy=document({"Action": "*"}))
    assert refused(lent.client("iam").list_users)[0] == "InvalidClientTokenId"
    assert refused(lent.client("iam").create_access_key, UserName="rich")[0] == "InvalidClientTokenId"
    sts = lent.client("sts")
    assert sts.get_caller_identity()
    for call, options in (
        (sts.get_session_token, {}),
        (sts.get_federation_token, {"Name": "another"}),
        (sts.assume_role, {"RoleArn": here.arn("role/any"), "RoleSessionName": "any"}),
    ):
        assert refused(call, **options)[:2] == ("AccessDenied", 403)


def test_it_needs_the_permission_on_the_guests_arn(here: Any, lend: Any, denied: Any) -> None:
    bob = here.user("bob", {"Action": "sts:GetFederationToken", "Resource": f"arn:aws:sts::{here.account}:federated-user/guest"})
    assert lend(bob)
    arn = f"arn:aws:sts::{here.account}:federated-user/stranger"
    assert arn in denied(here.sts(bob).get_federation_token, Name="stranger")
    assert denied(here.sts(here.user("eve")).get_federation_token, Name="guest")


def test_p1_7_4_tags_need_tag_session_and_are_the_guests_principal_tags(here: Any, lend: Any, denied: Any, refused: Any) -> None:
    by_team = LOOK_UP | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}
    bob = here.user("bob", LEND, LOOK_UP)
    assert lend(bob, Policy=document(by_team), Tags=[{"Key": "team", "Value": "blue"}]).client("cloudtrail").lookup_events()
    red = lend(bob, Policy=document(by_team), Tags=[{"Key": "team", "Value": "red"}])
    assert refused(red.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    eve = here.user("eve", {"Action": "sts:GetFederationToken"})
    assert "sts:TagSession" in denied(here.sts(eve).get_federation_token, Name="guest", Tags=[{"Key": "team", "Value": "blue"}])


def test_p1_7_12_the_lenders_tags_are_the_guests_too_unless_session_tags_override_them(here: Any, lend: Any, refused: Any) -> None:
    """As the documentation of GetFederationToken has it: else a Deny that goes by the user's tags would not hold for its guest."""
    bob = here.user("bob", LEND, LOOK_UP)
    here.iam.tag_user(UserName="bob", Tags=[{"Key": "Team", "Value": "red"}, {"Key": "site", "Value": "north"}])
    guarded = LOOK_UP | {"Effect": "Deny", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    northern = LOOK_UP | {"Condition": {"StringEquals": {"aws:PrincipalTag/site": "north"}}}
    plain = lend(bob, Policy=document(LOOK_UP, guarded))
    assert refused(plain.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    blue = [{"Key": "team", "Value": "blue"}]
    assert lend(bob, Policy=document(northern, guarded), Tags=blue).client("cloudtrail").lookup_events()


@pytest.mark.parametrize(("asked", "seconds"), [({}, 43_200), ({"DurationSeconds": 900}, 900), ({"DurationSeconds": 129_600}, 129_600)])
def test_p1_7_10_a_users_guest_lives_twelve_hours_or_as_long_as_asked(here: Any, lend: Any, asked: Any, seconds: int) -> None:
    assert lend(here.user("bob", LEND), **asked).seconds == seconds


def test_p1_7_10_a_guest_of_root_lives_an_hour_at_most(here: Any, lend: Any) -> None:
    assert lend(here.root, DurationSeconds=129_600).seconds == 3_600


def test_nt_94_the_guest_goes_with_the_lender(here: Any, lend: Any, refused: Any) -> None:
    bob = here.user("bob", LEND, LOOK_UP)
    lent = lend(bob, Policy=document(LOOK_UP))
    here.iam.delete_access_key(UserName="bob", AccessKeyId=bob.access_key_id)
    assert lent.client("cloudtrail").lookup_events()  # of the key it is independent
    here.iam.delete_user_policy(UserName="bob", PolicyName="test")
    assert refused(lent.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    here.iam.delete_user(UserName="bob")
    assert refused(lent.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    here.user("bob", LEND, LOOK_UP)  # a namesake is somebody else (NT-36)
    assert refused(lent.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def test_nt_35_a_guest_called_like_a_user_is_not_that_user(here: Any, lend: Any, refused: Any) -> None:
    here.user("admin", {"Action": "*"})
    guest = lend(here.user("bob", LEND), "admin", Policy=document({"Action": "*"}))
    assert refused(guest.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    assert guest.client("sts").get_caller_identity()["Arn"].endswith(":federated-user/admin")


def test_ac2_4_its_events_tell_who_lent(here: Any, lend: Any) -> None:
    lent = lend(here.user("bob", LEND), Policy=document(LOOK_UP))
    lent.client("sts").get_caller_identity()
    found = here.akia.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "guest"}])
    identity = json.loads(found["Events"][0]["CloudTrailEvent"])["userIdentity"]
    assert (identity["type"], identity["principalId"]) == ("FederatedUser", f"{here.account}:guest")
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["arn"], issuer["userName"]) == ("IAMUser", here.arn("user/bob"), "bob")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument"),
        ({"Policy": "x" * 2_049}, "ValidationError"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuchPolicyAtAll"}]}, "MalformedPolicyDocument"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "InvalidParameterValue"),
        ({"Name": "x"}, "ValidationError"),
        ({"Name": "x" * 33}, "ValidationError"),
        ({"DurationSeconds": 899}, "ValidationError"),
        ({"DurationSeconds": 129_601}, "ValidationError"),
    ],
)
def test_bad_input_is_refused_in_awss_words(here: Any, refused: Any, options: Any, code: str) -> None:
    sts = here.akia.client("sts", here.user("bob", LEND), config=Config(parameter_validation=False))
    assert refused(sts.get_federation_token, **{"Name": "guest"} | options)[0] == code

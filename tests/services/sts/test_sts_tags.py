"""Session tags: who may pass them, what they override, how they pass along a chain (P1.7-4, P1.7-12)."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.covers("I2.services.assume_role")

MAY_TAG = {"Action": ["sts:AssumeRole", "sts:TagSession"]}
TAGGING = ("sts:AssumeRole", "sts:TagSession")
NOT_TAGGED = "because no {} allows the sts:TagSession action"


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def sees(session: Any, key: str, value: str) -> bool:
    """Whether the session's policies see `value` under aws:PrincipalTag/`key`: `tagged` roles let it read users of that name."""
    try:
        session.client("iam").get_user(UserName=f"{key}-is-{value}")
    except session.client("iam").exceptions.NoSuchEntityException:
        return True
    except session.client("iam").exceptions.ClientError:
        return False
    raise AssertionError("there is such a user")


def may_read(*keys: str) -> tuple[dict[str, Any], ...]:
    """One statement a key: the user `<key>-is-<the session's tag>` may be read."""
    resource = "arn:aws:iam::123456789012:user/{0}-is-${{aws:PrincipalTag/{0}}}"
    return tuple({"Action": "iam:GetUser", "Resource": resource.format(key)} for key in keys)


def test_p1_7_4_passing_tags_needs_tag_session_on_both_sides(here: Any, trust: Any, denied: Any) -> None:
    able, unable = here.user("able", MAY_TAG), here.user("unable", {"Action": "sts:AssumeRole"})
    open_role = here.role("open", trust(here.account, actions=TAGGING))
    closed_role = here.role("closed", trust(here.account))
    passed = {"RoleSessionName": "test", "Tags": tags(team="a")}
    assert here.take(able, open_role, Tags=tags(team="a"))
    assert here.take(unable, open_role)
    assert NOT_TAGGED.format("identity-based policy") in denied(here.sts(unable).assume_role, RoleArn=open_role, **passed)
    assert NOT_TAGGED.format("role trust policy") in denied(here.sts(able).assume_role, RoleArn=closed_role, **passed)


def test_p1_7_4_a_role_that_names_the_user_for_both_actions_needs_no_identity_policy(here: Any, trust: Any) -> None:
    bob = here.user("bob")
    assert here.take(bob, here.role("open", trust(here.arn("user/bob"), actions=TAGGING)), Tags=tags(team="a"))


def test_p4_3_20_and_25_tags_are_condition_keys(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    only = {
        "StringEquals": {"aws:RequestTag/Team": "a"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"], "sts:TransitiveTagKeys": ["team"]},
    }
    role = here.role("open", trust(here.account, actions=TAGGING, **only))
    assert here.take(bob, role, Tags=tags(team="a", cost="1"), TransitiveTagKeys=["team"])
    for wrong in (
        {"Tags": tags(team="b")},
        {"Tags": tags(cost="1")},
        {"Tags": tags(team="a", other="x")},
        {"Tags": tags(team="a", cost="1"), "TransitiveTagKeys": ["team", "cost"]},
        {},
    ):
        denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **wrong)


def test_p1_7_12_session_tags_override_the_roles_tags_without_regard_to_case(here: Any, trust: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    role_tags = tags(Team="role", Place="role")
    role = here.role("tagged", trust(here.account, actions=TAGGING), may=may_read("team", "place"), Tags=role_tags)
    plain, tagged = here.take(bob, role), here.take(bob, role, Tags=tags(tEAM="session"))
    assert sees(plain, "team", "role") and sees(plain, "place", "role")
    assert sees(tagged, "team", "session") and sees(tagged, "place", "role") and not sees(tagged, "team", "role")


def test_p1_7_12_only_transitive_tags_pass_along_a_chain(here: Any, trust: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    own_tags = tags(place="from-the-role")
    first = here.role("first", trust(here.account, actions=TAGGING), may=(MAY_TAG,), Tags=own_tags)
    keys = ("team", "cost", "place", "step")
    second = here.role("second", trust(here.account, actions=TAGGING), may=(MAY_TAG, *may_read(*keys)))
    third = here.role("third", trust(here.account, actions=TAGGING), may=may_read(*keys))
    one = here.take(bob, first, Tags=tags(Team="a", cost="1"), TransitiveTagKeys=["team"])
    two = here.take(one, second, Tags=tags(step="two"), TransitiveTagKeys=["step"])
    three = here.take(two, third)
    assert sees(two, "team", "a") and sees(two, "step", "two") and not sees(two, "cost", "1") and not sees(two, "place", "from-the-role")
    assert sees(three, "team", "a") and sees(three, "step", "two")


def test_p1_7_12_inherited_tags_need_tag_session_too(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    first = here.role("first", trust(here.account, actions=TAGGING), may=(MAY_TAG,))
    untagged = here.role("untagged", trust(here.account))
    session = here.take(bob, first, Tags=tags(team="a"), TransitiveTagKeys=["team"])
    message = denied(session.client("sts").assume_role, RoleArn=untagged, RoleSessionName="test")
    assert NOT_TAGGED.format("role trust policy") in message
    assert here.take(here.take(bob, first, Tags=tags(team="a")), untagged)


@pytest.mark.parametrize("key", ["Team", "team", "TEAM"])
def test_p5_3_8_an_inherited_tag_cannot_be_overridden(here: Any, trust: Any, refused: Any, key: str) -> None:
    bob = here.user("bob", MAY_TAG)
    first = here.role("first", trust(here.account, actions=TAGGING), may=(MAY_TAG,))
    second = here.role("second", trust(here.account, actions=TAGGING))
    session = here.take(bob, first, Tags=tags(Team="a"), TransitiveTagKeys=["team"])
    call = session.client("sts").assume_role
    assert refused(call, RoleArn=second, RoleSessionName="test", Tags=tags(**{key: "b"})) == (
        "InvalidParameterValue",
        400,
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            {"Tags": tags(team="a", Team="b")},
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags": tags(team="a"), "TransitiveTagKeys": ["cost"]},
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
        ({"Tags": tags(**{"aws:team": "a"})}, "ValidationError", "Tag keys beginning with aws: are reserved for system use."),
    ],
)
def test_p5_3_7_and_8_tags_that_contradict_one_another(
    here: Any, trust: Any, refused: Any, arguments: Any, code: str, message: str
) -> None:
    bob = here.user("bob", MAY_TAG)
    role = here.role("open", trust(here.account, actions=TAGGING))
    assert refused(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **arguments) == (code, 400, message)


def test_w10_17_a_session_has_fifty_tags_at_most_inherited_ones_included(here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    first = here.role("first", trust(here.account, actions=TAGGING), may=(MAY_TAG,))
    second = here.role("second", trust(here.account, actions=TAGGING))
    fifty = tags(**{f"k{number}": "v" for number in range(50)})
    assert here.take(bob, first, Tags=fifty)
    code, _, message = refused(here.sts(bob).assume_role, RoleArn=first, RoleSessionName="test", Tags=[*fifty, *tags(more="v")])
    assert code == "ValidationError" and "'tags'" in message
    session = here.take(bob, first, Tags=tags(inherited="v"), TransitiveTagKeys=["inherited"])
    assert refused(session.client("sts").assume_role, RoleArn=second, RoleSessionName="test", Tags=fifty)[0] == "ValidationError"


def test_p5_4_16_tags_that_do_not_fit_into_a_token(here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob", MAY_TAG)
    role = here.role("open", trust(here.account, actions=TAGGING))
    unlike = [
        {"Key": f"key-{number}", "Value": "".join(chr(0x4E00 + (number * 977 + at * 331) % 20_000) for at in range(256))}
        for number in range(20)
    ]
    code, status, message = refused(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", Tags=unlike)
    assert (code, status) == ("PackedPolicyTooLarge", 400)
    assert message.startswith("Packed size of session tags consumes ") and message.endswith("% of allotted space.")
    assert 0 < here.take(bob, role, Tags=unlike[:2]).answer["PackedPolicySize"] < 100

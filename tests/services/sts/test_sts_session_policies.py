"""Session policies and boundaries narrow a session down, and never widen it (P1.7-8, P1.3-8, P1.3-9, NT-27)."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.covers("I2.services.assume_role")

READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
SILENT = " because no session policy allows the iam:{} action"


@pytest.fixture
def powerful(here: Any, trust: Any) -> Any:
    """`powerful(Policy=…)`: a session of a role that may do everything, narrowed down."""
    bob = here.user("bob")
    role = here.role("powerful", trust(here.arn("user/bob")), may=({"Action": "*"},))
    return lambda **options: here.take(bob, role, **options)


def test_p1_7_8_an_inline_session_policy_is_intersected_with_the_role(powerful: Any, policy: Any, denied: Any) -> None:
    session = powerful(Policy=policy({"Action": "iam:ListUsers"}))
    assert session.client("iam").list_users()["Users"]
    assert denied(session.client("iam").list_roles).endswith(SILENT.format("ListRoles"))
    assert session.answer["PackedPolicySize"] == session.answer["SessionTokenUtilization"]
    assert powerful().client("iam").list_roles()["Roles"]


def test_the_packed_size_does_not_tell_how_far_a_token_was_stretched(here: Any, powerful: Any, policy: Any) -> None:
    """It says how close policies and tags are to being too large; the size of the token has members of its own."""
    narrow = policy({"Action": "iam:ListUsers"})
    plain, stretched = powerful(Policy=narrow).answer, powerful(Policy=narrow, MinimumSessionTokenSize=4_096).answer
    assert stretched["SessionTokenUtilization"] == 100
    assert abs(stretched["PackedPolicySize"] - plain["PackedPolicySize"]) <= 1  # ids and secrets pack a little differently each time
    lent = here.sts(here.root).get_federation_token(Name="guest", Policy=narrow, MinimumSessionTokenSize=4_096)
    assert lent["SessionTokenUtilization"] == 100 and lent["PackedPolicySize"] < 50


def test_p1_7_8_a_session_policy_grants_nothing_that_the_role_may_not(here: Any, trust: Any, policy: Any, denied: Any) -> None:
    bob = here.user("bob")
    role = here.role("weak", trust(here.arn("user/bob")), may=({"Action": "iam:ListUsers"},))
    session = here.take(bob, role, Policy=policy({"Action": "*"}))
    assert session.client("iam").list_users()["Users"]
    assert denied(session.client("iam").list_roles).endswith("because no identity-based policy allows the iam:ListRoles action")


def test_p1_7_8_inline_and_managed_session_policies_unite(here: Any, powerful: Any, policy: Any, denied: Any) -> None:
    own = here.iam.create_policy(PolicyName="tagger", PolicyDocument=policy({"Action": "iam:TagUser"}))["Policy"]["Arn"]
    session = powerful(Policy=policy({"Action": "iam:CreateUser"}), PolicyArns=[{"arn": own}, {"arn": READ_ONLY}])
    iam = session.client("iam")
    iam.create_user(UserName="carol")
    iam.tag_user(UserName="carol", Tags=[{"Key": "k", "Value": "v"}])
    assert iam.get_user(UserName="carol")["User"]["Tags"] == [{"Key": "k", "Value": "v"}]
    denied(iam.delete_user, UserName="carol")


def test_p1_3_1_a_deny_in_a_session_policy_wins(powerful: Any, policy: Any, denied: Any) -> None:
    session = powerful(Policy=policy({"Action": "*"}, {"Effect": "Deny", "Action": "iam:ListUsers"}))
    assert session.client("iam").list_roles()["Roles"]
    assert " with an explicit deny in a session policy" in denied(session.client("iam").list_users)


def test_a_managed_session_policy_counts_as_it_is_now(here: Any, powerful: Any, policy: Any, denied: Any) -> None:
    arn = here.iam.create_policy(PolicyName="p", PolicyDocument=policy({"Action": "iam:ListUsers"}))["Policy"]["Arn"]
    iam = powerful(PolicyArns=[{"arn": arn}]).client("iam")
    assert iam.list_users()["Users"]
    here.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy({"Action": "iam:ListRoles"}), SetAsDefault=True)
    denied(iam.list_users)
    assert iam.list_roles()["Roles"]
    here.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    here.iam.delete_policy(PolicyArn=arn)
    denied(iam.list_roles)


def test_nt_36_a_managed_session_policy_of_the_same_name_is_another_one(here: Any, powerful: Any, policy: Any, denied: Any) -> None:
    arn = here.iam.create_policy(PolicyName="p", PolicyDocument=policy({"Action": "iam:ListUsers"}))["Policy"]["Arn"]
    used, unused = (powerful(PolicyArns=[{"arn": arn}]).client("iam") for _ in range(2))
    assert used.list_users()["Users"]
    here.iam.delete_policy(PolicyArn=arn)
    denied(used.list_users)
    assert here.iam.create_policy(PolicyName="p", PolicyDocument=policy({"Action": "*"}))["Policy"]["Arn"] == arn
    for iam in (used, unused):
        denied(iam.list_users)
    assert powerful(PolicyArns=[{"arn": arn}]).client("iam").list_roles()["Roles"]


@pytest.mark.parametrize("text", ['{"Version":"2012-10-17","Statement":[]}', '{"Statement":[]}'])
def test_nt_27_an_empty_session_policy_allows_nothing(powerful: Any, denied: Any, text: str) -> None:
    session = powerful(Policy=text)
    for call in (session.client("iam").list_users, session.client("iam").create_access_key):
        denied(call)


@pytest.mark.parametrize(
    "text", ["{}", "null", "[]", "not json", '{"Version":"2012-10-17"}', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}']
)
def test_nt_27_a_session_policy_that_is_none_is_refused(here: Any, trust: Any, refused: Any, text: str) -> None:
    bob = here.user("bob")
    role = here.role("powerful", trust(here.arn("user/bob")))
    code, status, _ = refused(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", Policy=text)
    assert (code, status) == ("MalformedPolicyDocument", 400)


def test_nt_27_a_narrow_session_cannot_make_itself_stronger(
    here: Any, powerful: Any, policy: Any, denied: Any, trust_document: Any, trust: Any
) -> None:
    session = powerful(Policy=policy({"Action": ["iam:ListUsers", "sts:AssumeRole"]}))
    iam, anybody = session.client("iam"), trust_document(trust(here.account))
    denied(iam.create_access_key, UserName="bob")
    denied(iam.create_access_key)
    denied(iam.put_role_policy, RoleName="powerful", PolicyName="p", PolicyDocument=policy({"Action": "*"}))
    denied(iam.put_user_policy, UserName="bob", PolicyName="p", PolicyDocument=policy({"Action": "*"}))
    denied(iam.update_assume_role_policy, RoleName="powerful", PolicyDocument=anybody)


def test_nt_26_a_session_policy_limits_the_next_assume_role(here: Any, powerful: Any, policy: Any, trust: Any, denied: Any) -> None:
    role = here.role("next", trust(here.arn("role/powerful"), here.account))
    assert here.take(powerful(Policy=policy({"Action": "sts:AssumeRole"})), role)
    assert here.take(powerful(), role)
    narrow = powerful(Policy=policy({"Action": "iam:ListUsers"}))
    assert denied(narrow.client("sts").assume_role, RoleArn=role, RoleSessionName="test").endswith(
        "session policy allows the sts:AssumeRole action"
    )


def test_session_policies_of_other_accounts_and_absent_ones_cannot_be_named(
    here: Any, there: Any, trust: Any, policy: Any, refused: Any
) -> None:
    bob = here.user("bob")
    role = here.role("powerful", trust(here.arn("user/bob")))
    foreign = there.iam.create_policy(PolicyName="foreign", PolicyDocument=policy({"Action": "*"}))["Policy"]["Arn"]
    call = here.sts(bob).assume_role
    told = {
        refused(call, RoleArn=role, RoleSessionName="test", PolicyArns=[{"arn": arn}])[2].replace(arn, "")
        for arn in (foreign, here.arn("policy/absent"))
    }
    assert told == {"The specified managed policy  does not exist."}


def test_p5_4_16_a_session_policy_has_a_longest_length_and_ten_arns_at_most(
    powerful: Any, policy: Any, here: Any, trust: Any, refused: Any
) -> None:
    call, role = here.sts(here.user("eve")).assume_role, here.role("other", trust(here.arn("user/eve")))
    user = "arn:aws:iam::123456789012:user/"
    longest = policy(
        {"Action": "iam:ListUsers", "Resource": user + "x" * (2_048 - len(policy({"Action": "iam:ListUsers", "Resource": user})))}
    )
    assert len(longest) == 2_048 and powerful(Policy=longest)
    too_long = {"RoleArn": role, "RoleSessionName": "test", "Policy": longest + " "}
    refusal = "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must have length less than or equal to {}"
    assert refused(call, **too_long) == ("ValidationError", 400, refusal.format("policy", 2_048))
    arns = [{"arn": READ_ONLY}] * 10
    assert powerful(PolicyArns=arns)
    too_many = {"RoleArn": role, "RoleSessionName": "test", "PolicyArns": [*arns, {"arn": READ_ONLY}]}
    assert refused(call, **too_many) == ("ValidationError", 400, refusal.format("policyArns", 10))
    together = {"RoleArn": role, "RoleSessionName": "test", "PolicyArns": arns, "Policy": longest}
    assert refused(call, **together)[2] == refusal.format("policy", 2_048)


def test_p5_4_16_policies_and_tags_that_do_not_fit_into_a_token(here: Any, trust: Any, policy: Any, refused: Any) -> None:
    bob = here.user("bob")
    role = here.role("open", trust(here.arn("user/bob"), actions=("sts:AssumeRole", "sts:TagSession")))
    unlike = [{"Key": f"k{number}", "Value": "".join(chr(0x4E00 + number * 256 + at) for at in range(256))} for number in range(20)]
    passed = {"RoleArn": role, "RoleSessionName": "test", "Policy": policy({"Action": "iam:ListUsers"})}
    code, status, message = refused(here.sts(bob).assume_role, **passed, Tags=unlike)
    assert (code, status) == ("PackedPolicyTooLarge", 400)
    assert message.startswith("Packed policy consumes ") and message.endswith("% of allotted space, please use smaller policy.")


def test_p1_3_8_a_boundary_of_the_role_limits_its_sessions(here: Any, trust: Any, policy: Any, denied: Any) -> None:
    bob = here.user("bob")
    boundary = here.iam.create_policy(PolicyName="edge", PolicyDocument=policy({"Action": "iam:ListUsers"}))["Policy"]["Arn"]
    role = here.role("bounded", trust(here.arn("user/bob")), may=({"Action": "iam:*"},), PermissionsBoundary=boundary)
    iam = here.take(bob, role).client("iam")
    assert iam.list_users()["Users"]
    assert denied(iam.list_roles).endswith("because no permissions boundary allows the iam:ListRoles action")
    here.iam.delete_role_permissions_boundary(RoleName="bounded")
    assert iam.list_roles()["Roles"]


def test_nt_80_a_boundary_of_the_caller_limits_what_it_assumes(here: Any, trust: Any, policy: Any, denied: Any) -> None:
    boundary = here.iam.create_policy(PolicyName="edge", PolicyDocument=policy({"Action": "iam:*"}))["Policy"]["Arn"]
    bob = here.user("bob", {"Action": "sts:AssumeRole"})
    here.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    role = here.role("reader", trust(here.account))
    assert "no permissions boundary allows the sts:AssumeRole" in denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")

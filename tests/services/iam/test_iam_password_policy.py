"""The account's password policy, and what a password must be under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

GOOD = "Correct-horse7"


def _policy(iam: Any) -> dict[str, Any]:
    return dict(iam.get_account_password_policy()["PasswordPolicy"])


def test_an_account_has_none_at_first(iam: Any, refusal: Refusal, account: str) -> None:
    none = ("NoSuchEntity", f"The Password Policy with domain name {account} cannot be found.")
    assert refusal(iam.get_account_password_policy) == none
    assert refusal(iam.delete_account_password_policy) == none


def test_what_is_left_out_has_awss_defaults(iam: Any) -> None:
    iam.update_account_password_policy()
    assert _policy(iam) == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
        "HardExpiry": False,
    }


def test_all_of_it_is_kept_and_an_update_is_never_partial(iam: Any, refusal: Refusal) -> None:
    whole = {
        "MinimumPasswordLength": 14,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": True,
    }
    iam.update_account_password_policy(**whole)
    assert _policy(iam) == {**whole, "ExpirePasswords": True}
    iam.update_account_password_policy(MinimumPasswordLength=20)
    assert _policy(iam)["MinimumPasswordLength"] == 20
    assert not _policy(iam)["RequireSymbols"] and "MaxPasswordAge" not in _policy(iam)
    iam.delete_account_password_policy()
    assert refusal(iam.get_account_password_policy)[0] == "NoSuchEntity"


@pytest.mark.parametrize(
    "bad",
    [
        {"MinimumPasswordLength": 129},
        {"MaxPasswordAge": 1096},
        {"PasswordReusePrevention": 25},
    ],
)
def test_values_have_limits(iam: Any, refusal: Refusal, bad: dict[str, int]) -> None:
    assert refusal(iam.update_account_password_policy, **bad)[0] == "ValidationError"
    assert refusal(iam.get_account_password_policy)[0] == "NoSuchEntity"


@pytest.mark.parametrize("password", ["Sh0rt-1", "alllowercase", "UPPERand", "123456aa", "a" * 8])
def test_by_default_a_password_has_eight_characters_of_three_kinds(iam: Any, refusal: Refusal, password: str) -> None:
    iam.create_user(UserName="alice")
    assert refusal(iam.create_login_profile, UserName="alice", Password=password)[0] == "PasswordPolicyViolation"
    assert refusal(iam.get_login_profile, UserName="alice")[0] == "NoSuchEntity"


def test_by_default_it_is_not_the_name_or_the_address_of_the_account(iam: Any, akia: InProcess, refusal: Refusal) -> None:
    akia.akia.store.connection.execute("UPDATE accounts SET name = 'Example-Corp1', email = 'Root1@example.com'")
    iam.create_user(UserName="alice")
    for password in ("Example-Corp1", "example-corp1", "Root1@example.com"):
        assert refusal(iam.create_login_profile, UserName="alice", Password=password)[0] == "PasswordPolicyViolation"
    iam.create_login_profile(UserName="alice", Password="Example-Corp12")


@pytest.mark.parametrize(
    ("policy", "bad", "good", "message"),
    [
        ({"MinimumPasswordLength": 12}, "elevenchars", "twelve chars", "Password should have a minimum length of 12"),
        ({"RequireUppercaseCharacters": True}, "lowercase", "loWercase", "Password should have at least one uppercase letter"),
        ({"RequireLowercaseCharacters": True}, "UPPERCASE", "UPpERCASE", "Password should have at least one lowercase letter"),
        ({"RequireNumbers": True}, "no number", "1 number", "Password should have at least one number"),
        ({"RequireSymbols": True}, "no;symbol?", "a|symbol", "Password should have at least one symbol"),
    ],
)
def test_each_rule_has_its_message(iam: Any, refusal: Refusal, policy: dict[str, Any], bad: str, good: str, message: str) -> None:
    iam.create_user(UserName="alice")
    iam.update_account_password_policy(**policy)
    assert refusal(iam.create_login_profile, UserName="alice", Password=bad) == ("PasswordPolicyViolation", message)
    iam.create_login_profile(UserName="alice", Password=good)
    assert refusal(iam.update_login_profile, UserName="alice", Password=bad) == ("PasswordPolicyViolation", message)


def test_the_policy_of_one_account_is_not_anothers(iam: Any, akia: InProcess, refusal: Refusal, stranger: Any) -> None:
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    assert akia.akia.store.password_policies.get(stranger.user.account) is None


def test_who_lacks_the_action_is_denied(user_client: UserClient, iam: Any, refusal: Refusal) -> None:
    reader = user_client("reader", {"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"})
    assert refusal(reader.update_account_password_policy)[0] == "AccessDenied"
    assert refusal(reader.delete_account_password_policy)[0] == "AccessDenied"
    assert refusal(reader.get_account_password_policy)[0] == "NoSuchEntity"
    iam.update_account_password_policy()
    assert reader.get_account_password_policy()["PasswordPolicy"]


def test_users_may_read_the_policy_and_change_their_password_if_it_says_so(user_client: UserClient, iam: Any, refusal: Refusal) -> None:
    alice = user_client("alice")
    iam.create_login_profile(UserName="alice", Password=GOOD)
    change = {"OldPassword": GOOD, "NewPassword": "Another-horse7"}
    iam.update_account_password_policy()
    assert refusal(alice.get_account_password_policy)[0] == "AccessDenied"
    assert refusal(alice.change_password, **change)[1].endswith("because no identity-based policy allows the iam:ChangePassword action")
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    alice.get_account_password_policy()
    alice.change_password(**change)
    assert refusal(alice.list_users)[0] == "AccessDenied"
    iam.delete_account_password_policy()
    assert refusal(alice.get_account_password_policy)[0] == "AccessDenied"


def test_contested_the_permission_that_the_account_gives_is_held_back_by_denies_and_boundaries(
    user_client: UserClient, iam: Any, refusal: Refusal
) -> None:
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    denied = user_client("denied", {"Effect": "Deny", "Action": "iam:ChangePassword", "Resource": "*"})
    bounded = user_client("bounded")
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    for client in (denied, bounded):
        assert refusal(client.change_password, OldPassword=GOOD, NewPassword=GOOD)[0] == "AccessDenied"
        client.get_account_password_policy()


def test_roles_are_given_nothing_by_it(iam: Any, akia: InProcess, user_client: UserClient, refusal: Refusal) -> None:
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    trust = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", '
        f'"Principal": {{"AWS": "arn:aws:iam::{akia.account}:user/alice"}}}}}}'
    )
    sts = user_client("alice", service="sts")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = akia.client("iam", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])
    assert refusal(session.get_account_password_policy)[0] == "AccessDenied"

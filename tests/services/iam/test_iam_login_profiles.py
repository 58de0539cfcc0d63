"""Passwords of users through an unmodified boto3: given, changed, taken away, and never seen again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.signin import Clock

from akia.authority.passwords import is_right
from akia.identity.session import LentRoot, SessionFacts
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

GOOD, BETTER, BEST = "Correct-horse7", "Battery-staple8", "Paper-clip9"
NONE = ("NoSuchEntity", "Login Profile for User alice cannot be found.")
OWN = {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "arn:aws:iam::*:user/${aws:username}"}


@pytest.fixture
def alice(iam: Any) -> Any:
    """A user with a password."""
    iam.create_user(UserName="alice")
    return iam.create_login_profile(UserName="alice", Password=GOOD)["LoginProfile"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock.of(monkeypatch)


def assumed_root(akia: InProcess) -> Any:
    """IAM, called by a session of AssumeRoot."""
    now = int(datetime.now(UTC).timestamp())
    session = SessionFacts("session-root", now, now + 900, origin=LentRoot())
    made = akia.akia.authority.tokens.issue(akia.account, akia.account, session)
    return akia.client("iam", KeyPair(made.access_key_id, made.secret), token=made.token)


def hash_of(akia: InProcess, name: str = "alice") -> str:
    store = akia.akia.store
    user = store.users.named(akia.account, name)
    assert user is not None
    profile = store.login_profiles.of(user.id)
    assert profile is not None
    return profile.hash


def test_a_user_is_given_a_password_once(iam: Any, alice: Any, akia: InProcess, refusal: Refusal) -> None:
    assert (alice["UserName"], alice["PasswordResetRequired"]) == ("alice", False)
    assert abs(alice["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"] == alice
    assert is_right(hash_of(akia), GOOD) and not is_right(hash_of(akia), BETTER)
    exists = ("EntityAlreadyExists", "Login Profile for user alice already exists.")
    assert refusal(iam.create_login_profile, UserName="alice", Password=BETTER) == exists
    assert is_right(hash_of(akia), GOOD)


def test_a_password_is_required_of_all_but_assumed_roots(iam: Any, refusal: Refusal) -> None:
    iam.create_user(UserName="alice")
    code, message = refusal(iam.create_login_profile, UserName="alice")
    assert code == "ValidationError" and "Value null at 'password'" in message


def test_nobody_and_who_has_none(iam: Any, refusal: Refusal) -> None:
    nobody = ("NoSuchEntity", "The user with name alice cannot be found.")
    calls: tuple[tuple[Any, dict[str, str]], ...] = (
        (iam.create_login_profile, {"Password": GOOD}),
        (iam.get_login_profile, {}),
        (iam.update_login_profile, {}),
    )
    for call, options in (*calls, (iam.delete_login_profile, {})):
        assert refusal(call, UserName="alice", **options) == nobody
    iam.create_user(UserName="alice")
    for call, options in (*calls[1:], (iam.delete_login_profile, {})):
        assert refusal(call, UserName="alice", **options) == NONE


def test_an_update_changes_what_it_names(iam: Any, alice: Any, akia: InProcess) -> None:
    iam.update_login_profile(UserName="alice", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"] == {**alice, "PasswordResetRequired": True}
    assert is_right(hash_of(akia), GOOD)
    iam.update_login_profile(UserName="alice", Password=BETTER)
    assert is_right(hash_of(akia), BETTER) and not is_right(hash_of(akia), GOOD)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["CreateDate"] == alice["CreateDate"]


def test_a_deleted_profile_is_gone_and_may_be_made_anew(iam: Any, alice: Any, refusal: Refusal) -> None:
    iam.delete_login_profile(UserName="alice")
    assert refusal(iam.get_login_profile, UserName="alice") == NONE
    iam.create_login_profile(UserName="alice", Password=GOOD, PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]


def test_p5_3_5_a_user_with_a_password_cannot_be_deleted(iam: Any, alice: Any, refusal: Refusal) -> None:
    conflict = ("DeleteConflict", "Cannot delete entity, must delete login profile first.")
    assert refusal(iam.delete_user, UserName="alice") == conflict
    iam.delete_login_profile(UserName="alice")
    iam.delete_user(UserName="alice")


def test_without_a_name_it_is_the_caller_and_root_needs_assume_root(
    iam: Any, user_client: UserClient, akia: InProcess, refusal: Refusal
) -> None:
    me = user_client("me", {"Effect": "Allow", "Action": "iam:*LoginProfile", "Resource": "arn:aws:iam::*:user/me"})
    assert me.create_login_profile(Password=GOOD)["LoginProfile"]["UserName"] == "me"
    assert me.get_login_profile()["LoginProfile"]["UserName"] == "me"
    me.delete_login_profile()
    for call in (iam.get_login_profile, iam.delete_login_profile):
        assert refusal(call)[0] == "ValidationError"
    assert refusal(iam.create_login_profile, Password=GOOD)[0] == "ValidationError"


def test_in_a_session_of_assume_root_it_is_the_root_users(akia: InProcess, iam: Any, refusal: Refusal) -> None:
    root = assumed_root(akia)
    assert refusal(root.get_login_profile)[0] == "NoSuchEntity"
    assert refusal(root.create_login_profile, Password=GOOD)[0] == "ValidationError"
    made = root.create_login_profile()["LoginProfile"]
    assert "UserName" not in made and made == root.get_login_profile()["LoginProfile"]
    assert refusal(root.create_login_profile)[0] == "EntityAlreadyExists"
    profile = akia.akia.store.login_profiles.of(akia.account)
    assert profile is not None and profile.of_root and profile.hash == ""
    root.delete_login_profile()
    assert akia.akia.store.login_profiles.of(akia.account) is None


def test_nt_42_no_name_reaches_the_root_users_password(akia: InProcess, iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    assumed_root(akia).create_login_profile()
    admin = user_client("admin", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    for name in ("root", "ROOT", akia.account):
        assert refusal(admin.get_login_profile, UserName=name)[0] == "NoSuchEntity"
        assert refusal(admin.update_login_profile, UserName=name, Password=GOOD)[0] == "NoSuchEntity"
        assert refusal(admin.delete_login_profile, UserName=name)[0] == "NoSuchEntity"
    assert akia.akia.store.login_profiles.of(akia.account) is not None


def test_each_needs_its_action_on_that_user(user_client: UserClient, alice: Any, refusal: Refusal) -> None:
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/eve"})
    calls: tuple[tuple[Any, dict[str, str]], ...] = (
        (eve.create_login_profile, {"Password": GOOD}),
        (eve.get_login_profile, {}),
        (eve.update_login_profile, {}),
    )
    for call, options in (*calls, (eve.delete_login_profile, {})):
        code, message = refusal(call, UserName="alice", **options)
        assert code == "AccessDenied" and "user/alice" in message


def test_an_owners_tags_are_conditions(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    condition = {"StringEquals": {"iam:ResourceTag/team": "blue"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:CreateLoginProfile", "Resource": "*", "Condition": condition})
    iam.create_user(UserName="blue", Tags=[{"Key": "team", "Value": "blue"}])
    iam.create_user(UserName="red", Tags=[{"Key": "team", "Value": "red"}])
    eve.create_login_profile(UserName="blue", Password=GOOD)
    assert refusal(eve.create_login_profile, UserName="red", Password=GOOD)[0] == "AccessDenied"


# One's own


def test_a_user_changes_its_own_password(iam: Any, user_client: UserClient, akia: InProcess, refusal: Refusal) -> None:
    me = user_client("alice", OWN)
    assert refusal(me.change_password, OldPassword=GOOD, NewPassword=BETTER) == NONE
    iam.create_login_profile(UserName="alice", Password=GOOD, PasswordResetRequired=True)
    me.change_password(OldPassword=GOOD, NewPassword=BETTER)
    assert is_right(hash_of(akia), BETTER)
    assert not iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"]


def test_contested_a_wrong_old_password_is_access_denied(iam: Any, user_client: UserClient, akia: InProcess, refusal: Refusal) -> None:
    me = user_client("alice", OWN)
    iam.create_login_profile(UserName="alice", Password=GOOD)
    assert refusal(me.change_password, OldPassword=BETTER, NewPassword=BEST) == ("AccessDenied", "The old password was incorrect.")
    assert is_right(hash_of(akia), GOOD)


def test_who_is_no_user_has_no_own_password(iam: Any, refusal: Refusal) -> None:
    assert refusal(iam.change_password, OldPassword=GOOD, NewPassword=BETTER) == (
        "InvalidUserType",
        "Only IAM Users can change their own password.",
    )


def test_old_passwords_are_not_used_again(iam: Any, user_client: UserClient, refusal: Refusal) -> None:
    me = user_client("alice", OWN)
    iam.update_account_password_policy(PasswordReusePrevention=2)
    iam.create_login_profile(UserName="alice", Password=GOOD)
    reused = ("PasswordPolicyViolation", "Policy constraint violation with password reuse prevention during password change")
    assert refusal(me.change_password, OldPassword=GOOD, NewPassword=GOOD) == reused
    me.change_password(OldPassword=GOOD, NewPassword=BETTER)
    assert refusal(me.change_password, OldPassword=BETTER, NewPassword=GOOD) == reused
    me.change_password(OldPassword=BETTER, NewPassword=BEST)
    me.change_password(OldPassword=BEST, NewPassword=GOOD)  # the third last


def test_contested_an_administrator_does_not_bring_an_old_password_back_either(iam: Any, alice: Any, refusal: Refusal) -> None:
    iam.update_account_password_policy(PasswordReusePrevention=1)
    assert refusal(iam.update_login_profile, UserName="alice", Password=GOOD)[0] == "PasswordPolicyViolation"


def test_without_reuse_prevention_the_same_password_may_come_back(iam: Any, alice: Any) -> None:
    iam.update_login_profile(UserName="alice", Password=GOOD)


def test_nt_38_the_old_password_is_not_guessed_quickly(
    iam: Any, user_client: UserClient, refusal: Refusal, clock: Clock, akia: InProcess, pair: Any
) -> None:
    me = user_client("alice", OWN)
    iam.create_login_profile(UserName="alice", Password=GOOD)
    for _ in range(5):
        assert refusal(me.change_password, OldPassword="Wrong-horse7", NewPassword=BETTER)[0] == "AccessDenied"
    for old, new in ((GOOD, BETTER), (GOOD, "bad"), ("Wrong-horse7", BETTER)):  # nothing tells which of them is right
        assert refusal(me.change_password, OldPassword=old, NewPassword=new)[0] == "EntityTemporarilyUnmodifiable"
    assert akia.client("sts", pair(iam.create_access_key(UserName="alice"))).get_caller_identity()  # no key is locked by it
    clock.move(16)
    me.change_password(OldPassword=GOOD, NewPassword=BETTER)
    assert is_right(hash_of(akia), BETTER)


def test_no_password_is_in_an_event(iam: Any, user_client: UserClient, akia: InProcess, refusal: Refusal) -> None:
    me = user_client("alice", OWN)
    iam.create_login_profile(UserName="alice", Password=GOOD)
    iam.update_login_profile(UserName="alice", Password=BETTER, PasswordResetRequired=True)
    me.change_password(OldPassword=BETTER, NewPassword=BEST)
    refusal(me.change_password, OldPassword=BETTER, NewPassword=GOOD)
    akia.akia.authority.drain()
    records = [row[0] for row in akia.akia.store.connection.execute("SELECT record FROM events")]
    about = [record for record in records if "Password" in record or "LoginProfile" in record]
    assert len(about) >= 4
    assert not any(password in record for record in records for password in (GOOD, BETTER, BEST))
    assert any('"passwordResetRequired":true' in record for record in about)


def test_no_password_and_no_hash_is_in_the_database(iam: Any, alice: Any, akia: InProcess) -> None:
    hash_ = hash_of(akia)
    akia.akia.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (akia.directory / "akia.db").read_bytes()
    assert b"login_profiles" in content
    assert GOOD.encode() not in content and hash_.encode() not in content


def test_password_last_used_is_told_with_the_user(iam: Any, alice: Any, akia: InProcess) -> None:
    store = akia.akia.store
    (profile,) = store.login_profiles.all(akia.account).values()
    assert "PasswordLastUsed" not in iam.get_user(UserName="alice")["User"]
    store.login_profiles.replace(replace(profile, used=1_700_000_000))
    assert iam.get_user(UserName="alice")["User"]["PasswordLastUsed"].timestamp() == 1_700_000_000
    assert iam.list_users()["Users"][0]["PasswordLastUsed"].timestamp() == 1_700_000_000

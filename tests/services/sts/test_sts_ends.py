"""What ends a session: time, revocation, the end of its role or user; and what does not (NT-34, NT-36, the revocation bound)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from akia.identity.session import SessionFacts
from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I2.services.assume_role", "I2.sigv4.session_token")

HOUR = 3_600
DEAD = ("InvalidClientTokenId", 403, "The security token included in the request is invalid")


@pytest.fixture
def reading(here: Any, trust: Any) -> Any:
    """A session of the role `reader`, which bob took."""
    return here.take(here.user("bob"), here.role("reader", trust(here.arn("user/bob")), may=({"Action": "iam:ListUsers"},)))


def drop_user(iam: Any, name: str) -> None:
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    iam.delete_user(UserName=name)


def dead(session: Any, refused: Any) -> bool:
    code, status, message = refused(session.client("sts").get_caller_identity)
    return (code, status, message.rstrip(".")) == DEAD


def test_a_deleted_role_ends_its_sessions_at_once(here: Any, reading: Any, refused: Any) -> None:
    assert reading.client("iam").list_users()["Users"]
    here.iam.delete_role_policy(RoleName="reader", PolicyName="test")
    here.iam.delete_role(RoleName="reader")
    assert dead(reading, refused)


def test_nt_36_a_role_of_the_same_name_does_not_revive_them(here: Any, reading: Any, trust: Any, refused: Any) -> None:
    here.iam.delete_role_policy(RoleName="reader", PolicyName="test")
    here.iam.delete_role(RoleName="reader")
    here.role("reader", trust(here.arn("user/bob")), may=({"Action": "*"},))
    assert dead(reading, refused)


def test_nt_36_a_user_of_the_same_name_does_not_revive_its_sessions(here: Any, refused: Any) -> None:
    session = here.session_token(here.user("carol"))
    assert session.client("sts").get_caller_identity()
    drop_user(here.iam, "carol")
    assert dead(session, refused)
    here.user("carol", {"Action": "*"})
    assert dead(session, refused)


@pytest.mark.covers("I2.services.session_token")
def test_sessions_outlive_the_key_that_they_were_made_with(here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob", {"Action": "sts:GetAccessKeyInfo"})
    own, role = here.session_token(bob), here.take(bob, here.role("reader", trust(here.arn("user/bob"))))
    here.iam.update_access_key(UserName="bob", AccessKeyId=bob.access_key_id, Status="Inactive")
    assert own.client("sts").get_caller_identity() and role.client("sts").get_caller_identity()
    here.iam.delete_access_key(UserName="bob", AccessKeyId=bob.access_key_id)
    assert own.client("sts").get_caller_identity() and role.client("sts").get_caller_identity()
    drop_user(here.iam, "bob")
    assert dead(own, refused)
    assert role.client("sts").get_caller_identity()  # it is the role's


def test_nt_66_a_withdrawn_permission_is_gone_from_sessions_at_once(here: Any, reading: Any, policy: Any, denied: Any) -> None:
    iam = reading.client("iam")
    assert iam.list_users()["Users"]
    here.iam.delete_role_policy(RoleName="reader", PolicyName="test")
    denied(iam.list_users)
    here.iam.put_role_policy(RoleName="reader", PolicyName="again", PolicyDocument=policy({"Action": "iam:ListUsers"}))
    assert iam.list_users()["Users"]
    here.iam.put_role_policy(RoleName="reader", PolicyName="no", PolicyDocument=policy({"Effect": "Deny", "Action": "iam:*"}))
    denied(iam.list_users)


def test_sessions_older_than_a_moment_can_be_shut_out_by_policy(here: Any, reading: Any, policy: Any, denied: Any) -> None:
    for seconds, shut_out in ((-HOUR, False), (HOUR, True)):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        older = {"Effect": "Deny", "Action": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": moment}}}
        here.iam.put_role_policy(RoleName="reader", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy(older))
        if shut_out:
            denied(reading.client("iam").list_users)
        else:
            assert reading.client("iam").list_users()["Users"]


def test_a_revoked_session_is_refused_at_once_and_others_are_not(akia: Any, here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")))
    revoked, other = here.take(bob, role), here.take(bob, role)
    assert revoked.client("sts").get_caller_identity() and other.client("sts").get_caller_identity()
    facts = akia.akia.authority.tokens.open(revoked.key.access_key_id, revoked.token.encode()).session
    batch = akia.akia.writer.open()
    with batch.operation() as store:
        store.sessions.revoke(facts.id, facts.expires)
    batch.commit()
    akia.akia.committed(batch)
    assert dead(revoked, refused)
    assert other.client("sts").get_caller_identity()


# Tokens and keys that do not belong together


@pytest.fixture
def two(here: Any, trust: Any) -> Any:
    """bob's long-term key, and two sessions that he took."""
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")))
    return bob, here.take(bob, role, "one"), here.take(bob, role, "two")


def test_nt_34_a_token_belongs_to_one_key(akia: Any, two: Any, refused: Any) -> None:
    bob, one, other = two
    code, status, message = DEAD
    for key, token in (
        (one.key, other.token),
        (bob, one.token),
        (KeyPair(one.key.access_key_id, other.key.secret_access_key), other.token),
        (KeyPair(bob.access_key_id, one.key.secret_access_key), one.token),
        (one.key, None),
        (KeyPair(one.key.access_key_id, bob.secret_access_key), None),
    ):
        told = refused(akia.client("sts", key, token=token).get_caller_identity)
        assert (told[0], told[1], told[2].rstrip(".")) == (code, status, message)
    assert one.client("sts").get_caller_identity()


def test_nt_34_a_session_key_with_a_wrong_secret(akia: Any, two: Any, refused: Any) -> None:
    _, one, other = two
    forged = KeyPair(one.key.access_key_id, other.key.secret_access_key)
    assert refused(akia.client("sts", forged, token=one.token).get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)


def test_nt_32_a_changed_token_is_refused_with_the_right_secret(akia: Any, two: Any, refused: Any) -> None:
    _, one, other = two
    half = len(one.token) // 2
    flipped = one.token[:half] + ("A" if one.token[half] != "A" else "B") + one.token[half + 1 :]
    joined = one.token[:half] + other.token[half:]
    for token in (
        flipped,
        joined,
        one.token[:-4],
        one.token[4:],
        one.token + "AAAA",
        one.token + "=",
        one.token.lower(),
        "x",
        "A" * 5_000,
    ):
        told = refused(akia.client("sts", one.key, token=token).get_caller_identity)
        assert (told[0], told[1], told[2].rstrip(".")) == DEAD


@pytest.mark.parametrize("owner", ["role", "user", "root"])
def test_an_expired_session_is_told_so_only_to_who_proves_to_hold_it(akia: Any, here: Any, trust: Any, refused: Any, owner: str) -> None:
    here.user("bob")
    here.role("reader", trust(here.arn("user/bob")))
    ids = {
        "role": here.iam.get_role(RoleName="reader")["Role"]["RoleId"],
        "user": here.iam.get_user(UserName="bob")["User"]["UserId"],
        "root": here.account,
    }
    now = int(time.time())
    made = akia.akia.authority.tokens.issue(
        here.account, ids[owner], SessionFacts("session-x", now - 7_200, now - 1), "old" * (owner == "role")
    )
    right, wrong = KeyPair(made.access_key_id, made.secret), KeyPair(made.access_key_id, "x" * 40)
    assert refused(akia.client("sts", right, token=made.token).get_caller_identity) == (
        "ExpiredToken",
        403,
        "The security token included in the request is expired",
    )
    assert refused(akia.client("cloudtrail", right, token=made.token).lookup_events)[:2] == ("ExpiredTokenException", 400)
    assert refused(akia.client("sts", wrong, token=made.token).get_caller_identity)[0] == "SignatureDoesNotMatch"


def test_nt_78_a_policy_that_denies_the_role_denies_all_of_its_sessions(here: Any, reading: Any, policy: Any, denied: Any) -> None:
    one = {"Effect": "Deny", "Action": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": here.arn("role/reader")}}}
    here.iam.put_role_policy(RoleName="reader", PolicyName="deny", PolicyDocument=policy(one))
    denied(reading.client("iam").list_users)

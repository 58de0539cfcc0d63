"""GetCallerIdentity and GetAccessKeyInfo (P1.7-11, NT-84, W10.3, W10.8, W10.10)."""

from __future__ import annotations

from typing import Any

import pytest

from akia.identity.access_key import AccessKey
from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I2.services.caller_identity")

DENY_ALL = {"Effect": "Deny", "Action": "*"}


def identity(client: Any) -> tuple[str, str, str]:
    me = client.get_caller_identity()
    return me["Account"], me["UserId"], me["Arn"]


def test_w10_3_each_kind_of_caller_has_its_id(here: Any, trust: Any) -> None:
    bob = here.user("bob")
    user_id = here.iam.get_user(UserName="bob")["User"]["UserId"]
    role = here.role("reader", trust(here.arn("user/bob")), Path="/team/")
    role_id = here.iam.get_role(RoleName="reader")["Role"]["RoleId"]
    assert (
        identity(here.sts(here.root)) == identity(here.sts(here.session_token(here.root))) == (here.account, here.account, here.arn("root"))
    )
    assert identity(here.sts(bob)) == identity(here.sts(here.session_token(bob))) == (here.account, user_id, here.arn("user/bob"))
    session = "arn:aws:sts::123456789012:assumed-role/reader/night"
    assert identity(here.sts(here.take(bob, role, "night"))) == (here.account, f"{role_id}:night", session)


def test_nt_84_it_answers_under_an_explicit_deny_everywhere(here: Any, trust: Any, policy: Any, denied: Any) -> None:
    bob = here.user("bob", DENY_ALL)
    boundary = here.iam.create_policy(PolicyName="nothing", PolicyDocument=policy(DENY_ALL))["Policy"]["Arn"]
    here.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    assert identity(here.sts(bob))[2] == here.arn("user/bob")
    denied(here.sts(bob).get_access_key_info, AccessKeyId=bob.access_key_id)
    role = here.role("shut", trust(here.account), may=(DENY_ALL,), PermissionsBoundary=boundary)
    session = here.take(here.user("carol", {"Action": "sts:AssumeRole"}), role, Policy=policy(DENY_ALL))
    assert identity(here.sts(session))[2].endswith(":assumed-role/shut/test")


def test_nt_84_a_bad_signature_and_a_dead_key_are_refused_all_the_same(here: Any, akia: Any, refused: Any) -> None:
    bob = here.user("bob")
    assert refused(akia.client("sts", KeyPair(bob.access_key_id, "x" * 40)).get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)
    here.iam.update_access_key(UserName="bob", AccessKeyId=bob.access_key_id, Status="Inactive")
    assert refused(here.sts(bob).get_caller_identity)[:2] == ("InvalidClientTokenId", 403)


def test_a_renamed_user_answers_its_new_name_at_once(here: Any) -> None:
    bob = here.user("bob")
    before = identity(here.sts(bob))
    here.iam.update_user(UserName="bob", NewUserName="robert")
    assert identity(here.sts(bob)) == (*before[:2], here.arn("user/robert"))


# GetAccessKeyInfo


def account_of(sts: Any, key_id: str) -> str:
    return str(sts.get_access_key_info(AccessKeyId=key_id)["Account"])


def test_w10_10_any_key_id_tells_its_account(here: Any, there: Any) -> None:
    bob, foreign = here.user("bob", {"Action": "sts:GetAccessKeyInfo"}), there.user("stranger")
    sts = here.sts(bob)
    assert account_of(sts, bob.access_key_id) == here.account
    assert account_of(sts, foreign.access_key_id) == there.account
    assert account_of(sts, there.session_token(foreign).key.access_key_id) == there.account
    there.iam.update_access_key(UserName="stranger", AccessKeyId=foreign.access_key_id, Status="Inactive")
    assert account_of(sts, foreign.access_key_id) == there.account
    there.iam.delete_access_key(UserName="stranger", AccessKeyId=foreign.access_key_id)
    assert account_of(sts, foreign.access_key_id) == there.account


@pytest.mark.parametrize(("key_id", "account"), [("ASIAY34FZKBOKMUTVV7A", "609629065308"), ("ASIAQNZGKIQY56JQ7WML", "029608264753")])
def test_w10_6_even_of_keys_that_nobody_here_made(here: Any, key_id: str, account: str) -> None:
    assert account_of(here.sts(here.root), key_id) == account


def test_w10_8_an_old_id_tells_its_account_only_if_the_key_is_here(here: Any, akia: Any, refused: Any) -> None:
    old = "AKIAIOSFODNN7EXAMPLE"
    sts = here.sts(here.root)
    code, status, message = refused(sts.get_access_key_info, AccessKeyId=old)
    assert (code, status, message) == ("ValidationError", 400, f"The access key ID {old} does not name an account.")
    store = akia.akia.store
    store.access_keys.add(AccessKey(here.account, old, here.account, 0), "s" * 40)
    assert account_of(sts, old) == here.account


@pytest.mark.parametrize(
    "key_id",
    [
        "AKIA" + "1" * 16,
        "AKIA" + "é" * 16,
        "akiarzpuzdikaaaaaaaa",
        "AKIA" + "Z" * 100,
        "AKIA" + "7" * 16,
        "AROARZPUZDIKN47MHEY6X",
        "AROARZPUZDIKN47MHEY6",
    ],
)
def test_w10_10_what_holds_no_account_is_refused(here: Any, refused: Any, key_id: str) -> None:
    assert refused(here.sts(here.root).get_access_key_info, AccessKeyId=key_id)[:2] == ("ValidationError", 400)


def test_get_access_key_info_needs_permission(here: Any, denied: Any) -> None:
    bob = here.user("bob")
    message = denied(here.sts(bob).get_access_key_info, AccessKeyId=bob.access_key_id)
    assert "is not authorized to perform: sts:GetAccessKeyInfo on resource: *" in message

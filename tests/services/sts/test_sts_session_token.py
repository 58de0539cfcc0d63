"""GetSessionToken: the same user for a while, and less able (P1.7-9, P1.7-11, NT-28, NT-79)."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.covers("I2.services.session_token")

NO_MFA = ("InvalidClientTokenId", 403, "The security token included in the request is invalid")
UNKNOWN_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
HALF_A_CLAIM = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."


def test_p1_7_11_it_needs_no_permission_and_no_deny_stops_it(here: Any) -> None:
    session = here.session_token(here.user("bob", {"Effect": "Deny", "Action": "*"}))
    assert session.key.access_key_id.startswith("ASIA")
    assert session.client("sts").get_caller_identity()["Arn"] == here.arn("user/bob")


def test_it_is_the_same_user_with_the_same_permissions(here: Any, refused: Any) -> None:
    session = here.session_token(here.user("bob", {"Action": "cloudtrail:LookupEvents"}))
    me = session.client("sts").get_caller_identity()
    assert me["UserId"] == here.iam.get_user(UserName="bob")["User"]["UserId"] and me["Account"] == here.account
    assert session.client("cloudtrail").lookup_events()["Events"]
    here.iam.delete_user_policy(UserName="bob", PolicyName="test")
    assert refused(session.client("cloudtrail").lookup_events)[:2] == ("AccessDeniedException", 400)


def test_nt_28_without_mfa_it_cannot_call_iam(here: Any, refused: Any) -> None:
    for session in (here.session_token(here.user("bob", {"Action": "*"})), here.session_token(here.root)):
        iam = session.client("iam")
        for call in (iam.list_users, iam.get_user, iam.create_access_key):
            assert refused(call) == NO_MFA
        assert refused(iam.create_user, UserName="made") == NO_MFA
    assert not any(user["UserName"] == "made" for user in here.iam.list_users()["Users"])


def test_p1_7_9_of_sts_it_can_call_two_operations_only(here: Any, trust: Any, denied: Any) -> None:
    for session in (here.session_token(here.user("bob", {"Action": "*"})), here.session_token(here.root)):
        sts = session.client("sts")
        assert sts.get_caller_identity()
        assert denied(sts.get_session_token) == "Cannot call GetSessionToken with session credentials"
        assert denied(sts.get_federation_token, Name="somebody") == "Cannot call GetFederationToken with session credentials"
        assert denied(sts.get_access_key_info, AccessKeyId=session.key.access_key_id).startswith("Cannot call GetAccessKeyInfo")
    bob = here.session_token(here.user("carol", {"Action": "sts:AssumeRole"}))
    assert here.take(bob, here.role("reader", trust(here.account)))


def test_p1_7_9_a_role_session_can_call_iam_but_no_get_session_token(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob")
    session = here.take(bob, here.role("strong", trust(here.arn("user/bob")), may=({"Action": "*"},)))
    assert session.client("iam").list_users()["Users"]
    assert denied(session.client("sts").get_session_token) == "Cannot call GetSessionToken with session credentials"
    assert denied(session.client("sts").get_federation_token, Name="somebody") == "Cannot call GetFederationToken with session credentials"


# One-time passwords


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"SerialNumber": "arn:aws:iam::123456789012:mfa/bob", "TokenCode": "123456"}, UNKNOWN_DEVICE),
        ({"SerialNumber": "GAHT12345678", "TokenCode": "000000"}, UNKNOWN_DEVICE),
        ({"SerialNumber": "GAHT12345678"}, HALF_A_CLAIM),
        ({"TokenCode": "123456"}, HALF_A_CLAIM),
    ],
)
def test_nt_79_a_claim_of_mfa_is_never_believed(here: Any, trust: Any, denied: Any, claim: Any, message: str) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")))
    assert denied(here.sts(bob).get_session_token, **claim) == message
    assert denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **claim) == message


def test_nt_79_a_role_that_asks_for_mfa_is_out_of_reach(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", {"Action": "sts:AssumeRole"})
    role = here.role("reader", trust(here.arn("user/bob"), Bool={"aws:MultiFactorAuthPresent": "true"}))
    claim = {"SerialNumber": "arn:aws:iam::123456789012:mfa/bob", "TokenCode": "123456"}
    for caller in (bob, here.session_token(bob)):
        assert "no role trust policy allows" in denied(here.sts(caller).assume_role, RoleArn=role, RoleSessionName="test")
        assert denied(here.sts(caller).assume_role, RoleArn=role, RoleSessionName="test", **claim) == UNKNOWN_DEVICE


@pytest.mark.parametrize(
    ("operator", "long_term", "session"),
    [("Bool", False, True), ("BoolIfExists", True, True), ("Null", False, True)],
)
def test_nt_79_the_key_is_absent_for_long_term_keys_and_false_for_sessions(
    here: Any, trust: Any, refused: Any, operator: str, long_term: bool, session: bool
) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob"), **{operator: {"aws:MultiFactorAuthPresent": "false"}}))
    for caller, allowed in ((bob, long_term), (here.session_token(bob), session)):
        if allowed:
            assert here.take(caller, role)
        else:
            assert refused(here.sts(caller).assume_role, RoleArn=role, RoleSessionName="test")[0] == "AccessDenied"

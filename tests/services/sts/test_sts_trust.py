"""AssumeRole: who may. The caller's policies and the role's trust policy decide, in one account and across two (P1.7-1 to P1.7-7)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

pytestmark = pytest.mark.covers("I2.services.assume_role")

MAY_ASSUME = {"Action": "sts:AssumeRole"}
UNCHECKED = Config(parameter_validation=False)
NOT_TRUSTED = " because no role trust policy allows the sts:AssumeRole action"


def refusal(arn: str, role: str, reason: str) -> str:
    return f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role}{reason}"


def test_the_answer_names_the_session_and_its_credentials_work(here: Any, trust: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")), Path="/team/")
    session = here.take(bob, role, "night-shift")
    role_id = here.iam.get_role(RoleName="reader")["Role"]["RoleId"]
    arn = "arn:aws:sts::123456789012:assumed-role/reader/night-shift"
    assert session.answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role_id}:night-shift", "Arn": arn}
    assert session.key.access_key_id.startswith("ASIA") and len(session.key.secret_access_key) == 40
    assert session.answer["SessionTokenSize"] == len(session.token) and 0 < session.answer["SessionTokenUtilization"] < 20
    assert "PackedPolicySize" not in session.answer and "SourceIdentity" not in session.answer
    me = session.client("sts").get_caller_identity()
    assert (me["Arn"], me["UserId"], me["Account"]) == (arn, f"{role_id}:night-shift", here.account)


def test_nt_80_a_role_that_names_the_user_needs_no_identity_policy(here: Any, trust: Any) -> None:
    bob = here.user("bob")
    assert here.take(bob, here.role("reader", trust(here.arn("user/bob"))))


def test_nt_80_a_role_that_names_the_account_needs_an_identity_policy_too(here: Any, trust: Any, denied: Any) -> None:
    bob, eve = here.user("bob", MAY_ASSUME), here.user("eve")
    for number, principal in enumerate((here.account, here.arn("root"))):
        role = here.role(f"reader{number}", trust(principal))
        assert here.take(bob, role)
        message = denied(here.sts(eve).assume_role, RoleArn=role, RoleSessionName="test")
        assert message == refusal(here.arn("user/eve"), role, " because no identity-based policy allows the sts:AssumeRole action")


@pytest.mark.parametrize("statement", [MAY_ASSUME, {"Action": "*"}])
def test_nt_80_a_silent_trust_policy_denies_whatever_identity_policies_say(here: Any, trust: Any, denied: Any, statement: Any) -> None:
    bob = here.user("bob", statement)
    here.user("someone")
    role = here.role("reader", trust(here.arn("user/someone")))
    message = denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
    assert message == refusal(here.arn("user/bob"), role, NOT_TRUSTED)


def test_nt_80_an_unmet_trust_condition_is_silence_and_not_an_explicit_deny(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_ASSUME)
    role = here.role("reader", trust(here.account, StringEquals={"aws:username": "alice"}))
    message = denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
    assert message == refusal(here.arn("user/bob"), role, NOT_TRUSTED)


@pytest.mark.parametrize("side", ["identity", "trust"])
def test_nt_26_an_explicit_deny_on_either_side_wins(here: Any, trust: Any, denied: Any, side: str) -> None:
    refuse = {"Effect": "Deny", "Action": "sts:AssumeRole"}
    bob = here.user("bob", MAY_ASSUME, *([refuse] if side == "identity" else []))
    own = [{**trust(here.arn("user/bob")), "Effect": "Deny"}] if side == "trust" else []
    role = here.role("reader", trust(here.arn("user/bob")), *own)
    words = {"identity": " with an explicit deny in an identity-based policy", "trust": " with an explicit deny in the role trust policy"}
    assert denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test").endswith(words[side])


def test_p1_7_2_a_role_names_another_role(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob")
    first = here.role("first", trust(here.arn("user/bob")))
    second = here.role("second", trust(first))
    session = here.take(here.take(bob, first), second, "two")
    assert session.answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/second/two")
    assert denied(here.sts(bob).assume_role, RoleArn=second, RoleSessionName="test") == refusal(here.arn("user/bob"), second, NOT_TRUSTED)


def test_nt_78_a_trust_policy_that_names_one_session_does_not_trust_the_others(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob")
    first = here.role("first", trust(here.arn("user/bob")))
    second = here.role("second", trust("arn:aws:sts::123456789012:assumed-role/first/day"))
    assert here.take(here.take(bob, first, "day"), second)
    denied(here.sts(here.take(bob, first, "night")).assume_role, RoleArn=second, RoleSessionName="test")


def test_p1_7_3_a_role_does_not_trust_itself(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")), may=(MAY_ASSUME,))
    assert NOT_TRUSTED in denied(here.take(bob, role).client("sts").assume_role, RoleArn=role, RoleSessionName="again")


def test_p1_3_12_root_may_not_assume_roles_and_learns_nothing_of_them(here: Any, there: Any, trust: Any, denied: Any) -> None:
    role, foreign = here.role("reader", trust(here.account)), there.role("reader", trust(here.account))
    for caller in (here.root, here.session_token(here.root)):
        for arn in (role, foreign, here.arn("role/absent")):
            assert denied(here.sts(caller).assume_role, RoleArn=arn, RoleSessionName="test") == "Roles may not be assumed by root accounts."


# Roles that cannot be found


def test_nt_80_an_absent_role_cannot_be_told_from_one_that_trusts_somebody_else(here: Any, there: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob", MAY_ASSUME)
    for realm in (here, there):
        realm.user("friend")
        role, absent = realm.role("reader", trust(realm.arn("user/friend"))), realm.arn("role/absent")
        told = denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
        assert denied(here.sts(bob).assume_role, RoleArn=absent, RoleSessionName="test").replace(absent, role) == told


def test_a_role_of_a_closed_account_cannot_be_told_from_an_absent_one(here: Any, there: Any, trust: Any, denied: Any) -> None:
    """Nobody could use its sessions: none is made."""
    bob = here.user("bob", MAY_ASSUME)
    role, absent = there.role("reader", trust(here.arn("user/bob"))), there.arn("role/absent")
    assert there.take(bob, role)
    store = here.akia.akia.store
    store.connection.begin_immediate()
    store.accounts.close(there.account, 1)
    store.connection.commit()
    told = denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
    assert told == denied(here.sts(bob).assume_role, RoleArn=absent, RoleSessionName="test").replace(absent, role)


@pytest.mark.parametrize("spelling", ["role/reader", "role/Team/reader", "role/team/Reader", "role/team//reader", "role/x/team/reader"])
def test_a_role_is_named_by_its_whole_arn_only(here: Any, trust: Any, denied: Any, spelling: str) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")), Path="/team/")
    assert here.take(bob, role)
    assert NOT_TRUSTED in denied(here.sts(bob).assume_role, RoleArn=here.arn(spelling), RoleSessionName="test")


@pytest.mark.parametrize(
    "arn",
    [
        "reader-is-not-an-arn-at-all",
        "arn:aws:iam::123456789012:user/bob",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/team/",
        "arn:aws:iam::12345678901:role/reader",
        "arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/reader",
        "arn:aws:iam::123456789012:role/reäder",
        "arn:aws:iam::123456789012:role/reader*",
        "arn:aws:iam::*:role/reader",
        "arn:aws:iam:us-east-1:123456789012:role/reader",
        "arn:aws:sts::123456789012:assumed-role/reader/night",
        "arn:aws:s3:::role/reader-of-buckets",
        "arn:aws:sso::123456789012:role/reader",
    ],
)
def test_p5_3_6_an_arn_that_no_role_can_have_is_invalid(here: Any, refused: Any, arn: str) -> None:
    bob = here.user("bob", {"Action": "*"})
    assert refused(here.sts(bob).assume_role, RoleArn=arn, RoleSessionName="test") == ("ValidationError", 400, f"{arn} is invalid")


def test_nt_26_a_missing_role_arn_is_a_validation_error(here: Any, refused: Any, akia: Any) -> None:
    sts = akia.client("sts", here.user("bob", {"Action": "*"}), config=UNCHECKED)
    code, status, message = refused(sts.assume_role, RoleSessionName="test")
    assert (code, status) == ("ValidationError", 400) and "Value null at 'roleArn'" in message


@pytest.mark.parametrize("name", ["x", "x" * 65, "not a name", "new\nline", "näme", "name\n"])
def test_w10_17_a_session_name_has_a_form(here: Any, akia: Any, trust: Any, refused: Any, name: str) -> None:
    sts = akia.client("sts", here.user("bob"), config=UNCHECKED)
    role = here.role("reader", trust(here.arn("user/bob")))
    code, status, message = refused(sts.assume_role, RoleArn=role, RoleSessionName=name)
    assert (code, status) == ("ValidationError", 400) and "'roleSessionName'" in message


# Confused deputies


def test_nt_25_an_external_id_must_be_the_right_one(here: Any, there: Any, trust: Any, denied: Any) -> None:
    vendor = there.user("vendor", MAY_ASSUME)
    role = here.role("audited", trust(there.arn("user/vendor"), StringEquals={"sts:ExternalId": "customer-1"}))
    assert there.take(vendor, role, ExternalId="customer-1")
    for wrong in (
        {},
        {"ExternalId": "customer-2"},
        {"ExternalId": "customer-11"},
        {"ExternalId": "Customer-1"},
        {"ExternalId": "customer-"},
    ):
        denied(there.sts(vendor).assume_role, RoleArn=role, RoleSessionName="test", **wrong)


def test_p1_8_1_a_missing_external_id_is_a_missing_key(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob"), Null={"sts:ExternalId": "true"}))
    assert here.take(bob, role)
    denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", ExternalId="anything")


def test_p4_3_25_the_session_name_and_the_roles_tags_are_condition_keys(here: Any, trust: Any, denied: Any) -> None:
    bob = here.user(
        "bob", {"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a", "iam:ResourceTag/team": "a"}}}
    )
    condition = {"sts:RoleSessionName": "${aws:username}"}
    own = here.role("own", trust(here.account, StringEquals=condition), Tags=[{"Key": "Team", "Value": "a"}])
    other = here.role("other", trust(here.account, StringEquals=condition), Tags=[{"Key": "Team", "Value": "b"}])
    assert here.take(bob, own, "bob")
    denied(here.sts(bob).assume_role, RoleArn=own, RoleSessionName="alice")
    denied(here.sts(bob).assume_role, RoleArn=other, RoleSessionName="bob")


def test_contested_sts_duration_seconds_is_no_key_of_assume_role(here: Any, trust: Any, denied: Any) -> None:
    # P4.3-25: AWS documents the key for bearer tokens only, so it is absent here
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob"), NumericLessThanEquals={"sts:DurationSeconds": "3600"}))
    denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", DurationSeconds=900)


# Two accounts


def test_nt_99_a_session_in_another_account_belongs_to_that_account(here: Any, there: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob", MAY_ASSUME)
    role = there.role("guest", trust(here.arn("user/bob")), may=({"Action": ["iam:*", "sts:GetAccessKeyInfo"]},))
    session = here.take(bob, role)
    me = session.client("sts").get_caller_identity()
    assert (me["Account"], me["Arn"]) == (there.account, "arn:aws:sts::444455556666:assumed-role/guest/test")
    session.client("iam").create_user(UserName="made-by-guest")
    assert there.iam.get_user(UserName="made-by-guest")["User"]["Arn"].startswith("arn:aws:iam::444455556666:")
    assert refused(here.iam.get_user, UserName="made-by-guest")[0] == "NoSuchEntity"
    assert refused(session.client("iam").get_user, UserName="bob")[0] == "NoSuchEntity"
    assert session.client("sts").get_access_key_info(AccessKeyId=session.key.access_key_id)["Account"] == there.account


@pytest.mark.parametrize("principal", ["user/bob", "root"])
def test_nt_80_across_accounts_both_sides_must_allow(here: Any, there: Any, trust: Any, denied: Any, principal: str) -> None:
    bob, eve = here.user("bob", MAY_ASSUME), here.user("eve")
    trusting = there.role("guest", trust(here.arn(principal), here.arn("user/eve")))
    there.user("friend")
    silent = there.role("closed", trust(there.arn("user/friend")))
    assert here.take(bob, trusting)
    no_identity = denied(here.sts(eve).assume_role, RoleArn=trusting, RoleSessionName="test")
    assert no_identity.endswith("because no identity-based policy allows the sts:AssumeRole action")
    denied(here.sts(bob).assume_role, RoleArn=silent, RoleSessionName="test")


def test_nt_78_a_namesake_in_another_account_is_somebody_else(here: Any, there: Any, trust: Any, denied: Any) -> None:
    here.user("bob")
    impostor = there.user("bob", {"Action": "*"})
    role = here.role("reader", trust(here.arn("user/bob")))
    denied(there.sts(impostor).assume_role, RoleArn=role, RoleSessionName="test")


# Changes


def test_a_changed_trust_policy_decides_the_very_next_call(here: Any, trust: Any, trust_document: Any, denied: Any) -> None:
    bob = here.user("bob")
    here.user("alice")
    role = here.role("reader", trust(here.arn("user/bob")))
    for _ in range(2):
        assert here.take(bob, role)
        here.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust_document(trust(here.arn("user/alice"))))
        denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
        here.iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trust_document(trust(here.arn("user/bob"))))


def test_nt_36_trust_in_a_user_or_role_does_not_pass_to_a_namesake(here: Any, trust: Any, denied: Any) -> None:
    here.user("bob")
    bridge = here.role("bridge", trust(here.account))
    role = here.role("reader", trust(here.arn("user/bob"), bridge))
    for key in here.iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]:
        here.iam.delete_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"])
    here.iam.delete_user(UserName="bob")
    here.iam.delete_role(RoleName="bridge")
    again = here.user("bob", MAY_ASSUME)
    assert here.role("bridge", trust(here.account), may=(MAY_ASSUME,)) == bridge
    denied(here.sts(again).assume_role, RoleArn=role, RoleSessionName="test")
    denied(here.take(again, bridge).client("sts").assume_role, RoleArn=role, RoleSessionName="test")


@pytest.mark.parametrize(
    "extra", [{"ProvidedContexts": [{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "x" * 8}]}]
)
def test_a_context_assertion_is_refused_and_not_ignored(here: Any, trust: Any, refused: Any, extra: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")))
    code, status, _ = refused(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **extra)
    assert (code, status) == ("NotImplemented", 501)
